"""How long a pattern is kept: what is reused and what predicts well lives longer. Pure.

A pattern dies when nothing like it has come in for its whole life, or, where there is no room for all,
when its time left is the shortest. Time and use together decide, as in caches that weigh recency and
frequency (LRFU; Lee et al. 2001, IEEE Trans. Computers 50(12)); that what led astray goes first is ours.
"""

from __future__ import annotations

import heapq
import math
from array import array
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

BASE_LIFE = timedelta(days=90)
"""Of a pattern nobody used and nobody labelled: a season. Vendors change their models about as often."""

LABELLED = 2.0
"""A label is what teaches: such a pattern lives so many times longer."""

MOST_PREDICTIVE = 2.0
"""Doublings, or halvings, of a life by how well the pattern predicted, at most."""

MOST_USE = 4.0
"""Lives that reuse adds at most: 15 reuses; vendors change, so nothing lives for ever."""

_EVIDENCE = 4
"""Predictions a pattern is taken to have made neutrally beforehand: one lucky hit proves little."""

_END_OF_TIME = datetime.max.replace(tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Use:
    """What a pattern's life depends on; the fields are those of `learning.patterns.pattern.Pattern`.

    ``last_at`` is UTC.
    """

    id: int
    last_at: datetime
    count: int = 1
    labelled: int = 0
    reused: int = 0
    predictive: int = 0


@dataclass(frozen=True, slots=True)
class Doomed:
    """Patterns to remove: ``expired`` outlived their time, ``crowded`` had the least of it left."""

    expired: tuple[int, ...]
    crowded: tuple[int, ...]


def life(use: Use, base: timedelta = BASE_LIFE) -> timedelta:
    """How long the pattern is kept after its last request.

    Each doubling of its uses (reuses by advice, and requests beyond the first) adds a ``base``.
    """
    uses = use.reused + max(0, use.count - 1)
    frequency = min(1.0 + math.log2(1.0 + uses), 1.0 + MOST_USE)
    told = LABELLED if use.labelled else 1.0
    # In [-1, 1]: of what it predicted, how much more was right than wrong.
    skill = use.predictive / (max(use.reused, abs(use.predictive)) + _EVIDENCE)
    kept: timedelta = base * (frequency * told * 2.0 ** (MOST_PREDICTIVE * skill))
    return kept


def dies_at(use: Use, base: timedelta = BASE_LIFE) -> datetime:
    """When it dies if nothing like it comes in until then."""
    try:
        return use.last_at + life(use, base)
    except OverflowError:
        return _END_OF_TIME


class Census:
    """Whom to remove so that all that stays is alive, and no more than ``at_most``.

    Patterns are told a page at a time, each once, and take 16 bytes: there may be a million. Ties go by
    number, older patterns first, so every process that sees the same patterns removes the same.

    Raises:
        ValueError: ``at_most`` is below 0.
    """

    def __init__(self, now: datetime, *, at_most: int, base: timedelta = BASE_LIFE) -> None:
        if at_most < 0:
            raise ValueError(f"at_most must be 0 or more, not {at_most}")
        self._now = now
        self._at_most = at_most
        self._base = base
        self._expired = array("q")
        self._ends = array("q")
        self._alive = array("q")

    def __len__(self) -> int:
        """Patterns told of."""
        return len(self._expired) + len(self._alive)

    def add(self, uses: Iterable[Use]) -> None:
        """Tell of more patterns."""
        for use in uses:
            end = dies_at(use, self._base)
            if end <= self._now:
                self._expired.append(use.id)
            else:
                self._ends.append((end - _EPOCH) // _TICK)
                self._alive.append(use.id)

    def doomed(self) -> Doomed:
        """Of all told of."""
        beyond = max(0, len(self._alive) - self._at_most)
        crowded = heapq.nsmallest(beyond, zip(self._ends, self._alive, strict=True))
        return Doomed(tuple(sorted(self._expired)), tuple(sorted(number for _, number in crowded)))
