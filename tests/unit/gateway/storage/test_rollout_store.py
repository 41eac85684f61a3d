"""Every rollout store keeps one trip for all instances, and its history."""

import asyncio
from datetime import timedelta

import pytest

from gateway.storage.rollout_records import RolloutEvent, TripState
from gateway.storage.rollout_store import InMemoryRolloutStore, RolloutStore, SqlRolloutStore
from gateway.storage.sql import Database
from tests.support.storage import NOON

FIGURES = {"error_rate": 0.2, "p95_ms": None}
LATER = NOON + timedelta(minutes=5)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def pair(request, tmp_path):
    """A store as two instances see it."""
    if request.param == "memory":
        store = InMemoryRolloutStore()
        yield store, store
        return
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/rollout.sqlite3"
    else:
        url = request.getfixturevalue("postgres_cluster").new_database()
    one, other = await Database.open(url), await Database.open(url)
    await one.migrate()
    yield SqlRolloutStore(one), SqlRolloutStore(other)
    await one.aclose()
    await other.aclose()


@pytest.fixture
def store(pair: tuple[RolloutStore, RolloutStore]) -> RolloutStore:
    return pair[0]


async def test_nothing_stands_before_the_first_trip(store):
    assert await store.load() == TripState()
    assert await store.version() == 0
    assert await store.history(10) == []


async def test_a_trip_stands_for_all_instances_with_its_reason_and_figures(pair):
    here, there = pair
    tripped = await here.trip("errors over 3 %", FIGURES, "watcher@a", NOON)
    assert tripped == TripState(True, "errors over 3 %", FIGURES, NOON, "watcher@a", 1)
    assert await there.load() == tripped
    assert await there.version() == 1


async def test_a_trip_that_stands_is_not_replaced_by_a_later_one(store):
    first = await store.trip("first", FIGURES, "a", NOON)
    assert await store.trip("second", {}, "b", LATER) == first
    assert [event.reason for event in await store.history(10)] == ["first"]


async def test_an_acknowledgement_ends_the_trip_and_tells_who_did_it(pair):
    here, there = pair
    await here.trip("errors", FIGURES, "watcher@a", NOON)
    state = await there.acknowledge("operator", LATER)
    assert state == TripState(False, "errors", FIGURES, LATER, "operator", 2)
    assert await here.load() == state


async def test_acknowledging_without_a_trip_changes_nothing(store):
    assert await store.acknowledge("operator", NOON) == TripState()
    assert await store.history(10) == []


async def test_a_trip_may_stand_anew_after_an_acknowledgement(store):
    await store.trip("first", {}, "a", NOON)
    await store.acknowledge("operator", NOON)
    again = await store.trip("second", {}, "a", LATER)
    assert (again.tripped, again.reason, again.version) == (True, "second", 3)


async def test_the_history_tells_the_latest_changes_newest_first(store):
    await store.trip("errors", FIGURES, "watcher@a", NOON)
    await store.acknowledge("operator", LATER)
    await store.trip("slow", {}, "watcher@b", LATER)
    assert await store.history(2) == [
        RolloutEvent(LATER, "trip", "watcher@b", "slow", {}, 3),
        RolloutEvent(LATER, "acknowledge", "operator", "errors", FIGURES, 2),
    ]


async def test_of_instances_that_trip_at_once_exactly_one_makes_the_transition(pair):
    states = await asyncio.gather(
        *(pair[i % 2].trip(f"reason {i}", {}, f"instance {i}", NOON) for i in range(8))
    )
    assert len(set(map(repr, states))) == 1
    assert states[0].version == 1
    assert len(await pair[0].history(10)) == 1


async def test_of_operators_who_acknowledge_at_once_exactly_one_makes_the_transition(pair):
    await pair[0].trip("errors", {}, "a", NOON)
    states = await asyncio.gather(
        *(pair[i % 2].acknowledge(f"operator {i}", LATER) for i in range(8))
    )
    assert {state.version for state in states} == {2}
    assert len(await pair[0].history(10)) == 2


async def test_trips_and_acknowledgements_at_once_leave_a_history_without_gaps(pair):
    await asyncio.gather(
        *(
            pair[i % 2].trip(f"r{i}", {}, "a", NOON)
            if i % 3
            else pair[i % 2].acknowledge("o", NOON)
            for i in range(12)
        )
    )
    events = (await pair[0].history(100))[::-1]
    assert [event.version for event in events] == list(range(1, len(events) + 1))
    kinds = [event.kind for event in events]
    assert kinds == [("trip", "acknowledge")[i % 2] for i in range(len(kinds))]
    state = await pair[1].load()
    assert (state.version, state.tripped) == (len(events), kinds[-1] == "trip")


async def test_a_trip_survives_a_restart(database_url):
    for_now = await Database.open(database_url)
    await for_now.migrate()
    tripped = await SqlRolloutStore(for_now).trip("errors", FIGURES, "watcher@a", NOON)
    await for_now.aclose()
    after = await Database.open(database_url)
    await after.migrate()
    assert await SqlRolloutStore(after).load() == tripped
    await after.aclose()
