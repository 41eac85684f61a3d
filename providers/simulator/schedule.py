"""A failing day being played: its clock, who is limited by now, and what the next request of a place meets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from providers.simulator.bucket import Bucket
from providers.simulator.faults import Fault
from providers.simulator.mind import draw
from providers.simulator.script import Allows, Fails
from providers.simulator.script_words import spell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from providers.simulator.bucket import Allowance
    from providers.simulator.latency import Latency, LongTail
    from providers.simulator.places import Place
    from providers.simulator.script import Entry, Holding, Moment, Script
    from providers.simulator.vendors import Vendor


@dataclass(frozen=True, slots=True)
class Meets:
    """What a request meets by the day: ``latency`` None is the usual one, times ``factor``.

    ``allowance`` is there while requests are limited.
    """

    fault: Fault | None = None
    retry_after_s: float | None = None
    misled: bool = False
    factor: float = 1.0
    latency: Latency | LongTail | None = None
    allowance: Allowance | None = None


class Schedule:
    """The day of ``script``, which begins with the first look at ``clock`` (seconds)."""

    def __init__(self, script: Script, seed: int, clock: Callable[[], float]) -> None:
        self._script = script
        self._seed = seed
        self._clock = clock
        self._began: float | None = None
        self._buckets: dict[tuple[int, int, Vendor], Bucket] = {}

    def begin(self, at_s: float = 0.0) -> None:
        """Start the first day anew, at that time of it.

        Raises:
            ValueError: the day has no such time.
        """
        if not 0 <= at_s <= self._script.day_s:
            raise ValueError(f"the day has no {at_s:g} s; it lasts {self._script.day_s:g} s")
        self._began = self._clock() - at_s / self._script.speed
        self._buckets.clear()

    def now(self) -> Moment:
        """Where the day is."""
        if self._began is None:
            self.begin()
        return self._script.moment(self._clock() - (self._began or 0.0))

    def holding(self, place: Place) -> Holding:
        """What holds for a place now."""
        return self._script.holding(self.now(), place)

    def meets(self, place: Place, number: int) -> Meets:
        """What a place's request of that number meets; counts it against the limits."""
        moment = self.now()
        held = self._script.holding(moment, place)
        struck = self._first(held.faults, place, number)
        what = struck.what if struck is not None and isinstance(struck.what, Fails) else None
        misled = self._first(held.misleading, place, number) is not None
        if what is not None and what.fault is Fault.REFUSED:
            return Meets(Fault.REFUSED)
        allowance = self._allowance(held, place, moment)
        return Meets(
            what.fault if what else None,
            what.retry_after_s if what else None,
            misled, held.factor, held.latency, allowance,
        )  # fmt: skip

    def until_change_s(self) -> float | None:
        """Real seconds until something else holds; None for never."""
        return self._script.next_change_s(self.now())

    def standing(self) -> tuple[Moment, tuple[Entry, ...]]:
        """Where the day is, and the entries that hold."""
        moment = self.now()
        return moment, self._script.standing(moment)

    def view(self) -> dict[str, Any]:
        """What ``GET /_script`` shows of the day."""
        moment, entries = self.standing()
        script = self._script
        return {
            "day": moment.day,
            "at_s": round(moment.at_s, 3),
            "over": moment.over,
            "day_s": script.day_s,
            "speed": script.speed,
            "repeat": script.repeat,
            "next_change_in_s": script.next_change_s(moment),
            "holding": [view_of(entry) for entry in entries],
        }

    def _first(
        self, entries: Iterable[tuple[int, Entry]], place: Place, number: int
    ) -> Entry | None:
        return next(
            (
                entry
                for index, entry in entries
                if entry.share >= 1 or draw(self._seed, "day", index, place, number) < entry.share
            ),
            None,
        )

    def _allowance(self, held: Holding, place: Place, moment: Moment) -> Allowance | None:
        """The scarcest of the limits. One that refuses leaves what the others have: it was no request."""
        now, met = self._clock(), []
        for index, entry in held.limits:
            if not isinstance(entry.what, Allows):
                continue
            key = (moment.day, index, place.vendor)
            bucket = self._buckets.get(key) or Bucket.full(entry.what.rate, now)
            met.append((key, *bucket.take(now)))
        if not met:
            return None
        refused = [m for m in met if m[2].wait_s > 0]
        for key, bucket, _ in refused or met:
            self._buckets[key] = bucket
        if refused:
            return max((m[2] for m in refused), key=lambda allowance: allowance.wait_s)
        return min((m[2] for m in met), key=lambda allowance: allowance.left)


def view_of(entry: Entry) -> dict[str, Any]:
    """An entry as JSON."""
    return {
        "at_s": entry.at_s,
        "end_s": entry.end_s,
        "who": [str(target) for target in entry.who],
        "what": spell(entry),
        "name": entry.name,
        "line": entry.line,
    }
