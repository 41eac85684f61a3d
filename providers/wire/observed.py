"""A client that tells what goes over the wire, for who looks at one call; no part of the hot path."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from providers.wire.direct import DirectClient
from providers.wire.errors import WireError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from providers.wire.client import Address, Client, Reply


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection is there, ``seconds`` after it was wanted; ``reused``: it was there before."""

    at: float
    seconds: float
    reused: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """A request goes out. Its headers and body hold what was sent, keys and all."""

    at: float
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The head of the reply came."""

    at: float
    status: int
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes of the reply's body came."""

    at: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Ended:
    """The reply's body is over."""

    at: float


@dataclass(frozen=True, slots=True)
class Broke:
    """The exchange broke; ``why`` is the error's kind, or that we left it ourselves."""

    at: float
    why: str


WireEvent: TypeAlias = Connected | Sent | Head | Chunk | Ended | Broke
"""What happened, and when on the event loop's clock, in seconds."""

Observer: TypeAlias = Callable[[WireEvent], None]
"""Told of each event as it happens; must not raise."""


class ObservedClient:
    """A `providers.wire.client.Client` that tells ``observer`` what ``client`` sends and gets."""

    def __init__(self, client: Client, observer: Observer) -> None:
        self._client = client
        self._observer = observer

    async def send(self, address: Address, body: bytes, connect_s: float) -> Reply:
        """See `providers.wire.client.Client.send`."""
        now = asyncio.get_running_loop().time
        try:
            if isinstance(self._client, DirectClient):
                await self._connect(self._client, address, connect_s)
            self._observer(Sent(now(), address.url, address.headers, body))
            reply = await self._client.send(address, body, connect_s)
        except WireError as error:
            self._observer(Broke(now(), type(error).__name__))
            raise
        except asyncio.CancelledError:
            self._observer(Broke(now(), "left"))
            raise
        self._observer(Head(now(), reply.status, reply.headers))
        return _ObservedReply(reply, self._observer)

    async def _connect(self, client: DirectClient, address: Address, connect_s: float) -> None:
        """Have a connection made beforehand, which the call then takes: so its time is its own."""
        now = asyncio.get_running_loop().time
        began, before = now(), client.connections
        await client.warm(address, connect_s)
        self._observer(Connected(now(), now() - began, client.connections == before))

    async def warm(self, address: Address, connect_s: float) -> None:
        """Open a connection for the next call, where the client can; not told."""
        if isinstance(self._client, DirectClient):
            await self._client.warm(address, connect_s)

    async def aclose(self) -> None:
        """See `providers.wire.client.Client.aclose`."""
        await self._client.aclose()


class _ObservedReply:
    def __init__(self, reply: Reply, observer: Observer) -> None:
        self._reply = reply
        self._observer = observer
        self._over = False

    @property
    def status(self) -> int:
        return self._reply.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self._reply.headers

    async def next_chunk(self) -> bytes | None:
        now = asyncio.get_running_loop().time
        try:
            chunk = await self._reply.next_chunk()
        except WireError as error:
            self._end(Broke(now(), type(error).__name__))
            raise
        if chunk is None:
            self._end(Ended(now()))
        else:
            self._observer(Chunk(now(), chunk))
        return chunk

    async def aclose(self) -> None:
        self._end(Broke(asyncio.get_running_loop().time(), "left"))
        await self._reply.aclose()

    def _end(self, event: Ended | Broke) -> None:
        if not self._over:
            self._over = True
            self._observer(event)
