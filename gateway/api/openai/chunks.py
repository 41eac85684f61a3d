"""A streamed answer as OpenAI's `chat.completion.chunk` events.

Shapes: platform.openai.com/docs/api-reference/chat-streaming, as openai-python 2.54 types them. What is
the same in all chunks of a reply is written once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from gateway.api.openai.completions import completion_id, service_tier, signed, wire_usage
from gateway.api.openai.events import END
from providers.messages import TextDelta

if TYPE_CHECKING:
    from collections.abc import Mapping

    from providers.messages import Piece, ToolCallDelta, Usage

TEXT_CHARS = 400
"""Length of the pieces a finished text is sent in: about a TCP segment."""


class Chunks:
    """The chunks of one reply, in order: `piece` for each piece, `ending` last.

    ``with_usage``: the caller asked for it (``stream_options.include_usage``).
    """

    def __init__(self, request_id: str, model: str, *, created: int, with_usage: bool) -> None:
        frame = {
            "id": completion_id(request_id),
            "object": "chat.completion.chunk",
            "created": created,
            "model": model,
            "system_fingerprint": None,
        }
        self._frame = b"data: " + orjson.dumps(frame)[:-1]
        self._head = self._frame + b',"service_tier":null,"choices":[{"index":0,"delta":'
        usage = b',"usage":null' if with_usage else b""
        self._tail = b',"logprobs":null,"finish_reason":null}]' + usage + b"}\n\n"
        self._with_usage = with_usage
        self._begun = False

    def piece(self, piece: Piece) -> bytes:
        """The chunk of a piece; before the first one the chunk that says who speaks."""
        if isinstance(piece, TextDelta):
            return self.text(piece.text)
        return self._delta({"tool_calls": [_call(piece)]})

    def text(self, text: str) -> bytes:
        """The chunk of a text, as `piece`."""
        return (
            self._opening() + self._head + b'{"content":' + orjson.dumps(text) + b"}" + self._tail
        )

    def texts(self, text: str) -> bytes:
        """The chunks of a finished text."""
        return b"".join(
            self.text(text[start : start + TEXT_CHARS]) for start in range(0, len(text), TEXT_CHARS)
        )

    def ending(self, finish: str, usage: Usage, ours: Mapping[str, Any]) -> bytes:
        """Why the reply ended, its usage where that is asked for, and the end marker.

        The last chunk of all carries ``ours``. A vendor that reported no usage has a stream without.
        """
        used = wire_usage(usage) if self._with_usage else None
        choice = {"index": 0, "delta": {}, "logprobs": None, "finish_reason": finish}
        last: dict[str, Any] = {"service_tier": service_tier(usage), "choices": [choice]}
        if self._with_usage:
            last["usage"] = None
        if used is None:
            return self._opening() + self._chunk(last | {"wallbounce": ours}) + END
        told: dict[str, Any] = {
            "service_tier": service_tier(usage),
            "choices": [],
            "usage": used,
        }
        return self._opening() + self._chunk(last) + self._chunk(told | {"wallbounce": ours}) + END

    def _opening(self) -> bytes:
        if self._begun:
            return b""
        self._begun = True
        return self._delta({"role": "assistant", "content": "", "refusal": None})

    def _delta(self, delta: Mapping[str, Any]) -> bytes:
        return self._opening() + self._head + orjson.dumps(delta) + self._tail

    def _chunk(self, rest: Mapping[str, Any]) -> bytes:
        return self._frame + b"," + orjson.dumps(rest)[1:] + b"\n\n"


def _call(piece: ToolCallDelta) -> dict[str, Any]:
    """A piece of a tool call; what comes once stands in its first piece."""
    told: dict[str, Any] = {"index": piece.index}
    function: dict[str, Any] = {"arguments": piece.arguments}
    if piece.id is not None:
        told["id"] = piece.id
    if piece.name is not None:
        told["type"] = "function"
        function["name"] = piece.name
    told["function"] = function
    if piece.signature is not None:
        told["extra_content"] = signed(piece.signature)
    return told


def error_event(body: bytes) -> bytes:
    """An error within a stream, as OpenAI sends it; nothing may follow, no end marker either."""
    return b"data: " + body + b"\n\n"
