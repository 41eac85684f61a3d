"""OpenAI's chat completions on the wire: replies, events and errors.

Shapes follow the API reference (platform.openai.com/docs/api-reference/chat).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.simulator.faults import Fault
from providers.simulator.openai_errors import error_body
from providers.simulator.openai_requests import read_request
from providers.simulator.text import pieces
from providers.simulator.vendors import End, Vendor
from providers.simulator.wire import Events, dumps, grouped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from providers.simulator.vendors import Ask, Written
    from providers.simulator.wire import Head, Json

MODELS = (
    "gpt-5",
    "gpt-5-mini",
    "gpt-5-nano",
    "gpt-4.1",
    "gpt-4.1-mini",
    "gpt-4o",
    "gpt-4o-mini",
    "o3",
    "o4-mini",
)
_SNAPSHOTS = {
    "gpt-5": "gpt-5-2025-08-07",
    "gpt-4o": "gpt-4o-2024-08-06",
    "gpt-4.1": "gpt-4.1-2025-04-14",
}
_TOKENS_AN_EVENT = 3
_ENDS = {
    End.STOP: "stop",
    End.CALLS: "tool_calls",
    End.LENGTH: "length",
    End.FILTERED: "content_filter",
}


class OpenAiWire:
    """``POST /v1/chat/completions``."""

    vendor = Vendor.GPT

    def read(self, head: Head, body: bytes) -> Ask:
        """The request understood, or refused as OpenAI refuses it."""
        return read_request(head, body)

    def whole(self, ask: Ask, written: Written) -> Json:
        """A ``chat.completion``."""
        text = written.text
        message: Json = {
            "role": "assistant",
            "content": None if written.refuses or written.calls else text,
            "refusal": text if written.refuses else None,
            "annotations": [],
        }
        if written.calls:
            message["tool_calls"] = [
                _call(written, index) | {"function": {"name": c.name, "arguments": c.arguments}}
                for index, c in enumerate(written.calls)
            ]
        choice = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": _finish(ask, written),
        }
        return {
            **_envelope(ask, written, "chat.completion"),
            "choices": [choice],
            "usage": _usage(written),
        }

    def events(self, ask: Ask, written: Written) -> Events:
        """``chat.completion.chunk`` frames, the usage chunk if asked for, and ``[DONE]``."""
        envelope = _envelope(ask, written, "chat.completion.chunk")
        if ask.stream_usage:
            envelope["usage"] = None
        field = "refusal" if written.refuses else "content"

        def chunk(delta: Json, finish: str | None = None) -> bytes:
            choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
            return _frame({**envelope, "choices": [choice]})

        opening: Json = {"role": "assistant", "content": "", "refusal": None}
        if written.calls:
            opening["content"] = None
        ending = [chunk({}, _finish(ask, written))]
        if ask.stream_usage:
            ending.append(_frame({**envelope, "choices": [], "usage": _usage(written)}))
        return Events(
            opening=[chunk(opening)],
            text=[
                *(chunk({field: part}) for part in grouped(written.pieces, _TOKENS_AN_EVENT)),
                *(chunk({"tool_calls": [piece]}) for piece in _call_pieces(written)),
            ],
            ending=[*ending, b"data: [DONE]\n\n"],
        )

    def failure(self, fault: Fault, model: str) -> tuple[int, Json]:
        """OpenAI's 429, 500 and 503."""
        if fault is Fault.RATE_LIMITED:
            message = f"Rate limit reached for {model} on requests per min (RPM): Limit 500, Used 500, Requested 1. Please try again in 1s."
            return 429, error_body(message, kind="requests", code="rate_limit_exceeded")
        if fault is Fault.OVERLOADED:
            return 503, error_body(
                "The engine is currently overloaded, please try again later", kind="server_error"
            )
        message = "The server had an error while processing your request. Sorry about that!"
        return 500, error_body(message, kind="server_error")

    def headers(self, serial: str) -> dict[str, str]:
        """``x-request-id`` and the organisation's limits."""
        return {
            "x-request-id": f"req_{serial}",
            "openai-version": "2020-10-01",
            "x-ratelimit-limit-requests": "500",
            "x-ratelimit-remaining-requests": "499",
        }


def model_list(created: int) -> Json:
    """``GET /v1/models``."""
    data = [{"id": m, "object": "model", "created": created, "owned_by": "openai"} for m in MODELS]
    return {"object": "list", "data": data}


def _finish(ask: Ask, written: Written) -> str:
    """Why it ended; a call of the one function that the caller named ends as a text does."""
    named = ask.choice.mode == "required" and ask.choice.among is not None
    return "stop" if named and written.end is End.CALLS else _ENDS[written.end]


def _call(written: Written, index: int) -> Json:
    return {"id": f"call_{written.stamp.serial}{index}", "type": "function"}


def _call_pieces(written: Written) -> Iterator[Json]:
    """Each call as its pieces: id and name first, then its arguments, a few tokens at a time."""
    for index, call in enumerate(written.calls):
        function = {"name": call.name, "arguments": ""}
        yield {"index": index, **_call(written, index), "function": function}
        for part in grouped(pieces(call.arguments), _TOKENS_AN_EVENT):
            yield {"index": index, "function": {"arguments": part}}


def _envelope(ask: Ask, written: Written, kind: str) -> Json:
    return {
        "id": f"chatcmpl-{written.stamp.serial}",
        "object": kind,
        "created": written.stamp.created,
        "model": _SNAPSHOTS.get(ask.model, ask.model),
        "service_tier": "default",
        "system_fingerprint": None,
    }


def _usage(written: Written) -> Json:
    spent = written.spent
    return {
        "prompt_tokens": spent.input,
        "completion_tokens": spent.output,
        "total_tokens": spent.input + spent.output,
        "prompt_tokens_details": {"cached_tokens": spent.cached_input, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": spent.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _frame(data: Json) -> bytes:
    return b"data: " + dumps(data) + b"\n\n"
