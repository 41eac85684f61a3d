"""Tokens as LiteLLM counts them, for every vendor it knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from providers.messages import Usage
from providers.shapes import a_count, maybe_object
from providers.usage.tiers import service_tier as tier_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def usage_of(usage: Any, service_tier: str = "") -> Usage:
    """Tokens by LiteLLM's count, which follows OpenAI's for every vendor.

    ``service_tier`` is the reply's. Reasoning beside ``completion_tokens`` as in
    `providers.usage.openai.usage_of`.
    """
    if usage is None:
        return Usage()
    told = usage.model_dump()
    prompt = maybe_object(told, "prompt_tokens_details")
    completion = maybe_object(told, "completion_tokens_details")
    asked, answered = a_count(told, "prompt_tokens"), a_count(told, "completion_tokens")
    reasoned = a_count(completion, "reasoning_tokens")
    if reasoned and a_count(told, "total_tokens") == asked + answered + reasoned:
        answered += reasoned
    lives = maybe_object(prompt, "cache_creation_token_details")
    return Usage(
        input_tokens=asked,
        cached_input_tokens=a_count(prompt, "cached_tokens"),
        cache_write_tokens=a_count(told, "cache_creation_input_tokens")
        or a_count(prompt, "cache_creation_tokens")
        or a_count(prompt, "cache_write_tokens"),
        output_tokens=answered,
        reasoning_tokens=reasoned,
        cache_write_1h_tokens=a_count(lives, "ephemeral_1h_input_tokens"),
        audio_input_tokens=a_count(prompt, "audio_tokens"),
        audio_output_tokens=a_count(completion, "audio_tokens"),
        service_tier=tier_of(service_tier) if service_tier else None,
        billed_apart=tuple(_apart(told, prompt, completion)),
    )


def _apart(
    told: Mapping[str, Any], prompt: Mapping[str, Any], completion: Mapping[str, Any]
) -> Iterator[str]:
    """What is billed by the use or at prices of its own."""
    searches = a_count(maybe_object(told, "server_tool_use"), "web_search_requests")
    searches = searches or a_count(prompt, "web_search_requests")
    if searches:
        yield f"{searches} web search requests"
    if maps := a_count(prompt, "google_maps_grounding_requests"):
        yield f"{maps} maps requests"
    for kind in ("image", "video"):
        if count := a_count(completion, f"{kind}_tokens"):
            yield f"{count} tokens of {kind} output"
