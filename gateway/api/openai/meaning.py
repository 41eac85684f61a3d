"""What a chat completion's parameters mean together: a prompt, or a refusal that names the parameter.

Every parameter of OpenAI's reference is honoured, harmless or refused. Harmless are those that change no
reply: caches' hints, a ``store`` that is false, defaults said out loud. What would change a reply and is
not built is refused, never made believe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from gateway.api.openai.complaints import ParameterError, invalid, not_offered
from gateway.conversation import ImageUrl
from gateway.requests import STOP_CHARS_MAX, STOPS_MAX
from providers.messages import (
    ImagePart,
    JsonFormat,
    Message,
    NamedTool,
    Prompt,
    TextPart,
    Tool,
    ToolCall,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.api.openai.parameters import (
        CalledTool,
        ChatMessage,
        ChatRequest,
        ContentPart,
        ToolOnOffer,
    )
    from providers.messages import Part, ToolChoice

ROLES: Final = {"developer": "system"}
"""OpenAI's newer word for the system's turns (its reference, "developer message")."""

PLAIN: Final = frozenset(
    {"model", "messages", "stream", "temperature", "max_tokens", "max_completion_tokens", "user"}
)
"""Parameters that need no look at what they mean together."""

TOOLS_MAX: Final = 128
"""Functions a request: OpenAI's own bound (its reference, "tools")."""

_TOOLS = "say the same with 'tools' and 'tool_choice'"
_NOT_DEFAULT: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "audio": (lambda _: True, "is not offered: replies are texts"),
    "modalities": (lambda said: said != ["text"], "offers 'text' alone"),
    "functions": (lambda _: True, f"is deprecated: {_TOOLS}"),
    "function_call": (lambda _: True, f"is deprecated: {_TOOLS}"),
    "logit_bias": (lambda said: said != {}, "is not offered"),
    "logprobs": (lambda said: said is True, "is not offered"),
    "top_logprobs": (lambda said: said != 0, "is not offered"),
    "moderation": (lambda _: True, "is not offered"),
    "n": (lambda said: said != 1, "offers 1 alone: ask again for another reply"),
    "prediction": (lambda _: True, "is not offered"),
    "service_tier": (lambda said: said not in {"auto", "default"}, "offers 'auto' and 'default'"),
    "store": (lambda said: said is True, "offers false alone: completions are not stored"),
    "verbosity": (lambda said: said != "medium", "offers 'medium', the default, alone"),
    "web_search_options": (lambda _: True, "is not offered"),
}
"""Parameters that are refused unless they are null or say what goes without saying."""


def refuse_unoffered(request: ChatRequest) -> None:
    """Refuse what is not built, and what contradicts itself.

    Raises:
        ParameterError: It names the parameter.
    """
    if request.model_fields_set <= PLAIN and request.max_tokens is None:
        return
    for name, (refused, why) in _NOT_DEFAULT.items():
        said = getattr(request, name)
        if said is not None and refused(said):
            raise not_offered(name, why)
    if request.max_tokens is not None and request.max_completion_tokens is not None:
        raise invalid("max_tokens", "it cannot be said together with 'max_completion_tokens'")
    if request.stream_options is not None and not request.stream:
        raise invalid("stream_options", "it is only allowed when 'stream' is true")
    if request.stream_options is not None and request.stream_options.include_obfuscation:
        raise not_offered("stream_options.include_obfuscation", "is not offered")
    _refuse_stray_choice(request)


def _refuse_stray_choice(request: ChatRequest) -> None:
    if not request.tools:
        for name in ("tool_choice", "parallel_tool_calls"):
            said = getattr(request, name)
            if said is not None and said != "none":
                raise invalid(name, "it is only allowed when 'tools' are given")


