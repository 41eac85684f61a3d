"""A failing day: what happens to which vendor when, and what holds at a moment of it.

All of it is values; the clock is the caller's (`providers.simulator.schedule`). Where entries overlap:

- of faults, the last one in the file that strikes a request decides;
- factors of latency multiply, and of latencies in full the last in the file holds;
- a request has to pass every limit;
- of wrong answers, one that strikes is enough.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import floor, prod
from typing import TYPE_CHECKING

from providers.simulator.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from providers.simulator.bucket import Rate
    from providers.simulator.latency import Latency, LongTail
    from providers.simulator.places import Endpoint, Place, Target
    from providers.simulator.vendors import Vendor


@dataclass(frozen=True, slots=True)
class Fails:
    """Requests meet a fault; ``retry_after_s`` is what a 429 says."""

    fault: Fault
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Slows:
    """Latency is multiplied, by the whole factor once ``ramp_s`` of the entry's time have passed."""

    factor: float
    ramp_s: float = 0.0

    def at(self, since_s: float) -> float:
        """The factor so long after the beginning."""
        if since_s >= self.ramp_s:
            return self.factor
        return 1 + (self.factor - 1) * since_s / self.ramp_s


@dataclass(frozen=True, slots=True)
class Takes:
    """Latency is this one."""

    latency: Latency | LongTail


@dataclass(frozen=True, slots=True)
class Allows:
    """No more requests than this pass, counted a vendor."""

    rate: Rate


@dataclass(frozen=True, slots=True)
class Misleads:
    """Replies state another answer, as well-formed and as sure as before."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the day: from ``at_s`` until before ``end_s``, for ``share`` of the requests.

    Times are seconds of the day's own clock. ``line`` is where it stands in the file.
    """

    at_s: float
    end_s: float
    who: tuple[Target, ...]
    what: Fails | Slows | Takes | Allows | Misleads
    share: float = 1.0
    name: str = ""
    line: int = 0

    def holds(self, at_s: float, place: Place | None = None) -> bool:
        """Whether it holds at that time, for that place (None: for anybody)."""
        if not self.at_s <= at_s < self.end_s:
            return False
        return place is None or any(target.covers(place) for target in self.who)


@dataclass(frozen=True, slots=True)
class Moment:
    """Where in which day, counted from 0; ``at_s`` is at the day's end for good once it is ``over``."""

    day: int
    at_s: float
    over: bool = False


@dataclass(frozen=True, slots=True)
class Holding:
    """What holds for a place. Entries come with their index in the file, the last one first."""

    faults: tuple[tuple[int, Entry], ...] = ()
    factor: float = 1.0
    latency: Latency | LongTail | None = None
    limits: tuple[tuple[int, Entry], ...] = ()
    misleading: tuple[tuple[int, Entry], ...] = ()

    @property
    def refuses(self) -> bool:
        """Whether no connection is taken: for some requests only, it is not the door that refuses them."""
        if not self.faults:
            return False
        last = self.faults[0][1]
        return isinstance(last.what, Fails) and last.what.fault is Fault.REFUSED and last.share >= 1


@dataclass(frozen=True, slots=True)
class Script:
    """A day of ``day_s`` seconds, of which ``speed`` pass in one real second.

    ``latency`` holds all day. ``endpoints`` are the further places the day speaks of.
    """

    entries: tuple[Entry, ...] = ()
    day_s: float = 0.0
    speed: float = 1.0
    repeat: bool = False
    latency: Mapping[Vendor, Latency | LongTail] = field(default_factory=dict)
    endpoints: tuple[Endpoint, ...] = ()

    def moment(self, elapsed_s: float) -> Moment:
        """Where the day is so many real seconds after its beginning."""
        passed = max(0.0, elapsed_s) * self.speed
        if self.day_s <= 0:
            return Moment(0, 0.0, over=True)
        if not self.repeat:
            over = passed >= self.day_s
            return Moment(0, min(passed, self.day_s), over)
        day = floor(passed / self.day_s)
        return Moment(day, min(max(0.0, passed - day * self.day_s), self.day_s))

    def holding(self, moment: Moment, place: Place) -> Holding:
        """What holds for ``place`` then: nothing once the day is over."""
        if moment.over:
            return Holding()
        now = [
            (index, entry)
            for index, entry in reversed(tuple(enumerate(self.entries)))
            if entry.holds(moment.at_s, place)
        ]
        whats = [(entry.what, entry) for _, entry in now]
        full = next((what.latency for what, _ in whats if isinstance(what, Takes)), None)
        return Holding(
            faults=tuple((i, e) for i, e in now if isinstance(e.what, Fails)),
            factor=prod(
                what.at(moment.at_s - entry.at_s)
                for what, entry in whats
                if isinstance(what, Slows)
            ),
            latency=full or self.latency.get(place.vendor),
            limits=tuple((i, e) for i, e in now if isinstance(e.what, Allows)),
            misleading=tuple((i, e) for i, e in now if isinstance(e.what, Misleads)),
        )

    def standing(self, moment: Moment) -> tuple[Entry, ...]:
        """The entries that hold then for anybody, in the file's order."""
        if moment.over:
            return ()
        return tuple(entry for entry in self.entries if entry.holds(moment.at_s))

    def next_change_s(self, moment: Moment) -> float | None:
        """Real seconds until an entry begins or ends, or the day does; None when nothing more will."""
        if moment.over:
            return None
        later = [t for t in self.turns if t > moment.at_s]
        return (min(later, default=self.day_s) - moment.at_s) / self.speed

    @property
    def turns(self) -> tuple[float, ...]:
        """The times of a day at which something begins or ends, in order, from 0 to its end."""
        times = {t for entry in self.entries for t in (entry.at_s, entry.end_s)}
        return tuple(sorted(times | {0.0, self.day_s}))
