"""A vendor on a real socket that plays back bytes: what adapters make of them is what counts."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from socket import SO_LINGER, SOL_SOCKET


class Then(Enum):
    """What the vendor does after its last byte."""

    CLOSE = auto()
    RESET = auto()
    HANG = auto()


@dataclass(frozen=True)
class Play:
    """The bytes of one HTTP reply, in the pieces they are written in."""

    pieces: tuple[bytes, ...]
    then: Then = Then.CLOSE


@dataclass(frozen=True)
class Received:
    """One request as it came in; header names in lower case."""

    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Upstream:
    """Plays its replies in order, one a request, the last one again and again."""

    port: int
    plays: list[Play] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once a client closed its connection while we were hanging."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def will(self, *plays: Play) -> None:
        self.plays[:] = plays

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.received.append(await _request(reader))
            play = self.plays[min(len(self.received), len(self.plays)) - 1]
            for piece in play.pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            self.asked.set()
            if play.then is Then.HANG:
                await reader.read()
                self.left.set()
            elif play.then is Then.RESET:
                linger = struct.pack("ii", 1, 0)  # close with RST, dropping what was not sent
                writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, linger)
                writer.transport.abort()
        except ConnectionError:
            self.left.set()
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> Received:
    start, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(start.split(" ")[1], headers, body)


@asynccontextmanager
async def upstream() -> AsyncIterator[Upstream]:
    """A vendor listening on a free port of this machine."""
    vendor = Upstream(port=0)
    server = await asyncio.start_server(vendor.serve, "127.0.0.1", 0)
    vendor.port = server.sockets[0].getsockname()[1]
    try:
        yield vendor
    finally:
        server.close()


def reply(
    body: bytes,
    *,
    status: int = 200,
    content_type: str = "application/json",
    headers: tuple[str, ...] = (),
    length: int | None = None,
    then: Then = Then.CLOSE,
) -> Play:
    """A whole reply; a ``length`` above the body's own promises more than comes."""
    head = [
        f"HTTP/1.1 {status} Status",
        f"content-type: {content_type}",
        f"content-length: {len(body) if length is None else length}",
        "connection: close",
        *headers,
    ]
    return Play(("\r\n".join(head).encode() + b"\r\n\r\n" + body,), then)


def events(*pieces: bytes, end: bool = True, then: Then = Then.CLOSE) -> Play:
    """A chunked stream of events; without ``end`` its last chunk never comes."""
    head = (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
        b"transfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    )
    chunks = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces if piece]
    return Play((head, *chunks, b"0\r\n\r\n" if end else b""), then)


def silence(then: Then = Then.HANG) -> Play:
    """No byte at all."""
    return Play((), then)