def prompt_of(request: ChatRequest) -> Prompt:
    """The prompt of one provider.

    Raises:
        ParameterError: A parameter makes no sense.
    """
    messages = turns_of(request)
    if request.model_fields_set <= PLAIN:
        return Prompt(
            messages,
            max_tokens=request.max_completion_tokens or request.max_tokens,
            temperature=request.temperature,
        )
    return Prompt(
        messages,
        max_tokens=request.max_completion_tokens or request.max_tokens,
        temperature=request.temperature,
        top_p=request.top_p,
        seed=request.seed,
        stop=stops_of(request),
        reasoning_effort=request.reasoning_effort,
        format=_format(request),
        tools=_tools(request.tools or []),
        tool_choice=_choice(request),
        parallel_tool_calls=request.parallel_tool_calls,
        frequency_penalty=request.frequency_penalty,
        presence_penalty=request.presence_penalty,
    )


def turns_of(request: ChatRequest) -> tuple[Message, ...]:
    """The conversation in the providers' words.

    Raises:
        ParameterError: A turn makes no sense.
    """
    return tuple([_message(m, n) for n, m in enumerate(request.messages)])


def unsaid(request: ChatRequest) -> tuple[str, ...]:
    """What of the request is not passed on although it might colour the reply, in words."""
    if any(m.name is not None for m in request.messages):
        return ("the names of participants (messages[].name) are not passed on",)
    return ()


def stops_of(request: ChatRequest) -> tuple[str, ...]:
    """The texts a reply ends before.

    Raises:
        ParameterError: They are too many, too long or empty.
    """
    said = request.stop
    stops = (said,) if isinstance(said, str) else tuple(said or ())
    if len(stops) > STOPS_MAX:
        raise invalid("stop", f"at most {STOPS_MAX} texts")
    if any(not 0 < len(stop) <= STOP_CHARS_MAX for stop in stops):
        raise invalid("stop", f"each text holds 1 to {STOP_CHARS_MAX} characters")
    return stops


def _format(request: ChatRequest) -> JsonFormat | None:
    said = request.response_format
    if said is None or said.type == "text":
        return None
    if said.type == "json_object":
        return JsonFormat()
    shape = said.json_schema
    if shape is None:
        raise ParameterError(
            "Missing required parameter: 'response_format.json_schema'.",
            param="response_format.json_schema",
            kind="missing_required_parameter",
        )
    return JsonFormat(shape.shape, shape.name, shape.description, shape.strict)


def _tools(offered: list[ToolOnOffer]) -> tuple[Tool, ...]:
    if len(offered) > TOOLS_MAX:
        raise invalid("tools", f"at most {TOOLS_MAX} functions")
    return tuple(_tool(tool, f"tools[{n}]") for n, tool in enumerate(offered))


def _tool(tool: ToolOnOffer, where: str) -> Tool:
    if tool.type != "function" or tool.custom is not None:
        raise not_offered(f"{where}.type", "offers 'function' alone")
    if tool.function is None:
        raise _missing(f"{where}.function")
    said = tool.function
    return Tool(said.name, said.description, said.parameters, said.strict)


def _choice(request: ChatRequest) -> ToolChoice | None:
    said = request.tool_choice
    if said is None or not request.tools:
        return None
    if isinstance(said, str):
        return said
    if said.type != "function":
        raise not_offered("tool_choice.type", "offers 'function' alone")
    if said.function is None:
        raise _missing("tool_choice.function")
    named = said.function.name
    if all(tool.function is None or tool.function.name != named for tool in request.tools):
        raise invalid("tool_choice.function.name", "no tool of that name is given")
    return NamedTool(named)


def _message(message: ChatMessage, number: int) -> Message:
    content = message.content
    role = message.role
    # Most turns by far are a text of the user's, the system's or the assistant's.
    if isinstance(content, str) and role in {"user", "system", "developer"}:
        return Message("user" if role == "user" else "system", content)
    return _odd_message(message, f"messages[{number}]")


