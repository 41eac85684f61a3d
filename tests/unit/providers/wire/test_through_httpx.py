"""The client through a proxy: the same contract as our own, by way of httpx."""

import asyncio
from contextlib import asynccontextmanager, suppress

import httpx
import pytest
import respx
from pydantic import SecretStr

from providers.http_client import open_client
from providers.wire.client import Address
from providers.wire.errors import ConnectError, LostError, NotHttpError, UndecodableError
from providers.wire.through_httpx import HttpxClient
from tests.support.certificates import certified
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


@asynccontextmanager
async def tunnels():
    """A proxy that opens tunnels to wherever it is asked to; the port it listens on."""

    async def passed_on(source, sink):
        with suppress(OSError):
            while piece := await source.read(65_536):
                sink.write(piece)
                await sink.drain()
        sink.close()

    async def opened(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        host, port = head.split()[1].decode().rsplit(":", 1)
        there, thither = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Established\r\n\r\n")
        await asyncio.gather(passed_on(reader, thither), passed_on(there, writer))

    async with await asyncio.start_server(opened, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def speaking_tls(context):
    """A vendor behind a certificate; the port it listens on."""

    async def answered(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\nyes")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answered, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]


async def test_the_certificates_of_ssl_cert_file_hold_through_a_proxy_too(tmp_path, monkeypatch):
    ours = certified(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(ours.authority))
    async with speaking_tls(ours.server) as vendor, tunnels() as proxy:
        client = HttpxClient.proxied(f"http://127.0.0.1:{proxy}")
        there = Address.of(f"https://127.0.0.1:{vendor}/v1", {})
        assert await body_of(client, there) == (200, b"yes")
        await client.aclose()


async def test_the_certificates_of_ssl_cert_file_hold_for_the_proxy_itself(tmp_path, monkeypatch):
    ours = certified(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(ours.authority))
    async with speaking_tls(ours.server) as proxy:
        client = HttpxClient.proxied(f"https://127.0.0.1:{proxy}")
        assert await body_of(client) == (200, b"yes")
        await client.aclose()


async def test_a_vendor_whose_certificate_nobody_knows_is_not_reached_through_a_proxy(tmp_path):
    async with speaking_tls(certified(tmp_path).server) as vendor, tunnels() as proxy:
        client = HttpxClient.proxied(f"http://127.0.0.1:{proxy}")
        with pytest.raises(ConnectError):
            await body_of(client, Address.of(f"https://127.0.0.1:{vendor}/v1", {}))
        await client.aclose()


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
