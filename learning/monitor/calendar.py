"""Days of a time zone, put together from quarters of an hour."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

from learning.monitor.tally import together

if TYPE_CHECKING:
    from collections.abc import Iterable

    from learning.monitor.tally import Tallies

SLICE = timedelta(minutes=15)
"""What figures are kept by: all offsets from UTC in use today are multiples of it."""


def slice_of(at: datetime) -> datetime:
    """The beginning, in UTC, of the slice that ``at`` is in."""
    seconds = int(at.timestamp())
    return datetime.fromtimestamp(seconds - seconds % int(SLICE.total_seconds()), UTC)


def beginning(day: date, zone: tzinfo) -> datetime:
    """The moment a day begins in a time zone, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def last_days(now: datetime, count: int, zone: tzinfo) -> tuple[date, ...]:
    """The last ``count`` days up to the one that is now, oldest first."""
    today = now.astimezone(zone).date()
    return tuple(today - timedelta(days=back) for back in range(count - 1, -1, -1))


def by_day(slices: Iterable[tuple[datetime, Tallies]], zone: tzinfo) -> dict[date, Tallies]:
    """The tallies of each day that has any, oldest first."""
    parts: dict[date, list[Tallies]] = {}
    for at, tallies in slices:
        parts.setdefault(at.astimezone(zone).date(), []).append(tallies)
    return {day: together(parts[day]) for day in sorted(parts)}
