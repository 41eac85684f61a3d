"""Tokens as Google counts them.

ai.google.dev/api/generate-content#UsageMetadata.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from providers.messages import Usage
from providers.shapes import a_count, maybe_text, objects
from providers.usage.tiers import service_tier

if TYPE_CHECKING:
    from collections.abc import Mapping


def usage_of(usage: Mapping[str, Any]) -> Usage:
    """Tokens by Google's count.

    ``promptTokenCount`` holds the cached tokens and leaves those of built-in tools out;
    ``candidatesTokenCount`` leaves the thoughts out. Some versions of the API count the thoughts in, and
    ``totalTokenCount`` tells which (LiteLLM does the same,
    ``VertexGeminiConfig.is_candidate_token_count_inclusive``). A total that is neither sum means that
    something is counted nowhere: then nobody knows what it costs.
    """
    asked, tools = a_count(usage, "promptTokenCount"), a_count(usage, "toolUsePromptTokenCount")
    thoughts = a_count(usage, "thoughtsTokenCount")
    candidates = a_count(usage, "candidatesTokenCount")
    total = a_count(usage, "totalTokenCount")
    without = asked + candidates
    if not thoughts:
        output = candidates
    else:
        output = candidates if total in {without, without + tools} else candidates + thoughts
    heard = _of(usage, "promptTokensDetails", "AUDIO") + _of(
        usage, "toolUsePromptTokensDetails", "AUDIO"
    )
    apart = [
        f"{count} tokens of {kind.lower()} output"
        for kind in ("IMAGE", "VIDEO")
        if (count := _of(usage, "candidatesTokensDetails", kind))
    ]
    if total and total not in {asked + output, asked + tools + output}:
        apart.append(f"a total of {total} tokens that is not the sum of its parts")
    tier = maybe_text(usage, "serviceTier") or maybe_text(usage, "trafficType")
    return Usage(
        input_tokens=asked + tools,
        cached_input_tokens=a_count(usage, "cachedContentTokenCount"),
        output_tokens=output,
        reasoning_tokens=thoughts,
        audio_input_tokens=heard,
        audio_output_tokens=_of(usage, "candidatesTokensDetails", "AUDIO"),
        service_tier=service_tier(tier) if tier else None,
        billed_apart=tuple(apart),
    )


def _of(usage: Mapping[str, Any], details: str, modality: str) -> int:
    """Tokens of one modality; text, images, video and documents in a prompt are all paid alike."""
    if usage.get(details) is None:
        return 0
    return sum(
        a_count(detail, "tokenCount")
        for detail in objects(usage, details)
        if detail.get("modality") == modality
    )
