"""Tokens as OpenAI counts them.

platform.openai.com/docs/api-reference/chat/object, and for the cache
developers.openai.com/api/docs/guides/prompt-caching.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from providers.messages import Usage
from providers.shapes import a_count, maybe_object
from providers.usage.tiers import service_tier as tier_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def usage_of(usage: Mapping[str, Any], service_tier: str = "") -> Usage:
    """Tokens by OpenAI's count, where all details are parts of the two totals.

    So are predicted tokens, accepted or not: they are billed as output. ``service_tier`` is the
    reply's. Some compatible servers (xAI's) count reasoning beside ``completion_tokens``;
    ``total_tokens`` tells.
    """
    prompt = maybe_object(usage, "prompt_tokens_details")
    completion = maybe_object(usage, "completion_tokens_details")
    asked, answered = a_count(usage, "prompt_tokens"), a_count(usage, "completion_tokens")
    reasoned = a_count(completion, "reasoning_tokens")
    if reasoned and a_count(usage, "total_tokens") == asked + answered + reasoned:
        answered += reasoned
    return Usage(
        input_tokens=asked,
        cached_input_tokens=a_count(prompt, "cached_tokens"),
        cache_write_tokens=a_count(prompt, "cache_write_tokens"),
        output_tokens=answered,
        reasoning_tokens=reasoned,
        audio_input_tokens=a_count(prompt, "audio_tokens"),
        audio_output_tokens=a_count(completion, "audio_tokens"),
        service_tier=tier_of(service_tier) if service_tier else None,
    )
