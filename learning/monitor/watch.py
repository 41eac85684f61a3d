"""One figure of one provider, watched: first its reference is collected, then every value is evidence."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from learning.monitor.change_test import ODDS, ChangeTest
from learning.monitor.drift import ALPHA, NEEDED, REFERENCE_TIME, TERMS, Change, Direction
from learning.monitor.reference import Ranks, Sample, bound_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from learning.monitor.drift import Measure, Seen

HIGHEST = 0.98
"""A bound above this leaves nothing to bet on."""

_ENOUGH = math.exp(NEEDED)


@dataclass(slots=True)
class _Side:
    """The test of one direction, and where a change would most likely have begun.

    ``walk`` is the likelihood of the middle alternative, as a logarithm, and ``lowest`` the least it has
    been: there, at ``since``, a change most likely began. ``after`` are the values from there on.
    """

    test: ChangeTest
    since: datetime
    after: Sample
    walk: float = 0.0
    lowest: float = field(default=0.0)

    def add(self, y: float, seen: Seen) -> None:
        """Take in the next value, ``y`` in [0, 1] and 1 the furthest in this direction."""
        self.test.add(y)
        more = ODDS[1] - 1
        self.walk += math.log1p(more / (1 + self.test.bound * more) * (y - self.test.bound))
        if self.walk <= self.lowest:
            self.lowest, self.since = self.walk, seen.at
            self.after = Sample(self.after.ranked)
        else:
            self.after.add(seen.value)

    def as_json(self) -> dict[str, Any]:
        return {
            "test": self.test.as_json(),
            "since": self.since.isoformat(),
            "after": self.after.as_json(),
            "walk": self.walk,
            "lowest": self.lowest,
        }

    @staticmethod
    def from_json(kept: Mapping[str, Any], *, ranked: bool) -> _Side:
        return _Side(
            ChangeTest.from_json(kept["test"]),
            datetime.fromisoformat(kept["since"]),
            Sample.from_json(kept["after"], ranked=ranked),
            kept["walk"],
            kept["lowest"],
        )


class Watch:
    """Begins without a reference. After a found change it is done, and another takes its place."""

    def __init__(self, measure: Measure) -> None:
        self._measure = measure
        self._terms = TERMS[measure]
        self._reference = Sample(self._terms.ranked)
        self._began: datetime | None = None
        self._sides: dict[Direction, _Side] = {}
        self._ranks: Ranks | None = None

    @property
    def before(self) -> float | None:
        """The reference's rate or median; None before it is complete."""
        return self._reference.told if self._sides else None

    @property
    def collected(self) -> int:
        """Values of the reference so far."""
        return self._reference.count

    @property
    def observations(self) -> int:
        """Values seen since the reference was complete."""
        return max((side.test.steps for side in self._sides.values()), default=0)

    @property
    def log_evidence(self) -> float | None:
        """The larger one of its directions; None without a complete reference."""
        return max((side.test.log_evidence for side in self._sides.values()), default=None)

    def add(self, seen: Seen) -> Change | None:
        """Take in the next value; the change that it proves."""
        if not self._sides:
            self._refer(seen)
            return None
        place = seen.value if self._ranks is None else self._ranks.of(seen.value)
        for direction, side in self._sides.items():
            side.add(place if direction is Direction.UP else 1 - place, seen)
        if not any(side.test.evidence >= _ENOUGH for side in self._sides.values()):
            return None
        direction, side = max(self._sides.items(), key=lambda item: item[1].test.evidence)
        return Change(
            at=seen.at,
            since=side.since,
            provider=seen.provider,
            model=seen.model,
            measure=self._measure,
            direction=direction,
            before=_told(self._reference),
            after=_told(side.after),
            observations=side.test.steps,
            log_evidence=side.test.log_evidence,
        )

    def _refer(self, seen: Seen) -> None:
        began = self._began = self._began or seen.at
        self._reference.add(seen.value)
        if self._reference.count < self._terms.least or seen.at - began < REFERENCE_TIME:
            return
        bound = bound_of(self._reference, self._terms, ALPHA)
        if bound > HIGHEST:
            # Nothing can be much worse; perhaps the next reference is of better days.
            self._reference, self._began = Sample(self._terms.ranked), None
            return
        self._sides = {
            direction: _Side(ChangeTest(bound), seen.at, Sample(self._terms.ranked))
            for direction in self._terms.directions
        }
        self._rank()

    def _rank(self) -> None:
        self._ranks = Ranks(self._reference) if self._terms.ranked else None

    def as_json(self) -> dict[str, Any]:
        """Plain JSON; `from_json` reads it back."""
        return {
            "reference": self._reference.as_json(),
            "began": None if self._began is None else self._began.isoformat(),
            "sides": {direction.value: side.as_json() for direction, side in self._sides.items()},
        }

    @staticmethod
    def from_json(measure: Measure, kept: Mapping[str, Any]) -> Watch:
        """What `as_json` made, which goes on as if it had never been written."""
        watch = Watch(measure)
        ranked, began = watch._terms.ranked, kept["began"]
        watch._reference = Sample.from_json(kept["reference"], ranked=ranked)
        watch._began = None if began is None else datetime.fromisoformat(began)
        watch._sides = {
            Direction(direction): _Side.from_json(side, ranked=ranked)
            for direction, side in kept["sides"].items()
        }
        if watch._sides:
            watch._rank()
        return watch


def _told(sample: Sample) -> float:
    """A change is found after a value at least."""
    told = sample.told
    assert told is not None  # noqa: S101 - a rise of the evidence is a value in `after`
    return told
