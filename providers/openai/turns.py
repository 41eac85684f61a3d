"""Turns, tools and formats in OpenAI's words (platform.openai.com/docs/api-reference/chat/create).

System turns keep the role ``system``: reasoning models read it as ``developer``, and compatible
servers know no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from providers.messages import NamedTool, TextPart

if TYPE_CHECKING:
    from collections.abc import Mapping

    from providers.messages import ImagePart, JsonFormat, Message, Part, Tool, ToolCall, ToolChoice

FORMAT_NAME = "answer"
"""``json_schema.name`` where the caller gives none: OpenAI requires one."""

NO_ARGUMENTS: Mapping[str, Any] = {"type": "object", "properties": {}}
"""The schema of a function without arguments; compatible servers miss one that is left out."""


def turn(message: Message) -> dict[str, Any]:
    """A message of the conversation."""
    if message.role == "tool":
        return {
            "role": "tool",
            "tool_call_id": message.tool_call_id or "",
            "content": message.content,
        }
    if message.tool_calls:
        return {
            "role": message.role,
            "content": message.content or None,
            "tool_calls": [_call(call) for call in message.tool_calls],
        }
    if message.parts:
        return {"role": message.role, "content": [_part(part) for part in message.parts]}
    return {"role": message.role, "content": message.content}


def tool(offered: Tool) -> dict[str, Any]:
    """A function on offer."""
    function: dict[str, Any] = {
        "name": offered.name,
        "parameters": NO_ARGUMENTS if offered.parameters is None else offered.parameters,
    }
    if offered.description is not None:
        function["description"] = offered.description
    if offered.strict is not None:
        function["strict"] = offered.strict
    return {"type": "function", "function": function}


def insists(choice: ToolChoice | None) -> bool:
    """Whether a tool has to be called."""
    return choice == "required" or isinstance(choice, NamedTool)


def tool_choice(choice: ToolChoice) -> str | dict[str, Any]:
    """``tool_choice``."""
    if isinstance(choice, NamedTool):
        return {"type": "function", "function": {"name": choice.name}}
    return choice


def response_format(wanted: JsonFormat) -> dict[str, Any]:
    """``response_format``."""
    if wanted.schema is None:
        return {"type": "json_object"}
    described: dict[str, Any] = {"name": wanted.name or FORMAT_NAME, "schema": wanted.schema}
    if wanted.description is not None:
        described["description"] = wanted.description
    if wanted.strict is not None:
        described["strict"] = wanted.strict
    return {"type": "json_schema", "json_schema": described}


def _call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}


def _part(part: Part) -> dict[str, Any]:
    if isinstance(part, TextPart):
        return {"type": "text", "text": part.text}
    image = {"url": _address(part)}
    if part.detail is not None:
        image["detail"] = part.detail
    return {"type": "image_url", "image_url": image}


def _address(image: ImagePart) -> str:
    """The image's URL, or its bytes as one (RFC 2397)."""
    return image.url if image.url is not None else f"data:{image.media_type};base64,{image.data}"
