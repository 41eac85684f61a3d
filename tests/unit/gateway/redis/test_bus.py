"""Processes tell each other over a real Redis what happens, and whatever befalls it loses nothing that counts."""

import asyncio
import random
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from gateway.redis import bus as bus_module
from gateway.redis import connection, place
from gateway.redis.bus import RedisBus
from gateway.redis.connection import UnreadableUrlError
from gateway.rollout.bus import ToldHarm
from gateway.rollout.commands import Close, RollBack
from gateway.rollout.observation import Label, Observation
from gateway.rollout.state import RolloutState, Trip
from tests.support.redis import PASSWORD
from tests.support.storage import NOON, until

TRIPPED = RolloutState(version=7, trip=Trip("errors", {"error_rate": 0.2}, "watcher@a", NOON))
HARM = ToldHarm(RollBack(by="watcher@a", reason="errors", figures={"x": 0.2}), NOON, "n-1", 7)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """The same patience with shorter times."""
    monkeypatch.setattr(bus_module, "BEAT_S", 0.05)
    monkeypatch.setattr(bus_module, "SILENCE_S", 0.5)
    monkeypatch.setattr(bus_module, "PAUSES_S", (0.01, 0.1))
    for module in (connection, place):
        monkeypatch.setattr(module, "ANSWER_S", 0.5)


class Process:
    """A bus, and what its process heard."""

    def __init__(self, url, namespace="exp"):
        self.bus = RedisBus(
            url, namespace=namespace, monotonic=time.monotonic, rng=random.Random(0)
        )
        self.states, self.harm, self.seen, self.labels = [], [], [], []

    def hear_seen(self, observations, labels):
        self.seen += observations
        self.labels += labels

    async def start(self):
        await self.bus.start(self.states.append, self.harm.append, self.hear_seen)
        return self

    async def reached(self):
        await until(lambda: self.bus.health.reachable)
        return self

    async def lost(self):
        await until(lambda: not self.bus.health.reachable)


@asynccontextmanager
async def processes(url, count=2, **options):
    started = [await Process(url, **options).start() for _ in range(count)]
    for process in started:
        await process.reached()
    yield started
    for process in started:
        await process.bus.aclose()


def seen(n, **changes):
    usual = Observation(f"r-{n}", NOON, "wall_bounce", 0.1, True, False, 812.5, 0.01, 0.9, "c")
    return replace(usual, **changes)


async def test_a_state_reaches_all_others_and_not_its_own_sender(redis_url):
    async with processes(redis_url, 3) as (a, b, c):
        a.bus.publish_state(TRIPPED)
        await until(lambda: b.states and c.states)
        assert (b.states, c.states, a.states) == ([TRIPPED], [TRIPPED], [])


async def test_harm_reaches_the_others_before_it_is_stored(redis_url):
    close = ToldHarm(Close(by="a", reason="slow", arm="brief"), NOON, "n-2", 0)
    async with processes(redis_url) as (a, b):
        a.bus.publish_harm(HARM)
        a.bus.publish_harm(close)
        await until(lambda: len(b.harm) >= 2)
        assert b.harm == [HARM, close]
        assert a.harm == []


async def test_what_was_seen_reaches_the_others_once_and_in_order(redis_url):
    label = Label("r-1", "wall_bounce", NOON, correct=False)
    async with processes(redis_url) as (a, b):
        for n in range(1_200):
            a.bus.publish_seen([seen(n)], [])
        a.bus.publish_seen([], [label])
        await until(lambda: len(b.seen) >= 1_200 and b.labels)
        assert b.seen == [seen(n) for n in range(1_200)]
        assert b.labels == [label]
        assert a.seen == []


async def test_an_older_state_is_neither_told_nor_heard(redis_url):
    async with processes(redis_url) as (a, b):
        a.bus.publish_state(TRIPPED)
        await until(lambda: b.states)
        b.bus.publish_state(RolloutState(version=6))
        b.bus.publish_state(RolloutState(version=8))
        await until(lambda: a.states)
        assert a.states == [RolloutState(version=8)]


async def test_who_comes_later_learns_the_newest_state(redis_url):
    async with processes(redis_url, 1) as (a,):
        a.bus.publish_state(TRIPPED)
        async with processes(redis_url, 1) as (late,):
            await until(lambda: late.states)
            assert late.states == [TRIPPED]
    async with processes(redis_url, 1) as (later,):
        await until(lambda: later.states)


async def test_who_knows_a_newer_state_than_redis_tells_it_on_arrival(redis_url):
    async with processes(redis_url, 1) as (a,):
        a.bus.publish_state(TRIPPED)
        newer = RolloutState(version=9)
        b = Process(redis_url)
        b.bus.publish_state(newer)
        await b.start()
        await until(lambda: newer in a.states)
        await b.bus.aclose()


