"""A chat completion of several vendors as the gateway's own request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from gateway.api.openai.complaints import ParameterError, not_offered, path
from gateway.api.openai.meaning import stops_of
from gateway.api.openai.parameters import Wishes
from gateway.api.openai.turns import turns_of
from gateway.requests import GenerateRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.api.openai.parameters import ChatMessage, ChatRequest

TASKS: Final[Mapping[str, str]] = {
    "wallbounce": "basic",
    "wallbounce-basic": "basic",
    "wallbounce-premium": "premium",
    "wallbounce-critical": "critical",
}
"""Our models, and the task types they stand for."""

_TOOLS = (
    "is offered by single providers alone: several vendors' calls cannot be held against each other"
)
_SAME: Final = (
    "temperature",
    "top_p",
    "seed",
    "reasoning_effort",
    "frequency_penalty",
    "presence_penalty",
    "metadata",
)
_WISHES: Final = frozenset(Wishes.model_fields)
"""The fields of the gateway's own request that stand under `wallbounce`."""

_RENAMED: Final = {"task_type": "model", "user_id": "user", "prompt": "messages"}


def generate_request(request: ChatRequest) -> GenerateRequest:
    """The same question as `POST /api/v1/generate` takes it.

    Raises:
        ParameterError: It cannot be asked of several vendors, or makes no sense.
    """
    if request.tools:
        raise not_offered("tools", _TOOLS)
    turns_of(request)  # what makes no sense is named where it stands
    turns = [_turn(message, f"messages[{n}]") for n, message in enumerate(request.messages)]
    body: dict[str, Any] = {
        "messages": turns,
        "task_type": TASKS[request.model],
        "stream": bool(request.stream),
    }
    for name in _SAME:
        if (said := getattr(request, name)) is not None:
            body[name] = said
    if (limit := request.max_completion_tokens or request.max_tokens) is not None:
        body["max_tokens"] = limit
    if stops := stops_of(request):
        body["stop"] = list(stops)
    if caller := request.safety_identifier or request.user:
        body["user_id"] = caller
    if request.response_format is not None:
        body["response_format"] = request.response_format.model_dump(
            by_alias=True, exclude_none=True
        )
    if request.wallbounce is not None:
        body |= request.wallbounce.model_dump(exclude_none=True)
    try:
        return GenerateRequest.model_validate(body)
    except ValidationError as error:
        raise _complaint(error) from None


def param_of(field: str | None) -> str | None:
    """The parameter of a chat completion that a field of the gateway's own request came from."""
    if field is None:
        return None
    root = field.partition(".")[0].partition("[")[0]
    if root in _WISHES:
        return f"wallbounce.{field}"
    return _RENAMED.get(field, field)


def _turn(message: ChatMessage, where: str) -> dict[str, Any]:
    if message.role in {"tool", "function"} or message.tool_calls:
        raise not_offered(f"{where}.tool_calls" if message.tool_calls else f"{where}.role", _TOOLS)
    for name in ("function_call", "audio"):
        if getattr(message, name) is not None:
            raise not_offered(f"{where}.{name}", "is not offered")
    content: Any = message.content if message.content is not None else message.refusal
    if isinstance(content, list):
        content = [_piece(part.model_dump(exclude_none=True)) for part in content]
    role = "system" if message.role == "developer" else message.role
    return {"role": role, "content": content}


def _piece(part: dict[str, Any]) -> dict[str, Any]:
    part.pop("prompt_cache_breakpoint", None)  # a hint that changes no reply
    if part.get("type") == "refusal":
        return {"type": "text", "text": part.get("refusal")}
    return part


def _complaint(error: ValidationError) -> ParameterError:
    told = error.errors(include_url=False, include_context=False, include_input=False)[0]
    steps = told["loc"]
    if steps[:1] == ("messages",):
        steps = steps[:3]  # what follows are the steps of our own reading
    param = param_of(path(steps)) if steps else None
    what = told["msg"].removeprefix("Value error, ")
    return ParameterError(f"Invalid value for '{param}': {what}" if param else what, param=param)
