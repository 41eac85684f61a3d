"""Tokens as Anthropic counts them.

platform.claude.com/docs/en/api/messages, and for the cache …/docs/en/build-with-claude/prompt-caching.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from providers.messages import Usage
from providers.shapes import a_count, maybe_object, maybe_text, objects
from providers.usage.tiers import service_tier

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ANYWHERE: Final = frozenset({"", "global", "not_available"})
"""Values of ``inference_geo`` at the standard price (…/docs/en/build-with-claude/data-residency)."""

FREE: Final = frozenset({"web_fetch_requests"})
"""Server tools that cost nothing but their tokens (…/docs/en/about-claude/pricing)."""


def usage_of(usage: Mapping[str, Any]) -> Usage:
    """Tokens by Anthropic's count, whose ``input_tokens`` leaves the cache's reads and writes out."""
    read = a_count(usage, "cache_read_input_tokens")
    created = maybe_object(usage, "cache_creation")
    hour = a_count(created, "ephemeral_1h_input_tokens")
    written = a_count(usage, "cache_creation_input_tokens") or (
        hour + a_count(created, "ephemeral_5m_input_tokens")
    )
    region = maybe_text(usage, "inference_geo")
    tier = "fast" if maybe_text(usage, "speed") == "fast" else maybe_text(usage, "service_tier")
    return Usage(
        input_tokens=a_count(usage, "input_tokens") + read + written,
        cached_input_tokens=read,
        cache_write_tokens=written,
        output_tokens=a_count(usage, "output_tokens"),
        reasoning_tokens=a_count(maybe_object(usage, "output_tokens_details"), "thinking_tokens"),
        cache_write_1h_tokens=hour,
        service_tier=service_tier(tier) if tier else None,
        region=None if region in ANYWHERE else region,
        billed_apart=tuple(_apart(usage)),
    )


def _apart(usage: Mapping[str, Any]) -> Iterator[str]:
    """What is billed by the use, and the passes of other models, whose tokens the totals leave out."""
    used = maybe_object(usage, "server_tool_use")
    for name in used:
        count = 0 if name in FREE else a_count(used, name)
        if count:
            yield f"{count} {name.replace('_', ' ')}"
    if usage.get("iterations") is None:
        return
    for step in objects(usage, "iterations"):
        kind = maybe_text(step, "type")
        if kind not in {"", "message"}:
            yield f"a pass of kind {kind}"
