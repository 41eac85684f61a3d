"""The tools of OpenAI's requests, and the choice among them, or how it refuses them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from providers.simulator.openai_errors import a_text, an_object, refuse, refuse_type, refuse_value
from providers.simulator.openai_schemas import check_name, check_schema
from providers.simulator.vendors import Choice, Tool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from providers.simulator.wire import Json

_MAX_TOOLS = 128
_CHOICES = ("none", "auto", "required")


def tools_of(data: Json) -> tuple[Tool, ...]:
    """``tools``; raises `RefusedRequestError`, as all here does."""
    tools = data.get("tools")
    if tools is None:
        return ()
    if not isinstance(tools, list):
        refuse_type("tools", "an array of objects")
    if not tools:
        refuse(
            "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.",
            param="tools",
            code="empty_array",
        )
    if len(tools) > _MAX_TOOLS:
        refuse(
            f"Invalid 'tools': array too long. Expected an array with maximum length {_MAX_TOOLS}, but got an array with length {len(tools)} instead.",
            param="tools",
            code="array_above_max_length",
        )
    return tuple(_tool(tool, f"tools[{i}]") for i, tool in enumerate(tools))


def choice_of(data: Json, tools: Sequence[Tool]) -> Choice:
    """``tool_choice``, as a word, a function's name, or ``allowed_tools``."""
    choice = data.get("tool_choice")
    _check_tools_are_there(data, tools)
    if choice is None:
        return Choice()
    if isinstance(choice, str):
        if choice not in _CHOICES:
            refuse_value("tool_choice", choice, _CHOICES)
        return Choice(choice)  # type: ignore[arg-type]  # one of _CHOICES
    if not isinstance(choice, dict):
        refuse_type("tool_choice", "one of a tool choice object or a string")
    if choice.get("type") == "allowed_tools":
        return _allowed(choice, tools)
    return Choice("required", (_chosen(choice, tools),))


def _tool(tool: Any, at: str) -> Tool:
    if not isinstance(tool, dict):
        refuse_type(at, "an object")
    kind = a_text(tool, "type", f"{at}.type")
    if kind != "function":
        refuse_value(f"{at}.type", kind, ("function", "custom"))
    function = an_object(tool, "function", f"{at}.function")
    name = a_text(function, "name", f"{at}.function.name")
    check_name(name, f"{at}.function.name")
    description = function.get("description") or ""
    if not isinstance(description, str):
        refuse_type(f"{at}.function.description", "a string")
    schema = function.get("parameters")
    if not isinstance(schema, dict | None):
        refuse_type(f"{at}.function.parameters", "an object")
    if schema or function.get("strict"):
        check_schema(
            schema or {},
            f"function '{name}'",
            f"{at}.function.parameters",
            strict=bool(function.get("strict")),
        )
    return Tool(name, description, schema or {})


def _check_tools_are_there(data: Json, tools: Sequence[Tool]) -> None:
    for name in ("tool_choice", "parallel_tool_calls"):
        if data.get(name) is not None and not tools:
            refuse(
                f"Invalid value for '{name}': '{name}' is only allowed when 'tools' are specified.",
                param=name,
            )
    if not isinstance(data.get("parallel_tool_calls"), bool | None):
        refuse_type("parallel_tool_calls", "a boolean")


def _allowed(choice: Json, tools: Sequence[Tool]) -> Choice:
    allowed = an_object(choice, "allowed_tools", "tool_choice.allowed_tools")
    mode = allowed.get("mode")
    if mode not in ("auto", "required"):
        refuse_value("tool_choice.allowed_tools.mode", mode, ("auto", "required"))
    named = allowed.get("tools")
    if not isinstance(named, list):
        refuse_type("tool_choice.allowed_tools.tools", "an array of objects")
    return Choice(mode, tuple(_chosen(one, tools) for one in named))


def _chosen(choice: Any, tools: Sequence[Tool]) -> str:
    if not isinstance(choice, dict) or choice.get("type") != "function":
        refuse_value("tool_choice.type", choice, ("function", "allowed_tools", "custom"))
    function = an_object(choice, "function", "tool_choice.function")
    name = a_text(function, "name", "tool_choice.function.name")
    if name not in {tool.name for tool in tools}:
        refuse(
            f"Invalid value for 'tool_choice': no function named '{name}' was specified in the 'tools' parameter.",
            param="tool_choice",
        )
    return name
