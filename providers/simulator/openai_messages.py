"""The messages of OpenAI's requests: roles, parts, images, tool calls and their results."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import TYPE_CHECKING, Any

from providers.simulator.openai_errors import (
    a_text,
    an_object,
    refuse,
    refuse_missing,
    refuse_type,
    refuse_value,
)
from providers.simulator.vendors import Turn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from providers.simulator.openai_models import Model
    from providers.simulator.wire import Json

_ROLES: dict[str, Literal["system", "user", "self", "tool"]] = {
    "system": "system",
    "assistant": "self",
    "user": "user",
    "tool": "tool",
    "developer": "system",
}
_DETAILS = ("auto", "low", "high")
_DATA = re.compile(r"data:image/(png|jpe?g|gif|webp);base64,(.*)", re.DOTALL)


def turns_of(data: Json, model: Model) -> tuple[Turn, ...]:
    """The conversation; raises `RefusedRequestError`, as all here does."""
    messages = data.get("messages")
    if messages is None:
        refuse_missing("messages")
    if not isinstance(messages, list):
        refuse(
            "Invalid type for 'messages': expected an array of objects, but got something else instead.",
            param="messages",
            code="invalid_type",
        )
    if not messages:
        refuse(
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
            param="messages",
            code="empty_array",
        )
    open_calls: dict[str, str] = {}
    turns = []
    for index, message in enumerate(messages):
        role = _role(message, f"messages[{index}]")
        if role != "tool":
            _check_answered(open_calls, index)
        turns.append(_turn(message, role, index, model, open_calls))
    _check_answered(open_calls, len(messages))
    return tuple(turns)


def _role(message: Any, at: str) -> str:
    if not isinstance(message, dict):
        refuse_type(at, "an object")
    role = message.get("role")
    if role is None:
        refuse_missing(f"{at}.role")
    if not isinstance(role, str) or role not in _ROLES:
        refuse_value(
            f"{at}.role", role, ("system", "assistant", "user", "function", "tool", "developer")
        )
    return role


def _turn(message: Json, role: str, index: int, model: Model, open_calls: dict[str, str]) -> Turn:
    at = f"messages[{index}]"
    if role == "tool":
        call_id = a_text(message, "tool_call_id", f"{at}.tool_call_id")
        if call_id not in open_calls:
            refuse(
                "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
                param=f"messages.[{index}].role",
            )
        text, _ = _content(message, role, index, model)
        return Turn("tool", text, tool=open_calls.pop(call_id))
    calls = _calls(message, role, at)
    open_calls.update(calls)
    if calls and message.get("content") is None:
        return Turn("self", "")
    text, images = _content(message, role, index, model)
    return Turn(_ROLES[role], text, images)


def _calls(message: Json, role: str, at: str) -> dict[str, str]:
    """The tool calls an assistant's turn asked for: names by id."""
    calls = message.get("tool_calls")
    if calls is None or role != "assistant":
        return {}
    if not isinstance(calls, list):
        refuse_type(f"{at}.tool_calls", "an array of objects")
    if not calls:
        refuse(
            f"Invalid '{at}.tool_calls': empty array. Expected an array with minimum length 1, but got an empty array instead.",
            param=f"{at}.tool_calls",
            code="empty_array",
        )
    named = {}
    for number, call in enumerate(calls):
        here = f"{at}.tool_calls[{number}]"
        if not isinstance(call, dict):
            refuse_type(here, "an object")
        if call.get("type") != "function":
            refuse_value(f"{here}.type", call.get("type"), ("function",))
        function = an_object(call, "function", f"{here}.function")
        a_text(function, "arguments", f"{here}.function.arguments")
        name = a_text(function, "name", f"{here}.function.name")
        named[a_text(call, "id", f"{here}.id")] = name
    return named


def _check_answered(open_calls: dict[str, str], index: int) -> None:
    if open_calls:
        refuse(
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
            f"The following tool_call_ids did not have response messages: {', '.join(open_calls)}",
            param=f"messages.[{index}].role",
        )


def _content(message: Json, role: str, index: int, model: Model) -> tuple[str, int]:
    """Its text, and how many images are beside it."""
    at = f"messages[{index}]"
    content = message.get("content")
    if isinstance(content, str):
        return content, 0
    if not isinstance(content, list):
        refuse(
            f"Invalid value for 'content': expected a string, got {'null' if content is None else 'another type'}.",
            param=f"{at}.content",
        )
    texts, images = [], 0
    for number, part in enumerate(content):
        here = f"{at}.content[{number}]"
        if not isinstance(part, dict):
            refuse_type(here, "an object")
        kind = part.get("type")
        if kind == "text":
            texts.append(a_text(part, "text", f"{here}.text"))
        elif kind == "refusal" and role == "assistant":
            texts.append(a_text(part, "refusal", f"{here}.refusal"))
        elif kind == "image_url":
            _check_image(part, role, index, here, model)
            images += 1
        else:
            refuse_value(
                f"{here}.type", kind, ("text", "image_url", "input_audio", "refusal", "file")
            )
    return "\n".join(texts), images


def _check_image(part: Json, role: str, index: int, at: str, model: Model) -> None:
    if role != "user":
        refuse(
            f"Invalid 'messages[{index}]'. Image URLs are only allowed for messages with role 'user', but this message with role '{role}' contains an image URL.",
            param=f"messages[{index}]",
            code="invalid_value",
        )
    if not model.reads_images:
        refuse(
            "Invalid content type. image_url is only supported by certain models.",
            param=f"messages.[{index}].content.[0].type",
        )
    image = an_object(part, "image_url", f"{at}.image_url")
    url = a_text(image, "url", f"{at}.image_url.url")
    detail = image.get("detail")
    if detail is not None and detail not in _DETAILS:
        refuse_value(f"{at}.image_url.detail", detail, _DETAILS)
    if url.startswith(("https://", "http://")):
        return
    found = _DATA.fullmatch(url)
    if found is None:
        refuse(
            "You uploaded an unsupported image. Please make sure your image has of one the following formats: ['png', 'jpeg', 'gif', 'webp'].",
            code="invalid_image_format",
        )
    if not _is_base64(found[2]):
        refuse("Invalid base64 image_url.", code="invalid_base64")


def _is_base64(text: str) -> bool:
    try:
        return bool(b64decode(text, validate=True))
    except ValueError:
        return False


def texts_of(turns: Sequence[Turn]) -> str:
    """All that the conversation says."""
    return "\n".join(turn.text for turn in turns)
