"""The p95 of the last few hundred values, known before the next value is seen."""

from __future__ import annotations

from collections import deque

from gateway.rollout.window import p95

KEPT = 400
"""Values: their p95 has 20 values above it, and follows a change of the hour."""

SORTED_EVERY = 40
"""Values between two sortings: one sorting of 400 costs 20 µs, spread over as many."""

LEAST = 20
"""Values before there is a p95 to speak of."""


class RecentP95:
    """``value`` changes in steps, every `SORTED_EVERY` values; None before `LEAST` of them."""

    def __init__(self) -> None:
        self.value: float | None = None
        self._values: deque[float] = deque(maxlen=KEPT)
        self._until_sorted = LEAST

    def __len__(self) -> int:
        return len(self._values)

    def add(self, value: float) -> None:
        """Take in the next value."""
        self._values.append(value)
        self._until_sorted -= 1
        if self._until_sorted <= 0:
            self._until_sorted = SORTED_EVERY
            self.value = p95(self._values)

    def now(self) -> float | None:
        """The p95 of what is held, sorted anew; None without values."""
        return p95(self._values)

    def clear(self) -> None:
        """Forget all values."""
        self._values.clear()
        self._until_sorted = LEAST
        self.value = None
