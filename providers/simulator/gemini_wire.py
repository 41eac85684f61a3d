"""Gemini's generateContent on the wire, streamed or whole: replies, events and errors.

Shapes follow ai.google.dev/api/generate-content: protobuf's JSON, so that fields without a value
are left out. Thoughts are counted apart from candidates, and a reply whose bound is spent on
thoughts has no parts at all. A stream has no end marker but its last event's ``finishReason``.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from providers.simulator.faults import Fault
from providers.simulator.gemini_errors import error_body
from providers.simulator.gemini_models import model_named
from providers.simulator.gemini_requests import read_request
from providers.simulator.vendors import End, Vendor
from providers.simulator.wire import Events, dumps, grouped, loads

if TYPE_CHECKING:
    from providers.simulator.vendors import Ask, Written
    from providers.simulator.wire import Head, Json

MODELS = ("gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite", "gemini-2.0-flash")
_TOKENS_AN_EVENT = 6
_THOUGHT = (
    "**Considering the question**\n\nI am checking what is asked and which facts decide it.\n"
)
#: There is no word of its own for a reply that ends in calls of functions.
_ENDS = {
    End.STOP: "STOP",
    End.CALLS: "STOP",
    End.LENGTH: "MAX_TOKENS",
    End.FILTERED: "SAFETY",
}


class GeminiWire:
    """``POST /v1beta/models/{model}:generateContent`` and ``:streamGenerateContent``."""

    vendor = Vendor.GEMINI

    def read(self, head: Head, body: bytes) -> Ask:
        """The request understood, or refused as Google refuses it."""
        return read_request(head, body)

    def whole(self, ask: Ask, written: Written) -> Json:
        """A ``GenerateContentResponse``."""
        parts: list[Json] = []
        if ask.shows_thinking and written.spent.reasoning:
            parts.append({"text": _THOUGHT, "thought": True})
        if written.pieces:
            parts.append({"text": written.text})
        parts += _calls(ask, written)
        return _response(ask, written, parts, written.spent.visible, written.end)

    def events(self, ask: Ask, written: Written) -> Events:
        """Server-sent events with ``alt=sse``, else one JSON array in pieces."""
        parts = [{"text": text} for text in grouped(written.pieces, _TOKENS_AN_EVENT)]
        parts += _calls(ask, written)  # a call comes whole, in one piece
        bodies: list[Json] = []
        if ask.shows_thinking and written.spent.reasoning:
            bodies.append(_response(ask, written, [{"text": _THOUGHT, "thought": True}], 0, None))
        opening = len(bodies)
        count = 0
        for part in parts[:-1]:
            count = min(count + _TOKENS_AN_EVENT, written.spent.visible)
            bodies.append(_response(ask, written, [part], count, None))
        bodies.append(_response(ask, written, parts[-1:], written.spent.visible, written.end))
        if ask.stream_usage:
            frames = [b"data: " + dumps(b) + b"\r\n\r\n" for b in bodies]
            return Events(frames[:opening], frames[opening:-1], frames[-1:])
        frames = [(b"[" if i == 0 else b",\r\n") + dumps(b) for i, b in enumerate(bodies)]
        ending = [*frames[-1:], b"]"]
        return Events(
            frames[:opening], frames[opening:-1], ending, "application/json; charset=UTF-8"
        )

    def failure(self, fault: Fault, model: str) -> tuple[int, Json]:
        """Google's 429, 500 and 503."""
        if fault is Fault.RATE_LIMITED:
            body = error_body(
                429,
                f"You exceeded your current quota, please check your plan and billing details. Quota exceeded for {model}. Please retry in 1s.",
            )
            body["error"]["details"] = [
                {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1s"}
            ]
            return 429, body
        if fault is Fault.OVERLOADED:
            return 503, error_body(503, "The model is overloaded. Please try again later.")
        return 500, error_body(
            500,
            "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting",
        )

    def headers(self, serial: str) -> dict[str, str]:  # noqa: ARG002 - the id is in the body
        """``server-timing`` is all that Google adds."""
        return {"server-timing": "gfet4t7; dur=1"}


def model_list() -> Json:
    """``GET /v1beta/models``."""
    methods = ["generateContent", "streamGenerateContent"]
    return {
        "models": [
            {"name": f"models/{m}", "displayName": m, "supportedGenerationMethods": methods}
            for m in MODELS
        ]
    }


def _calls(ask: Ask, written: Written) -> list[Json]:
    """The calls that are whole; from Gemini 3 on they have ids, and the first one is signed."""
    model = model_named(ask.model)
    signs = model is not None and model.signs
    parts: list[Json] = []
    for index, call in enumerate(written.calls):
        try:
            arguments = loads(call.arguments.encode())
        except ValueError:
            break
        part: Json = {"functionCall": {"name": call.name, "args": arguments}}
        if signs:
            part["functionCall"]["id"] = f"fc{written.stamp.serial}{index}"
        if signs and index == 0:
            part["thoughtSignature"] = b64encode(written.stamp.serial.encode()).decode()
        parts.append(part)
    return parts


def _response(ask: Ask, written: Written, parts: list[Json], count: int, end: End | None) -> Json:
    candidate: Json = {"content": {"role": "model"}, "index": 0}
    if parts:
        candidate["content"] = {"parts": parts, "role": "model"}
    if end is not None:
        candidate["finishReason"] = _ENDS[end]
    if end is End.FILTERED:
        del candidate["content"]
        candidate["safetyRatings"] = [
            {"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH", "blocked": True}
        ]
    return {
        "candidates": [candidate],
        "usageMetadata": _usage(written, count),
        "modelVersion": ask.model,
        "responseId": written.stamp.serial,
    }


def _usage(written: Written, count: int) -> Json:
    spent = written.spent
    usage: Json = {"promptTokenCount": spent.input}
    if count:
        usage["candidatesTokenCount"] = count
    usage["totalTokenCount"] = spent.input + count + spent.reasoning
    if spent.cached_input:
        usage["cachedContentTokenCount"] = spent.cached_input
        usage["cacheTokensDetails"] = [{"modality": "TEXT", "tokenCount": spent.cached_input}]
    usage["promptTokensDetails"] = [{"modality": "TEXT", "tokenCount": spent.input}]
    if spent.reasoning:
        usage["thoughtsTokenCount"] = spent.reasoning
    return usage
