"""Anthropic's message requests: what the vendor takes, and how it refuses the rest.

Messages follow docs.claude.com/en/api/errors and the validation errors its users report. Only
prefixes marked by ``cache_control`` are cached.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn

from providers.simulator.limits import limits_of, tokens_over
from providers.simulator.vendors import Ask, Turn
from providers.simulator.wire import RefusedRequestError, is_count, is_number, loads

if TYPE_CHECKING:
    from providers.simulator.wire import Head, Json

_VERSIONS = frozenset({"2023-01-01", "2023-06-01"})
_KNOWN = frozenset({
    "model", "messages", "max_tokens", "system", "temperature", "top_p", "top_k", "stream",
    "stop_sequences", "metadata", "thinking", "tools", "tool_choice", "service_tier", "container",
    "context_management", "mcp_servers", "output_config", "output_format", "inference_geo", "cache_control",
})  # fmt: skip
_MIN_THINKING = 1024
_THINKING = ("adaptive", "disabled", "enabled")


def read_request(head: Head, body: bytes) -> Ask:
    """Validate as Anthropic does: key, version, JSON, then each field under its name.

    Raises:
        RefusedRequestError: with Anthropic's error.
    """
    _check_head(head)
    data = _object(body)
    for name in ("model", "max_tokens", "messages"):
        if name not in data:
            _refuse(f"{name}: Field required")
    for name in data:
        if name not in _KNOWN:
            _refuse(f"{name}: Extra inputs are not permitted")
    model, limit = data["model"], data["max_tokens"]
    if not isinstance(model, str):
        _refuse("model: Input should be a valid string")
    if not re.fullmatch(r"claude-[\w.\-]+", model):
        _refuse(f"model: {model}", kind="not_found_error", status=404)
    if not isinstance(limit, int) or isinstance(limit, bool):
        _refuse("max_tokens: Input should be a valid integer")
    if not is_count(limit):
        _refuse("max_tokens: must be greater than or equal to 1")
    thinks = _check_values(data)
    prompt = _Prompt()
    prompt.add_system(data.get("system"))
    prompt.add_messages(data["messages"])
    _check_limits(model, prompt.turns, limit)
    return Ask(
        model=model, turns=tuple(prompt.turns), max_tokens=limit, stream=bool(data.get("stream")),
        reasons=thinks, shows_thinking=thinks, marked_prefix=prompt.marked,
    )  # fmt: skip


def error_body(message: str, kind: str) -> Json:
    """An error in Anthropic's shape."""
    return {"type": "error", "error": {"type": kind, "message": message}}


def _refuse(message: str, *, kind: str = "invalid_request_error", status: int = 400) -> NoReturn:
    raise RefusedRequestError(status, error_body(message, kind))


def _check_head(head: Head) -> None:
    scheme, _, token = head.headers.get("authorization", "").partition(" ")
    key = head.headers.get("x-api-key") or (token if scheme.lower() == "bearer" else "")
    if not key:
        _refuse("x-api-key header is required", kind="authentication_error", status=401)
    if key.startswith("invalid"):
        _refuse("invalid x-api-key", kind="authentication_error", status=401)
    version = head.headers.get("anthropic-version")
    if version is None:
        _refuse("anthropic-version: header is required")
    if version not in _VERSIONS:
        _refuse(f'anthropic-version: "{version}" is not a valid version')


def _object(body: bytes) -> Json:
    try:
        data = loads(body)
    except ValueError:
        _refuse("The request body is not valid JSON")
    if not isinstance(data, dict):
        _refuse("Input should be a valid dictionary")
    return data


def _check_values(data: Json) -> bool:
    """Check the sampling fields; returns whether the model is to think."""
    for name in ("temperature", "top_p"):
        value = data.get(name)
        if value is None:
            continue
        if not is_number(value):
            _refuse(f"{name}: Input should be a valid number")
        if not 0 <= value <= 1:
            bound = "greater than or equal to 0" if value < 0 else "less than or equal to 1"
            _refuse(f"{name}: Input should be {bound}")
    if not isinstance(data.get("stream", False), bool):
        _refuse("stream: Input should be a valid boolean")
    return _check_thinking(data)


