"""Two instances over one database and one Redis: whatever befalls Redis, or one of the two, no rollback
is lost, none is made twice, and no request fails."""

import asyncio
import sqlite3
import threading
import time
from contextlib import contextmanager

import httpx
import pytest

from gateway.storage.rollout_store import SqlRolloutStore
from gateway.storage.sql import Database
from tests.api.conftest import OPERATOR_KEY
from tests.support.gateway_process import RunningGateway

QUESTION = {"prompt": "What is 17 + 25?"}
OPERATOR = {"authorization": f"Bearer {OPERATOR_KEY}"}


@pytest.fixture
def database_file(tmp_path):
    return tmp_path / "shared.sqlite3"


@pytest.fixture
def new_instance(vendors, redis_server, database_file, tmp_path):
    """Starts instances of one rollout: ``new_instance("one")``."""
    started = []

    def start(name, **changes):
        folder = tmp_path / name
        folder.mkdir()
        env = vendors.environment | {
            "DATABASE_URL": f"sqlite:///{database_file}",
            "REDIS_URL": redis_server.url,
            "WALLBOUNCE_OPERATOR_KEYS": OPERATOR_KEY,
            "SRP_INSTANCE_ID": name,
            "SRP_TRAFFIC_PERCENTAGE": "100",
        }
        instance = RunningGateway(env | changes, folder)
        started.append(instance)
        instance.start()
        until(lambda: redis_of(instance) or "REDIS_URL" in changes)
        return instance

    yield start
    for instance in started:
        instance.stop()


@pytest.fixture
def pair(new_instance):
    return new_instance("one"), new_instance("two")


def until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)


def rollout(instance):
    return httpx.get(f"{instance.url}/api/v1/rollout", timeout=30).json()


def redis_of(instance):
    return rollout(instance)["shared_state"]["redis"]


def post(instance, move, **body):
    return httpx.post(
        f"{instance.url}/api/v1/rollout/{move}", json=body, headers=OPERATOR, timeout=30
    )


def tripped(*instances):
    return all(rollout(instance)["tripped"] for instance in instances)


def kinds(database_file):
    """The whole history, oldest first, after it was seen to be whole."""

    async def read():
        database = await Database.open(f"sqlite:///{database_file}")
        try:
            store = SqlRolloutStore(database)
            found = await store.verify()
            assert found.ok, found
            return [event.kind async for event in store.all_events()]
        finally:
            await database.aclose()

    return asyncio.run(read())


@contextmanager
def traffic(*instances):
    """Requests to all the whole time; none may fail. Yields what was answered, as (instance, path)."""
    answered, failed, over = [], [], threading.Event()

    def ask(instance):
        with httpx.Client(base_url=instance.url, timeout=30, trust_env=False) as client:
            while not over.is_set():
                reply = client.post("/api/v1/generate", json=QUESTION)
                if reply.status_code == 200:
                    answered.append((instance.url, reply.json()["path"]))
                else:
                    failed.append(reply.text)

    threads = [threading.Thread(target=ask, args=(instance,)) for instance in instances]
    for thread in threads:
        thread.start()
    try:
        yield answered
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert failed == []
    assert {url for url, _ in answered} == {instance.url for instance in instances}


def test_a_rollback_while_redis_is_dead_moves_all_and_once_it_is_back_all_are_in_step(
    pair, redis_server, database_file
):
    one, two = pair
    with traffic(one, two):
        redis_server.kill()
        until(lambda: not redis_of(one) and not redis_of(two))
        assert "Redis" in rollout(one)["shared_state"]["words"]
        assert post(one, "rollback", reason="a drill").json()["tripped"]
        until(lambda: tripped(two), seconds=5)
        redis_server.start()
        until(lambda: redis_of(one) and redis_of(two))
        assert tripped(one, two)
        assert post(two, "acknowledge").json()["tripped"] is False
        until(lambda: not tripped(one), seconds=5)
    assert kinds(database_file) == ["trip", "acknowledge"]


def test_a_rollback_while_redis_hangs_for_five_seconds_is_held_up_by_nothing(
    pair, redis_server, database_file
):
    one, two = pair
    with traffic(one, two):
        redis_server.stop()
        began = time.monotonic()
        assert post(one, "rollback", reason="a drill").json()["tripped"]
        until(lambda: tripped(two), seconds=4)
        time.sleep(max(0.0, 5 - (time.monotonic() - began)))
        redis_server.go_on()
        until(lambda: redis_of(one) and redis_of(two))
        assert tripped(one, two)
    assert kinds(database_file) == ["trip"]


