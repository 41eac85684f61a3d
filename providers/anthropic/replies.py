"""What Anthropic's replies say, whole and streamed.

Shapes: platform.claude.com/docs/en/api/messages, build-with-claude/streaming and
build-with-claude/handling-stop-reasons. Thinking, its signatures and blocks of new kinds are no text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from providers.anthropic.wishes import JSON_TOOL
from providers.errors import CutReplyError
from providers.failures import failure_of_error
from providers.messages import FinishReason, ToolCall, ToolCallDelta
from providers.replies import conclude
from providers.shapes import (
    ShapeError,
    a_count,
    a_text,
    an_object,
    json_object,
    json_text,
    maybe_object,
    maybe_text,
    objects,
    well_formed,
)
from providers.usage.anthropic import usage_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from providers.messages import Completion

FINISH_REASONS = {
    "end_turn": FinishReason.STOP,
    "stop_sequence": FinishReason.STOP,
    "max_tokens": FinishReason.LENGTH,
    "model_context_window_exceeded": FinishReason.LENGTH,
    "tool_use": FinishReason.TOOL_CALLS,
}

MAX_TOOL_CALLS = 1024
"""Most calls read of one reply: a stream that goes on beginning calls has to end."""

PAUSED = "pause_turn"
"""The vendor stopped in the middle of a long turn of its own tools: there is more to come."""


def completion_of(body: bytes, provider: str, model: str, secret: str | None) -> Completion:
    """A whole reply; raises a `providers.errors.ProviderError` if it is no answer."""
    with well_formed(provider):
        reply = json_object(body)
        if reply.get("error"):
            raise failure_of_error(provider, maybe_object(reply, "error"), secret=secret)
        told = _Told(
            maybe_text(reply, "model") or model,
            a_text(reply, "stop_reason"),
            maybe_object(reply, "usage"),
        )
        texts: list[str] = []
        calls: list[ToolCall] = []
        for block in objects(reply, "content"):
            told.last = block.get("type")
            if told.last == "text":
                texts.append(a_text(block, "text"))
            elif told.last == "tool_use":
                arguments = json_text(an_object(block, "input"))
                name = a_text(block, "name")
                if name == JSON_TOOL:
                    told.as_json = True
                    texts.append(arguments)
                else:
                    calls.append(ToolCall(a_text(block, "id"), name, arguments))
        return _concluded(provider, told, "".join(texts), calls)


@dataclass(slots=True)
class _Told:
    """What a reply says of itself. ``last`` is the kind of its last block; ``as_json``: a tool's input is the reply."""

    model: str
    stop_reason: str | None
    usage: dict[str, Any]
    last: object = None
    as_json: bool = False


@dataclass(slots=True)
class _OpenTool:
    """A block of a tool's call, being written. ``call`` is its place among the calls; None: the JSON reply."""

    call: int | None
    given: str
    pieces: list[str]


