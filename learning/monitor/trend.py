"""Whether a daily figure rises or falls: the Theil-Sen slope, and the Mann-Kendall test.

Both go by the order of values alone, so one bad day moves neither far. Days without a figure are left
out; the slope counts the days between.

Source: Theil 1950, "A rank-invariant method of linear and polynomial regression analysis"; Sen 1968, "Estimates
of the regression coefficient based on Kendall's tau", JASA 63 (slope and its interval); Mann 1945 and Kendall 1975
(test; the variance with ties). Several series are judged together: Benjamini & Hochberg 1995, JRSS B 57.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from learning.monitor.intervals import Z_95

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeVar

    Name = TypeVar("Name")

LEAST_DAYS = 5
"""Of fewer days no order is rarer than 5 % on both sides: 2 of 4! are."""

EXACT_DAYS = 30
"""Up to here, without ties, the test's chances are counted; beyond, the normal's are within 0.1 %."""

FALSE_DISCOVERIES = 0.05
"""Of the series called rising or falling together, the part that is not expected to be."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A series of daily figures.

    ``slope`` a day, with the ends of its 95 % interval (None where the series is too short for one);
    ``chance``: how likely an order as clear as this would be by chance, two-sided. ``first`` and ``last``
    are the Theil-Sen line's values at the ends.
    """

    days: int
    slope: float
    lower: float | None
    upper: float | None
    chance: float
    first: float
    last: float


def trend_of(series: Sequence[tuple[int, float]]) -> Trend | None:
    """The trend of (day, value), days ascending; None with fewer than `LEAST_DAYS`."""
    count = len(series)
    if count < LEAST_DAYS:
        return None
    slopes = sorted((y - x) / (d - c) for (c, x), (d, y) in combinations(series, 2))
    slope = _median(slopes)
    # The line through the medians of days and values (Conover 1980).
    middle_day = _median([float(day) for day, _ in series])
    middle = _median(sorted(value for _, value in series))
    lower, upper = _interval(slopes, [value for _, value in series])
    return Trend(
        days=count,
        slope=slope,
        lower=lower,
        upper=upper,
        chance=mann_kendall([value for _, value in series]),
        first=middle + slope * (series[0][0] - middle_day),
        last=middle + slope * (series[-1][0] - middle_day),
    )


def mann_kendall(values: Sequence[float]) -> float:
    """The chance of an order at least as clear, up or down, where there is no trend."""
    score = _score(values)
    count = len(values)
    if count <= EXACT_DAYS and len(set(values)) == count:
        return _exact_chance(count, abs(score))
    spread = math.sqrt(_variance(values))
    if spread == 0:
        return 1.0  # all values are the same
    return math.erfc(max(0, abs(score) - 1) / spread / math.sqrt(2))


def discovered(chances: Mapping[Name, float], level: float = FALSE_DISCOVERIES) -> set[Name]:
    """The names whose chance is small enough, all judged together (Benjamini & Hochberg)."""
    ranked = sorted(chances.items(), key=lambda item: item[1])
    kept = 0
    for place, (_, chance) in enumerate(ranked, 1):
        if chance <= level * place / len(ranked):
            kept = place
    return {name for name, _ in ranked[:kept]}


def _score(values: Sequence[float]) -> int:
    """Pairs that rise less pairs that fall."""
    return sum((y > x) - (y < x) for x, y in combinations(values, 2))


def _variance(values: Sequence[float]) -> float:
    n = len(values)
    ties = sum(t * (t - 1) * (2 * t + 5) for t in Counter(values).values())
    return (n * (n - 1) * (2 * n + 5) - ties) / 18


def _exact_chance(count: int, score: int) -> float:
    """The part of all orders of ``count`` different values whose score is at least ``score`` away from 0."""
    ways = [1]  # by how many pairs are out of order
    for size in range(2, count + 1):
        sums = [0]
        for way in ways:
            sums.append(sums[-1] + way)
        ways = [
            sums[min(k + 1, len(ways))] - sums[max(0, k + 1 - size)]
            for k in range(len(ways) + size - 1)
        ]
    pairs = count * (count - 1) // 2
    extreme = sum(way for k, way in enumerate(ways) if abs(pairs - 2 * k) >= score)
    return extreme / math.factorial(count)


def _interval(
    slopes: Sequence[float], values: Sequence[float]
) -> tuple[float | None, float | None]:
    """The slopes that stand as far from the ends as the test's spread says (Sen 1968)."""
    reach = Z_95 * math.sqrt(_variance(values))
    low = math.floor((len(slopes) - reach) / 2) - 1
    high = math.ceil((len(slopes) + reach) / 2)
    if low < 0 or high >= len(slopes):
        return None, None
    return slopes[low], slopes[high]


def _median(ordered: Sequence[float]) -> float:
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
