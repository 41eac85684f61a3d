"""Brings the figures up to date with the journal, and the watch over the vendors.

Whatever is done twice comes out the same: a slice's figures are counted anew from its records, and the vendors'
state moves on from one version to the next, which only one process can do. So it may be broken off
anywhere, and run beside another.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from learning.monitor.calendar import SLICE, beginning, by_day, slice_of
from learning.monitor.counting import count
from learning.monitor.figures import figures_of
from learning.monitor.vendors import Vendors, told_by, told_by_label

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from datetime import date

    from gateway.storage.daily_pages import LabelRow, Page
    from gateway.storage.daily_store import DailyStore
    from gateway.storage.vendor_store import VendorStore
    from learning.monitor.drift import Change
    from learning.monitor.figures import Figures
    from learning.monitor.tally import Key, Tallies

LATE = timedelta(days=2)
"""How far back requests are looked for that were written late: a database may be away for a night."""

LABEL_OVERLAP = timedelta(minutes=10)
"""How far feedback is looked back for beyond the last time: instances' clocks differ, commits take time."""

SETTLED = timedelta(minutes=5)
"""How long a slice must be over before the vendors are judged by it: each value counts once."""

TOGETHER = 16
"""Slices whose vendors' state is written once: it is some 20 kB. What is broken off is done again."""

REST = 4.0
"""Pauses for each second of processor time: a fifth of one core at most, however much there is to do."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a run came to: slices counted, requests in them, changes of vendors found."""

    slices: int
    requests: int
    changes: tuple[Change, ...]


class Rollup:
    """One run at a time.

    Args:
        figures: Where traffic is read and figures are kept.
        vendors: Where the vendors' state is kept.
        clock: The time, UTC.
        pause: Waits so many seconds between two slices.
        on_slice: Told after each slice.
    """

    def __init__(
        self,
        figures: DailyStore,
        vendors: VendorStore,
        *,
        clock: Callable[[], datetime],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        on_slice: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._figures = figures
        self._vendors = vendors
        self._clock = clock
        self._pause = pause
        self._on_slice = on_slice

    async def run(self) -> Done:
        """Count what is new, then judge the vendors by what has settled.

        Raises:
            gateway.storage.errors.StorageError: The database failed; what was written stays.
        """
        now = self._clock()
        first = await self._figures.first()
        if first is None:
            return Done(0, 0, ())
        slices, requests = await self._count_all(first, now)
        changes = await self._watch(first, now)
        await self._vendors.rolled_up(now)
        return Done(slices, requests, changes)

    async def _count_all(self, first: datetime, now: datetime) -> tuple[int, int]:
        before = (await self._vendors.kept()).rolled_up_at
        if before is not None:
            before = min(before, now)  # a clock that was ahead once must not hide what comes now
        changed = await self._figures.grown(
            slice_of(first if before is None else max(first, before - LATE))
        )
        if before is not None:
            changed |= await self._figures.said_since(before - LABEL_OVERLAP)
        requests, days = 0, set()
        for start in sorted(changed):
            requests += await self._count(start)
            days.add(start.date())
        await self._keep_days(days)
        return len(changed), requests

    async def _count(self, start: datetime) -> int:
        tallies: Tallies = {}
        counted, spent = 0, 0.0
        async for page in self._figures.traffic(start):
            spent += await asyncio.to_thread(_count_page, tallies, page)
            counted += len(page.requests)
        await self._figures.keep_slice(start, counted, tallies)
        await self._rest(spent)
        return counted

    async def _keep_days(self, days: Iterable[date]) -> None:
        for day in sorted(days):
            start = beginning(day, UTC)
            slices = await self._figures.slices(start, start + timedelta(days=1))
            await self._figures.keep_days(await asyncio.to_thread(_figures, day, slices))

    async def _watch(self, first: datetime, now: datetime) -> tuple[Change, ...]:
        kept = await self._vendors.kept()
        version, known = kept.version, kept.document.get("vendors", {})
        vendors = await asyncio.to_thread(Vendors.from_json, known)
        until = kept.document.get("until")
        since = slice_of(first) if until is None else datetime.fromisoformat(until)
        settled = slice_of(now - SETTLED)
        if since > settled + LATE:
            # Judged by a clock that was ahead: to wait for that time would be to watch nobody until then.
            document = {"vendors": known, "until": settled.isoformat()}
            await self._vendors.advance(version, document, ())
            return ()
        found: list[Change] = []
        active = await self._figures.active(since, settled)
        for place in range(0, len(active), TOGETHER):
            chunk = active[place : place + TOGETHER]
            changes = [c for start in chunk for c in await self._watch_slice(vendors, start)]
            document = {"vendors": vendors.as_json(), "until": (chunk[-1] + SLICE).isoformat()}
            if not await self._vendors.advance(version, document, changes):
                break  # another process was quicker: what it found is in the database
            version += 1
            found += changes
        return tuple(found)

    async def _watch_slice(self, vendors: Vendors, start: datetime) -> list[Change]:
        found: list[Change] = []
        spent = 0.0
        async for page in self._figures.traffic(start):
            changes, took = await asyncio.to_thread(_watch_page, vendors, page)
            found += changes
            spent += took
        labels = await self._figures.labels(start)
        changes, took = await asyncio.to_thread(_watch_labels, vendors, labels)
        await self._rest(spent + took)
        return [*found, *changes]

    async def _rest(self, spent_s: float) -> None:
        if self._on_slice is not None:
            await self._on_slice()
        await self._pause(REST * spent_s)


def _figures(
    day: date, slices: Iterable[tuple[datetime, Tallies]]
) -> list[tuple[date, Key, Figures]]:
    return [
        (day, key, figures_of(tally))
        for tallies in by_day(slices, UTC).values()
        for key, tally in tallies.items()
    ]


def _count_page(tallies: Tallies, page: Page) -> float:
    """Returns the processor seconds it took."""
    before = time.thread_time()
    for record, said in page.records():
        count(tallies, record, said)
    return time.thread_time() - before


def _watch_page(vendors: Vendors, page: Page) -> tuple[list[Change], float]:
    before = time.thread_time()
    found = [
        change
        for record, _ in page.records()
        for seen in told_by(record)
        if (change := vendors.see(seen)) is not None
    ]
    return found, time.thread_time() - before


def _watch_labels(vendors: Vendors, labels: Sequence[LabelRow]) -> tuple[list[Change], float]:
    before = time.thread_time()
    found = [
        change
        for label in labels
        for seen in told_by_label(
            label.at, label.ballot(), label.returned_group, correct=label.correct
        )
        if (change := vendors.see(seen)) is not None
    ]
    return found, time.thread_time() - before
