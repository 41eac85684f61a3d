"""Anthropic's message requests: what the vendor takes, and how it refuses the rest.

Messages follow platform.claude.com/docs/en/api/errors and the validation errors its users report.
Only prefixes marked by ``cache_control`` are cached. The key is taken from ``x-api-key`` and, where that is
missing, as a bearer token, under either version: api/migration-2026-10-21 itself shows the former.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.simulator.anthropic_errors import refuse
from providers.simulator.anthropic_features import (
    check_sampling,
    choice_of,
    json_of,
    stops_of,
    thinking_of,
    tools_of,
)
from providers.simulator.anthropic_messages import Conversation
from providers.simulator.anthropic_models import model_named
from providers.simulator.limits import limits_of, tokens_over
from providers.simulator.vendors import Ask
from providers.simulator.wire import is_count, loads

if TYPE_CHECKING:
    from providers.simulator.vendors import Turn
    from providers.simulator.wire import Head, Json

_VERSIONS = frozenset({"2023-01-01", "2023-06-01", "2026-10-21"})
_KNOWN = frozenset({
    "model", "messages", "max_tokens", "system", "temperature", "top_p", "top_k", "stream",
    "stop_sequences", "metadata", "thinking", "tools", "tool_choice", "service_tier", "container",
    "context_management", "mcp_servers", "output_config", "output_format", "inference_geo", "cache_control",
})  # fmt: skip


def read_request(head: Head, body: bytes) -> Ask:
    """Validate as Anthropic does: key, version, JSON, then each field under its name.

    Raises:
        RefusedRequestError: with Anthropic's error.
    """
    version = _checked_version(head)
    data = _object(body)
    for name in ("model", "max_tokens", "messages"):
        if name not in data:
            refuse(f"{name}: Field required")
    for name in data:
        if name not in _KNOWN:
            refuse(f"{name}: Extra inputs are not permitted")
    name, limit = data["model"], data["max_tokens"]
    if not isinstance(name, str):
        refuse("model: Input should be a valid string")
    model = model_named(name)
    if model is None:
        refuse(f"model: {name}", kind="not_found_error", status=404)
    if not isinstance(limit, int) or isinstance(limit, bool):
        refuse("max_tokens: Input should be a valid integer")
    if not is_count(limit):
        refuse("max_tokens: must be greater than or equal to 1")
    if not isinstance(data.get("stream", False), bool):
        refuse("stream: Input should be a valid boolean")
    check_sampling(data, model, version)
    thinks, effort = thinking_of(data, model)
    tools = tools_of(data, model)
    choice, parallel = choice_of(data, tools, model)
    json, stops = json_of(data, model), stops_of(data)
    conversation = Conversation(version)
    conversation.add_system(data.get("system"))
    manual = thinks and (data.get("thinking") or {}).get("type") == "enabled"
    conversation.add_messages(data["messages"], model, manual=manual)
    _check_limits(name, conversation.turns, limit)
    return Ask(
        model=name, turns=tuple(conversation.turns), max_tokens=limit, stream=bool(data.get("stream")),
        reasons=thinks, shows_thinking=thinks, effort=effort, marked_prefix=conversation.marked,
        tools=tools, choice=choice, parallel=parallel, json=json, stop=stops,
    )  # fmt: skip


def _checked_version(head: Head) -> str:
    scheme, _, token = head.headers.get("authorization", "").partition(" ")
    key = head.headers.get("x-api-key") or (token if scheme.lower() == "bearer" else "")
    if not key:
        refuse("x-api-key header is required", kind="authentication_error", status=401)
    if key.startswith("invalid"):
        refuse("invalid x-api-key", kind="authentication_error", status=401)
    version = head.headers.get("anthropic-version")
    if version is None:
        refuse("anthropic-version: header is required")
    if version not in _VERSIONS:
        refuse(f'anthropic-version: "{version}" is not a valid version')
    return version


def _object(body: bytes) -> Json:
    try:
        data = loads(body)
    except ValueError:
        refuse("The request body is not valid JSON")
    if not isinstance(data, dict):
        refuse("Input should be a valid dictionary")
    return data


def _check_limits(model: str, turns: list[Turn], max_tokens: int) -> None:
    limits = limits_of(model)
    if limits is None:
        return
    if max_tokens > limits.output:
        refuse(
            f"max_tokens: {max_tokens} > {limits.output}, which is the maximum allowed number of output tokens for {model}"
        )
    tokens = tokens_over(turns, limits)
    if tokens is not None:
        refuse(f"prompt is too long: {tokens} tokens > {limits.input} maximum")
