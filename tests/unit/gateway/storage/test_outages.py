"""What a killed process and a lost database cost: no more than was promised."""

import asyncio
import sqlite3
import subprocess
import sys
import time

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from gateway.rollout.state import RolloutEvent, RolloutState, Trip
from gateway.storage.errors import DatabaseAwayError
from gateway.storage.journal import Journal
from gateway.storage.journal_tables import JournalTables
from gateway.storage.rollout_store import SqlRolloutStore
from gateway.storage.sql import Database
from tests.support.storage import NOON, ROOT, record, until

SETTLED_S = 0.2
"""What is older than this when the process is killed must be there."""


def settled_before_kill(url):
    """Kill -9 a process that appends; the ids it had appended long enough before."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.unit.gateway.storage.appending_process", url],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    said = [process.stdout.readline() for _ in range(150)]
    killed_at = time.monotonic()
    process.kill()
    rest, _ = process.communicate(timeout=30)
    # The last line may be cut.
    appended = [line.split() for line in [*said, *rest.splitlines()[:-1]]]
    return {name for name, at in appended if float(at) < killed_at - SETTLED_S}


async def test_after_kill_9_only_the_last_200_ms_may_be_missing(database_url):
    settled = settled_before_kill(database_url)
    assert len(settled) >= 50

    database = await Database.open(database_url)
    await database.migrate()
    kept = await JournalTables(database).since(NOON, None)
    await database.aclose()
    names = {r.request_id for r in kept}
    assert settled <= names, sorted(settled - names)
    # None is there in part.
    assert all(r.votes == record().votes for r in kept)
    if database_url.startswith("sqlite"):
        with sqlite3.connect(database_url.removeprefix("sqlite:///")) as opened:
            assert opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert opened.execute("PRAGMA foreign_key_check").fetchall() == []
        opened.close()


async def test_records_wait_for_a_database_that_is_away_and_are_written_in_order(
    own_postgres_cluster,
):
    database = await Database.open(own_postgres_cluster.new_database())
    await database.migrate()
    journal = Journal(database, batch=4)
    await journal.start()
    journal.append(record("r-00", after_s=0))
    await journal.flush()

    own_postgres_cluster.stop()
    for i in range(1, 20):
        journal.append(record(f"r-{i:02d}", after_s=i))
    await until(lambda: not journal.stats.healthy)
    stats = journal.stats
    assert (stats.pending, stats.written, stats.dropped) == (19, 1, 0)
    assert stats.last_error
    assert await journal.find("r-07") == record("r-07", after_s=7)

    own_postgres_cluster.start()
    async with asyncio.timeout(30):
        await journal.flush()
    stats = journal.stats
    assert (stats.pending, stats.written, stats.dropped, stats.healthy) == (0, 20, 0, True)
    async with database.read() as connection:
        as_written = await connection.execute(text("SELECT request_id FROM requests ORDER BY ctid"))
        assert as_written.scalars().all() == [f"r-{i:02d}" for i in range(20)]
    await journal.aclose()
    await database.aclose()


async def test_during_a_long_outage_the_newest_records_are_kept_and_the_others_counted(
    own_postgres_cluster,
):
    database = await Database.open(own_postgres_cluster.new_database())
    await database.migrate()
    own_postgres_cluster.stop()
    journal = Journal(database, batch=2, capacity=10)
    seen = []
    journal.subscribe(seen.append)
    await journal.start()
    journal.append(record("early-1"))
    journal.append(record("early-2"))
    await until(lambda: not journal.stats.healthy)
    with capture_logs() as logs:
        for i in range(50):
            journal.append(record(f"r-{i:02d}", after_s=i))
    assert [entry["event"] for entry in logs] == ["journal_dropping"]
    # The watcher misses nothing, whatever becomes of the records.
    assert len(seen) == 52
    stats = journal.stats
    assert (stats.pending, stats.dropped) == (12, 40)

    own_postgres_cluster.start()
    async with asyncio.timeout(30):
        await journal.flush()
    kept = {r.request_id for r in await journal.recent(NOON)}
    assert kept == {"early-1", "early-2", *(f"r-{i}" for i in range(40, 50))}
    assert (journal.stats.written, journal.stats.dropped) == (12, 40)
    await journal.aclose()
    await database.aclose()


async def test_the_rollout_state_is_there_again_after_the_server_crashed(own_postgres_cluster):
    database = await Database.open(own_postgres_cluster.new_database())
    await database.migrate()
    store = SqlRolloutStore(database)
    tripped = RolloutState(version=1, trip=Trip("errors", {"rate": 0.2}, "watcher", NOON))
    event = RolloutEvent(1, NOON, "trip", "watcher", "errors", nonce="n-1")
    assert await store.change(RolloutState(), tripped, event)
    own_postgres_cluster.stop()
    with pytest.raises(DatabaseAwayError):
        await store.version()
    own_postgres_cluster.start()
    assert await store.load() == tripped
    await database.aclose()
