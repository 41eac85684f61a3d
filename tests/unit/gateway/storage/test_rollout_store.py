"""Every rollout store keeps one state for all instances, and the chained history of its changes."""

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from gateway.rollout.audit import GENESIS
from gateway.rollout.plan import ArmPolicy, RolloutPlan, Stage
from gateway.rollout.rules import Margins
from gateway.rollout.state import Approval, RolloutEvent, RolloutState, Trip
from gateway.storage.errors import DatabaseAwayError, DatabaseDamagedError, DataRefusedError
from gateway.storage.rollout_store import InMemoryRolloutStore, RolloutStore, SqlRolloutStore
from gateway.storage.sql import Database
from tests.support.storage import NOON

FIGURES = {"error_rate": 0.1 + 0.2, "p95_latency_ms": None, "requests": 20}
LATER = NOON + timedelta(minutes=5)
PLAN = RolloutPlan(
    "two-at-once",
    (Stage(1.0), Stage(12.5, timedelta(hours=36), approvals=2)),
    advance="automatic",
    arms=(
        ArmPolicy("wall_bounce"),
        ArmPolicy("brief", 0.1, ("gemini", "gpt"), {"gpt": 0.7}, "sequential", 3),
    ),
    margins=Margins(error_rate=0.1 + 0.2),
    shadow=5.0,
)


def tripped(before: RolloutState, reason="errors over 3 %", figures=FIGURES, by="watcher@a"):
    trip = Trip(reason, figures, by, NOON)
    return replace(before, version=before.version + 1, trip=trip)


def acknowledged(before: RolloutState):
    return replace(before, version=before.version + 1, trip=None, since=LATER)


def event(
    nonce, kind="trip", *, reason="errors over 3 %", at=NOON, by="watcher@a", figures=FIGURES
):
    return RolloutEvent(0, at, kind, by, reason, figures, nonce=nonce)


async def trip(store, nonce, **told):
    before = await store.load()
    return await store.change(before, tripped(before), event(nonce, **told))


async def acknowledge(store, nonce):
    before = await store.load()
    happened = event(nonce, "acknowledge", reason="back", at=LATER, by="operator", figures={})
    return await store.change(before, acknowledged(before), happened)


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


async def test_nothing_stands_and_nothing_has_happened_at_first(store):
    assert await store.load() == RolloutState()
    assert await store.version() == 0
    assert await store.history(10) == []
    assert (await store.verify()).ok


async def test_a_change_stands_for_all_instances(pair):
    here, there = pair
    before = await here.load()
    after = replace(
        tripped(before),
        plan=PLAN,
        stage=1,
        since=NOON,
        held=True,
        approvals=(Approval("ann@cli", NOON), Approval("bob", LATER)),
        closed=("brief",),
    )
    assert await here.change(before, after, event("n-1"))
    assert await there.load() == after
    assert await there.version() == 1


async def test_who_decides_on_a_state_that_passed_changes_nothing(pair):
    here, there = pair
    seen = await there.load()
    assert await trip(here, "n-1")
    assert not await there.change(seen, tripped(seen, "mine"), event("n-2", reason="mine"))
    assert (await there.load()).trip.reason == "errors over 3 %"
    assert [kept.nonce for kept in await there.history(10)] == ["n-1"]


async def test_of_instances_that_change_the_same_state_at_once_exactly_one_does(pair):
    seen = await pair[0].load()
    won = await asyncio.gather(
        *(
            pair[i % 2].change(seen, tripped(seen, f"reason {i}"), event(f"n-{i}", by=f"i-{i}"))
            for i in range(8)
        )
    )
    assert won.count(True) == 1
    (kept,) = await pair[0].history(10)
    assert kept.nonce == f"n-{won.index(True)}"
    assert (await pair[1].load()).trip.reason == f"reason {won.index(True)}"


async def test_changes_of_many_at_once_leave_a_whole_history(pair):
    async def insist(i):
        while not await (acknowledge if i % 3 else trip)(pair[i % 2], f"n-{i}"):
            pass

    await asyncio.gather(*(insist(i) for i in range(12)))
    assert (await pair[1].load()).version == 12
    whole = await pair[0].verify()
    assert (whole.ok, whole.checked) == (True, 12)
    assert {kept.nonce for kept in await pair[1].history(99)} == {f"n-{i}" for i in range(12)}


async def test_the_same_change_tried_again_is_made_once(pair):
    seen = await pair[0].load()
    first = event("n-1")
    assert await pair[0].change(seen, tripped(seen), first)
    assert await pair[1].change(seen, tripped(seen), first)
    assert len(await pair[0].history(10)) == 1


