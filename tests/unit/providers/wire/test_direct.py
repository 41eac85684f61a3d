"""Connections of our own: what they keep, what they refuse, and how an exchange on them ends."""

import asyncio
import gzip
import zlib
from contextlib import aclosing, asynccontextmanager

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st

from providers.wire.client import Address
from providers.wire.connection import HIGH_WATER, MAX_HEAD_BYTES
from providers.wire.direct import DirectClient
from providers.wire.errors import ConnectError, LostError, NotHttpError, UndecodableError

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Vendor:
    """Answers each request with the next of its replies, as bytes in pieces, on as many connections as come."""

    def __init__(self, *replies):
        self.replies = list(replies)
        self.requests = []
        self.connections = 0
        self.gone = asyncio.Event()
        self.writers = []

    async def serve(self, reader, writer):
        self.connections += 1
        self.writers.append(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                self.requests.append(head + await reader.readexactly(length))
                pieces, close = self.replies.pop(0)
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
                if close:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            self.gone.set()
        finally:
            writer.close()


def then_close(*pieces):
    return pieces, True


def then_wait(*pieces):
    return pieces, False


@asynccontextmanager
async def listening(*replies):
    vendor = Vendor(*replies)
    server = await asyncio.start_server(vendor.serve, "127.0.0.1", 0)
    vendor.port = server.sockets[0].getsockname()[1]
    try:
        yield vendor
    finally:
        server.close()
        for writer in vendor.writers:
            writer.close()


def address(vendor, **headers):
    return Address.of(f"http://127.0.0.1:{vendor.port}/v1/ask?x=1", headers)


async def body_of(reply):
    return b"".join([chunk async for chunk in chunks_of(reply)])


async def chunks_of(reply):
    while (chunk := await reply.next_chunk()) is not None:
        yield chunk


async def asked(client, vendor, body=b"{}"):
    reply = await client.send(address(vendor), body, 5.0)
    text = await body_of(reply)
    await reply.aclose()
    return reply.status, text


async def until(true):
    while not true():  # noqa: ASYNC110 - sockets tell no event; `run` bounds the wait
        await asyncio.sleep(0)


def run(test, loop="asyncio"):
    """Run a test of a vendor and a client in a loop of its own."""
    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        return runner.run(asyncio.wait_for(test(), 20))


loops = pytest.mark.parametrize("loop", LOOPS)


@loops
def test_a_request_goes_out_as_rfc_9112_has_it_and_connections_are_used_again(loop):
    async def test():
        async with listening(then_wait(OK), then_wait(OK)) as vendor, aclosing(DirectClient()) as c:
            assert await asked(c, vendor, "{é}".encode()) == (200, b"ok")
            assert await asked(c, vendor) == (200, b"ok")
            assert vendor.connections == 1
            assert vendor.requests[0] == (
                b"POST /v1/ask?x=1 HTTP/1.1\r\nhost: 127.0.0.1:%d\r\ncontent-length: 4\r\n\r\n{\xc3\xa9}"
                % vendor.port
            )

    run(test, loop)


@loops
def test_calls_at_once_have_a_connection_each_and_share_none(loop):
    async def test():
        replies = [then_wait(OK) for _ in range(20)]
        async with listening(*replies) as vendor, aclosing(DirectClient()) as client:
            await asyncio.gather(*(asked(client, vendor) for _ in range(20)))
            assert vendor.connections == client.connections == 20

    run(test, loop)


@loops
def test_a_connection_that_the_vendor_closed_meanwhile_is_not_used(loop):
    async def test():
        async with (
            listening(then_close(OK), then_wait(OK)) as vendor,
            aclosing(DirectClient()) as c,
        ):
            await asked(c, vendor)
            await until(lambda: not c.connections)
            assert await asked(c, vendor) == (200, b"ok")
            assert vendor.connections == 2

    run(test, loop)


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
        OK + b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nowned",
        OK + b"rubbish",
    ],
    ids=["said so", "HTTP/1.0", "a second reply nobody asked for", "rubbish after it"],
)
def test_a_connection_that_cannot_be_trusted_further_is_closed(reply):
    async def test():
        async with (
            listening(then_wait(reply), then_wait(OK)) as vendor,
            aclosing(DirectClient()) as c,
        ):
            assert await asked(c, vendor) == (200, b"ok")
            assert await asked(c, vendor) == (200, b"ok")
            assert vendor.connections == 2

    run(test)


