"""Content codings of a body (RFC 9110, 8.4.1): we ask for none, and read the common two all the same."""

from __future__ import annotations

import zlib

from providers.wire.errors import UndecodableError

MAX_GROWTH = 1024 * 1024
"""Bytes one compressed piece may become at once; more is handed on in several pieces."""

_WINDOW = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


class Decoder:
    """Unpacks a body piece by piece."""

    def __init__(self, coding: str) -> None:
        """A decoder of ``coding``.

        Raises:
            UndecodableError: it is none of those read here.
        """
        window = _WINDOW.get(coding)
        if window is None:
            raise UndecodableError
        self._inflate = zlib.decompressobj(window)
        self._empty = True

    @property
    def holds(self) -> bool:
        """Bytes that were fed are still packed: `feed` nothing to get more."""
        return bool(self._inflate.unconsumed_tail)

    def feed(self, data: bytes) -> bytes:
        """Unpack the next bytes, at most `MAX_GROWTH` of them.

        Raises:
            UndecodableError: they are not what the coding promises, or follow its end: a second member
                (RFC 1952, 2.2), which nobody sends, would be a part of the body.
        """
        self._empty = False
        try:
            text = self._inflate.decompress(self._inflate.unconsumed_tail + data, MAX_GROWTH)
        except zlib.error:
            raise UndecodableError from None
        if self._inflate.unused_data:
            raise UndecodableError
        return text

    def finish(self) -> None:
        """The body is at its end. One of no bytes is none, whatever its head says of it: errors come so.

        Raises:
            UndecodableError: what is packed is not.
        """
        if not (self._empty or self._inflate.eof):
            raise UndecodableError
