"""The client of the hot path: connections of our own, kept by host, nothing else.

A call through a general client costs five to ten times what its socket costs, and a consensus makes three
(``python -m bench overhead``). What a vendor's API does not need is not here: no redirects, no cookies, no
proxies (`providers.wire.through_httpx` has those), no HTTP/2.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING

import aiohappyeyeballs
import certifi

from providers.wire.coding import Decoder
from providers.wire.connection import Connection
from providers.wire.errors import ConnectError, LostError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from providers.wire.client import Address

KEEP_ALIVE_S = 20.0
"""Idle time after which a connection is closed. Under the shortest a vendor's front is known to
keep (60 s for common load balancers), so that a POST is not sent into a connection being closed."""

CLOSING_TAKES_S = 1.0
"""Before a vendor closes a connection as it said it would, this one does: a POST may be on its way as long."""

ATTEMPT_DELAY_S = 0.25
"""Head start of an address before the next is tried beside it (RFC 8305, 5)."""

PROBE_IDLE_S, PROBE_INTERVAL_S, PROBES = 60, 60, 5
"""TCP keep-alive: a model may think for minutes without a byte, and firewalls forget silent connections."""

CLOSING_S = 1.0
"""Longest wait at the end for sockets to close: they were told to at once."""

Origin = tuple[bool, str, int]


class DirectClient:
    """A pooled HTTP/1.1 client (`providers.wire.client.Client`). Use it within one event loop.

    Idle connections are kept by origin, the last used first. Their number is not bounded here: a request
    in flight holds one a call, and requests in flight are bounded (`gateway.guard.admission`), so no call ever waits
    for another's connection.
    """

    def __init__(self, ssl_context: ssl.SSLContext | None = None) -> None:
        self._ssl = ssl_context or default_ssl_context()
        self._idle: dict[Origin, list[Connection]] = {}
        self._open: set[Connection] = set()
        self._sweep: asyncio.TimerHandle | None = None
        self._closed = False
        self._all_lost = asyncio.Event()
        self._all_lost.set()

    def __repr__(self) -> str:
        return f"DirectClient({len(self._open)} connections)"

    @property
    def connections(self) -> int:
        """How many are open, idle or not."""
        return len(self._open)

    @property
    def is_closed(self) -> bool:
        """`aclose` was called."""
        return self._closed

    async def send(self, address: Address, body: bytes, connect_s: float) -> DirectReply:
        """See `providers.wire.client.Client.send`."""
        if self._closed:
            raise RuntimeError("this client is closed")
        origin = (address.tls, address.host, address.port)
        connection = self._kept(origin)
        if connection is None:
            connection = await self._connected(origin, connect_s)
        try:
            connection.send(address.request(body))
            await connection.head()
            return DirectReply(self, origin, connection)
        except BaseException:
            connection.abort()
            raise

    async def warm(self, address: Address, connect_s: float) -> None:
        """Open a connection for the next call, unless one waits that is young enough. Nothing is sent.

        One that waits is no younger for it: vendors close connections that stay silent.

        Raises:
            ConnectError: nobody was reached.
        """
        origin = (address.tls, address.host, address.port)
        connection = self._kept(origin)
        if connection is not None:
            self._idle[origin].append(connection)
            if asyncio.get_running_loop().time() - connection.idle_since < KEEP_ALIVE_S / 2:
                return
        self._keep(origin, await self._connected(origin, connect_s))

    async def aclose(self) -> None:
        """Close all connections; calls under way are lost."""
        self._closed = True
        if self._sweep is not None:
            self._sweep.cancel()
        for connection in tuple(self._open):
            connection.abort()
        self._idle.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_S):
                await self._all_lost.wait()

    def _kept(self, origin: Origin) -> Connection | None:
        """The idle connection last used."""
        idle = self._idle.get(origin)
        if not idle:
            return None
        now = asyncio.get_running_loop().time()
        while idle:
            connection = idle.pop()
            if connection.closed:
                continue
            if now < connection.idle_until:
                return connection
            connection.abort()
        return None

    def release(self, origin: Origin, connection: Connection) -> None:
        """An exchange is over: keep its connection where that may be."""
        if connection.reusable and not self._closed:
            self._keep(origin, connection)
        else:
            connection.abort()

    def _keep(self, origin: Origin, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        connection.idle_since = now = loop.time()
        connection.idle_until = now + _idle_s(connection.kept_s)
        self._idle.setdefault(origin, []).append(connection)
        if self._sweep is None:
            self._sweep = loop.call_later(KEEP_ALIVE_S / 2, self._close_idle)

    def _close_idle(self) -> None:
        """Close what has been idle for too long; look again while anything is."""
        self._sweep = None
        loop = asyncio.get_running_loop()
        now = loop.time()
        for origin, idle in tuple(self._idle.items()):
            for connection in idle:
                if now >= connection.idle_until:
                    connection.abort()
            kept = [connection for connection in idle if not connection.closed]
            if kept:
                self._idle[origin] = kept
            else:
                del self._idle[origin]
        if self._idle:
            self._sweep = loop.call_later(KEEP_ALIVE_S / 2, self._close_idle)

    async def _connected(self, origin: Origin, within_s: float) -> Connection:
        try:
            async with asyncio.timeout(within_s):
                return await self._connect(origin)
        except TimeoutError:
            raise ConnectError from None

    async def _connect(self, origin: Origin) -> Connection:
        tls, host, port = origin
        loop = asyncio.get_running_loop()
        try:
            addresses = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            plain = await aiohappyeyeballs.start_connection(
                addresses, happy_eyeballs_delay=ATTEMPT_DELAY_S, interleave=1, loop=loop
            )
            _probed(plain)
            _, connection = await loop.create_connection(
                lambda: Connection(self._lost),
                sock=plain,
                ssl=self._ssl if tls else None,
                server_hostname=host if tls else None,
            )
        except (OSError, ssl.SSLError) as error:
            raise ConnectError from error
        if connection.closed or self._closed:
            connection.abort()
            raise ConnectError
        self._open.add(connection)
        self._all_lost.clear()
        return connection

    def _lost(self, connection: Connection) -> None:
        self._open.discard(connection)
        if not self._open:
            self._all_lost.set()


def _idle_s(kept_s: float | None) -> float:
    """How long a connection may be idle; ``kept_s`` is what the vendor said of it."""
    return KEEP_ALIVE_S if kept_s is None else min(KEEP_ALIVE_S, kept_s - CLOSING_TAKES_S)


def default_ssl_context() -> ssl.SSLContext:
    """Certificates are checked against certifi's list, or ``SSL_CERT_FILE`` where that is set."""
    context = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


