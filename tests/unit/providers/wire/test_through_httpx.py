"""The client through a proxy: the same contract as our own, by way of httpx."""

import asyncio

import httpx
import pytest
import respx
from pydantic import SecretStr

from providers.http_client import open_client
from providers.wire.client import Address
from providers.wire.errors import ConnectError, LostError, NotHttpError, UndecodableError
from providers.wire.through_httpx import HttpxClient
from tests.support.upstream import Then, reply, silence
from tests.support.upstream import upstream as open_upstream

VENDOR = Address.of("http://vendor.example/v1", {"authorization": "Bearer key"})


async def body_of(client, address=VENDOR):
    answer = await client.send(address, b"{}", 5.0)
    chunks = []
    while (chunk := await answer.next_chunk()) is not None:
        chunks.append(chunk)
    await answer.aclose()
    return answer.status, b"".join(chunks)


async def test_calls_go_through_the_proxy_with_its_credentials():
    async with open_upstream() as proxy:
        proxy.will(reply(b"yes"))
        url = SecretStr(f"http://user:word@127.0.0.1:{proxy.port}")
        client = open_client(proxy=url)
        assert await body_of(client) == (200, b"yes")
        await client.aclose()
        (received,) = proxy.received
        assert received.target == "http://vendor.example/v1"
        assert received.headers["proxy-authorization"].startswith("Basic ")
        assert received.headers["authorization"] == "Bearer key"
        assert received.body == b"{}"


async def test_a_proxy_that_is_away_is_a_failed_connection():
    async with open_upstream() as proxy:
        url = f"http://127.0.0.1:{proxy.port}"
    client = HttpxClient.proxied(url)
    with pytest.raises(ConnectError):
        await body_of(client)
    await client.aclose()


async def test_a_redirect_is_the_callers_to_judge():
    with respx.mock() as router:
        router.post(VENDOR.url).respond(307, headers={"location": "http://elsewhere.example/"})
        client = HttpxClient(httpx.AsyncClient(transport=httpx.MockTransport(router.async_handler)))
        assert (await body_of(client))[0] == 307
        await client.aclose()


@pytest.mark.parametrize(
    ("play", "kind"),
    [
        (silence(Then.CLOSE), LostError),
        (silence(Then.RESET), LostError),
        (reply(b"ok", length=9), LostError),
        (reply(b"rubbish", headers=("content-encoding: gzip",)), UndecodableError),
    ],
)
async def test_what_breaks_is_the_same_error_as_over_our_own_connections(play, kind):
    async with open_upstream() as upstream:
        upstream.will(play)
        client = HttpxClient(httpx.AsyncClient(trust_env=False))
        with pytest.raises(kind):
            await body_of(client, Address.of(f"{upstream.url}/v1", {}))
        await client.aclose()


async def test_what_is_not_http_is_told_so():
    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SSH-2.0-OpenSSH_9.0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = HttpxClient(httpx.AsyncClient(trust_env=False))
    with pytest.raises(NotHttpError):
        await body_of(client, Address.of(f"http://127.0.0.1:{port}/", {}))
    await client.aclose()
    server.close()
