"""Tokens as OpenAI counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from providers.messages import Usage
from providers.shapes import a_count, maybe_object

if TYPE_CHECKING:
    from collections.abc import Mapping


def usage_of(usage: Mapping[str, Any]) -> Usage:
    """Tokens by OpenAI's count: cached and reasoning tokens are parts of the two totals."""
    prompt = maybe_object(usage, "prompt_tokens_details")
    completion = maybe_object(usage, "completion_tokens_details")
    return Usage(
        input_tokens=a_count(usage, "prompt_tokens"),
        cached_input_tokens=a_count(prompt, "cached_tokens"),
        output_tokens=a_count(usage, "completion_tokens"),
        reasoning_tokens=a_count(completion, "reasoning_tokens"),
    )
