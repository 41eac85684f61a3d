"""What a chat completion's parameters mean together: a prompt, or a refusal that names the parameter.

Every parameter of OpenAI's reference is honoured, harmless or refused. Harmless are those that change no
reply: caches' hints, a ``store`` that is false, defaults said out loud. What would change a reply and is
not built is refused, never made believe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.api.openai.complaints import invalid, missing, not_offered
from gateway.api.openai.turns import turns_of
from gateway.requests import STOP_CHARS_MAX, STOPS_MAX
from providers.messages import (
    JsonFormat,
    NamedTool,
    Prompt,
    Tool,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.api.openai.parameters import (
        ChatRequest,
        ToolOnOffer,
    )
    from providers.messages import ToolChoice

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
        raise missing("response_format.json_schema")
    return JsonFormat(shape.shape, shape.name, shape.description, shape.strict)


def _tools(offered: list[ToolOnOffer]) -> tuple[Tool, ...]:
    if len(offered) > TOOLS_MAX:
        raise invalid("tools", f"at most {TOOLS_MAX} functions")
    return tuple(_tool(tool, f"tools[{n}]") for n, tool in enumerate(offered))


def _tool(tool: ToolOnOffer, where: str) -> Tool:
    if tool.type != "function" or tool.custom is not None:
        raise not_offered(f"{where}.type", "offers 'function' alone")
    if tool.function is None:
        raise missing(f"{where}.function")
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
        raise missing("tool_choice.function")
    named = said.function.name
    if all(tool.function is None or tool.function.name != named for tool in request.tools):
        raise invalid("tool_choice.function.name", "no tool of that name is given")
    return NamedTool(named)