def _odd_message(message: ChatMessage, where: str) -> Message:
    for name in ("function_call", "audio"):
        if getattr(message, name) is not None:
            raise not_offered(f"{where}.{name}", "is not offered")
    match message.role:
        case "function":
            raise not_offered(f"{where}.role", "of 'function' is deprecated: use 'tool'")
        case "assistant":
            return _assistant(message, where)
        case "tool":
            if message.tool_call_id is None:
                raise _missing(f"{where}.tool_call_id")
            text = _text(message, where)
            return Message("tool", text, tool_call_id=message.tool_call_id)
        case "user":
            return Message.of_parts("user", _parts(message, where))
        case _:
            return Message("system", _text(message, where))


def _assistant(message: ChatMessage, where: str) -> Message:
    calls = tuple(
        _call(call, f"{where}.tool_calls[{n}]") for n, call in enumerate(message.tool_calls or [])
    )
    if message.content is None:
        # The SDK sends a refusal back as it came: with no content.
        said = message.refusal
        if said is None and not calls:
            raise _missing(f"{where}.content")
        return Message("assistant", said or "", tool_calls=calls)
    return Message("assistant", _text(message, where), tool_calls=calls)


def _call(call: CalledTool, where: str) -> ToolCall:
    if call.type != "function" or call.custom is not None:
        raise not_offered(f"{where}.type", "offers 'function' alone")
    if call.function is None:
        raise _missing(f"{where}.function")
    return ToolCall(call.id, call.function.name, call.function.arguments, _signature(call, where))


def _signature(call: CalledTool, where: str) -> str | None:
    """What a vendor gave along with the call, where its caller sends it back (Google's own face)."""
    said = call.extra_content
    if said is None:
        return None
    google = said.get("google")
    signature = google.get("thought_signature") if isinstance(google, dict) else None
    if not isinstance(signature, str):
        raise invalid(f"{where}.extra_content", "it holds {'google': {'thought_signature': '…'}}")
    return signature


def _text(message: ChatMessage, where: str) -> str:
    """The content of a turn that is words alone."""
    content = message.content
    if content is None:
        raise _missing(f"{where}.content")
    if isinstance(content, str):
        return content
    texts = []
    for number, part in enumerate(content):
        here = f"{where}.content[{number}]"
        words = part.refusal if part.type == "refusal" else part.text
        if part.type not in {"text", "refusal"}:
            raise invalid(f"{here}.type", f"'{part.type[:40]}' has no place in this turn")
        if words is None:
            raise _missing(f"{here}.{part.type}")
        texts.append(words)
    return "\n\n".join(texts)


def _parts(message: ChatMessage, where: str) -> tuple[Part, ...]:
    content = message.content
    if content is None:
        raise _missing(f"{where}.content")
    if isinstance(content, str):
        return (TextPart(content),)
    if not content:
        raise invalid(f"{where}.content", "it is empty")
    return tuple(_part(part, f"{where}.content[{n}]") for n, part in enumerate(content))


def _part(part: ContentPart, where: str) -> Part:
    match part.type:
        case "text":
            if part.text is None:
                raise _missing(f"{where}.text")
            return TextPart(part.text)
        case "image_url":
            if part.image_url is None:
                raise _missing(f"{where}.image_url")
            return _image(part, where)
        case "input_audio" | "file":
            raise not_offered(f"{where}.type", f"of '{part.type}' is not offered")
        case _:
            raise invalid(f"{where}.type", "Supported values are: 'text', 'image_url'")


def _image(part: ContentPart, where: str) -> ImagePart:
    said = part.image_url
    assert said is not None  # noqa: S101 - looked at before
    try:
        image = ImageUrl(url=said.url, detail=said.detail).to_part()
    except ValidationError as error:
        what = error.errors(include_url=False, include_context=False, include_input=False)
        why = what[0]["msg"].removeprefix("Value error, ")
        raise invalid(f"{where}.image_url.url", why) from None
    assert isinstance(image, ImagePart)  # noqa: S101 - what an address is
    return image


def _missing(param: str) -> ParameterError:
    return ParameterError(
        f"Missing required parameter: '{param}'.", param=param, kind="missing_required_parameter"
    )
