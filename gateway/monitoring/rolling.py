"""Sums over a sliding window, for averages that follow what happens now."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Key: TypeAlias = tuple[str, str]
"""A figure's name and the value of its label."""

SLICES = 30
"""The window moves by a thirtieth at a time: with 5 minutes by 10 s, finer than Prometheus looks."""


class RollingSums:
    """Sums by key over the last ``window_s`` seconds; O(1) to add, memory bounded by the keys.

    Each slice of the window holds its own sums and falls out as a whole: nothing is subtracted, so
    no rounding error outlives its slice.
    """

    def __init__(self, window_s: float) -> None:
        self._slice_s = window_s / SLICES
        self._slices: deque[tuple[int, defaultdict[Key, float]]] = deque()

    def current(self, now: float) -> defaultdict[Key, float]:
        """The sums of the slice at ``now`` (seconds, monotonic), to be added to."""
        number = int(now // self._slice_s)
        if not self._slices or self._slices[-1][0] != number:
            self._expire(number)
            self._slices.append((number, defaultdict(float)))
        return self._slices[-1][1]

    def totals(self, now: float) -> Mapping[Key, float]:
        """The sums over the whole window."""
        self._expire(int(now // self._slice_s))
        totals: defaultdict[Key, float] = defaultdict(float)
        for _, sums in self._slices:
            for key, value in sums.items():
                totals[key] += value
        return totals

    def _expire(self, number: int) -> None:
        while self._slices and self._slices[0][0] <= number - SLICES:
            self._slices.popleft()