async def test_harm_is_told_to_who_comes_later_until_a_newer_state_answers_it(redis_url):
    async with processes(redis_url, 1) as (a,):
        a.bus.publish_harm(HARM)
        async with processes(redis_url, 1) as (late,):
            await until(lambda: late.harm)
            assert late.harm == [HARM]
        a.bus.publish_state(replace(TRIPPED, version=8))
        async with processes(redis_url, 1) as (later,):
            await until(lambda: later.states)
            a.bus.publish_seen([seen(1)], [])
            await until(lambda: later.seen)
            assert later.harm == []


async def test_where_the_database_was_set_back_redis_forgets_what_came_later(
    shared_redis_server, redis_url
):
    async with processes(redis_url) as (a, b):
        a.bus.publish_state(TRIPPED)
        await until(lambda: b.states)
        for process in (a, b):
            process.bus.set_back(RolloutState(version=2))
        kept = ("HINCRBY", "wallbounce:exp:state", "version", "0")
        await until(lambda: shared_redis_server.ask(*kept) == b":2")
        async with processes(redis_url, 1) as (new,):
            await until(lambda: new.states)
            assert new.states == [RolloutState(version=2)]
        a.bus.publish_state(RolloutState(version=3))
        await until(lambda: RolloutState(version=3) in b.states)


async def test_rollouts_of_other_names_do_not_hear_each_other(redis_url):
    async with (
        processes(redis_url, 1, namespace="one") as (one,),
        processes(redis_url, 2, namespace="other") as (other, witness),
    ):
        one.bus.publish_state(replace(TRIPPED, version=99))
        one.bus.publish_harm(HARM)
        other.bus.publish_state(TRIPPED)
        await until(lambda: witness.states)
        assert (witness.states, witness.harm) == ([TRIPPED], [])


async def test_rollouts_in_other_numbered_databases_do_not_hear_each_other(redis_url):
    staging = redis_url.removesuffix("/0") + "/1"
    async with processes(staging, 1) as (a,), processes(redis_url, 2) as (b, witness):
        a.bus.publish_state(replace(TRIPPED, version=99))
        a.bus.publish_harm(HARM)
        b.bus.publish_state(TRIPPED)
        await until(lambda: witness.states)
        assert (witness.states, witness.harm) == ([TRIPPED], [])


async def test_a_killed_redis_is_said_to_be_away_and_found_again_empty(redis_server):
    async with processes(redis_server.url) as (a, b):
        a.bus.publish_state(TRIPPED)
        await until(lambda: b.states)
        redis_server.kill()
        await a.lost()
        await b.lost()
        assert "database" in a.bus.health.words
        redis_server.start()
        await a.reached()
        await b.reached()
        # What it forgot came back from those who knew.
        async with processes(redis_server.url, 1) as (new,):
            await until(lambda: new.states)
            assert new.states == [TRIPPED]
        assert a.bus.health.losses == 1


async def test_what_was_decided_while_redis_was_away_is_told_when_it_is_back(redis_server):
    async with processes(redis_server.url) as (a, b):
        redis_server.kill()
        await a.lost()
        await b.lost()
        a.bus.publish_harm(HARM)
        a.bus.publish_state(TRIPPED)
        a.bus.publish_seen([seen(1)], [])
        redis_server.start()
        await until(lambda: b.harm and b.states and b.seen)
        assert (b.states, b.seen) == ([TRIPPED], [seen(1)])
        assert set(map(repr, b.harm)) == {repr(HARM)}


async def test_a_redis_that_hangs_holds_nobody_up_and_is_found_again(redis_server):
    async with processes(redis_server.url) as (a, b):
        redis_server.stop()
        a.bus.publish_state(TRIPPED)
        a.bus.publish_harm(HARM)
        await a.lost()
        await b.lost()
        redis_server.go_on()
        await until(lambda: b.states and b.harm)
        assert b.states == [TRIPPED]


async def test_a_redis_that_was_told_to_pause_is_outlived(redis_server):
    async with processes(redis_server.url) as (a, b):
        redis_server.ask("CLIENT", "PAUSE", "1500")
        a.bus.publish_state(TRIPPED)
        await a.lost()
        await until(lambda: b.states)
        assert b.states == [TRIPPED]


@asynccontextmanager
async def line_that_deafens(port):
    """A way to Redis over which, once it is set, subscribers hear nothing more and learn of nothing.

    So does a firewall that forgot a connection that was quiet.
    """
    deaf, writers = asyncio.Event(), []

    async def forward(reader, writer, subscribes=None):
        while data := await reader.read(65_536):
            if subscribes is None and b"SUBSCRIBE" in data:
                writer.subscribes = True
            if subscribes is None or not (deaf.is_set() and getattr(subscribes, "subscribes", 0)):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def accept(reader, writer):
        there, to_redis = await asyncio.open_connection("127.0.0.1", port)
        writers.extend((writer, to_redis))
        with suppress(ConnectionError):
            await asyncio.gather(
                forward(reader, to_redis), forward(there, writer, subscribes=to_redis)
            )

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1], deaf
    server.close()
    for writer in writers:
        writer.close()


async def test_a_subscription_that_fell_silent_while_commands_are_answered_is_made_anew(
    redis_server,
):
    async with line_that_deafens(redis_server.port) as (port, deaf):
        url = redis_server.url.replace(str(redis_server.port), str(port))
        async with processes(url, 1) as (a,), processes(redis_server.url, 1) as (b,):
            deaf.set()
            await a.lost()
            deaf.clear()
            await a.reached()
            b.bus.publish_harm(HARM)
            await until(lambda: a.harm)


