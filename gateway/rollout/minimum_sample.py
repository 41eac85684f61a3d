"""How many requests a window needs before its rate may be held against a limit."""

from __future__ import annotations

import math
from functools import lru_cache

from gateway.rollout.window import MAXIMUM_SAMPLE

FALSE_WINDOWS = 0.001
"""Windows of an arm at half its limit that may show a rate above it."""


@lru_cache(maxsize=64)
def minimum_sample(limit: float, most: int = MAXIMUM_SAMPLE) -> int:
    """The least sample from which on an arm at half of ``limit`` seldom shows a rate above it.

    Seldom: in fewer than `FALSE_WINDOWS` of windows (exact binomial). With b bad requests the rate
    is above the limit in windows of up to b / limit requests; the longest of these shows it most
    often, so the sample is the shortest with b bad ones allowed, for the first b whose longest
    passes, and at most ``most``.
    """
    if limit <= 0:
        return 1
    allowed = 0
    while True:
        shortest = max(1, math.ceil(allowed / limit - 1e-9))
        if shortest >= most:
            return most
        longest = math.ceil((allowed + 1) / limit - 1e-9) - 1
        if longest >= 1 and _above(allowed, min(longest, most), limit / 2) < FALSE_WINDOWS:
            return shortest
        allowed += 1


def _above(allowed: int, count: int, rate: float) -> float:
    """The chance of more than ``allowed`` bad ones among ``count``."""
    within = math.fsum(
        math.comb(count, bad) * rate**bad * (1 - rate) ** (count - bad)
        for bad in range(min(allowed, count) + 1)
    )
    return max(0.0, 1 - within)
