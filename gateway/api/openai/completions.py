"""Answers as OpenAI's `chat.completion`, with our own figures under `wallbounce`.

Shapes: platform.openai.com/docs/api-reference/chat/object, as openai-python 2.54 types them.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway.api.answers import GenerateResponse, to_wire
from providers.messages import FinishReason, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.answer import Answer
    from gateway.single_path import SingleAnswer
    from providers.messages import Completion, ToolCall

FINISHES: Final = {
    FinishReason.STOP: "stop",
    FinishReason.LENGTH: "length",
    FinishReason.CONTENT_FILTER: "content_filter",
    FinishReason.REFUSAL: "stop",
    FinishReason.TOOL_CALLS: "tool_calls",
}
"""Why a reply ended, in OpenAI's words. A refusal is a whole reply: `message.refusal` holds it. What
stopped for any other reason is a failure (`gateway.single_path.TOLD`)."""

TIERS: Final = frozenset({"auto", "default", "flex", "scale", "priority", "fast"})

_OURS = tuple(f.name for f in fields(GenerateResponse) if f.name != "content")


def single_completion(
    answer: SingleAnswer,
    request_id: str,
    *,
    created: int,
    unsaid: tuple[str, ...],
    metadata: Mapping[str, str],
) -> bytes:
    """One provider's reply."""
    completion = answer.completion
    refused = completion.finish_reason is FinishReason.REFUSAL
    calls = completion.tool_calls
    message: dict[str, Any] = {
        "role": "assistant",
        "content": None if refused or (calls and not completion.text) else completion.text,
        "refusal": completion.text if refused else None,
        "annotations": [],
    }
    if calls:
        message["tool_calls"] = [wire_call(call) for call in calls]
    return _completion(
        request_id,
        created,
        completion.model,
        message,
        finish_of(completion),
        completion.usage,
        single_figures(answer, request_id, unsaid=unsaid, metadata=metadata),
    )


def bounced_completion(answer: Answer, model: str, *, created: int) -> bytes:
    """Several providers' answer."""
    message: dict[str, Any] = {
        "role": "assistant",
        "content": answer.content,
        "refusal": None,
        "annotations": [],
    }
    return _completion(
        answer.request_id,
        created,
        model,
        message,
        "stop",
        answer.usage,
        bounced_figures(answer),
    )


def completion_id(request_id: str) -> str:
    """The reply's id; the request's own is in it, for feedback and support."""
    return f"chatcmpl-{request_id}"


def finish_of(completion: Completion) -> str:
    """Why the reply ended; some vendors call a reply that wants tools a plain end."""
    finish = FINISHES[completion.finish_reason]
    return "tool_calls" if finish == "stop" and completion.tool_calls else finish


def wire_call(call: ToolCall) -> dict[str, Any]:
    """A tool call as a message holds it."""
    told: dict[str, Any] = {
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments},
    }
    if call.signature is not None:
        told["extra_content"] = signed(call.signature)
    return told


def signed(signature: str) -> dict[str, Any]:
    """A call's signature where Google's own OpenAI-compatible face has it.

    Source: ai.google.dev/gemini-api/docs/thought-signatures, "OpenAI compatibility".
    """
    return {"google": {"thought_signature": signature}}


def wire_usage(usage: Usage) -> dict[str, Any] | None:
    """Tokens in OpenAI's words; null where the vendor reported none, for no reply is made of none."""
    if not (usage.input_tokens or usage.output_tokens):
        return None
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": {
            "cached_tokens": usage.cached_input_tokens,
            "cache_write_tokens": usage.cache_write_tokens,
            "audio_tokens": usage.audio_input_tokens,
        },
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning_tokens,
            "audio_tokens": usage.audio_output_tokens,
            # Predictions are not offered, so none was taken or left.
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def service_tier(usage: Usage) -> str | None:
    """The price list the vendor says it billed by, where OpenAI's clients know the word."""
    return usage.service_tier if usage.service_tier in TIERS else None


def single_figures(
    answer: SingleAnswer,
    request_id: str,
    *,
    unsaid: tuple[str, ...],
    metadata: Mapping[str, str],
) -> dict[str, Any]:
    """What we know of one provider's reply besides it."""
    attempt = answer.attempt
    return {
        "request_id": request_id,
        "path": "single",
        "provider": attempt.provider,
        "vendor": attempt.vendor,
        "latency_ms": round(attempt.latency_ms, 3),
        "cost_usd": attempt.cost_usd,
        "note": None
        if attempt.cost_usd is not None
        else f"the cost of {attempt.provider} ({attempt.model}) is unknown",
        "adjusted": [*answer.completion.adjusted, *unsaid],
        "finish_reason": answer.completion.finish_reason,
        "processing_time_ms": round(answer.processing_time_ms, 3),
        "overhead_ms": round(answer.overhead_ms, 3),
        "metadata": metadata,
    }


def bounced_figures(answer: Answer) -> dict[str, Any]:
    """The body of `POST /api/v1/generate` without the text that is the message's content."""
    wire = to_wire(answer)
    return {name: getattr(wire, name) for name in _OURS}


def headers(
    request_id: str, path: str, *, cost_usd: float | None, confidence: float | None, ms: float
) -> list[tuple[bytes, bytes]]:
    """The headers that say the most of an answer without reading its body."""
    lines = [
        (b"x-request-id", request_id.encode()),
        (b"x-wallbounce-path", path.encode()),
        (b"openai-processing-ms", b"%d" % ms),
    ]
    if confidence is not None:
        lines.append((b"x-wallbounce-confidence", b"%.4f" % confidence))
    if cost_usd is not None:
        lines.append((b"x-wallbounce-cost-usd", b"%.8f" % cost_usd))
    return lines


def _completion(  # noqa: PLR0913, PLR0917 - the parts of the reply, in their order
    request_id: str,
    created: int,
    model: str,
    message: Mapping[str, Any],
    finish: str,
    usage: Usage,
    ours: Mapping[str, Any],
) -> bytes:
    choices: Sequence[Mapping[str, Any]] = (
        {"index": 0, "message": message, "logprobs": None, "finish_reason": finish},
    )
    return orjson.dumps(
        {
            "id": completion_id(request_id),
            "object": "chat.completion",
            "created": created,
            "model": model,
            "choices": choices,
            "usage": wire_usage(usage),
            "service_tier": service_tier(usage),
            "system_fingerprint": None,
            "wallbounce": ours,
        }
    )