def test_a_reply_that_comes_while_nobody_asks_closes_the_connection():
    async def test():
        async with listening(then_wait(OK), then_wait(OK)) as vendor, aclosing(DirectClient()) as c:
            await asked(c, vendor)
            vendor.writers[0].write(OK)
            await until(lambda: not c.connections)
            assert await asked(c, vendor) == (200, b"ok")
            assert vendor.connections == 2

    run(test)


def test_informational_replies_are_passed_over():
    async def test():
        early = b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"
        async with listening(then_wait(early, early + OK)) as vendor, aclosing(DirectClient()) as c:
            reply = await c.send(address(vendor), b"", 5.0)
            assert (reply.status, dict(reply.headers)) == (200, {"content-length": "2"})
            assert await body_of(reply) == b"ok"
            await reply.aclose()

    run(test)


def test_repeated_headers_are_joined_and_trailers_are_none():
    async def test():
        reply = (
            b"HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a:  2 \r\ntransfer-encoding: chunked\r\n\r\n"
            b"2\r\nok\r\n0\r\nx-trailer: 3\r\n\r\n"
        )
        async with listening(then_wait(reply)) as vendor, aclosing(DirectClient()) as client:
            answer = await client.send(address(vendor), b"", 5.0)
            assert await body_of(answer) == b"ok"
            assert dict(answer.headers) == {"x-a": "1, 2", "transfer-encoding": "chunked"}
            await answer.aclose()

    run(test)


@given(
    st.binary(max_size=3000),
    st.lists(st.integers(min_value=1, max_value=60), min_size=1, max_size=20),
    st.sampled_from(["length", "chunked", "until the end"]),
)
def test_a_body_is_the_same_however_it_is_framed_and_cut(body, sizes, framing):
    if framing == "length":
        raw = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
    elif framing == "chunked":
        pieces = [body[i : i + 700] for i in range(0, len(body), 700)]
        raw = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
        raw += b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"
    else:
        raw = b"HTTP/1.1 200 OK\r\n\r\n" + body
    cuts, at = [], 0
    while at < len(raw):
        size = sizes[len(cuts) % len(sizes)] * (1 if at < 80 else 40)
        cuts.append(raw[at : at + size])
        at += size

    async def test():
        async with listening(then_close(*cuts)) as vendor, aclosing(DirectClient()) as client:
            assert await asked(client, vendor) == (200, body)

    run(test)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"", LostError),
        (b"HTTP/1.1 200 OK\r\ncontent-le", LostError),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok", LostError),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n", LostError),
        (b"SSH-2.0-OpenSSH_9.0\r\n\r\n", NotHttpError),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nok\r\n", NotHttpError),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
            NotHttpError,
        ),
        (b"HTTP/1.1 200 OK\r\nx: " + b"a" * MAX_HEAD_BYTES + b"\r\n\r\n", NotHttpError),
        (
            b"HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ncontent-length: 2\r\n\r\nok",
            UndecodableError,
        ),
        (
            b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\nok",
            UndecodableError,
        ),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_breaks_or_is_not_http_is_an_error_and_never_a_body(raw, kind):
    async def test():
        async with listening(then_close(raw)) as vendor, aclosing(DirectClient()) as client:
            with pytest.raises(kind):
                await asked(client, vendor)
            await until(lambda: not client.connections)

    run(test)


def test_a_compressed_body_that_ends_early_is_no_body():
    packed = zlib.compress(b"x" * 5000)[:-6]
    raw = b"HTTP/1.1 200 OK\r\ncontent-encoding: deflate\r\ncontent-length: %d\r\n\r\n" % len(
        packed
    )

    async def test():
        async with (
            listening(then_close(raw + packed)) as vendor,
            aclosing(DirectClient()) as client,
        ):
            with pytest.raises(UndecodableError):
                await asked(client, vendor)

    run(test)


@pytest.mark.parametrize("after", [gzip.compress(b" the rest"), b"rubbish"], ids=["member", "junk"])
def test_what_follows_the_end_of_a_compressed_body_is_not_left_out(after):
    packed = gzip.compress(b"a part") + after
    raw = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed)

    async def test():
        for cut in (len(packed), len(packed) - len(after)):
            pieces = raw + packed[:cut], packed[cut:]
            async with listening(then_close(*pieces)) as vendor, aclosing(DirectClient()) as client:
                with pytest.raises(UndecodableError):
                    await asked(client, vendor)

    run(test)


