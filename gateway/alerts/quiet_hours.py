"""The hours in which warnings wait; no clock here, the time is given."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

_FORM = re.compile(r"(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})(?:\s+(\S+))?")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From ``start`` to just before ``end`` of every day, by the clocks of ``zone``; over midnight too."""

    start: time
    end: time
    zone: str = "UTC"

    def covers(self, now: datetime) -> bool:
        """Whether the moment ``now`` (any time zone) lies in them.

        Wall-clock hours: a day on which the clocks change has a longer or shorter night.
        """
        here = now.astimezone(_zone(self.zone)).time()
        if self.start <= self.end:
            return self.start <= here < self.end
        return here >= self.start or here < self.end

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M} {self.zone}"


def quiet_hours(text: str) -> QuietHours:
    """Read ``22:00-07:00 Asia/Tokyo``; without a zone UTC is meant.

    Raises:
        ValueError: no such form, hour or time zone, or hours of no length.
    """
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise ValueError("expected HH:MM-HH:MM and a time zone")
    start, end = (_time(match[n]) for n in (1, 2))
    if start == end:
        raise ValueError("the hours begin when they end")
    zone = match[3] or "UTC"
    _zone(zone)
    return QuietHours(start, end, zone)


def _time(text: str) -> time:
    hour, minute = map(int, text.split(":"))
    return time(hour, minute)


def _zone(name: str) -> tzinfo:
    if name == "UTC":  # known without the system's files
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:  # a folder of zones is an OSError
        raise ValueError(f"no such time zone: {name}") from error
