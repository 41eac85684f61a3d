"""One POST and its reply, whole or piece by piece, that keep a deadline and fail in one way."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
import httpx

from providers.errors import (
    ConnectionFailedError,
    ConnectionLostError,
    MalformedReplyError,
    ProviderError,
    TimedOutError,
)
from providers.replies import MAX_REPLY_BYTES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from providers.provider import Deadline

CONNECT_TIMEOUT_S = 5.0
"""Longest wait for a connection, the deadline allowing: a vendor nobody reaches fails early."""


@dataclass(frozen=True, slots=True)
class Post:
    """What to send where. ``provider`` names it in errors."""

    provider: str
    url: httpx.URL
    headers: httpx.Headers
    body: bytes

    def request(self, seconds: float) -> httpx.Request:
        """As a request; ``seconds`` bound the wait for a connection, all else is the deadline's."""
        connect = {"connect": min(seconds, CONNECT_TIMEOUT_S)}
        return httpx.Request(
            "POST",
            self.url,
            headers=self.headers,
            content=self.body,
            extensions={"timeout": connect},
        )


@dataclass(frozen=True, slots=True)
class WholeReply:
    """A reply whose body is here."""

    status: int
    headers: httpx.Headers
    body: bytes


class OpenReply:
    """A reply whose head has come; its body is read by `whole` or piece by piece by `next_chunk`."""

    def __init__(self, post: Post, response: httpx.Response, deadline: Deadline) -> None:
        self._provider = post.provider
        self._deadline = deadline
        self._chunks = _chunks_of(response)
        self.status = response.status_code
        self.headers = response.headers

    async def whole(self) -> WholeReply:
        """The reply with its body.

        Raises:
            MalformedReplyError: it exceeds `MAX_REPLY_BYTES`, or cannot be decompressed.
            ConnectionLostError: it breaks off.
            TimedOutError: the deadline comes first.
        """
        with translate_errors(self._provider):
            async with asyncio.timeout_at(self._deadline.at):
                body = await _joined(self._provider, self._chunks)
        return WholeReply(self.status, self.headers, body)

    async def next_chunk(self, until: float | None = None) -> bytes | None:
        """The next bytes of the body, None at its end; ``until`` may shorten the deadline."""
        at = self._deadline.at if until is None else min(until, self._deadline.at)
        with translate_errors(self._provider):
            async with asyncio.timeout_at(at):
                return await anext(self._chunks, None)


async def whole_reply(client: httpx.AsyncClient, post: Post, deadline: Deadline) -> WholeReply:
    """Send, and wait for the reply and its body. Cancelling closes the connection.

    Raises:
        TimedOutError: the deadline came first; at once, with nothing sent, if it is over.
        ConnectionFailedError: nobody was reached.
        ConnectionLostError: the connection broke before the reply was whole.
        MalformedReplyError: it exceeds `MAX_REPLY_BYTES`, or cannot be decompressed.
    """
    request = _request(post, deadline)
    with translate_errors(post.provider):
        async with asyncio.timeout_at(deadline.at):
            response = await client.send(request, stream=True)
            try:
                body = await _joined(post.provider, _chunks_of(response))
            finally:
                await response.aclose()
    return WholeReply(response.status_code, response.headers, body)


@asynccontextmanager
async def open_reply(
    client: httpx.AsyncClient, post: Post, deadline: Deadline
) -> AsyncIterator[OpenReply]:
    """Send; give the reply once its head is here. Leaving early closes the connection.

    Raises:
        TimedOutError: the deadline came first; at once, with nothing sent, if it is over.
        ConnectionFailedError: nobody was reached.
        ConnectionLostError: the connection broke before the head came.
    """
    request = _request(post, deadline)
    with translate_errors(post.provider):
        async with asyncio.timeout_at(deadline.at):
            response = await client.send(request, stream=True)
    try:
        yield OpenReply(post, response, deadline)
    finally:
        await response.aclose()


def _request(post: Post, deadline: Deadline) -> httpx.Request:
    seconds = deadline.remaining(asyncio.get_running_loop().time())
    if seconds <= 0:
        raise TimedOutError(post.provider, "no time was left to ask")
    return post.request(seconds)


def _chunks_of(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body as it comes in, decompressed where a vendor packs it although nobody asked it to."""
    if "content-encoding" not in response.headers and isinstance(
        response.stream, httpx.AsyncByteStream
    ):
        return aiter(response.stream)
    return response.aiter_bytes()


async def _joined(provider: str, chunks: AsyncIterator[bytes]) -> bytes:
    pieces: list[bytes] = []
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > MAX_REPLY_BYTES:
            raise MalformedReplyError(provider, f"the reply exceeds {MAX_REPLY_BYTES} bytes")
        pieces.append(chunk)
    return b"".join(pieces)


@contextmanager
def translate_errors(provider: str) -> Iterator[None]:
    """Turn what httpx, aiohttp and the deadline raise into this provider's `ProviderError`."""
    try:
        yield
    except TimeoutError:
        raise TimedOutError(provider, "no whole reply came in time") from None
    except httpx.DecodingError:
        raise MalformedReplyError(provider, "the reply cannot be decompressed") from None
    except (httpx.TransportError, aiohttp.ClientError, OSError) as error:
        raise _of_transport(provider, error) from None


def _of_transport(provider: str, error: Exception) -> ProviderError:
    """What broke. The aiohttp transport calls a lost connection a connect timeout: ask its cause."""
    cause = error.__cause__ if isinstance(error.__cause__, aiohttp.ClientError) else error
    match cause:
        case (
            aiohttp.ClientConnectorError()
            | aiohttp.ConnectionTimeoutError()
            | aiohttp.InvalidURL()
            | httpx.ConnectError()
            | httpx.ConnectTimeout()
            | httpx.ProxyError()
            | httpx.UnsupportedProtocol()
        ):
            return ConnectionFailedError(provider, "no connection could be made")
        case aiohttp.ServerTimeoutError() | httpx.TimeoutException():
            return TimedOutError(provider, "no whole reply came in time")
        case aiohttp.ClientResponseError():
            return MalformedReplyError(provider, "the reply is not HTTP")
        case _:
            return ConnectionLostError(provider, "the connection broke before the reply was whole")
