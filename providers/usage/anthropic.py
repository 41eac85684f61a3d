"""Tokens as Anthropic counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from providers.messages import Usage
from providers.shapes import a_count, maybe_object

if TYPE_CHECKING:
    from collections.abc import Mapping


def usage_of(usage: Mapping[str, Any]) -> Usage:
    """Tokens by Anthropic's count, whose ``input_tokens`` leaves the cache's reads and writes out."""
    read = a_count(usage, "cache_read_input_tokens")
    written = a_count(usage, "cache_creation_input_tokens")
    return Usage(
        input_tokens=a_count(usage, "input_tokens") + read + written,
        cached_input_tokens=read,
        cache_write_tokens=written,
        output_tokens=a_count(usage, "output_tokens"),
        reasoning_tokens=a_count(maybe_object(usage, "output_tokens_details"), "thinking_tokens"),
    )
