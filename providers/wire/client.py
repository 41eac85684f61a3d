"""What an adapter needs of an HTTP client: one POST out, its head back, its body piece by piece."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, Self

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping

PORTS = {"http": 80, "https": 443}
MAX_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Address:
    """Where calls of one kind go and what heads them, made ready once for all of them.

    ``host`` is in ASCII (IDNA), without brackets. ``head`` is the request line with all headers but the value of
    ``content-length``, which is its last.
    """

    url: str
    tls: bool
    host: str
    port: int
    headers: tuple[tuple[str, str], ...] = field(repr=False)  # a key is among them
    head: bytes = field(repr=False)

    @classmethod
    def of(cls, url: str, headers: Mapping[str, str]) -> Self:
        """The address of a URL.

        Raises:
            ValueError: it does not begin with ``http://`` or ``https://`` and a host, or a header has
                characters no head can carry.
        """
        parsed = _parsed(url)
        lines = {
            "host": parsed.netloc.decode("ascii"),
            **{name.lower(): text for name, text in headers.items()},
        }
        for name, text in lines.items():
            if not (name.isascii() and text.isascii() and (name + text).isprintable()):
                raise ValueError(f"the header {name!r} has characters no HTTP header can carry")
        head = b"POST %b HTTP/1.1\r\n" % parsed.raw_path
        head += b"".join(b"%b: %b\r\n" % (n.encode(), t.encode()) for n, t in lines.items())
        return cls(
            url=str(parsed),
            tls=parsed.scheme == "https",
            host=parsed.raw_host.decode("ascii").strip("[]"),
            port=parsed.port or PORTS[parsed.scheme],
            headers=tuple(lines.items()),
            head=head + b"content-length: ",
        )

    def request(self, body: bytes) -> bytes:
        """The bytes of one request."""
        return b"%b%d\r\n\r\n%b" % (self.head, len(body), body)


def _parsed(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(str(error)) from None
    if parsed.scheme not in PORTS or not parsed.host.strip("[]"):
        raise ValueError("a URL has to begin with http:// or https:// and name a host")
    if parsed.port is not None and not 0 < parsed.port <= MAX_PORT:
        raise ValueError(f"a URL's port has to be in 1..{MAX_PORT}")
    try:
        parsed.raw_host.decode("ascii").encode("idna")
    except UnicodeError:
        raise ValueError(
            "a label of the URL's host is empty or longer than 63 characters"
        ) from None
    return parsed


class Reply(Protocol):
    """A reply whose head has come."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Header lines by their names in lower case; repeated ones joined by a comma."""

    async def next_chunk(self) -> bytes | None:
        """The next bytes of the body, decompressed; None at its end.

        Raises:
            WireError: the connection broke, or what came is neither HTTP nor decodable.
        """

    async def aclose(self) -> None:
        """Let go of the connection: kept for the next call where the body was read to its end."""


class Client(Protocol):
    """Sends POSTs over connections it keeps."""

    async def send(self, address: Address, body: bytes, connect_s: float) -> Reply:
        """Send, and wait for the head of the reply, which has to be closed. Cancelling closes the connection.

        ``connect_s`` bounds the wait for a connection, in seconds; all else is the caller's to bound.

        Raises:
            WireError: no reply came.
        """

    async def warm(self, address: Address, connect_s: float) -> None:
        """Open a connection for the next call, where that can be done. Nothing is sent.

        Raises:
            WireError: nobody was reached.
        """

    async def aclose(self) -> None:
        """Close all connections."""
