"""Figures follow the journal: incrementally, late labels and late records too, and never twice."""

import asyncio
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import orjson
import pytest
from sqlalchemy import delete, select

from gateway.storage.daily_schema import daily_figures, vendor_watch
from gateway.storage.daily_store import DailyStore
from gateway.storage.schema import requests
from gateway.storage.vendor_store import VendorStore
from learning.monitor.calendar import by_day
from learning.monitor.drift import Measure
from learning.monitor.figures import figures_of
from tests.support.daily import MIDNIGHT, after, decided, journalled, rolled_up, said
from tests.support.records import failed, shadowed

DAY = timedelta(days=1)


async def day_rows(database):
    """Every row of the daily figures, by day, kind and subject."""
    async with database.read() as connection:
        rows = (await connection.execute(select(daily_figures))).mappings().all()
    return {(str(row["day"]), row["kind"], row["subject"]): dict(row) for row in rows}


async def tallies(database, zone=UTC):
    found = await DailyStore(database).slices(after(days=-400), after(days=400))
    return by_day(found, zone)


async def test_a_day_is_told_by_arm_and_by_provider(database):
    await journalled(
        database,
        [
            decided(1, after(hours=1)),
            decided(2, after(hours=23, minutes=59), latency_ms=1_600),
            failed(request_id="r-3", at=after(hours=2), cost_usd=None),
            decided(4, after(days=1)),
        ],
    )
    await said(database, "r-000001", after(hours=3), correct=True, rating=5)
    await said(database, "r-000002", after(days=1), correct=False)
    await rolled_up(database, after(days=2))
    rows = await day_rows(database)
    arm = rows["2026-03-01", "arm", "wall_bounce"]
    assert (arm["requests"], arm["errors"], arm["labelled"], arm["right"]) == (3, 1, 2, 1)
    assert arm["accuracy"] == 0.5
    assert 0.09 < arm["accuracy_low"] < 0.1
    assert 0.9 < arm["accuracy_high"] < 0.91
    assert arm["confidence"] == pytest.approx(0.8)
    assert arm["calibration_error"] == pytest.approx(0.3)  # 0.8 was said, half was right
    assert arm["rating"] == 5
    assert arm["latency_p50_ms"] == pytest.approx(850, rel=0.022)
    assert arm["latency_p95_ms"] == pytest.approx(1_650, rel=0.022)
    assert arm["cost_usd"] == pytest.approx(0.006)
    assert orjson.loads(arm["codes"]) == {"all_providers_failed": 1}
    gemini = rows["2026-03-01", "provider", "gemini"]
    # Beside an answer that was right it is wrong; beside a wrong one nobody knows.
    assert (gemini["labelled"], gemini["right"], gemini["with_returned"]) == (1, 0, 0)
    gpt = rows["2026-03-01", "provider", "gpt"]
    assert (gpt["requests"], gpt["errors"], gpt["labelled"], gpt["right"]) == (3, 1, 2, 1)
    assert gpt["length_p50_tokens"] == pytest.approx(120, rel=0.022)
    assert rows["2026-03-02", "arm", "wall_bounce"]["requests"] == 1


async def test_running_again_changes_nothing_and_counts_nothing_anew(database):
    await journalled(database, [decided(n, after(minutes=7 * n)) for n in range(40)])
    first = await rolled_up(database, after(days=1))
    before = await day_rows(database)
    again = await rolled_up(database, after(days=1, minutes=5))
    assert (first.requests, again.slices) == (40, 0)
    assert await day_rows(database) == before


async def test_two_processes_at_once_leave_what_one_would(database):
    await journalled(database, [decided(n, after(minutes=7 * n)) for n in range(40)])
    await asyncio.gather(*(rolled_up(database, after(days=1)) for _ in range(2)))
    rows = await day_rows(database)
    assert rows["2026-03-01", "arm", "wall_bounce"]["requests"] == 40
    kept = await VendorStore(database).kept()
    watched = kept.document["vendors"]["providers"]["gpt"]["failure"]
    assert watched["reference"]["count"] == 40


