"""The one pooled HTTP client all adapters share, and a POST that keeps a deadline."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

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

MAX_CONNECTIONS = 512
"""Connections at most, over all vendors: 128 requests in flight, each asking up to four models."""

KEEP_ALIVE_S = 20.0
"""Idle time after which a connection is closed. Under the shortest a vendor's front is known to
keep (60 s for common load balancers), so that a POST is not sent into a connection being closed."""

CONNECT_TIMEOUT_S = 5.0
"""Longest wait for a connection, the deadline allowing: a vendor nobody reaches fails early."""

DNS_CACHE_S = 60
"""Life of a resolved address. Vendors move traffic by DNS within minutes."""


def open_client(*, max_connections: int = MAX_CONNECTIONS) -> httpx.AsyncClient:
    """A pooled HTTP/1.1 client: no proxies from the environment, no redirects, no cookies.

    Certificates are checked against certifi's list, or ``SSL_CERT_FILE`` where it is set. Close it
    with ``aclose``.
    """
    ssl_context = httpx.create_ssl_context()

    def session() -> aiohttp.ClientSession:  # needs the running loop, hence not before first use
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=max_connections,
                keepalive_timeout=KEEP_ALIVE_S,
                ttl_dns_cache=DNS_CACHE_S,
                ssl=ssl_context,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )

    return PlainClient(AiohttpTransport(verify=ssl_context, client=session))


class PlainClient(httpx.AsyncClient):
    """Sends a request as it is and returns what comes back.

    No vendor's API needs cookies, redirects, hooks or challenges; offering them costs httpx a third
    of a call.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        super().__init__(transport=transport, trust_env=False)
        self._plain = transport

    async def send(
        self,
        request: httpx.Request,
        *,
        stream: bool = False,
        **_: object,
    ) -> httpx.Response:
        """Send ``request``; with ``stream`` the body is left to be read, and the response to be closed.

        Raises:
            httpx.TransportError: see `httpx.AsyncClient.send`.
        """
        if self.is_closed:
            raise RuntimeError("this client is closed")
        response = await self._plain.handle_async_request(request)
        response.request = request
        if not stream:
            try:
                await response.aread()
            finally:
                await response.aclose()
        return response


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


class OpenReply:
    """A reply whose head has come; its body is read by `read` or `chunks`."""

    def __init__(self, post: Post, response: httpx.Response, deadline: Deadline) -> None:
        self._provider = post.provider
        self._response = response
        self._deadline = deadline
        self._chunks = response.aiter_bytes().__aiter__()
        self.status = response.status_code
        self.headers = response.headers

    async def read(self) -> bytes:
        """The whole body.

        Raises:
            MalformedReplyError: it exceeds `MAX_REPLY_BYTES`, or cannot be decompressed.
            ConnectionLostError: it breaks off.
            TimedOutError: the deadline comes first.
        """
        pieces: list[bytes] = []
        size = 0
        with translate_errors(self._provider):
            async with asyncio.timeout_at(self._deadline.at):
                async for chunk in self._chunks:
                    size += len(chunk)
                    if size > MAX_REPLY_BYTES:
                        message = f"the reply exceeds {MAX_REPLY_BYTES} bytes"
                        raise MalformedReplyError(self._provider, message)
                    pieces.append(chunk)
        return b"".join(pieces)

    async def next_chunk(self, until: float | None = None) -> bytes | None:
        """The next bytes of the body, None at its end; ``until`` may shorten the deadline."""
        at = self._deadline.at if until is None else min(until, self._deadline.at)
        with translate_errors(self._provider):
            async with asyncio.timeout_at(at):
                return await anext(self._chunks, None)


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
    seconds = deadline.remaining(asyncio.get_running_loop().time())
    if seconds <= 0:
        raise TimedOutError(post.provider, "no time was left to ask")
    with translate_errors(post.provider):
        async with asyncio.timeout_at(deadline.at):
            response = await client.send(post.request(seconds), stream=True)
    try:
        yield OpenReply(post, response, deadline)
    finally:
        await response.aclose()


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
