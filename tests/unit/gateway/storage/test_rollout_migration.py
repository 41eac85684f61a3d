"""A rollout of a database made by an older version goes on: trips stand, and its history is chained."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from alembic import command

from gateway.rollout.audit import GENESIS
from gateway.rollout.state import RolloutEvent, RolloutState, Trip
from gateway.storage.migrating import configuration
from gateway.storage.rollout_store import SqlRolloutStore
from gateway.storage.sql import Database
from tests.support.storage import NOON

FIGURES = {"error_rate": 0.1 + 0.2, "p95_latency_ms": None, "requests": 20}
_MOMENT = sa.DateTime(timezone=True)
OLD_STATE = sa.table(
    "rollout_state",
    *(sa.column(name, kind) for name, kind in [("tripped", sa.Boolean), ("reason", sa.Text)]),
    *(sa.column(name, kind) for name, kind in [("figures", sa.JSON), ("at", _MOMENT)]),
    *(sa.column(name, kind) for name, kind in [("by", sa.Text), ("version", sa.BigInteger)]),
)
OLD_EVENTS = sa.table(
    "rollout_events",
    *(sa.column(name, kind) for name, kind in [("version", sa.BigInteger), ("at", _MOMENT)]),
    *(sa.column(name, kind) for name, kind in [("kind", sa.Text), ("by", sa.Text)]),
    *(sa.column(name, kind) for name, kind in [("reason", sa.Text), ("figures", sa.JSON)]),
)


@pytest.fixture(params=["0001", "0002", "0003"])
async def old(request, database_url):
    """A database as the migrations up to an older version made it."""
    database = await Database.open(database_url)
    async with database.write() as connection:
        await connection.run_sync(_upgrade, request.param)
    yield database
    await database.aclose()


def _upgrade(connection, version):
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, version)


def _at(database, minutes):
    at = NOON + timedelta(minutes=minutes)
    return at.replace(tzinfo=None) if database.backend == "sqlite" else at


async def _happened(database, *kinds):
    """What the old version wrote for these changes, a minute apart."""
    async with database.write() as connection:
        for version, kind in enumerate(kinds, start=1):
            row = {"version": version, "at": _at(database, version), "by": f"by {version}"}
            row |= {"reason": f"理由 {version}", "figures": FIGURES if kind == "trip" else {}}
            await connection.execute(OLD_EVENTS.insert().values(row | {"kind": kind}))
            await connection.execute(OLD_STATE.update().values(row | {"tripped": kind == "trip"}))


async def test_an_old_database_without_any_change_begins_as_a_new_one(old):
    await old.migrate()
    store = SqlRolloutStore(old)
    assert await store.load() == RolloutState()
    assert (await store.verify()).ok


async def test_a_trip_that_stood_stands_on_with_its_reason_and_figures(old):
    await _happened(old, "trip", "acknowledge", "trip")
    await old.migrate()
    at = NOON + timedelta(minutes=3)
    assert await SqlRolloutStore(old).load() == RolloutState(
        version=3, trip=Trip("理由 3", FIGURES, "by 3", at)
    )


async def test_an_acknowledged_trip_is_no_trip_and_evidence_counts_from_its_end_on(old):
    await _happened(old, "trip", "acknowledge")
    await old.migrate()
    state = await SqlRolloutStore(old).load()
    assert state == RolloutState(version=2, since=NOON + timedelta(minutes=2))


async def test_old_events_are_kept_in_order_and_chained(old):
    await _happened(old, "trip", "acknowledge", "trip")
    await old.migrate()
    store = SqlRolloutStore(old)
    events = [event async for event in store.all_events()]
    told = [(e.version, e.kind, e.by, e.reason, e.figures) for e in events]
    assert told == [
        (1, "trip", "by 1", "理由 1", FIGURES),
        (2, "acknowledge", "by 2", "理由 2", {}),
        (3, "trip", "by 3", "理由 3", FIGURES),
    ]
    assert [e.at for e in events] == [NOON + timedelta(minutes=n) for n in (1, 2, 3)]
    assert [e.previous for e in events] == [GENESIS, events[0].digest, events[1].digest]
    whole = await store.verify()
    assert (whole.ok, whole.checked) == (True, 3), whole


async def test_the_history_goes_on_from_the_old_events(old):
    await _happened(old, "trip")
    await old.migrate()
    store = SqlRolloutStore(old)
    before = await store.load()
    after = RolloutState(version=2, since=NOON)
    event = RolloutEvent(0, NOON, "acknowledge", "operator", None, nonce="n-1")
    assert await store.change(before, after, event)
    assert (await store.verify()).checked == 2


async def test_taking_the_step_back_leaves_the_trip_and_the_events_as_they_were(old):
    await _happened(old, "trip", "acknowledge", "trip")
    async with old.read() as connection:
        rows = [(await connection.execute(sa.select(t))).all() for t in (OLD_STATE, OLD_EVENTS)]
    await old.migrate()
    async with old.write() as connection:
        await connection.run_sync(_down_to_3)
    async with old.read() as connection:
        back = [(await connection.execute(sa.select(t))).all() for t in (OLD_STATE, OLD_EVENTS)]
    assert back == rows


def _down_to_3(connection):
    config = configuration()
    config.attributes["connection"] = connection
    command.downgrade(config, "0003")
