"""One POST and its reply, whole or piece by piece, that keep a deadline and fail in one way."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from providers.errors import (
    ConnectionFailedError,
    ConnectionLostError,
    MalformedReplyError,
    ProviderError,
    ReplyLostError,
    TimedOutError,
)
from providers.replies import MAX_REPLY_BYTES
from providers.values import value
from providers.wire.errors import ConnectError, LostError, NotHttpError, UndecodableError, WireError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from providers.provider import Deadline
    from providers.wire.client import Address, Client, Reply

CONNECT_TIMEOUT_S = 5.0
"""Longest wait for a connection, the deadline allowing: a vendor nobody reaches fails early."""


@value(frozen=True, slots=True)
class Post:
    """What to send where. ``provider`` names it in errors."""

    provider: str
    address: Address
    body: bytes


@value(frozen=True, slots=True)
class WholeReply:
    """A reply whose body is here."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class OpenReply:
    """A reply whose head has come; its body is read by `whole` or piece by piece by `next_chunk`."""

    def __init__(self, post: Post, reply: Reply, deadline: Deadline) -> None:
        self._provider = post.provider
        self._deadline = deadline
        self._reply = reply
        self.status = reply.status

    @property
    def headers(self) -> Mapping[str, str]:
        """Header lines by their names in lower case."""
        return self._reply.headers

    async def whole(self) -> WholeReply:
        """The reply with its body.

        Raises:
            MalformedReplyError: it exceeds `MAX_REPLY_BYTES`, or cannot be decompressed.
            ConnectionLostError: it breaks off; a 200 as `ReplyLostError`.
            TimedOutError: the deadline comes first.
        """
        with translate_errors(self._provider):
            async with asyncio.timeout_at(self._deadline.at):
                body = await _joined(self._provider, self._reply)
        return WholeReply(self.status, self.headers, body)

    async def next_chunk(self, until: float | None = None) -> bytes | None:
        """The next bytes of the body, None at its end; ``until`` may shorten the deadline."""
        at = self._deadline.at if until is None else min(until, self._deadline.at)
        with translate_errors(self._provider):
            async with asyncio.timeout_at(at):
                return await self._reply.next_chunk()


async def whole_reply(client: Client, post: Post, deadline: Deadline) -> WholeReply:
    """Send, and wait for the reply and its body. Cancelling closes the connection.

    Raises:
        TimedOutError: the deadline came first; at once, with nothing sent, if it is over.
        ConnectionFailedError: nobody was reached.
        ConnectionLostError: the connection broke before the head came, or in the body of an error.
        ReplyLostError: it broke in the body of a 200.
        MalformedReplyError: it exceeds `MAX_REPLY_BYTES`, is not HTTP, or cannot be decompressed.
    """
    _check(post, deadline)
    try:  # as `translate_errors`, without its generator: every call comes through here
        async with asyncio.timeout_at(deadline.at):
            reply = await client.send(post.address, post.body, CONNECT_TIMEOUT_S)
            try:
                body = await _joined(post.provider, reply)
                return WholeReply(reply.status, _headers(reply), body)
            finally:
                await reply.aclose()
    except TimeoutError:
        raise _too_late(post.provider) from None
    except WireError as error:
        raise _of_wire(post.provider, error) from None


@asynccontextmanager
async def open_reply(client: Client, post: Post, deadline: Deadline) -> AsyncIterator[OpenReply]:
    """Send; give the reply once its head is here. Leaving early closes the connection.

    Raises:
        TimedOutError: the deadline came first; at once, with nothing sent, if it is over.
        ConnectionFailedError: nobody was reached.
        ConnectionLostError: the connection broke before the head came.
    """
    _check(post, deadline)
    with translate_errors(post.provider):
        async with asyncio.timeout_at(deadline.at):
            reply = await client.send(post.address, post.body, CONNECT_TIMEOUT_S)
    try:
        yield OpenReply(post, reply, deadline)
    finally:
        await reply.aclose()


def _check(post: Post, deadline: Deadline) -> None:
    if deadline.remaining(asyncio.get_running_loop().time()) <= 0:
        raise TimedOutError(post.provider, "no time was left to ask")


def _headers(reply: Reply) -> Mapping[str, str]:
    """Of a reply that is as hoped for nobody reads them: they are not put together."""
    return {} if reply.status == _OK else reply.headers


_OK = 200


async def _joined(provider: str, reply: Reply) -> bytes:
    try:
        first = await reply.next_chunk()
        if first is None:
            return b""
        pieces = [first]
        size = len(first)
        while (chunk := await reply.next_chunk()) is not None:
            size += len(chunk)
            if size > MAX_REPLY_BYTES:
                break
            pieces.append(chunk)
    except LostError:
        if reply.status != _OK:
            raise
        raise ReplyLostError(provider, "the connection broke in the middle of the reply") from None
    if size > MAX_REPLY_BYTES:
        raise MalformedReplyError(provider, f"the reply exceeds {MAX_REPLY_BYTES} bytes")
    return first if len(pieces) == 1 else b"".join(pieces)


@contextmanager
def translate_errors(provider: str) -> Iterator[None]:
    """Turn what the wire and the deadline raise into this provider's `ProviderError`."""
    try:
        yield
    except TimeoutError:
        raise _too_late(provider) from None
    except WireError as error:
        raise _of_wire(provider, error) from None


def _too_late(provider: str) -> ProviderError:
    return TimedOutError(provider, "no whole reply came in time")


def _of_wire(provider: str, error: WireError) -> ProviderError:
    match error:
        case ConnectError():
            return ConnectionFailedError(provider, "no connection could be made")
        case NotHttpError():
            return MalformedReplyError(provider, "the reply is not HTTP")
        case UndecodableError():
            return MalformedReplyError(provider, "the reply cannot be decompressed")
        case _:
            return ConnectionLostError(provider, "the connection broke before the reply was whole")