class AnthropicStream:
    """A streamed message: ``message_start``, blocks of deltas, ``message_delta``, ``message_stop``."""

    def __init__(self, provider: str, model: str, secret: str | None) -> None:
        self._provider = provider
        self._secret = secret
        self._told = _Told(model, None, {})
        self._open: dict[int, _OpenTool] = {}
        self._calls: list[ToolCall] = []
        self._pieces: list[ToolCallDelta] = []
        self._stopped = False

    @property
    def ended(self) -> bool:
        """``message_stop`` came."""
        return self._stopped

    @property
    def whole(self) -> bool:
        """``message_stop`` came, after the reply said why it stopped and closed its calls of tools."""
        return self._stopped and self._told.stop_reason is not None and not self._open

    def event(self, data: bytes) -> str:
        """Take one event; return the answer text it adds (thinking is none). New kinds are skipped."""
        event = json_object(data)
        match event.get("type"):
            case "content_block_delta":
                return self._delta(event)
            case "content_block_start":
                return self._start(event)
            case "content_block_stop":
                return self._stop(event)
            case "message_start":
                message = an_object(event, "message")
                self._told.model = maybe_text(message, "model") or self._told.model
                self._told.usage |= maybe_object(message, "usage")
            case "message_delta":
                reason = maybe_text(an_object(event, "delta"), "stop_reason")
                self._told.stop_reason = reason or self._told.stop_reason
                told = maybe_object(event, "usage")  # cumulative; null where unchanged
                self._told.usage |= {key: value for key, value in told.items() if value is not None}
            case "message_stop":
                self._stopped = True
            case "error":
                error = an_object(event, "error")
                raise failure_of_error(self._provider, error, secret=self._secret)
            case _:
                pass
        return ""

    def tool_pieces(self) -> Sequence[ToolCallDelta]:
        """The pieces of tool calls that came since this was last asked; it forgets them."""
        if not self._pieces:
            return ()
        pieces, self._pieces = self._pieces, []
        return pieces

    def completion(self, text: str) -> Completion:
        """The whole reply."""
        return _concluded(self._provider, self._told, text, self._calls)

    def _start(self, event: Mapping[str, Any]) -> str:
        block = an_object(event, "content_block")
        kind = self._told.last = block.get("type")
        if kind == "text":
            return maybe_text(block, "text")
        if kind == "tool_use":
            index = a_count(event, "index")
            if index in self._open or len(self._calls) >= MAX_TOOL_CALLS:
                raise ShapeError("the calls of tools go on without an order or an end")
            name = a_text(block, "name")
            given = json_text(maybe_object(block, "input"))
            if name == JSON_TOOL:
                self._told.as_json = True
                self._open[index] = _OpenTool(None, given, [])
            else:
                call = len(self._calls)
                self._calls.append(ToolCall(a_text(block, "id"), name, ""))
                self._open[index] = _OpenTool(call, given, [])
                self._pieces.append(ToolCallDelta(call, a_text(block, "id"), name))
        return ""

    def _delta(self, event: Mapping[str, Any]) -> str:
        delta = an_object(event, "delta")
        if delta.get("type") == "text_delta":
            return a_text(delta, "text")
        if delta.get("type") != "input_json_delta":
            return ""
        tool = self._open.get(a_count(event, "index"))
        # Tools that the vendor runs itself write their input in the same way: none of ours.
        return "" if tool is None else self._written(tool, a_text(delta, "partial_json"))

    def _stop(self, event: Mapping[str, Any]) -> str:
        tool = self._open.pop(a_count(event, "index"), None)
        if tool is None:
            return ""
        text = "" if any(tool.pieces) else self._written(tool, tool.given)  # {} has no deltas
        if tool.call is not None:
            call = self._calls[tool.call]
            self._calls[tool.call] = ToolCall(call.id, call.name, "".join(tool.pieces))
        return text

    def _written(self, tool: _OpenTool, piece: str) -> str:
        """Take the next characters of a tool's input; return them where they are the reply itself."""
        tool.pieces.append(piece)
        if tool.call is None:
            return piece
        if piece:
            self._pieces.append(ToolCallDelta(tool.call, arguments=piece))
        return ""


def _concluded(provider: str, told: _Told, text: str, calls: list[ToolCall]) -> Completion:
    usage = usage_of(told.usage)
    if told.stop_reason == PAUSED:
        message = "the vendor paused the reply before its end"
        raise CutReplyError(provider, message, usage=usage)
    reason = _finish_reason(told, text, calls)
    stopped = reason in {FinishReason.LENGTH, FinishReason.CONTENT_FILTER}
    if stopped and told.last == "tool_use" and not told.as_json:
        calls = calls[:-1]  # the one it was cut in, whatever its arguments look like
    return conclude(
        provider,
        text=text,
        model=told.model,
        finish_reason=reason,
        usage=usage,
        tool_calls=tuple(calls),
    )


def _finish_reason(told: _Told, text: str, calls: list[ToolCall]) -> FinishReason:
    """``refusal`` with text alone is the model's refusal; any other is the classifier's, a filter."""
    word = told.stop_reason or ""
    if word == "refusal":
        own = text.strip() and not calls
        return FinishReason.REFUSAL if own else FinishReason.CONTENT_FILTER
    reason = FINISH_REASONS.get(word, FinishReason.OTHER)
    if reason is FinishReason.TOOL_CALLS and not calls:
        if not told.as_json:
            raise ShapeError("stop_reason tells of tool_use, and there is none")
        return FinishReason.STOP
    return FinishReason.TOOL_CALLS if reason is FinishReason.STOP and calls else reason