def test_no_body_is_one_whatever_coding_its_head_tells():
    raw = b"HTTP/1.1 503 Overloaded\r\ncontent-encoding: gzip\r\ncontent-length: 0\r\n\r\n"

    async def test():
        async with listening(then_close(raw)) as vendor, aclosing(DirectClient()) as client:
            assert await asked(client, vendor) == (503, b"")

    run(test)


def test_a_small_reply_that_unpacks_to_a_huge_one_comes_in_pieces():
    packed = zlib.compress(b"x" * 30_000_000)
    raw = b"HTTP/1.1 200 OK\r\ncontent-encoding: deflate\r\ncontent-length: %d\r\n\r\n" % len(
        packed
    )

    async def test():
        async with (
            listening(then_close(raw + packed)) as vendor,
            aclosing(DirectClient()) as client,
        ):
            reply = await client.send(address(vendor), b"", 5.0)
            sizes = [len(chunk) async for chunk in chunks_of(reply)]
            await reply.aclose()
            assert sum(sizes) == 30_000_000
            assert max(sizes) <= 1024 * 1024

    run(test)


@loops
def test_a_vendor_that_writes_faster_than_it_is_read_has_to_wait(loop):
    size = 64 * HIGH_WATER

    async def test():
        head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size
        blocks = [b"x" * HIGH_WATER] * 64
        async with (
            listening(then_wait(head, *blocks)) as vendor,
            aclosing(DirectClient()) as client,
        ):
            reply = await client.send(address(vendor), b"", 5.0)
            for _ in range(200):
                await asyncio.sleep(0)
            first = await reply.next_chunk()
            assert len(first) < size / 4
            assert len(first) + len(await body_of(reply)) == size
            await reply.aclose()

    run(test, loop)


@pytest.mark.parametrize(
    "before",
    [
        b"HTTP/1.1 200 OK\r\nx: ",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx: ",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;x=",
        b"",
    ],
    ids=["a header", "a trailer", "an extension", "no reply but informational ones"],
)
def test_what_never_ends_and_is_no_body_is_given_up(before):
    more = b"a" * 8192 if before else b"HTTP/1.1 100 Continue\r\n\r\n" * 400

    async def serve(_, writer):
        writer.write(before)
        try:
            while True:
                writer.write(more)
                await writer.drain()
        except ConnectionError:
            writer.close()

    async def test():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with aclosing(DirectClient()) as client:
            with pytest.raises(NotHttpError):
                await body_of(
                    await client.send(Address.of(f"http://127.0.0.1:{port}", {}), b"", 5.0)
                )
        server.close()

    run(test)


def test_a_connection_whose_reply_was_left_unread_is_not_used_again():
    big = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (2 * HIGH_WATER)

    async def test():
        async with (
            listening(then_wait(big, b"x" * 2 * HIGH_WATER), then_wait(OK)) as vendor,
            aclosing(DirectClient()) as client,
        ):
            reply = await client.send(address(vendor), b"", 5.0)
            (connection,) = client._open
            size = 0
            while not connection._whole:  # as it comes, but for the last pieces
                if connection._paused:
                    size += len(await reply.next_chunk())
                await asyncio.sleep(0)
            assert size < 2 * HIGH_WATER
            await reply.aclose()
            assert await asked(client, vendor) == (200, b"ok")
            assert vendor.connections == 2

    run(test)


def test_a_connection_is_not_used_from_the_moment_that_the_vendor_is_known_to_have_closed_it():
    async def test():
        async with listening(then_wait(OK), then_wait(OK)) as vendor, aclosing(DirectClient()) as c:
            await asked(c, vendor)
            (connection,) = c._open
            calls = []
            told = connection.eof_received

            def told_while_a_call_begins():
                closes = told()
                calls.append(asyncio.ensure_future(asked(c, vendor)))
                return closes

            connection.eof_received = told_while_a_call_begins
            vendor.writers[0].close()
            await until(lambda: calls)
            assert await calls[0] == (200, b"ok")

    run(test)


def test_a_client_that_is_closed_while_it_connects_sends_nothing():
    async def test():
        async with listening(then_wait(OK)) as vendor:
            client = DirectClient()
            calls = [
                asyncio.create_task(asked(client, vendor)),
                asyncio.create_task(client.warm(address(vendor), 5.0)),
            ]
            await asyncio.sleep(0)
            await client.aclose()
            ends = await asyncio.gather(*calls, return_exceptions=True)
            assert [type(end) for end in ends] == [ConnectError, ConnectError]
            assert (client.connections, vendor.requests) == (0, [])

    run(test)