async def test_a_late_label_recomputes_its_day_and_no_other(database):
    await journalled(database, [decided(n, after(days=n, hours=12)) for n in range(10)])
    await rolled_up(database, after(days=10))
    await said(database, "r-000001", after(days=10, hours=1), correct=False)
    done = await rolled_up(database, after(days=10, hours=2))
    assert (done.slices, done.requests) == (1, 1)
    rows = await day_rows(database)
    assert rows["2026-03-02", "arm", "wall_bounce"]["accuracy"] == 0
    assert rows["2026-03-03", "arm", "wall_bounce"]["accuracy"] is None


async def test_a_corrected_label_takes_the_first_ones_place(database):
    await journalled(database, [decided(1, after(hours=1))])
    await said(database, "r-000001", after(hours=2), correct=False)
    await rolled_up(database, after(hours=3))
    await said(database, "r-000001", after(hours=4), correct=True)
    await said(database, "r-000001", after(hours=4), correct=None, rating=2)
    await rolled_up(database, after(hours=5))
    row = (await day_rows(database))["2026-03-01", "arm", "wall_bounce"]
    assert (row["labelled"], row["right"], row["rating"]) == (1, 1, 2)


async def test_records_written_a_day_late_are_counted(database):
    await journalled(database, [decided(1, after(hours=1)), decided(2, after(hours=30))])
    await rolled_up(database, after(hours=31))
    await journalled(database, [decided(3, after(hours=1, minutes=1))])
    await rolled_up(database, after(hours=32))
    assert (await day_rows(database))["2026-03-01", "arm", "wall_bounce"]["requests"] == 2


async def test_figures_outlive_the_requests_they_are_of(database):
    await journalled(database, [decided(n, after(minutes=n)) for n in range(10)])
    await rolled_up(database, after(days=1))
    before = await day_rows(database)
    async with database.write() as connection:
        await connection.execute(delete(requests).where(requests.c.request_id < "r-000005"))
    # Feedback on one that is still there has its slice counted anew.
    await said(database, "r-000007", after(days=1), correct=True)
    await rolled_up(database, after(days=1, hours=1))
    assert await day_rows(database) == before


async def test_the_slice_that_is_under_way_is_counted_again_as_it_grows(database):
    await journalled(database, [decided(1, after(minutes=1))])
    await rolled_up(database, after(minutes=2))
    await journalled(database, [decided(2, after(minutes=3))])
    await rolled_up(database, after(minutes=4))
    assert (await day_rows(database))["2026-03-01", "arm", "wall_bounce"]["requests"] == 2


async def test_days_can_be_those_of_any_time_zone(database):
    await journalled(
        database, [decided(1, after(hours=14)), decided(2, after(hours=15, minutes=1))]
    )
    await rolled_up(database, after(days=1))
    tokyo = await tallies(database, ZoneInfo("Asia/Tokyo"))
    assert [(str(day), found["arm", "wall_bounce"].count) for day, found in tokyo.items()] == [
        ("2026-03-01", 1),
        ("2026-03-02", 1),
    ]


async def test_shadows_and_requests_without_an_arm_stand_for_themselves(database):
    await journalled(
        database,
        [
            shadowed(at=after(hours=1)),
            failed(request_id="r-2", at=after(hours=1), arm=None, votes=(), status=429, code="x"),
        ],
    )
    await rolled_up(database, after(days=1))
    (day,) = (await tallies(database)).values()
    assert {name for kind, name in day if kind == "arm"} == {"shadow", "none"}
    assert figures_of(day["arm", "none"]).error_rate is None


async def test_more_than_a_page_of_requests_in_one_moment_is_counted_whole(database):
    await journalled(database, [decided(n, after(hours=1)) for n in range(1_203)])
    assert (await rolled_up(database, after(hours=2))).requests == 1_203
    assert (await day_rows(database))["2026-03-01", "provider", "gpt"]["requests"] == 1_203


async def test_without_any_request_there_is_nothing_to_do(database):
    assert (await rolled_up(database, MIDNIGHT)).requests == 0