def _check_limits(model: str, turns: list[Turn], max_tokens: int) -> None:
    limits = limits_of(model)
    if limits is None:
        return
    if max_tokens > limits.output:
        _refuse(
            f"max_tokens: {max_tokens} > {limits.output}, which is the maximum allowed number of output tokens for {model}"
        )
    tokens = tokens_over(turns, limits)
    if tokens is not None:
        _refuse(f"prompt is too long: {tokens} tokens > {limits.input} maximum")


def _check_thinking(data: Json) -> bool:
    thinking = data.get("thinking") or {"type": "disabled"}
    if not isinstance(thinking, dict) or thinking.get("type") not in _THINKING:
        _refuse(
            "thinking: Input tag found does not match any of the expected tags: 'adaptive', 'disabled', 'enabled'"
        )
    if thinking["type"] == "disabled":
        return False
    if data.get("temperature") not in (None, 1):
        _refuse("`temperature` may only be set to 1 when thinking is enabled.")
    if thinking["type"] == "enabled":
        budget = thinking.get("budget_tokens")
        if not isinstance(budget, int) or budget < _MIN_THINKING:
            _refuse("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
        if budget >= data["max_tokens"]:
            _refuse("`max_tokens` must be greater than `thinking.budget_tokens`.")
    return True


class _Prompt:
    """Collects turns in order, and the prefix up to the last ``cache_control``."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.marked = ""

    def add_system(self, system: Any) -> None:
        if system is None:
            return
        if not isinstance(system, str | list):
            _refuse("system: Input should be a valid string or a list of text blocks")
        self._add("system", system, "system")

    def add_messages(self, messages: Any) -> None:
        if not isinstance(messages, list):
            _refuse("messages: Input should be a valid list")
        if not messages:
            _refuse("messages: at least one message is required")
        for index, message in enumerate(messages):
            role = self._role(index, message)
            at = f"messages.{index}"
            content = message.get("content")
            if not isinstance(content, str | list):
                _refuse(
                    f"{at}.content: Field required"
                    if content is None
                    else f"{at}.content: Input should be a valid list"
                )
            if not content:
                _refuse(
                    f"{at}: user messages must have non-empty content"
                    if role == "user"
                    else f"{at}: all messages must have non-empty content except for the optional final assistant message"
                )
            self._add("user" if role == "user" else "self", content, f"{at}.content")
        if self.turns[-1].role == "self" and self.turns[-1].text != self.turns[-1].text.rstrip():
            _refuse("messages: final assistant content cannot end with trailing whitespace")

    def _role(self, index: int, message: Any) -> str:
        if not isinstance(message, dict):
            _refuse(f"messages.{index}: Input should be a valid dictionary")
        role = message.get("role")
        if role == "system":
            _refuse(
                'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.'
            )
        if not isinstance(role, str) or role not in {"user", "assistant"}:
            _refuse(f"messages.{index}.role: Input should be 'user' or 'assistant'")
        if index == 0 and role != "user":
            _refuse('messages: first message must use the "user" role')
        return role

    def _add(self, role: Any, content: str | list[Any], at: str) -> None:
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        texts = []
        for index, block in enumerate(blocks):
            if not isinstance(block, dict) or not isinstance(block.get("text"), str):
                _refuse(f"{at}.{index}: Input should be a valid text block")
            if not block["text"].strip():
                _refuse("messages: text content blocks must be non-empty")
            texts.append(block["text"])
            if block.get("cache_control"):
                before = "\n".join(t.text for t in self.turns)
                self.marked = "\n".join((before, *texts))
        self.turns.append(Turn(role, "\n".join(texts)))
