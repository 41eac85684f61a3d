"""Figures expected of a request, with the interval they lie in nine times of ten. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from learning.advice.words import Expected

if TYPE_CHECKING:
    from collections.abc import Sequence

Z90 = 1.6449
"""Standard normal quantile that leaves 5 % above."""

FEWEST = 5
"""Figures from which an interval can be told; of five the least and the largest are its ends."""


def expected_share(p: float, seen: float) -> Expected:
    """A probability known as well as ``seen`` observations of it tell (Wilson 1927)."""
    if seen <= 0:
        return Expected(p, 0.0, 1.0)
    z = Z90 * Z90 / seen
    middle = (p + z / 2.0) / (1.0 + z)
    half = Z90 / (1.0 + z) * math.sqrt(p * (1.0 - p) / seen + z / (4.0 * seen))
    return Expected(p, max(0.0, min(p, middle - half)), min(1.0, max(p, middle + half)))


def expected_amount(figures: Sequence[float]) -> Expected | None:
    """What the next of these is likely to be: their mean, and where nine of ten lie; None for too few."""
    if len(figures) < FEWEST:
        return None
    held = sorted(figures)
    last = len(held) - 1
    return Expected(
        math.fsum(held) / len(held), held[math.floor(0.05 * last)], held[math.ceil(0.95 * last)]
    )