def _probed(plain: socket.socket) -> None:
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, seconds in (
        ("TCP_KEEPIDLE", PROBE_IDLE_S),
        ("TCP_KEEPINTVL", PROBE_INTERVAL_S),
        ("TCP_KEEPCNT", PROBES),
    ):
        if hasattr(socket, name):  # not on every system
            with suppress(OSError):
                plain.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), seconds)


class DirectReply:
    """A reply over a `Connection` (`providers.wire.client.Reply`)."""

    __slots__ = ("_client", "_connection", "_decoder", "_origin", "status")

    def __init__(self, client: DirectClient, origin: Origin, connection: Connection) -> None:
        self._client = client
        self._origin = origin
        self._connection: Connection | None = connection
        self.status = connection.status
        self._decoder: Decoder | None = None
        for name, value in connection.lines:
            if name == b"content-encoding" and value.strip().lower() not in {b"", b"identity"}:
                self._decoder = Decoder(value.decode("latin-1").strip().lower())

    @property
    def headers(self) -> Mapping[str, str]:
        """See `providers.wire.client.Reply.headers`."""
        lines: dict[str, str] = {}
        for raw_name, raw in self._under_way().lines:
            name, value = raw_name.decode("latin-1"), raw.decode("latin-1").strip()
            lines[name] = f"{lines[name]}, {value}" if name in lines else value
        return lines

    async def next_chunk(self) -> bytes | None:
        """See `providers.wire.client.Reply.next_chunk`."""
        connection, decoder = self._under_way(), self._decoder
        if decoder is None:
            return await connection.next_chunk()
        while True:
            data = b"" if decoder.holds else await connection.next_chunk()
            if data is None:
                decoder.finish()
                return None
            if text := decoder.feed(data):
                return text

    async def aclose(self) -> None:
        """See `providers.wire.client.Reply.aclose`."""
        if self._connection is not None:
            self._client.release(self._origin, self._connection)
            self._connection = None

    def _under_way(self) -> Connection:
        if self._connection is None:
            raise LostError
        return self._connection
