"""One connection to a vendor: a request written in one piece, its reply parsed as it comes (RFC 9112).

    idle ── send ──▶ waiting for the head ── head ──▶ body ── its end ──▶ idle, or closed

httptools (llhttp, the parser of Node.js) reads the bytes; this class only keeps what it finds and wakes
who waits. A connection serves one exchange at a time.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, cast

import httptools

from providers.wire.errors import LostError, NotHttpError, WireError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HIGH_WATER = 256 * 1024
"""Bytes of a body that may wait for their reader; then the vendor has to wait, too."""

MAX_HEAD_BYTES = 64 * 1024
"""Longest head taken, names and values together, and the most that may come between two pieces of a body:
chunks' extensions, trailers. Proxies allow 8 to 32 KiB."""

_TIMEOUT = re.compile(rb"timeout\s*=\s*\"?(\d{1,9})\b", re.IGNORECASE)

_INFORMATIONAL = 200
_SWITCHING = 101
_NO_BODY = frozenset({204, 304})


class Connection(asyncio.Protocol):
    """The protocol behind one socket. ``on_lost`` is told once, when the socket is gone."""

    def __init__(self, on_lost: Callable[[Connection], None]) -> None:
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._waiter: asyncio.Future[None] | None = None
        self.closed = False
        self.idle_since = self.idle_until = 0.0
        self.kept_s: float | None = None
        """How long the vendor keeps it while it is idle, in seconds, as its last reply said; None if it did not."""
        self._reset()

    def _reset(self) -> None:
        self.status = 0  # 0 until the head is here
        self.lines: list[tuple[bytes, bytes]] = []
        self._head_bytes = 0
        self._bodiless = 0  # bytes since the exchange began, or since the body's last piece
        self._framed = False
        self._chunks: list[bytes] = []
        self._waiting_bytes = 0
        self._paused = False
        self._whole = False
        self._kept = False
        self._busy = False
        self._error: WireError | None = None

    @property
    def reusable(self) -> bool:
        """The exchange is over, both sides keep the connection, and nothing of it is still to be sent."""
        return (
            self._whole
            and self._kept
            and not self._chunks  # left unread, they may have stopped the reading, too
            and not self.closed
            and self._transport is not None
            and self._transport.get_write_buffer_size() == 0
        )

    def send(self, request: bytes) -> None:
        """Begin an exchange.

        Raises:
            LostError: the connection has just gone.
        """
        if self._transport is None or self.closed:
            raise LostError
        self._reset()
        self._busy = True
        self._transport.write(request)

    async def head(self) -> None:
        """Wait until `status` and `lines` are there."""
        while not self.status:
            if self._error is not None:
                raise self._error
            await self._wait()

    async def next_chunk(self) -> bytes | None:
        """The next bytes of the body as they came, None at its end."""
        while not self._chunks:
            if self._whole:
                return None
            if self._error is not None:
                raise self._error
            await self._wait()
        chunks = self._chunks
        data = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        self._chunks = []
        self._waiting_bytes = 0
        if self._paused and self._transport is not None and not self.closed:
            self._paused = False
            self._transport.resume_reading()
        return data

    def abort(self) -> None:
        """Close at once; what is under way is lost."""
        self.closed = True
        if self._transport is not None:
            self._transport.abort()

    async def _wait(self) -> None:
        waiter = self._waiter = self._loop.create_future()
        try:
            await waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, error: WireError) -> None:
        if self._error is None and not self._whole:
            self._error = error
        self.abort()
        self._wake()

    # What the transport tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there."""
        # uvloop's are of no class of asyncio.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        if not self._busy or self._whole:
            self.abort()  # nobody asked: what it would answer next is not to be trusted
            return
        # The parser gathers a line of a head until it ends, and some lines never do.
        if self._bodiless > MAX_HEAD_BYTES:
            self._fail(NotHttpError())
            return
        self._bodiless += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._fail(NotHttpError())
        except httptools.HttpParserError as error:
            known = error.__context__
            self._fail(known if isinstance(known, WireError) else NotHttpError())

    def eof_received(self) -> bool:
        """The vendor has sent all it will send."""
        self.closed = (
            True  # now: `connection_lost` comes a turn of the loop later, and a call might before
        )
        return False  # closes the transport, which tells `connection_lost`

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone."""
        self.closed = True
        if self._busy and not self._whole and self._error is None:
            if self.status and not self._framed and exc is None:
                self._whole = True  # a body without length or chunks ends with the connection
            else:
                self._error = LostError()
        self._on_lost(self)
        self._wake()

    # What the parser finds. After a whole reply that can only be one nobody asked for: it is passed over,
    # and the connection is not used again.

    def on_message_begin(self) -> None:
        """The first byte of a reply."""
        if self._whole:
            self._kept = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header line, or a trailer after the body."""
        if self._whole:
            return
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > MAX_HEAD_BYTES:
            raise NotHttpError
        if not self.status:
            self.lines.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """The head is here."""
        if self._whole:
            return
        status = self._parser.get_status_code()
        if status == _SWITCHING:
            raise NotHttpError
        if status < _INFORMATIONAL:
            self.lines.clear()
            return
        names = {name for name, _ in self.lines}
        self._framed = (
            status in _NO_BODY or b"content-length" in names or b"transfer-encoding" in names
        )
        if b"keep-alive" in names:
            self.kept_s = _kept_s(self.lines)
        self.status = status
        self._wake()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        if self._whole:
            return
        self._bodiless = 0
        self._chunks.append(body)
        self._waiting_bytes += len(body)
        if self._waiting_bytes > HIGH_WATER and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def on_message_complete(self) -> None:
        """The body is whole."""
        if not self.status:
            return  # an informational reply: the real one follows
        if self._whole:
            return
        self._whole = True
        self._kept = self._parser.should_keep_alive()
        self._wake()


def _kept_s(lines: Sequence[tuple[bytes, bytes]]) -> float | None:
    """What the ``Keep-Alive`` header says of idle connections (RFC 2068, 19.7.1.1)."""
    for name, value in lines:
        if name == b"keep-alive" and (told := _TIMEOUT.search(value)):
            return float(told[1])
    return None
