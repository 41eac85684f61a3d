"""A stream begins with its first event, and silence is kept alive."""

import asyncio

import pytest

from gateway.api.openai.events import KEEP_ALIVE, READER_S, EventWriter
from gateway.errors import CallerGoneError
from tests.support.virtual_time import in_virtual_time


class Wire:
    """What the server was sent, and when; ``takes_s`` for each message."""

    def __init__(self, takes_s=0.0):
        self.sent = []
        self.takes_s = takes_s

    async def send(self, message):
        if self.takes_s:
            await asyncio.sleep(self.takes_s)
        self.sent.append((asyncio.get_running_loop().time(), message))

    @property
    def bodies(self):
        return [(at, m["body"]) for at, m in self.sent if m["type"] == "http.response.body"]

    @property
    def starts(self):
        return [at for at, m in self.sent if m["type"] == "http.response.start"]


def head():
    return [(b"x-request-id", b"r-1")]


@in_virtual_time
async def test_nothing_is_sent_before_the_first_event():
    wire = Wire()
    writer = EventWriter(wire.send, head)
    await asyncio.sleep(14)
    assert not writer.begun
    writer.close()
    assert wire.sent == []


@in_virtual_time
async def test_the_response_begins_with_the_first_event_and_ends_with_the_last():
    wire = Wire()
    writer = EventWriter(wire.send, head)
    await writer.write(b"a")
    await writer.end(b"b")
    start, first, last = (message for _, message in wire.sent)
    assert (start["status"], (b"x-request-id", b"r-1") in start["headers"]) == (200, True)
    assert (first["body"], first["more_body"]) == (b"a", True)
    assert (last["body"], last["more_body"]) == (b"b", False)
    await asyncio.sleep(60)
    assert len(wire.sent) == 3


@in_virtual_time
async def test_a_long_silence_begins_the_response_and_is_broken_by_comments():
    wire = Wire()
    writer = EventWriter(wire.send, head)
    await asyncio.sleep(40)
    assert writer.begun
    assert wire.starts == [15]
    assert wire.bodies == [(15, KEEP_ALIVE), (30, KEEP_ALIVE)]
    await writer.end(b"b")


@in_virtual_time
async def test_events_put_the_next_comment_off():
    wire = Wire()
    writer = EventWriter(wire.send, head)
    await asyncio.sleep(10)
    await writer.write(b"a")
    await asyncio.sleep(20)
    assert wire.bodies == [(10, b"a"), (25, KEEP_ALIVE)]
    writer.close()


@in_virtual_time
async def test_a_comment_never_comes_into_a_write_that_the_connection_has_not_taken():
    wire = Wire(takes_s=20)
    writer = EventWriter(wire.send, head)
    await writer.write(b"a")
    await writer.end(b"b")
    assert [body for _, body in wire.bodies] == [b"a", b"b"]
    assert len(wire.starts) == 1


@in_virtual_time
async def test_a_write_waits_until_the_connection_takes_it():
    wire = Wire(takes_s=5)
    writer = EventWriter(wire.send, head)
    await writer.write(b"a")
    assert asyncio.get_running_loop().time() == 10  # its head, and itself
    writer.close()


@in_virtual_time
async def test_the_end_waits_for_a_comment_that_is_on_its_way():
    wire = Wire(takes_s=3)
    writer = EventWriter(wire.send, head)
    await asyncio.sleep(16)  # the comment's head is being sent
    await writer.end(b"b")
    bodies = [m for _, m in wire.sent if m["type"] == "http.response.body"]
    assert [(m["body"], m["more_body"]) for m in bodies] == [(KEEP_ALIVE, True), (b"b", False)]


@in_virtual_time
async def test_a_caller_who_reads_nothing_is_given_up():
    async def stuck(message):
        await asyncio.Event().wait()

    writer = EventWriter(stuck, head)
    with pytest.raises(CallerGoneError):
        await writer.write(b"a")
    assert asyncio.get_running_loop().time() == READER_S
    writer.close()


@in_virtual_time
async def test_who_closes_a_stream_leaves_nothing_behind():
    async def stuck(message):
        await asyncio.Event().wait()

    writer = EventWriter(stuck, head)
    await asyncio.sleep(16)
    writer.close()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(100):
            await asyncio.Event().wait()