@loops
def test_cancelling_a_call_closes_its_connection(loop):
    async def test():
        async with (
            listening(then_wait(b"HTTP/1.1 200 OK\r\n")) as vendor,
            aclosing(DirectClient()) as c,
        ):
            call = asyncio.create_task(asked(c, vendor))
            await until(lambda: vendor.requests)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            await vendor.gone.wait()
            assert c.connections == 0

    run(test, loop)


def test_leaving_a_reply_unread_closes_its_connection():
    async def test():
        async with listening(then_wait(OK[:-1])) as vendor, aclosing(DirectClient()) as client:
            reply = await client.send(address(vendor), b"", 5.0)
            await reply.aclose()
            await vendor.gone.wait()

    run(test)


def test_an_idle_connection_is_closed_in_time(monkeypatch):
    monkeypatch.setattr("providers.wire.direct.KEEP_ALIVE_S", 0.02)

    async def test():
        async with listening(then_wait(OK)) as vendor, aclosing(DirectClient()) as client:
            await asked(client, vendor)
            await vendor.gone.wait()
            assert client.connections == 0

    run(test)


@pytest.mark.parametrize(
    ("told", "connections"),
    [
        pytest.param(b"timeout=1", 2, id="soon"),
        pytest.param(b"Timeout= 0, max=100", 2, id="at once"),
        pytest.param(b"timeout=60, max=100", 1, id="later than this side does"),
        pytest.param(b"max=100", 1, id="without a time"),
        pytest.param(b"timeout=soon", 1, id="in words"),
    ],
)
def test_a_connection_that_the_vendor_said_it_closes_soon_is_not_used_again(told, connections):
    async def test():
        head = b"HTTP/1.1 200 OK\r\nKeep-Alive: %s\r\ncontent-length: 2\r\n\r\nok" % told
        replies = [then_wait(head), then_wait(head)]
        async with listening(*replies) as vendor, aclosing(DirectClient()) as client:
            await asked(client, vendor)
            await asked(client, vendor)
            assert vendor.connections == connections

    run(test)


@loops
def test_nobody_listening_is_told_from_a_lost_connection(loop):
    async def test():
        async with listening() as vendor:
            pass
        async with aclosing(DirectClient()) as client:
            with pytest.raises(ConnectError):
                await asked(client, vendor)

    run(test, loop)


def test_a_host_without_an_address_cannot_be_reached():
    async def test():
        async with aclosing(DirectClient()) as client:
            with pytest.raises(ConnectError):
                await client.send(Address.of("http://nowhere.invalid/", {}), b"", 5.0)

    run(test)


def test_a_vendor_without_the_certificate_is_not_reached():
    async def test():
        async with listening(then_wait(OK)) as vendor, aclosing(DirectClient()) as client:
            with pytest.raises(ConnectError):
                await client.send(Address.of(f"https://127.0.0.1:{vendor.port}/", {}), b"", 5.0)
            assert vendor.requests == []

    run(test)


def test_warming_opens_a_connection_that_the_next_call_takes():
    async def test():
        async with listening(then_wait(OK)) as vendor, aclosing(DirectClient()) as client:
            await client.warm(address(vendor), 5.0)
            await client.warm(address(vendor), 5.0)
            await asked(client, vendor)
            assert vendor.connections == 1

    run(test)


def test_a_closed_client_loses_what_is_under_way_and_takes_nothing_more():
    async def test():
        async with listening(then_wait()) as vendor:
            client = DirectClient()
            call = asyncio.create_task(asked(client, vendor))
            await until(lambda: vendor.requests)
            await client.aclose()
            with pytest.raises(LostError):
                await call
            with pytest.raises(RuntimeError):
                await asked(client, vendor)

    run(test)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x/",
        "/v1",
        "http://",
        "http://:80/",
        "http://x:0/",
        "http://x:65536/",
        "http://a..b/",
        "http://" + "a" * 64,
    ],
)
def test_what_is_no_url_of_http_has_no_address(url):
    with pytest.raises(ValueError, match=r"."):
        Address.of(url, {})


@pytest.mark.parametrize("text", ["a\r\nx-evil: 1", "キー", "\0"])
def test_a_header_that_would_break_the_head_is_refused_without_showing_its_value(text):
    with pytest.raises(ValueError, match="x-key") as refused:
        Address.of("http://x/", {"x-key": text})
    assert text not in str(refused.value)


def test_an_address_shows_no_header():
    assert "secret" not in repr(Address.of("http://x/", {"authorization": "Bearer secret"}))
