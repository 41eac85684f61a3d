"""A whole reply of a vendor as the server-sent events it would have been streamed in.

Written after the vendors' pages: platform.openai.com/docs/api-reference/chat-streaming,
docs.anthropic.com/en/api/messages-streaming, ai.google.dev/api/generate-content (streamGenerateContent).
"""

from __future__ import annotations

import json
from typing import Any

PIECE_CHARS = 80
"""Length of a piece of text: about what a vendor sends at once."""


def openai_frames(reply: dict[str, Any]) -> list[bytes]:
    """Chunks, then the usage, then ``[DONE]``."""
    head = {"id": reply["id"], "object": "chat.completion.chunk", "created": reply["created"]}
    head |= {"model": reply["model"]}

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _event({**head, "choices": [choice], "usage": None})

    text = reply["choices"][0]["message"]["content"]
    return [
        chunk({"role": "assistant", "content": ""}),
        *(chunk({"content": piece}) for piece in _pieces(text)),
        chunk({}, "stop"),
        _event({**head, "choices": [], "usage": reply["usage"]}),
        b"data: [DONE]\n\n",
    ]


def anthropic_frames(reply: dict[str, Any]) -> list[bytes]:
    """``message_start``, one block of deltas, ``message_delta``, ``message_stop``."""
    begun = {**reply, "content": [], "stop_reason": None}
    begun["usage"] = {**reply["usage"], "output_tokens": 1}
    block = {"type": "text", "text": ""}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": begun},
        {"type": "content_block_start", "index": 0, "content_block": block},
        *(
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "text_delta", "text": piece},
            }
            for piece in _pieces(reply["content"][0]["text"])
        ),
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": reply["stop_reason"], "stop_sequence": None},
            "usage": {"output_tokens": reply["usage"]["output_tokens"]},
        },
        {"type": "message_stop"},
    ]
    return [f"event: {event['type']}\n".encode() + _event(event) for event in events]


def gemini_frames(reply: dict[str, Any]) -> list[bytes]:
    """One response a piece; the last says why it stopped and what was used."""
    candidate = reply["candidates"][0]
    pieces = _pieces(candidate["content"]["parts"][0]["text"])
    frames = []
    for number, piece in enumerate(pieces, start=1):
        told: dict[str, Any] = {
            "index": 0,
            "content": {"role": "model", "parts": [{"text": piece}]},
        }
        response = {"candidates": [told], "modelVersion": reply["modelVersion"]}
        if number == len(pieces):
            told["finishReason"] = candidate["finishReason"]
            response["usageMetadata"] = reply["usageMetadata"]
        frames.append(_event(response))
    return frames


def _pieces(text: str) -> list[str]:
    return [text[start : start + PIECE_CHARS] for start in range(0, len(text), PIECE_CHARS)]


def _event(data: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"