async def test_a_change_tried_again_is_known_after_others_moved_on(pair):
    seen = await pair[0].load()
    await pair[0].change(seen, tripped(seen), event("n-1"))
    await acknowledge(pair[1], "n-2")
    assert await pair[0].change(seen, tripped(seen), event("n-1"))
    now = await pair[0].load()
    assert (now.version, now.tripped) == (2, False)
    # Nor is it made anew on what stands now: an operator has answered it.
    assert await pair[0].change(now, tripped(now), event("n-1"))
    assert (await pair[0].load()).version == 2


async def test_an_event_tells_who_why_and_on_what_figures_and_what_followed(store):
    await trip(store, "n-1")
    (kept,) = await store.history(1)
    assert (kept.version, kept.at, kept.kind, kept.by) == (1, NOON, "trip", "watcher@a")
    assert (kept.reason, kept.figures, kept.nonce) == ("errors over 3 %", FIGURES, "n-1")
    assert kept.state["trip"]["reason"] == "errors over 3 %"
    assert kept.previous == GENESIS
    assert len(kept.digest) == 64


async def test_the_history_is_read_newest_first_and_from_any_version_on(store):
    for i in range(3):
        await trip(store, f"t-{i}")
        await acknowledge(store, f"a-{i}")
    assert [e.version for e in await store.history(2)] == [6, 5]
    assert [e.version for e in await store.history(2, before=5)] == [4, 3]
    assert [e.version for e in await store.history(9, before=2)] == [1]
    assert await store.history(9, before=1) == []


async def test_every_event_follows_the_one_before_it(store):
    for i in range(3):
        await trip(store, f"t-{i}")
        await acknowledge(store, f"a-{i}")
    events = [kept async for kept in store.all_events()]
    assert [e.version for e in events] == [1, 2, 3, 4, 5, 6]
    assert [e.previous for e in events[1:]] == [e.digest for e in events[:-1]]


async def test_a_history_of_several_pages_is_read_whole(pair, monkeypatch):
    monkeypatch.setattr("gateway.storage.rollout_store.PAGE", 2)
    for i in range(5):
        await trip(pair[0], f"t-{i}")
    assert [e.version async for e in pair[1].all_events()] == [1, 2, 3, 4, 5]
    assert (await pair[1].verify()).checked == 5


@pytest.mark.parametrize(
    "reason",
    ["再起動 \N{COLLISION SYMBOL}", "a NUL \0 in it", "half \ud83d", "\n\t\"'\\", "", None],
)
async def test_any_reason_can_be_kept(store, reason):
    before = await store.load()
    happened = event("n-1", reason=reason, by=reason or "")
    assert await store.change(before, tripped(before, reason or ""), happened)
    (kept,) = await store.history(1)
    assert (kept.reason, kept.by) == (reason, reason or "")
    assert (await store.load()).trip.reason == (reason or "")
    assert (await store.verify()).ok


async def test_figures_beyond_all_numbers_are_kept_as_words(store):
    before = await store.load()
    figures = {"evidence": float("inf"), "interval": (0.1, float("nan"))}
    assert await store.change(before, tripped(before), event("n-1", figures=figures))
    (kept,) = await store.history(1)
    assert kept.figures == {"evidence": "Infinity", "interval": [0.1, "NaN"]}
    assert (await store.verify()).ok


async def test_what_json_has_no_word_for_is_refused_and_changes_nothing(store):
    before = await store.load()
    with pytest.raises(DataRefusedError, match="object"):
        await store.change(before, tripped(before), event("n-1", figures={"what": object()}))
    assert await store.version() == 0


async def test_a_change_that_skips_a_version_or_has_no_nonce_is_a_mistake_of_the_caller(store):
    before = await store.load()
    with pytest.raises(ValueError, match="version"):
        await store.change(before, replace(tripped(before), version=2), event("n-1"))
    with pytest.raises(ValueError, match="nonce"):
        await store.change(before, tripped(before), event(""))


async def test_a_state_survives_a_restart(database_url):
    for_now = await Database.open(database_url)
    await for_now.migrate()
    await trip(SqlRolloutStore(for_now), "n-1")
    state = await SqlRolloutStore(for_now).load()
    await for_now.aclose()
    after = await Database.open(database_url)
    await after.migrate()
    assert await SqlRolloutStore(after).load() == state
    await after.aclose()


class _LostError(Exception):
    pass


class Cut:
    """A database whose connection breaks once around a commit, before or after it got through."""

    def __init__(self, database, *, committed):
        self._database = database
        self._committed = committed
        self._cut = False

    def __getattr__(self, name):
        return getattr(self._database, name)

    @asynccontextmanager
    async def write(self):
        first, self._cut = not self._cut, True
        with suppress(_LostError):
            async with self._database.write() as connection:
                yield connection
                self._break(first and not self._committed)
        if first:
            raise DatabaseAwayError("the connection was lost")

    @staticmethod
    def _break(now):
        if now:
            raise _LostError


