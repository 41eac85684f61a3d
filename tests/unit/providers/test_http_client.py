"""The pooled client: what it keeps, what it refuses, and how large a reply may be."""

import asyncio
import gzip

import pytest

from providers import errors
from providers.http_client import open_client
from providers.messages import Prompt
from providers.provider import Deadline
from tests.contract.wires import WIRED
from tests.support.upstream import Play, events, reply
from tests.support.upstream import upstream as open_upstream

OPENAI = WIRED[0]
LAST_CHUNK = b"0\r\n\r\n"


@pytest.fixture
async def upstream():
    async with open_upstream() as vendor:
        yield vendor


@pytest.fixture
async def client():
    client = open_client()
    yield client
    await client.aclose()


@pytest.fixture
def ask(upstream, client):
    async def ask():
        provider = OPENAI.build(client, upstream.url, None)
        return await provider.complete(Prompt.of("?"), deadline())

    return ask


def deadline():
    return Deadline(asyncio.get_running_loop().time() + 30)


async def test_a_redirect_is_not_followed(upstream, ask):
    elsewhere = (f"location: {upstream.url}/elsewhere",)
    upstream.will(reply(b"", status=307, headers=elsewhere), reply(OPENAI.wire.whole("yes")))
    with pytest.raises(errors.RejectedRequestError):
        await ask()
    assert len(upstream.received) == 1


async def test_cookies_are_not_kept(upstream, ask):
    cookie = ("set-cookie: session=1; path=/",)
    upstream.will(reply(OPENAI.wire.whole("yes"), headers=cookie))
    await ask()
    await ask()
    assert "cookie" not in upstream.received[1].headers


async def test_a_proxy_of_the_environment_is_not_used(upstream, ask, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    upstream.will(reply(OPENAI.wire.whole("yes")))
    assert (await ask()).text == "yes"


async def test_a_reply_over_the_limit_is_refused_without_reading_it_all(upstream, ask):
    body = OPENAI.wire.whole("x" * 9_000_000)
    upstream.will(reply(body))
    with pytest.raises(errors.MalformedReplyError):
        await ask()


async def test_a_compressed_reply_is_read_and_its_limit_is_that_of_the_text(upstream, ask):
    encoded = ("content-encoding: gzip",)
    upstream.will(
        reply(gzip.compress(OPENAI.wire.whole("yes")), headers=encoded),
        reply(gzip.compress(OPENAI.wire.whole("x" * 9_000_000)), headers=encoded),
        reply(b"not gzip", headers=encoded),
    )
    assert (await ask()).text == "yes"
    with pytest.raises(errors.MalformedReplyError):
        await ask()
    with pytest.raises(errors.MalformedReplyError):
        await ask()


async def test_what_is_not_http_is_malformed(upstream, ask):
    upstream.will(Play((b"SSH-2.0-OpenSSH_9.0\r\n\r\n",)))
    with pytest.raises(errors.MalformedReplyError):
        await ask()


@pytest.mark.parametrize("kind", ["text/html", "application/json", ""])
async def test_a_stream_that_is_no_stream_of_events_is_malformed(upstream, client, kind):
    upstream.will(reply(OPENAI.wire.whole("yes"), content_type=kind))
    provider = OPENAI.build(client, upstream.url, None)
    with pytest.raises(errors.MalformedReplyError):
        await anext(provider.stream(Prompt.of("?"), deadline()))


async def test_a_connection_is_used_again_after_a_whole_reply_and_after_a_whole_stream(client):
    wire, connections = OPENAI.wire, 0
    body = wire.whole("yes")
    whole = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
    stream = b"".join(events(*wire.opening("yes"), *wire.closing()).pieces)
    stream = stream.replace(b"connection: close\r\n", b"")

    async def serve(reader, writer):
        nonlocal connections
        connections += 1
        while head := await reader.readline():
            length = 0
            while (line := await reader.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            sent = await reader.readexactly(length)
            assert head.startswith(b"POST ")
            if b'"stream":true' not in sent:
                writer.write(whole)
                continue
            writer.write(stream.removesuffix(LAST_CHUNK))
            await writer.drain()
            await asyncio.sleep(0.01)  # the end of the body comes after the reply's end marker
            writer.write(LAST_CHUNK)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    provider = OPENAI.build(client, url, None)
    for _ in range(2):
        assert (await provider.complete(Prompt.of("?"), deadline())).text == "yes"
        items = [item async for item in provider.stream(Prompt.of("?"), deadline())]
        assert items[-1].text == "yes"
    assert connections == 1
    server.close()


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n"])
async def test_a_vendor_that_drips_does_not_put_the_deadline_off(client, head):
    async def drip(reader, writer):
        writer.write(head)
        try:
            while True:
                writer.write(b" " if head else b"\r\n")
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    soon = Deadline(asyncio.get_running_loop().time() + 0.4)
    async with asyncio.timeout(10):
        with pytest.raises(errors.TimedOutError):
            await OPENAI.build(client, url, None).complete(Prompt.of("?"), soon)
    server.close()
