"""How memory went with the requests: robust slopes through samples of resident memory."""

from __future__ import annotations

from itertools import combinations
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

POINTS = 300
"""Samples a slope is taken through at most: pairs go by the square."""


class Sample(NamedTuple):
    """Resident memory in bytes after so many requests."""

    requests: int
    rss: int


def slope(samples: Sequence[Sample]) -> float | None:
    """Bytes a request: the median of the slopes of all pairs of samples; None for fewer than two.

    Up to 29 % of the samples may lie anywhere, so a step when a pool first grows weighs little
    (Theil 1950; Sen, "Estimates of the regression coefficient based on Kendall's tau", 1968).
    """
    thinned = samples[:: -(-len(samples) // POINTS) or 1]
    slopes = [
        (b.rss - a.rss) / (b.requests - a.requests)
        for a, b in combinations(thinned, 2)
        if b.requests != a.requests
    ]
    return median(slopes) if slopes else None


def since(samples: Sequence[Sample], requests: float) -> list[Sample]:
    """The samples taken after that many requests."""
    return [sample for sample in samples if sample.requests >= requests]