async def test_an_emptied_redis_has_the_state_back_from_who_knows_it(redis_server):
    async with processes(redis_server.url) as (a, b):
        a.bus.publish_state(TRIPPED)
        await until(lambda: b.states)
        redis_server.ask("FLUSHALL")
        await until(lambda: redis_server.ask("HGET", "wallbounce:exp:state", "version") == b"$1")
        async with processes(redis_server.url, 1) as (new,):
            await until(lambda: new.states)
            assert new.states == [TRIPPED]
        assert b.states == [TRIPPED]


async def test_a_redis_that_is_not_there_at_the_start_is_found_when_it_comes(redis_server):
    redis_server.kill()
    a = await Process(redis_server.url).start()
    a.bus.publish_state(TRIPPED)
    await until(lambda: "does not answer" in a.bus.health.words)
    redis_server.start()
    async with processes(redis_server.url, 1) as (b,):
        await until(lambda: b.states)
        assert b.states == [TRIPPED]
    await a.bus.aclose()


async def test_garbage_in_the_channel_or_the_key_is_counted_and_disturbs_nobody(
    shared_redis_server, redis_url
):
    shared_redis_server.ask("SET", "wallbounce:odd:state", "no hash")
    shared_redis_server.ask("HSET", "wallbounce:exp:state", "version", "8", "state", "no state")
    async with processes(redis_url) as (a, b):
        for said in ("", "{}", "[1]", '[2,"x","hello"]', '[1,"x","state",{}]', "\x00"):
            shared_redis_server.ask("PUBLISH", "wallbounce:0:exp:rollout", said)
        a.bus.publish_state(replace(TRIPPED, version=9))
        await until(lambda: b.states)
        assert b.states == [replace(TRIPPED, version=9)]
        assert b.bus.health.refused >= 7
        assert b.bus.health.reachable


async def test_a_listener_that_fails_is_called_again_next_time(redis_url):
    async with processes(redis_url, 1) as (a,):
        b = Process(redis_url)
        heard = []

        def fails(state):
            heard.append(state.version)
            raise LookupError("a mistake")

        await b.bus.start(fails, b.harm.append, b.hear_seen)
        await b.reached()
        with capture_logs() as logs:
            a.bus.publish_state(TRIPPED)
            await until(lambda: heard == [7])
            a.bus.publish_state(replace(TRIPPED, version=8))
            await until(lambda: heard == [7, 8])
        assert "rollout_bus_listener_failed" in [entry["event"] for entry in logs]
        await b.bus.aclose()


async def test_evidence_that_waits_too_long_gives_way_to_newer_and_is_counted(
    redis_server, monkeypatch
):
    monkeypatch.setattr(bus_module, "MOST_WAITING", 10)
    redis_server.kill()
    a = await Process(redis_server.url).start()
    for n in range(25):
        a.bus.publish_seen([seen(n)], [])
    assert a.bus.health.dropped == 15
    redis_server.start()
    async with processes(redis_server.url, 1) as (b,):
        a.bus.publish_seen([seen(25)], [])
        await until(lambda: b.seen and b.seen[-1] == seen(25))
        assert len(b.seen) <= 11
    await a.bus.aclose()


async def test_what_is_urgent_is_told_before_the_end(redis_url):
    async with processes(redis_url) as (a, b):
        a.bus.publish_harm(HARM)
        await a.bus.aclose()
        await until(lambda: b.harm)


async def test_closing_does_not_wait_for_a_redis_that_hangs(redis_server):
    a = await (await Process(redis_server.url).start()).reached()
    redis_server.stop()
    a.bus.publish_harm(HARM)
    async with asyncio.timeout(10):
        await a.bus.aclose()


@pytest.mark.parametrize("befalls", ["killed", "a wrong password"])
async def test_the_password_shows_up_nowhere(redis_server, befalls, capsys):
    url = redis_server.url
    if befalls == "killed":
        redis_server.kill()
    else:
        url = url.replace(PASSWORD, PASSWORD + "-no")
    with capture_logs() as logs:
        a = await Process(url).start()
        await until(lambda: "not reached yet" not in a.bus.health.words)
        await a.bus.aclose()
    assert PASSWORD not in repr(logs) + a.bus.health.words + repr(a.bus.health)
    assert PASSWORD not in "".join(capsys.readouterr())
    expected = "does not answer" if befalls == "killed" else "refuses us"
    assert expected in a.bus.health.words


@pytest.mark.parametrize(
    "url", [f"redis://:{PASSWORD}/x@host:6379/0", f"redis://:{PASSWORD}#x@host:6379/0"]
)
async def test_a_url_that_cannot_be_read_is_refused_without_quoting_it(url):
    with pytest.raises(UnreadableUrlError) as refused:
        await Process(url).start()
    assert PASSWORD not in repr(refused.value)
    assert refused.value.__cause__ is None
