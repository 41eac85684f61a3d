"""Tokens as LiteLLM counts them, for every vendor it knows."""

from __future__ import annotations

from typing import Any

from providers.messages import Usage
from providers.shapes import a_count, maybe_object


def usage_of(usage: Any) -> Usage:
    """Tokens by LiteLLM's count, which follows OpenAI's for every vendor."""
    if usage is None:
        return Usage()
    told = usage.model_dump()
    prompt = maybe_object(told, "prompt_tokens_details")
    completion = maybe_object(told, "completion_tokens_details")
    return Usage(
        input_tokens=a_count(told, "prompt_tokens"),
        cached_input_tokens=a_count(prompt, "cached_tokens"),
        cache_write_tokens=a_count(told, "cache_creation_input_tokens")
        or a_count(prompt, "cache_creation_tokens"),
        output_tokens=a_count(told, "completion_tokens"),
        reasoning_tokens=a_count(completion, "reasoning_tokens"),
    )
