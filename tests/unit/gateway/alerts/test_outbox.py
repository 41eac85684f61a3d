"""One channel's messages: in order, tried again, and nobody harmed when it does not work."""

import asyncio

import pytest

from gateway.alerts.channels import Refused
from gateway.alerts.levels import Level
from gateway.alerts.messages import Message
from gateway.alerts.outbox import TRIES, WAITING, Outbox
from tests.support.alert_channels import Script, Stuck, until


class Pauses:
    """Waits that take no time, and are kept."""

    def __init__(self):
        self.seconds = []

    async def __call__(self, seconds):
        self.seconds.append(seconds)


def said(number, level=Level.CRITICAL):
    return Message(level, f"message {number}", "")


@pytest.fixture
def pauses():
    return Pauses()


@pytest.fixture
async def outbox(pauses):
    """Opens outboxes around scripted channels, and closes them."""
    opened = []

    async def open_one(channel, level=Level.WARNING, **given):
        ended = []
        box = Outbox(
            "slack",
            level,
            lambda: channel,
            lambda name, outcome: ended.append((name, outcome)),
            sleep=pauses,
            **given,
        )
        box.ended = ended
        await box.start()
        opened.append(box)
        return box

    yield open_one
    for box in opened:
        await box.aclose(0.0)


async def test_messages_arrive_in_order(outbox):
    channel = Script()
    box = await outbox(channel)
    for number in range(5):
        box.put(said(number))
    await until(lambda: box.deliveries.sent == 5)
    assert channel.titles == [f"message {n}" for n in range(5)]
    assert box.ended == [("slack", "sent")] * 5


async def test_what_is_not_loud_enough_is_left_out(outbox):
    channel = Script()
    box = await outbox(channel, Level.CRITICAL)
    for number, level in enumerate(Level):
        box.put(said(number, level))
    await until(lambda: box.deliveries.sent == 2)
    assert channel.titles == ["message 1", "message 2"]


async def test_a_failure_is_tried_again_after_growing_pauses(outbox, pauses):
    channel = Script(fails=TRIES - 1)
    box = await outbox(channel)
    box.put(said(1))
    await until(lambda: box.deliveries.sent == 1)
    assert channel.tries == TRIES
    assert len(pauses.seconds) == TRIES - 1
    assert pauses.seconds[0] >= 1
    assert pauses.seconds == sorted(pauses.seconds)


async def test_a_message_that_does_not_arrive_is_given_up_counted_and_the_next_one_comes(outbox):
    channel = Script(fails=TRIES)
    box = await outbox(channel)
    box.put(said(1))
    box.put(said(2))
    await until(lambda: box.deliveries.sent == 1)
    assert channel.titles == ["message 2"]
    assert (box.deliveries.failed, box.deliveries.last_failure) == (1, "answered 500")
    assert box.ended == [("slack", "failed"), ("slack", "sent")]


async def test_a_channels_own_mistake_is_a_failure_that_is_told_by_its_kind_alone(outbox):
    channel = Script(fails=TRIES, error=lambda: RuntimeError("https://hooks/token"))
    box = await outbox(channel)
    box.put(said(1))
    await until(lambda: box.deliveries.failed == 1)
    assert box.deliveries.last_failure == "RuntimeError"


async def test_a_channel_that_cannot_be_opened_is_a_failure(pauses):
    def broken():
        raise ValueError("token")

    box = Outbox("slack", Level.WARNING, broken, sleep=pauses)
    with pytest.raises(Refused, match=r"^ValueError$"):
        await box.deliver(said(1))


async def test_a_channel_that_hangs_fails_in_time_and_is_not_asked_again_until_it_is_back(outbox):
    channel = Stuck()
    box = await outbox(channel, try_s=0.05)
    box.put(said(1))
    await until(lambda: box.deliveries.failed == 1)
    assert box.deliveries.last_failure == "still busy with the try before"
    assert channel.tries == 1
    channel.go.set()
    await until(lambda: not box._hanging.is_alive())
    box.put(said(2))
    await until(lambda: box.deliveries.sent == 1)


async def test_the_event_loop_runs_on_while_a_channel_hangs(outbox):
    channel = Stuck()
    box = await outbox(channel)
    box.put(said(1))
    await until(lambda: channel.tries == 1)
    assert box.deliveries.sent == 0  # and yet this line was reached
    channel.go.set()
    await until(lambda: box.deliveries.sent == 1)


async def test_more_messages_than_may_wait_are_dropped_and_counted(outbox):
    channel = Stuck()
    box = await outbox(channel)
    box.put(said(0))
    await until(lambda: channel.tries == 1)
    for number in range(WAITING + 3):
        box.put(said(number))
    assert box.deliveries.dropped == 3
    assert box.ended == [("slack", "dropped")] * 3
    channel.go.set()


async def test_closing_sends_what_waits():
    channel = Script()
    box = Outbox("slack", Level.WARNING, lambda: channel)
    await box.start()
    for number in range(3):
        box.put(said(number))
    await box.aclose(20.0)
    assert channel.titles == [f"message {n}" for n in range(3)]


async def test_closing_does_not_wait_for_a_channel_that_hangs(outbox):
    channel = Stuck()
    box = await outbox(channel)
    box.put(said(1))
    await until(lambda: channel.tries == 1)
    async with asyncio.timeout(10):
        await box.aclose(0.01)
    channel.go.set()
