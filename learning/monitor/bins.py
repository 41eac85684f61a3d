"""Latencies and lengths in bins that grow by 4.4 %, so that many may be added up and still have quantiles."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PER_DOUBLING = 16
"""A quantile read from the bins is within 2.2 % of a value that was met."""

SMALLEST = 0.1
"""What is smaller (ms, tokens), or no number, is in the lowest bin."""

LARGEST = 1e12
"""What is larger is in the highest: no single value keeps a day from being counted."""


def bin_of(value: float) -> int:
    """The bin of a value; bin b ends at 2 ** (b / PER_DOUBLING)."""
    return math.ceil(math.log2(min(max(SMALLEST, value), LARGEST)) * PER_DOUBLING)


def middle(number: int) -> float:
    """The geometric middle of a bin."""
    return float(2 ** ((number - 0.5) / PER_DOUBLING))


def quantile(bins: Mapping[int, int], part: float) -> float | None:
    """The value that ``part`` of the binned ones do not exceed (nearest rank); None without values."""
    # Not `part * total` alone: 0.95 of 20 is a float just above 19.
    rank = math.ceil(round(part * sum(bins.values()), 6))
    below = 0
    for number in sorted(bins):
        below += bins[number]
        if bins[number] and below >= rank:
            return middle(number)
    return None
