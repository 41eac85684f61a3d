"""Intervals of a share: Wilson's for figures, the exact bound for what a test is held against."""

from __future__ import annotations

import math
from typing import NamedTuple

Z_95 = 1.959963984540054
"""The standard normal's 97.5th percentile."""

_HALVINGS = 60


class Share(NamedTuple):
    """Part of a whole, in [0, 1], with its interval."""

    value: float
    lower: float
    upper: float


def wilson(successes: int, count: int, z: float = Z_95) -> Share | None:
    """A share with its score interval; None of none.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference", JASA 22.
    """
    if count == 0:
        return None
    part, spread = successes / count, z * z / count
    centre = (part + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(part * (1 - part) / count + spread / (4 * count))
    return Share(part, max(0.0, min(part, centre - half)), min(1.0, max(part, centre + half)))


def upper_bound(successes: int, count: int, alpha: float) -> float:
    """A bound the rate behind ``successes`` of ``count`` exceeds with a chance of at most ``alpha``.

    Source: Clopper & Pearson 1934, "The use of confidence or fiducial limits", Biometrika 26, one-sided.
    """
    if successes >= count:
        return 1.0
    low, high = successes / count, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _at_most(successes, count, middle) > alpha:
            low = middle
        else:
            high = middle
    return high


def _at_most(successes: int, count: int, rate: float) -> float:
    """The chance of ``successes`` or fewer of ``count`` at ``rate`` in (0, 1)."""
    log_chance = count * math.log1p(-rate)
    odds = math.log(rate) - math.log1p(-rate)
    total = math.exp(log_chance)
    for k in range(1, successes + 1):
        log_chance += math.log((count - k + 1) / k) + odds
        total += math.exp(log_chance)
    return total
