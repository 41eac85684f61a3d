"""Tool calls out of replies: whole ones, and those that a stream brings in pieces.

A streamed call is named by its ``index``; ``id`` and ``name`` come with its first piece, and its
arguments in the pieces' order (platform.openai.com/docs/api-reference/chat-streaming). Some
compatible servers repeat the id with every piece, and others begin every call at index 0: so a new
id begins a new call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from providers.messages import FinishReason, ToolCall, ToolCallDelta
from providers.shapes import (
    ShapeError,
    a_count,
    a_text,
    an_object,
    maybe_object,
    maybe_text,
    objects,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_TOOL_CALLS = 1024
"""Most calls read of one reply: OpenAI takes 128 functions (…/api-reference/chat/create,
``tools``), and a stream that goes on beginning calls has to end."""

FINISH_REASONS = {
    "stop": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    "content_filter": FinishReason.CONTENT_FILTER,
    "tool_calls": FinishReason.TOOL_CALLS,
    "function_call": FinishReason.TOOL_CALLS,
    # Compatible servers' words (docs.mistral.ai/api; text-generation-inference; Together AI).
    "eos": FinishReason.STOP,
    "eos_token": FinishReason.STOP,
    "stop_sequence": FinishReason.STOP,
    "end_turn": FinishReason.STOP,
    "model_length": FinishReason.LENGTH,
    "max_tokens": FinishReason.LENGTH,
}
"""Any other word is no end that is known: "error" (OpenRouter, Mistral), "abort" (vLLM, SGLang),
"insufficient_system_resource" (DeepSeek) say that a reply was broken off."""


def calls_of(message: Mapping[str, Any]) -> tuple[ToolCall, ...]:
    """The calls of a whole reply's message."""
    if message.get("tool_calls") is None:
        return ()
    return tuple(_call(call) for call in objects(message, "tool_calls"))


def ending(
    word: str, calls: tuple[ToolCall, ...], *, refused: bool
) -> tuple[FinishReason, tuple[ToolCall, ...]]:
    """Why a reply with these calls ended, and those of them that are whole.

    OpenAI says ``stop`` where the caller named the one function to call: that are tool calls, too.
    Where a reply was cut, calls whose arguments are no JSON go.

    Raises:
        ShapeError: it ended for tool calls, and has none.
    """
    reason = FINISH_REASONS.get(word, FinishReason.OTHER)
    if reason is FinishReason.TOOL_CALLS and not calls:
        raise ShapeError("finish_reason tells of tool_calls, and there are none")
    if not calls:
        return FinishReason.REFUSAL if refused and reason is FinishReason.STOP else reason, ()
    if reason in {FinishReason.STOP, FinishReason.TOOL_CALLS}:
        return FinishReason.TOOL_CALLS, calls
    return reason, tuple(call for call in calls if _is_json(call.arguments))


class StreamedCalls:
    """The calls of one streamed reply, as their pieces come."""

    def __init__(self) -> None:
        self._calls: list[_Begun] = []
        self._at: dict[int, int] = {}
        self._new: list[ToolCallDelta] = []

    def take(self, delta: Mapping[str, Any]) -> None:
        """Take the ``tool_calls`` of a chunk's delta."""
        for piece in objects(delta, "tool_calls"):
            if piece.get("index") is None:
                raise ShapeError("index is not a count")
            self._take(
                a_count(piece, "index"), maybe_text(piece, "id"), maybe_object(piece, "function")
            )

    def pieces(self) -> Sequence[ToolCallDelta]:
        """The pieces taken since this was last asked; it forgets them."""
        if not self._new:
            return ()
        pieces, self._new = self._new, []
        return pieces

    def calls(self) -> tuple[ToolCall, ...]:
        """All calls, as far as they came."""
        return tuple(ToolCall(c.id, c.name, "".join(c.arguments)) for c in self._calls)

    def _take(self, index: int, call_id: str, function: Mapping[str, Any]) -> None:
        arguments = maybe_text(function, "arguments")
        place = self._at.get(index)
        if place is None or (call_id and call_id != self._calls[place].id):
            name = maybe_text(function, "name")
            if not call_id or not name:
                raise ShapeError("a tool call begins without id or name")
            if len(self._calls) >= MAX_TOOL_CALLS:
                raise ShapeError("there are too many tool_calls")
            place = self._at[index] = len(self._calls)
            self._calls.append(_Begun(call_id, name))
            self._new.append(ToolCallDelta(place, call_id, name, arguments))
        elif arguments:
            self._new.append(ToolCallDelta(place, arguments=arguments))
        self._calls[place].arguments.append(arguments)


class _Begun:
    """A call whose arguments are still coming."""

    __slots__ = ("arguments", "id", "name")

    def __init__(self, call_id: str, name: str) -> None:
        self.id = call_id
        self.name = name
        self.arguments: list[str] = []


def _call(call: Mapping[str, Any]) -> ToolCall:
    function = an_object(call, "function")
    call_id, name = a_text(call, "id"), a_text(function, "name")
    if not call_id or not name:
        raise ShapeError("a tool call has no id or no name")
    return ToolCall(call_id, name, maybe_text(function, "arguments"))


def _is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True
