"""One HTTP exchange over ASGI: waiting without missing that the client went, and ways to break off."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.types import Receive, Scope, Send

#: Where `providers.simulator.running` leaves the connection's transport in the ASGI scope.
TRANSPORT = "simulator.transport"
# SO_LINGER with a time of zero: closing sends RST instead of FIN (socket(7)).
_LINGER_ZERO = struct.pack("ii", 1, 0)


class ClientGoneError(Exception):
    """The client closed the connection before the reply was out."""


class Exchange:
    """A request being answered."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, closing: asyncio.Event) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._closing = closing
        self._gone: asyncio.Task[None] | None = None

    async def body(self) -> bytes:
        """The whole request body."""
        parts = []
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGoneError
            parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                return b"".join(parts)

    async def wait(self, seconds: float) -> None:
        """Let time pass; raises `ClientGoneError` as soon as the client goes."""
        if seconds <= 0:
            return
        done, _ = await asyncio.wait({self._watch()}, timeout=seconds)
        if done:
            raise ClientGoneError

    async def hang(self) -> None:
        """Never answer. Ends by `ClientGoneError`, or when the simulator itself stops."""
        closing = asyncio.ensure_future(self._closing.wait())
        try:
            done, _ = await asyncio.wait(
                {self._watch(), closing}, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            closing.cancel()
        if self._watch() in done:
            raise ClientGoneError

    async def start(
        self, status: int, headers: Mapping[str, str], length: int | None = None
    ) -> None:
        """Send status and headers; without a length the body goes out in chunks."""
        lines = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()]
        if length is not None:
            lines.append((b"content-length", str(length).encode()))
        await self._send({"type": "http.response.start", "status": status, "headers": lines})

    async def part(self, data: bytes) -> None:
        """Send a piece of the body, more to come."""
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self, data: bytes = b"") -> None:
        """Send the rest of the body."""
        await self._send({"type": "http.response.body", "body": data, "more_body": False})

    async def parts(self, frames: Iterable[bytes], gap_s: float) -> None:
        """Send pieces with a pause between them."""
        for index, frame in enumerate(frames):
            if index:
                await self.wait(gap_s)
            await self.part(frame)

    async def drop(self, *, reset: bool) -> None:
        """Close the connection in the middle of the body, with RST or in an orderly way.

        On a server that does not show its transport the reply is left unfinished, which is for the
        server to close.
        """
        transport: Any = self._scope.get("extensions", {}).get(TRANSPORT)
        if transport is None:
            return
        if reset:
            sock: socket.socket = transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
            transport.abort()
        else:
            transport.close()
        # The server calls an exchange complete once it has seen the connection go.
        await asyncio.wait({self._watch()})

    def close(self) -> None:
        """Stop watching for the client."""
        if self._gone is not None:
            self._gone.cancel()

    def _watch(self) -> asyncio.Task[None]:
        if self._gone is None:
            self._gone = asyncio.ensure_future(self._until_gone())
        return self._gone

    async def _until_gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
