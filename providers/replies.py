"""When a reply counts as an answer, and how a streamed one is put together: no I/O here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from providers.errors import (
    CutReplyError,
    EmptyReplyError,
    FilteredReplyError,
    MalformedReplyError,
    TruncatedReplyError,
)
from providers.messages import Completion, FinishReason, TextDelta, Usage
from providers.shapes import ShapeError, well_formed
from providers.sse import EventDecoder, OversizedEventError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from providers.messages import Piece, Prompt, ToolCall, ToolCallDelta

MAX_REPLY_BYTES = 8 * 1024 * 1024
"""Longest reply taken. 128,000 tokens, the most any model of the catalogue writes, are under 1 MB."""


def conclude(  # noqa: PLR0913 - the parts of a reply, each by its name
    provider: str,
    *,
    text: str,
    model: str,
    finish_reason: FinishReason,
    usage: Usage,
    tool_calls: tuple[ToolCall, ...] = (),
) -> Completion:
    """The reply as a `Completion`, if it is an answer.

    What is none was written and billed all the same: its error holds ``usage``, unless the vendor
    reported no tokens at all, and the reply as it came as its ``partial``. A reply of tool calls alone
    is one.

    Raises:
        FilteredReplyError: the vendor's filter stopped it.
        TruncatedReplyError: it reached its limit of tokens.
        CutReplyError: it stopped for a reason that nobody here knows for an end, as servers do whose
            model broke off ("error", "abort").
        EmptyReplyError: it has neither text nor tool calls.
    """
    reply = Completion(text, model, finish_reason, usage, tool_calls)
    told = usage if usage.input_tokens or usage.output_tokens else None
    if finish_reason is FinishReason.CONTENT_FILTER:
        message = "the vendor's content filter withheld the reply"
        raise FilteredReplyError(provider, message, usage=told, partial=reply)
    if finish_reason is FinishReason.LENGTH:
        message = f"the reply was cut at {usage.output_tokens} tokens"
        raise TruncatedReplyError(provider, message, usage=told, partial=reply)
    if finish_reason is FinishReason.OTHER:
        message = "the reply stopped for a reason that is not known to be an end"
        raise CutReplyError(provider, message, usage=told, partial=reply)
    if not (tool_calls or text.strip()):
        raise EmptyReplyError(provider, "the reply has no text", usage=told)
    return reply


class StreamState(Protocol):
    """What a vendor's events have told so far."""

    @property
    def ended(self) -> bool:
        """The protocol's end marker was seen: nothing may follow."""

    @property
    def whole(self) -> bool:
        """The reply is whole if the stream ends here."""

    def event(self, data: bytes) -> str:
        """Take one event's data; return the answer text it adds, possibly none."""

    def tool_pieces(self) -> Sequence[ToolCallDelta]:
        """The pieces of tool calls that came since this was last asked, in order; it forgets them."""

    def completion(self, text: str) -> Completion:
        """The whole reply, ``text`` being all that `event` returned. Called once `whole`."""


class Dialect(Protocol):
    """One vendor's wire format as pure functions of values.

    ``adjustments`` and ``body`` raise `providers.errors.UnsupportedError` for what the vendor lacks.
    """

    def adjustments(self, prompt: Prompt) -> tuple[str, ...]:
        """What of the prompt's wishes the vendor is not asked, or asked otherwise, in words; mostly none."""

    def path(self, *, stream: bool) -> str:
        """Where to POST, below the base URL."""

    def body(self, prompt: Prompt, *, stream: bool) -> bytes:
        """The JSON to send."""

    def completion(self, body: bytes) -> Completion:
        """Read a whole reply; raises a `providers.errors.ProviderError` if it is no answer."""

    def state(self) -> StreamState:
        """A fresh state for one streamed reply."""


class ReplyDecoder:
    """A streamed reply from its bytes, however they are cut into chunks."""

    def __init__(self, provider: str, state: StreamState) -> None:
        self._provider = provider
        self._state = state
        self._events = EventDecoder()
        self._texts: list[str] = []
        self._chars = 0

    @property
    def ended(self) -> bool:
        """The end marker was seen: the rest of the stream may be left unread."""
        return self._state.ended

    def feed(self, chunk: bytes) -> Iterator[Piece]:
        """Take the next bytes; yield each piece they complete, no text among them empty.

        Raises:
            MalformedReplyError: an event is not what the protocol promises, or too much came.
            ProviderError: the one the vendor reports inside its stream.
        """
        try:
            for data in self._events.feed(chunk):
                yield from self._event(data)
        except OversizedEventError as error:
            raise MalformedReplyError(self._provider, str(error)) from None

    def finish(self) -> Completion:
        """The whole reply, once the stream is at its end.

        Raises:
            CutReplyError: the end marker is missing.
            ProviderError: what came is no answer (`conclude`).
        """
        if not self._state.whole:
            raise CutReplyError(self._provider, "the stream ended before the reply did")
        with well_formed(self._provider):
            return self._state.completion("".join(self._texts))

    def flush(self) -> Iterator[Piece]:
        """Take the end of the stream; yield what an event without its blank line still adds.

        Half an event is no event: a line the connection broke in is dropped, and `finish` then
        says that the stream was cut.
        """
        data = self._events.flush()
        if data is None:
            return
        try:
            text = self._state.event(data)
        except ShapeError:
            return
        yield from self._pieces(text)

    def _event(self, data: bytes) -> Iterator[Piece]:
        with well_formed(self._provider):
            text = self._state.event(data)
        yield from self._pieces(text)

    def _pieces(self, text: str) -> Iterator[Piece]:
        if text:
            self._count(len(text))
            self._texts.append(text)
            yield TextDelta(text)
        for piece in self._state.tool_pieces():
            self._count(len(piece.arguments))
            yield piece

    def _count(self, chars: int) -> None:
        self._chars += chars
        if self._chars > MAX_REPLY_BYTES:
            raise MalformedReplyError(self._provider, f"the reply exceeds {MAX_REPLY_BYTES} bytes")