@pytest.mark.parametrize("committed", [True, False])
async def test_a_commit_nobody_knows_of_is_tried_again_without_a_second_transition(
    database, committed
):
    store = SqlRolloutStore(Cut(database, committed=committed))
    before, happened = await store.load(), event("n-1")
    with pytest.raises(DatabaseAwayError):
        await store.change(before, tripped(before), happened)
    assert await store.version() == int(committed)
    assert await store.change(before, tripped(before), happened)
    assert [e.nonce for e in await store.history(9)] == ["n-1"]
    assert (await store.load()).tripped


async def test_a_first_try_the_server_still_carries_through_is_known_by_the_second(
    postgres_cluster,
):
    """The row's lock is held by the first try; the second waits for it and then finds its own event."""
    url = postgres_cluster.new_database()
    one, other = await Database.open(url), await Database.open(url)
    await one.migrate()
    seen, happened = RolloutState(), event("n-1")
    ahead = SqlRolloutStore(one)
    async with one.write() as connection:
        held = SqlRolloutStore(_Within(one, connection))
        assert await held.change(seen, tripped(seen), happened)
        second = asyncio.create_task(SqlRolloutStore(other).change(seen, tripped(seen), happened))
        await _waits_for_a_lock(one)
    assert await second
    assert len(await ahead.history(9)) == 1
    await one.aclose()
    await other.aclose()


class _Within:
    """A database whose transactions are one that is open already."""

    def __init__(self, database, connection):
        self._database = database
        self._connection = connection

    @asynccontextmanager
    async def write(self):
        yield self._connection


async def _waits_for_a_lock(database):
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
        "AND datname = current_database()"
    )
    async with asyncio.timeout(20):
        while True:
            async with database.read() as connection:
                if (await connection.execute(query)).scalar_one():
                    return
            await asyncio.sleep(0.01)


async def _tamper(database, statement):
    async with database.write() as connection:
        assert (await connection.execute(text(statement))).rowcount


@pytest.mark.parametrize(
    ("statement", "first_broken"),
    [
        pytest.param(
            "UPDATE rollout_events SET document = replace(document, 'errors', 'nothing') WHERE version = 3",
            3,
            id="another reason",
        ),
        pytest.param("DELETE FROM rollout_events WHERE version = 2", 2, id="one gone"),
        pytest.param("DELETE FROM rollout_events WHERE version > 4", 5, id="the end gone"),
        pytest.param("DELETE FROM rollout_events", 1, id="all gone"),
        pytest.param("UPDATE rollout_events SET version = 9 WHERE version = 2", 2, id="moved"),
        pytest.param("UPDATE rollout_events SET nonce = 'x' WHERE version = 2", 2, id="its nonce"),
        pytest.param(
            "UPDATE rollout_events SET document = document || ' ' WHERE version = 2",
            2,
            id="a blank",
        ),
        pytest.param(
            "UPDATE rollout_events SET document = 'gone' WHERE version = 2", 2, id="no event"
        ),
        pytest.param(
            "INSERT INTO rollout_events SELECT 7, 'x', document, digest FROM rollout_events "
            "WHERE version = 6",
            7,
            id="one added",
        ),
        pytest.param("UPDATE rollout_state SET version = 8", 7, id="the state's version"),
        pytest.param("UPDATE rollout_state SET version = 4", 5, id="the state set back"),
        pytest.param("UPDATE rollout_state SET document = '{}'", 6, id="the state alone"),
        pytest.param("UPDATE rollout_state SET document = 'gone'", 6, id="no state"),
        pytest.param("UPDATE rollout_state SET digest = 'x'", 6, id="the state's digest"),
    ],
)
async def test_whoever_writes_past_the_store_is_found_and_the_place_named(
    database, statement, first_broken
):
    store = SqlRolloutStore(database)
    for i in range(3):
        await trip(store, f"t-{i}")
        await acknowledge(store, f"a-{i}")
    assert (await store.verify()).ok
    await _tamper(database, statement)
    found = await store.verify()
    assert (found.ok, found.first_broken) == (False, first_broken), found
    assert found.why


async def test_what_cannot_be_read_is_called_damaged_and_not_away(database):
    store = SqlRolloutStore(database)
    await trip(store, "n-1")
    await _tamper(database, "UPDATE rollout_state SET document = '[]'")
    await _tamper(database, "UPDATE rollout_events SET document = '[]'")
    with pytest.raises(DatabaseDamagedError):
        await store.load()
    with pytest.raises(DatabaseDamagedError, match="rollout verify"):
        await store.history(9)