def test_an_emptied_redis_neither_lifts_a_rollback_nor_hides_it_from_who_comes(
    pair, new_instance, redis_server, database_file
):
    one, two = pair
    with traffic(one, two):
        post(one, "rollback", reason="a drill")
        until(lambda: tripped(two), seconds=5)
        redis_server.ask("FLUSHALL")
        until(lambda: redis_server.ask("HINCRBY", KEY, "version", "0") == b":1")
        assert tripped(one, two)
        assert tripped(new_instance("three"))
    assert kinds(database_file) == ["trip"]


KEY = "wallbounce:srp-wall-bounce:state"


def test_who_has_lost_redis_alone_follows_through_the_database(pair, new_instance, database_file):
    one, two = pair
    apart = new_instance("apart", REDIS_URL="redis://127.0.0.1:1/0")
    with traffic(one, two, apart):
        assert redis_of(apart) is False
        post(apart, "rollback", reason="a drill")
        until(lambda: tripped(one, two), seconds=5)
        post(one, "acknowledge")
        until(lambda: not tripped(apart), seconds=5)
    assert kinds(database_file) == ["trip", "acknowledge"]


def test_with_the_database_locked_a_rollback_reaches_the_other_over_redis_and_is_stored_once(
    pair, database_file
):
    one, two = pair
    locked = sqlite3.connect(database_file, isolation_level=None)
    locked.execute("BEGIN IMMEDIATE")
    replies = []
    asking = threading.Thread(target=lambda: replies.append(post(one, "rollback", reason="drill")))
    with traffic(one, two) as answered:
        asking.start()
        until(lambda: tripped(one, two), seconds=4)
        assert rollout(two)["delivered"] is False
        before = len(answered)
        until(lambda: len(answered) > before + 10)
        assert {path for _, path in answered[before + 2 :]} == {"legacy"}
        locked.execute("ROLLBACK")
        asking.join()
        until(lambda: rollout(one)["delivered"] and rollout(two)["delivered"])
    locked.close()
    assert replies[0].json()["tripped"]
    assert kinds(database_file) == ["trip"]


@pytest.mark.parametrize("redis", ["there", "gone"])
def test_rollbacks_of_both_at_once_are_one(pair, redis_server, database_file, redis):
    if redis == "gone":
        redis_server.kill()
    for _ in range(5):
        at_once(*(lambda i=i: post(i, "rollback", reason="a drill") for i in pair))
        until(lambda: tripped(*pair))
        assert post(pair[0], "acknowledge").status_code == 200
        until(lambda: not any(rollout(i)["tripped"] for i in pair))
    assert kinds(database_file) == ["trip", "acknowledge"] * 5


def at_once(*calls):
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("redis", ["there", "gone"])
def test_an_instance_killed_in_mid_transition_loses_no_rollback_it_confirmed_and_doubles_none(
    pair, redis_server, database_file, redis
):
    one, two = pair
    if redis == "gone":
        redis_server.kill()
    expected = []
    for delay_s in (0.0, 0.005, 0.02, 0.05):
        confirmed = []

        def ask(heard=confirmed):
            try:
                heard.append(post(one, "rollback", reason="a drill").json()["tripped"])
            except httpx.TransportError:
                heard.append(None)  # it died before it could say

        with traffic(two):
            asking = threading.Thread(target=ask)
            asking.start()
            time.sleep(delay_s)
            one.kill9()
            asking.join()
            if confirmed == [True]:
                until(lambda: tripped(two), seconds=5)
            one.start()
            # Made or not, both say the same, and it is what the history says.
            until(lambda: rollout(one)["tripped"] == rollout(two)["tripped"])
            made = kinds(database_file)
            assert made in (expected, [*expected, "trip"])
            assert tripped(one, two) is (made != expected)
            if made != expected:
                assert post(one, "acknowledge").status_code == 200
                until(lambda: not tripped(two), seconds=5)
                made.append("acknowledge")
            expected = made
    assert kinds(database_file) == expected
