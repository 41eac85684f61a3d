"""A conversation as Anthropic's ``messages``: roles in turn, blocks for what is no plain text.

Shapes: platform.claude.com/docs/en/api/messages (content blocks), build-with-claude/vision, and
agents-and-tools/tool-use/handle-tool-calls: all results of one turn's calls stand in one user turn, before any
text of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from providers.messages import ImagePart
from providers.wishes import LackError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from providers.messages import Message, ToolCall

IMAGE_TYPES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
"""Images the vendor reads (build-with-claude/vision, "Supported image formats")."""

_NOT_IN_AN_ID = re.compile(r"[^a-zA-Z0-9_-]")

Blocks = list[dict[str, Any]]


def messages_of(turns: Sequence[Message], model: str) -> list[dict[str, Any]]:
    """The ``messages`` of these turns, no two after another of one role.

    Raises:
        LackError: an image the vendor cannot read, or a call or a result it could not place.
    """
    messages: list[dict[str, Any]] = []
    for turn in turns:
        role = "assistant" if turn.role == "assistant" else "user"
        content = _content(turn, model)
        if messages and messages[-1]["role"] == role:
            messages[-1]["content"] = _joined(messages[-1]["content"], content)
        else:
            messages.append({"role": role, "content": content})
    return messages


def in_tool_loop(turns: Sequence[Message]) -> bool:
    """The last turn written gives tools' results: the model's own turn is still under way."""
    for turn in reversed(turns):
        if turn.role != "user":
            return turn.role == "tool"
    return False


def called_names(turns: Iterable[Message]) -> tuple[str, ...]:
    """The names of the functions that were called so far."""
    return tuple(dict.fromkeys(call.name for turn in turns for call in turn.tool_calls))


def _content(turn: Message, model: str) -> str | Blocks:
    if turn.role == "tool":
        return [_result(turn, model)]
    if not (turn.parts or turn.tool_calls):
        return turn.content
    blocks = _texts_and_images(turn, model)
    blocks.extend(_call(call, model) for call in turn.tool_calls)
    return blocks


def _texts_and_images(turn: Message, model: str) -> Blocks:
    if not turn.parts:
        return _blocks(turn.content)
    if turn.role == "assistant" and turn.images:
        raise LackError(f"{model} takes no images in an assistant's turn")
    blocks: Blocks = []
    for part in turn.parts:
        if isinstance(part, ImagePart):
            blocks.append(_image(part, model))
        else:
            blocks.extend(_blocks(part.text))
    return blocks


def _image(part: ImagePart, model: str) -> dict[str, Any]:
    if part.data is not None:
        if part.media_type not in IMAGE_TYPES:
            kind = part.media_type or "an unknown type"
            raise LackError(f"{model} reads JPEG, PNG, GIF and WebP images, not {kind}")
        source = {"type": "base64", "media_type": part.media_type, "data": part.data}
    elif part.url is not None and part.url.startswith("https://"):
        source = {"type": "url", "url": part.url}
    else:
        raise LackError(f"{model} takes images by https:// URLs or as base64 alone")
    return {"type": "image", "source": source}


def _call(call: ToolCall, model: str) -> dict[str, Any]:
    try:
        arguments = orjson.loads(call.arguments or "{}")
    except orjson.JSONDecodeError:
        arguments = None
    if not isinstance(arguments, dict):
        raise LackError(f"{model} takes earlier tool calls with a JSON object as arguments alone")
    return {"type": "tool_use", "id": _id(call.id), "name": call.name, "input": arguments}


def _result(turn: Message, model: str) -> dict[str, Any]:
    if not turn.tool_call_id:
        raise LackError(f"{model} takes a tool's result with the id of its call alone")
    block: dict[str, Any] = {"type": "tool_result", "tool_use_id": _id(turn.tool_call_id)}
    if turn.parts:
        block["content"] = _texts_and_images(turn, model)
    elif turn.content:
        block["content"] = turn.content
    return block


def _id(value: str) -> str:
    """Another vendor's id in the characters that this one takes."""
    return _NOT_IN_AN_ID.sub("_", value)


def _blocks(content: str | Blocks) -> Blocks:
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content.strip() else []
    return content


def _joined(one: str | Blocks, other: str | Blocks) -> Blocks:
    """Both contents as one, results of tools first."""
    blocks = [*_blocks(one), *_blocks(other)]
    return sorted(blocks, key=lambda block: block["type"] != "tool_result")