async def test_vendors_are_judged_by_settled_slices_alone_and_each_value_once(database):
    await journalled(database, [decided(n, after(minutes=n)) for n in range(60)])
    for now in (after(minutes=34), after(minutes=36), after(hours=3), after(hours=4)):
        await rolled_up(database, now)
        kept = await VendorStore(database).kept()
        counted = kept.document["vendors"]["providers"]["gpt"]["latency"]["reference"]["count"]
        # 34 minutes in, the slice that ended four minutes ago has not settled.
        assert counted == {34: 15, 36: 30}.get(round((now - MIDNIGHT).total_seconds() / 60), 60)


async def test_only_a_requests_first_label_is_evidence(database):
    await journalled(database, [decided(1, after(hours=1))])
    for hour, correct in ((2, True), (3, True), (3, False)):
        await said(database, "r-000001", after(hours=hour), correct=correct)
    await rolled_up(database, after(days=1))
    kept = await VendorStore(database).kept()
    wrong = kept.document["vendors"]["providers"]["gpt"]["wrong"]["reference"]
    assert (wrong["count"], wrong["total"]) == (1, 0)


async def test_a_vendor_that_turns_slow_is_found_once_and_kept(database):
    def latency(n):
        return (900.0 if n >= 1_500 else 400.0) * (1 + n % 7 / 10)

    await journalled(
        database,
        [decided(n, after(minutes=n), "gpt claude", latency_ms=latency(n)) for n in range(2_200)],
    )
    found = []
    for day in (1, 2):
        found += (await rolled_up(database, after(days=day))).changes
    changes = await VendorStore(database).changes(MIDNIGHT)
    assert changes == found
    slow = {c.provider: c for c in changes if c.measure is Measure.LATENCY}
    assert set(slow) == {"gpt", "claude"}
    assert len(changes) == 2
    change = slow["gpt"]
    assert (change.direction, change.model) == ("up", "a-model")
    assert abs(change.since - after(minutes=1_500)) < timedelta(minutes=10)
    assert change.after / change.before == pytest.approx(2.25, rel=0.15)


async def test_of_two_writers_of_the_vendors_state_the_second_is_told(database):
    store = VendorStore(database)
    assert await store.advance(0, {"until": "a"}, [])
    assert not await store.advance(0, {"until": "b"}, [])
    assert (await store.kept()).document == {"until": "a"}


async def test_of_several_processes_one_at_a_time_claims_the_work(database):
    store = VendorStore(database)
    claims = await asyncio.gather(*(store.claim(after(), after(minutes=2)) for _ in range(5)))
    assert sorted(claims) == [False] * 4 + [True]
    assert not await store.claim(after(minutes=1), after(minutes=3))
    assert await store.claim(after(minutes=2), after(minutes=4))
    async with database.read() as connection:
        assert len((await connection.execute(select(vendor_watch))).all()) == 1


async def test_a_clock_that_was_a_year_ahead_once_hides_nothing_that_comes_later(database):
    await journalled(database, [decided(1, after(minutes=1)), decided(2, after(days=365))])
    await rolled_up(database, after(days=366))
    await journalled(database, [decided(n, after(hours=5)) for n in (3, 4)])
    await rolled_up(database, after(hours=6))
    await journalled(database, [decided(n, after(hours=7)) for n in (5, 6)])
    await rolled_up(database, after(hours=8))
    assert (await day_rows(database))["2026-03-01", "arm", "wall_bounce"]["requests"] == 5
    kept = await VendorStore(database).kept()
    assert kept.rolled_up_at == after(hours=8)
    # Watched are the first two, and what came since the clock was found to be right again.
    assert kept.document["vendors"]["providers"]["gpt"]["latency"]["reference"]["count"] == 4


async def test_a_claim_for_a_time_far_ahead_binds_nobody(database):
    store = VendorStore(database)
    assert await store.claim(after(days=365), after(days=365, minutes=2))
    assert await store.claim(after(), after(minutes=2))
    assert not await store.claim(after(minutes=1), after(minutes=3))
