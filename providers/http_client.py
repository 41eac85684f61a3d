"""The one pooled HTTP client all adapters share."""

from __future__ import annotations

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

CONNECTIONS_PER_HOST = 2_048
"""Connections at most to one host: 256 requests in flight, each asking up to eight models there."""

KEEP_ALIVE_S = 20.0
"""Idle time after which a connection is closed. Under the shortest a vendor's front is known to
keep (60 s for common load balancers), so that a POST is not sent into a connection being closed."""

DNS_CACHE_S = 60
"""Life of a resolved address. Vendors move traffic by DNS within minutes."""


def open_client(*, connections_per_host: int = CONNECTIONS_PER_HOST) -> httpx.AsyncClient:
    """A pooled HTTP/1.1 client: no proxies from the environment, no redirects, no cookies.

    Connections are bounded for each host, not together: vendors that hang fill a common pool, and a
    healthy one would wait behind them and count as down. A request in flight holds one connection a
    provider at most, and providers may share a host (a proxy, several models of one vendor): requests
    in flight times providers is a bound no call ever waits at.

    Certificates are checked against certifi's list, or ``SSL_CERT_FILE`` where it is set. Close it
    with ``aclose``.
    """
    ssl_context = httpx.create_ssl_context()

    def session() -> aiohttp.ClientSession:  # needs the running loop, hence not before first use
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0,  # none over all hosts
                limit_per_host=connections_per_host,
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
