"""Tokens as Google counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from providers.messages import Usage
from providers.shapes import a_count

if TYPE_CHECKING:
    from collections.abc import Mapping


def usage_of(usage: Mapping[str, Any]) -> Usage:
    """Tokens by Google's count, whose ``candidatesTokenCount`` leaves the thoughts out.

    Some versions of the API count them in; ``totalTokenCount`` tells which (LiteLLM does the
    same, ``VertexGeminiConfig.is_candidate_token_count_inclusive``).
    """
    prompt = a_count(usage, "promptTokenCount") + a_count(usage, "toolUsePromptTokenCount")
    thoughts = a_count(usage, "thoughtsTokenCount")
    candidates = a_count(usage, "candidatesTokenCount")
    counted_in = prompt + candidates == a_count(usage, "totalTokenCount")
    return Usage(
        input_tokens=prompt,
        cached_input_tokens=a_count(usage, "cachedContentTokenCount"),
        output_tokens=candidates if counted_in else candidates + thoughts,
        reasoning_tokens=thoughts,
    )
