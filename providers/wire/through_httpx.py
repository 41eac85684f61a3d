"""The client for who needs more than a socket: calls through a proxy, or over any transport of httpx."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import httpx

from providers.wire.direct import default_ssl_context
from providers.wire.errors import ConnectError, LostError, NotHttpError, UndecodableError, WireError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from providers.wire.client import Address


class HttpxClient:
    """`providers.wire.client.Client` over an `httpx.AsyncClient`, which it closes."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    @classmethod
    def proxied(cls, proxy: str) -> Self:
        """A client whose calls go through ``proxy`` (``http://`` or ``https://``, credentials and all).

        Vendors' certificates are checked as `DirectClient` does.
        """
        unbounded = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        checked = default_ssl_context()  # httpx itself reads SSL_CERT_FILE with trust_env alone
        return cls(
            httpx.AsyncClient(proxy=proxy, verify=checked, trust_env=False, limits=unbounded)
        )

    async def send(self, address: Address, body: bytes, connect_s: float) -> HttpxReply:
        """See `providers.wire.client.Client.send`."""
        request = httpx.Request(
            "POST",
            address.url,
            headers=address.headers,
            content=body,
            extensions={"timeout": {"connect": connect_s}},
        )
        try:
            response = await self._client.send(request, stream=True, follow_redirects=False)
        except (httpx.TransportError, OSError) as error:
            raise _of(error) from error
        return HttpxReply(response)

    async def warm(self, address: Address, connect_s: float) -> None:
        """Nothing: httpx opens connections with a request only."""

    async def aclose(self) -> None:
        """See `providers.wire.client.Client.aclose`."""
        await self._client.aclose()


class HttpxReply:
    """A reply of httpx (`providers.wire.client.Reply`)."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self._chunks: AsyncIterator[bytes] = response.aiter_bytes()

    @property
    def status(self) -> int:
        """See `providers.wire.client.Reply.status`."""
        return self._response.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        """See `providers.wire.client.Reply.headers`."""
        return self._response.headers

    async def next_chunk(self) -> bytes | None:
        """See `providers.wire.client.Reply.next_chunk`."""
        try:
            return await anext(self._chunks, None)
        except (httpx.HTTPError, OSError) as error:
            raise _of(error) from error

    async def aclose(self) -> None:
        """See `providers.wire.client.Reply.aclose`."""
        await self._response.aclose()


def _broke_off(error: httpx.RemoteProtocolError) -> bool:
    """Httpx has one name for a connection that ends early and for what is not HTTP."""
    return "disconnected" in str(error) or "closed connection" in str(error)


def _of(error: Exception) -> WireError:
    match error:
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.ProxyError():
            return ConnectError()
        case httpx.UnsupportedProtocol():
            return ConnectError()
        case httpx.RemoteProtocolError() if not _broke_off(error):
            return NotHttpError()
        case httpx.DecodingError():
            return UndecodableError()
        case _:
            return LostError()
