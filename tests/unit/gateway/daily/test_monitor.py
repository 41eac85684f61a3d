"""The monitor of a running gateway: one process at a time, whatever fails, seen in the metrics."""

import asyncio
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import text
from structlog.testing import capture_logs

from gateway.daily.monitor import INTERVAL, Monitor
from gateway.daily.opening import open_monitor
from gateway.monitoring.drift_metrics import DriftMetrics
from gateway.storage.daily_store import DailyStore
from gateway.storage.vendor_store import VendorStore
from learning.monitor.drift import Change, Direction, Measure
from tests.support.daily import MIDNIGHT, after, decided, journalled
from tests.support.storage import until


class Process:
    """One process's monitor, and the time it believes in."""

    def __init__(self, database):
        self.now = MIDNIGHT
        self.registry = CollectorRegistry()
        self.pauses = []
        self.monitor = Monitor(
            DailyStore(database),
            VendorStore(database),
            DriftMetrics(self.registry),
            clock=lambda: self.now,
            pause=self.pause,
        )

    async def pause(self, seconds):
        self.pauses.append(seconds)
        await asyncio.sleep(0)

    def shown(self, name, **labels):
        return self.registry.get_sample_value(name, labels)


async def test_of_two_processes_one_rolls_up_and_both_show_it(database):
    await journalled(database, [decided(n, after(minutes=n)) for n in range(30)])
    one, other = Process(database), Process(database)
    one.now = other.now = after(hours=1)
    assert [await one.monitor.turn(), await other.monitor.turn()] == [True, False]
    for process in (one, other):
        assert process.shown("daily_figures_timestamp_seconds") == after(hours=1).timestamp()


async def test_a_process_that_died_at_work_is_followed_by_another(database):
    await journalled(database, [decided(1, after(minutes=1))])
    assert await VendorStore(database).claim(after(hours=1), after(hours=1, minutes=2))
    survivor = Process(database)
    survivor.now = after(hours=1, minutes=1)
    assert not await survivor.monitor.turn()
    survivor.now = after(hours=1, minutes=2)
    assert await survivor.monitor.turn()


async def test_the_same_process_is_due_again_after_the_interval_and_not_before(database):
    await journalled(database, [decided(1, after(minutes=1))])
    process = Process(database)
    turns = []
    for later in (timedelta(0), INTERVAL / 2, INTERVAL):
        process.now = after(hours=1) + later
        turns.append(await process.monitor.turn())
    assert turns == [True, False, True]


async def test_a_change_is_logged_by_who_finds_it_and_shown_by_all(database):
    def latency(n):
        return (900.0 if n >= 1_500 else 400.0) * (1 + n % 7 / 10)

    traffic = [decided(n, after(minutes=n), "gpt", latency_ms=latency(n)) for n in range(1_900)]
    await journalled(database, traffic)
    finder, other = Process(database), Process(database)
    finder.now = other.now = after(days=2)
    with capture_logs() as logs:
        await finder.monitor.turn()
        await other.monitor.turn()
    (line,) = (line for line in logs if line["event"] == "vendor_changed")
    assert (line["provider"], line["measure"], line["direction"]) == ("gpt", "latency", "up")
    labels = {"provider": "gpt", "measure": "latency", "direction": "up"}
    for process in (finder, other):
        at = process.shown("provider_changed_timestamp_seconds", **labels)
        assert after(minutes=1_500).timestamp() < at < after(minutes=1_700).timestamp()
        ratio = process.shown("provider_drift_evidence_ratio", provider="gpt", measure="failure")
        assert 0 <= ratio < 1


def test_a_change_is_news_for_a_day():
    metrics = DriftMetrics(CollectorRegistry())
    assert metrics.lately(MIDNIGHT) == {}
    change = Change(
        at=MIDNIGHT,
        since=after(hours=-3),
        provider="gpt",
        model="a-model",
        measure=Measure.WRONG,
        direction=Direction.UP,
        before=0.15,
        after=0.3,
        observations=400,
        log_evidence=8.0,
    )
    metrics.show((), [change], None)
    assert metrics.lately(after(hours=23, minutes=59)) == {
        "gpt wrong up": "from 0.15 to 0.3, likely since 2026-02-28 21:00 UTC"
    }
    assert metrics.lately(after(days=1)) == {}


async def test_a_database_that_fails_is_told_once_and_does_not_end_the_monitor(database):
    await journalled(database, [decided(1, after(minutes=1))])
    process = Process(database)
    process.now = after(hours=1)
    async with database.write() as connection:
        await connection.execute(text("ALTER TABLE figure_slices RENAME TO gone"))
    with capture_logs() as logs:
        assert [await process.monitor.turn() for _ in range(2)] == [False, False]
    assert [line["event"] for line in logs] == ["daily_figures_failed"]
    async with database.write() as connection:
        await connection.execute(text("ALTER TABLE gone RENAME TO figure_slices"))
    process.now = after(hours=2)
    assert await process.monitor.turn()


async def test_it_waits_between_turns_until_it_is_cancelled(database):
    process = Process(database)
    task = asyncio.create_task(process.monitor.run())
    async with asyncio.timeout(30):
        while process.pauses.count(INTERVAL.total_seconds()) < 3:  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_opened_monitor_rolls_up_and_ends_with_its_block(database):
    await journalled(database, [decided(1, after(minutes=1))])
    registry, before = CollectorRegistry(), asyncio.all_tasks()
    async with open_monitor(database, DriftMetrics(registry), first_after_s=0):
        await until(lambda: registry.get_sample_value("daily_figures_timestamp_seconds") > 0)
    assert asyncio.all_tasks() == before
