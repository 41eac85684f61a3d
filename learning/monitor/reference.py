"""What a figure was: a sample of its past, and how far its mean may move before that is a change.

Rates are compared as they are, with the exact bound of the reference's. Latencies and lengths are compared by
rank, whatever their unit and however they spread: the part of the reference that a like value exceeds has a
mean of 1/2, but for the reference's own chance.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from learning.monitor.bins import bin_of, quantile
from learning.monitor.intervals import upper_bound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from learning.monitor.drift import Terms


@dataclass(slots=True)
class Sample:
    """Values of one figure: how many, the sum of a rate's, the bins of ranked ones."""

    ranked: bool
    count: int = 0
    total: float = 0.0
    bins: dict[int, int] = field(default_factory=dict)

    def add(self, value: float) -> None:
        """Take in the next value."""
        self.count += 1
        if self.ranked:
            number = bin_of(value)
            self.bins[number] = self.bins.get(number, 0) + 1
        else:
            self.total += value

    @property
    def told(self) -> float | None:
        """The rate, or the median; None without values."""
        if self.ranked:
            return quantile(self.bins, 0.5)
        return self.total / self.count if self.count else None

    def as_json(self) -> dict[str, Any]:
        """Plain JSON; `from_json` reads it back."""
        bins = {str(number): count for number, count in self.bins.items()}
        return {"count": self.count, "total": self.total, "bins": bins}

    @staticmethod
    def from_json(kept: Mapping[str, Any], *, ranked: bool) -> Sample:
        """What `as_json` made."""
        bins = {int(number): count for number, count in kept["bins"].items()}
        return Sample(ranked, kept["count"], kept["total"], bins)


def bound_of(reference: Sample, terms: Terms, alpha: float) -> float:
    """The largest mean that is no change; too low with a chance of at most ``alpha``."""
    if reference.ranked:
        return 0.5 + max(terms.margin, rank_bound(reference.count, alpha))
    bad = round(reference.total)
    return max(bad / reference.count + terms.margin, upper_bound(bad, reference.count, alpha))


def rank_bound(count: int, alpha: float) -> float:
    """How far from 1/2 the mean rank of like values may lie, but for a chance ``alpha``.

    Given the reference it is 1 less the mean of ``count`` uniforms, which are sub-Gaussian of variance 1/12
    (Arbel, Marchal & Nguyen 2020, "On strict sub-Gaussianity, optimal proxy variance and symmetry for bounded
    random variables": the Beta family); that a bin's values share their middle rank only narrows it.
    """
    return math.sqrt(math.log(1 / alpha) / (6 * count))


class Ranks:
    """Where a value lies among the reference's."""

    def __init__(self, reference: Sample) -> None:
        self._numbers = sorted(reference.bins)
        self._below = [0.0]
        for number in self._numbers:
            self._below.append(self._below[-1] + reference.bins[number] / reference.count)

    def of(self, value: float) -> float:
        """The part of the reference below ``value``, in [0, 1]; of its own bin half."""
        number = bin_of(value)
        place = bisect_left(self._numbers, number)
        if place < len(self._numbers) and self._numbers[place] == number:
            return (self._below[place] + self._below[place + 1]) / 2
        return min(self._below[place], 1.0)
