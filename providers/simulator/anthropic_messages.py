"""Anthropic's messages: texts, images, calls of tools and their results, in the order it demands."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import TYPE_CHECKING, Any

from providers.simulator.anthropic_errors import refuse
from providers.simulator.vendors import Turn
from providers.simulator.wire import dumps

if TYPE_CHECKING:
    from providers.simulator.anthropic_models import Model
    from providers.simulator.wire import Json

_IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")
_ID = re.compile(r"[a-zA-Z0-9_-]+")
_SILENT = ("thinking", "redacted_thinking")


class Conversation:
    """Collects turns in order, and the prefix up to the last ``cache_control``."""

    def __init__(self, version: str) -> None:
        self._version = version
        self.turns: list[Turn] = []
        self.marked = ""
        self._texts: list[str] = []

    def add_system(self, system: Any) -> None:
        """Take ``system``: text, or blocks of text."""
        if system is None:
            return
        if not isinstance(system, str | list):
            refuse("system: Input should be a valid string or a list of text blocks")
        text = "\n".join(
            self._text(block, f"system.{index}") for index, block in enumerate(_blocks(system))
        )
        self.turns.append(Turn("system", text))

    def add_messages(self, messages: Any, model: Model, *, manual: bool) -> None:
        """Take ``messages``. ``manual``: thinking by budget, which an open turn has to begin with."""
        if not isinstance(messages, list):
            refuse("messages: Input should be a valid list")
        if not messages:
            refuse("messages: at least one message is required")
        joined: list[tuple[str, list[Any]]] = []
        for index, message in enumerate(messages):
            role, blocks = _role(index, message), _content(index, message)
            self._add(role, blocks, f"messages.{index}.content", joined)
            if joined and joined[-1][0] == role:
                joined[-1][1].extend(blocks)
            else:
                joined.append((role, blocks))
        _check_calls(joined)
        if joined[-1][0] == "assistant":
            self._check_prefill(model)
        elif manual and len(joined) > 1:
            _check_open_turn(joined)

    def _check_prefill(self, model: Model) -> None:
        if not model.prefilled:
            refuse(
                "This model does not support assistant message prefill. The conversation must end with a user message."
            )
        if self.turns[-1].text != self.turns[-1].text.rstrip():
            refuse("messages: final assistant content cannot end with trailing whitespace")

    def _add(
        self, role: str, blocks: list[Any], at: str, before: list[tuple[str, list[Any]]]
    ) -> None:
        texts: list[str] = []
        images = 0
        results: list[Turn] = []
        for index, block in enumerate(blocks):
            here = f"{at}.{index}"
            kind = block.get("type") if isinstance(block, dict) else None
            if kind == "image" and role == "user":
                _check_image(block, here)
                images += 1
            elif kind == "tool_use" and role == "assistant":
                _check_call(block, here)
                texts.append(f"{block['name']} {dumps(block['input']).decode()}")
            elif kind == "tool_result" and role == "user":
                results.append(self._result(block, here, before))
            elif kind in _SILENT and role == "assistant":
                continue
            else:
                texts.append(self._text(block, here, cites=role == "user"))
        self.turns.extend(results)
        if texts or images or not results:
            self.turns.append(
                Turn("user" if role == "user" else "self", "\n".join(texts), images=images)
            )

    def _result(self, block: Json, at: str, before: list[tuple[str, list[Any]]]) -> Turn:
        its_id, content = block.get("tool_use_id"), block.get("content", "")
        if not isinstance(its_id, str):
            refuse(f"{at}.tool_result.tool_use_id: Field required")
        if not isinstance(content, str | list):
            refuse(f"{at}.tool_result.content: Input should be a valid list")
        texts, images = [], 0
        for index, inner in enumerate(_blocks(content) if content else []):
            if isinstance(inner, dict) and inner.get("type") == "image":
                _check_image(inner, f"{at}.tool_result.content.{index}")
                images += 1
            else:
                texts.append(self._text(inner, f"{at}.tool_result.content.{index}"))
        names = [
            b["name"] for _, blocks in before for b in blocks
            if isinstance(b, dict) and b.get("type") == "tool_use" and b.get("id") == its_id
        ]  # fmt: skip
        return Turn("tool", "\n".join(texts), images=images, tool=names[-1] if names else "")

    def _text(self, block: Any, at: str, *, cites: bool = False) -> str:
        if not isinstance(block, dict) or not isinstance(block.get("text"), str):
            refuse(f"{at}: Input should be a valid text block")
        if not block["text"].strip():
            refuse("messages: text content blocks must be non-empty")
        if cites and block.get("citations") and self._version >= "2026-10-21":
            refuse(f"{at}.text.citations: Extra inputs are not permitted")
        self._texts.append(block["text"])
        if block.get("cache_control"):
            self.marked = "\n".join(self._texts)
        return str(block["text"])


def _role(index: int, message: Any) -> str:
    if not isinstance(message, dict):
        refuse(f"messages.{index}: Input should be a valid dictionary")
    role = message.get("role")
    if role == "system":
        refuse(
            'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.'
        )
    if not isinstance(role, str) or role not in {"user", "assistant"}:
        refuse(f"messages.{index}.role: Input should be 'user' or 'assistant'")
    if index == 0 and role != "user":
        refuse('messages: first message must use the "user" role')
    return role


def _content(index: int, message: Json) -> list[Any]:
    at, content = f"messages.{index}", message.get("content")
    if not isinstance(content, str | list):
        refuse(
            f"{at}.content: Field required"
            if content is None
            else f"{at}.content: Input should be a valid list"
        )
    if not content:
        refuse(
            f"{at}: user messages must have non-empty content"
            if message["role"] == "user"
            else f"{at}: all messages must have non-empty content except for the optional final assistant message"
        )
    return _blocks(content)


def _blocks(content: str | list[Any]) -> list[Any]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def _check_image(block: Json, at: str) -> None:
    source = block.get("source")
    kind = source.get("type") if isinstance(source, dict) else None
    if not isinstance(source, dict) or kind not in ("base64", "url"):
        refuse(
            f"{at}.image.source: Input tag found does not match any of the expected tags: 'base64', 'url', 'file'"
        )
    if kind == "url":
        url = source.get("url")
        if not isinstance(url, str) or not url.startswith("https://"):
            refuse(f"{at}.image.source.url.url: Only HTTPS URLs are supported.")
        return
    if source.get("media_type") not in _IMAGES:
        refuse(
            f"{at}.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'"
        )
    try:
        if not b64decode(source.get("data", ""), validate=True):
            refuse(f"{at}.image.source.base64.data: image cannot be empty")
    except (ValueError, TypeError):
        refuse(f"{at}.image.source.base64: invalid base64 data")


def _check_call(block: Json, at: str) -> None:
    for name, kind in (("id", str), ("name", str), ("input", dict)):
        if not isinstance(block.get(name), kind):
            refuse(f"{at}.tool_use.{name}: Field required")
    if not _ID.fullmatch(block["id"]):
        refuse(f"{at}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")


def _check_calls(joined: list[tuple[str, list[Any]]]) -> None:
    """Every call is answered in the very next turn, and nothing else is."""
    for index, (role, blocks) in enumerate(joined):
        if role == "assistant":
            after = joined[index + 1][1] if index + 1 < len(joined) else None
            missing = [
                i for i in _ids(blocks, "tool_use", "id")
                if after is not None and i not in _ids(after, "tool_result", "tool_use_id")
            ]  # fmt: skip
            if missing:
                refuse(
                    f"messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately after: {', '.join(missing)}. Each `tool_use` block must have a corresponding `tool_result` block in the next message."
                )
        else:
            asked = _ids(joined[index - 1][1], "tool_use", "id") if index else []
            for given in _ids(blocks, "tool_result", "tool_use_id"):
                if given not in asked:
                    refuse(
                        f"messages.{index}.content.0: unexpected `tool_use_id` found in `tool_result` blocks: {given}. Each `tool_result` block must have a corresponding `tool_use` block in the previous message."
                    )


def _check_open_turn(joined: list[tuple[str, list[Any]]]) -> None:
    """A turn that goes on after its tools has to begin with its thinking, where that is by budget."""
    last, own = joined[-1][1], joined[-2][1]
    if not _ids(last, "tool_result", "tool_use_id"):
        return
    first = own[0].get("type")
    if first not in _SILENT:
        refuse(
            f"messages.{len(joined) - 2}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{first}`. When `thinking` is enabled, a final `assistant` message must start with a thinking block (preceding the lastmost set of `tool_use` and `tool_result` blocks)."
        )


def _ids(blocks: list[Any], kind: str, key: str) -> list[str]:
    return [
        str(b[key]) for b in blocks if isinstance(b, dict) and b.get("type") == kind and key in b
    ]
