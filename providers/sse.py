"""Server-sent events from bytes that arrive in any pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_EVENT_BYTES = 8 * 1024 * 1024
"""Longest event kept in memory. A reply of 128,000 tokens, all in one event, is under 1 MB."""


class OversizedEventError(ValueError):
    """An event is longer than `MAX_EVENT_BYTES`."""


class EventDecoder:
    """Splits a byte stream into the ``data`` of its events (WHATWG HTML, 9.2.6).

    Field names other than ``data`` are skipped: all three vendors repeat the event's type inside
    its JSON. Bytes are decoded by nobody here, so a chunk may end inside a character.
    """

    def __init__(self) -> None:
        self._pieces: list[bytes] = []  # of the line that has not ended yet
        self._data: list[bytes] = []  # data lines of the event that has not ended yet
        self._size = 0
        self._after_cr = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take the next bytes; yield the data of each event they complete.

        Raises:
            OversizedEventError: one event exceeds `MAX_EVENT_BYTES`.
        """
        if not chunk:
            return
        if self._after_cr and chunk[:1] == b"\n":
            chunk = chunk[1:]  # the second half of a CRLF that was split between two chunks
            self._after_cr = False
            if not chunk:
                return
        self._after_cr = chunk[-1:] == b"\r"
        if b"\r" in chunk:
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = chunk.split(b"\n")
        for line in lines:
            whole = line
            if self._pieces:
                self._pieces.append(line)
                whole = b"".join(self._pieces)
                self._pieces.clear()
            event = self._line(whole)
            if event is not None:
                yield event
        if rest:
            self._pieces.append(rest)
            self._size += len(rest)
            self._check_size()

    def flush(self) -> bytes | None:
        """The data of an event that the end of the stream left without its blank line, or None."""
        if self._pieces:
            self._line(b"".join(self._pieces))
            self._pieces.clear()
        return self._line(b"")

    def _line(self, line: bytes) -> bytes | None:
        if not line:
            data, self._data, self._size = self._data, [], 0
            return b"\n".join(data) if data else None
        if line.startswith(b"data:"):
            self._data.append(line[6:] if line[5:6] == b" " else line[5:])
            self._size += len(line)
            self._check_size()
        return None

    def _check_size(self) -> None:
        if self._size > MAX_EVENT_BYTES:
            raise OversizedEventError(f"an event is longer than {MAX_EVENT_BYTES} bytes")
