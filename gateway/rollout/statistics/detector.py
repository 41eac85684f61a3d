"""Evidence gathered factor by factor, in two ways at once: since the start, and since any moment.

Both multiply the same factors, each an e-variable under the null given all before it. ``start`` is
the product: the chance that it ever reaches 1/a under the null is at most a (Ville's inequality).
``recent`` is the Shiryaev-Roberts sum R <- (R + 1) factor: the products begun at each moment so far, added
up, so that harm is found after a long healthy run as fast as at the start. Under the null R - t is a
supermartingale at step t: the mean number of steps until it reaches A is at least A, and the chance to
reach it within h steps is at most h/A.

Source: Ville 1939; Shin, Ramdas & Rinaldo, "E-detectors: a nonparametric framework for sequential change
detection" (2024), definition 2.2 and theorem 2.4 (mean steps), with Doob's inequality for h/A.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from operator import mul
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

CEILING = 1e200
"""Where the sums stop growing: no bar is near it, and a product with a factor stays a number."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Natural logarithms of the evidence that is called harm."""

    start: float
    recent: float


class Detector:
    """A mixture over alternatives: the weighted mean of the e-values is an e-value again.

    ``weights`` are positive and sum to 1, one an alternative.
    """

    __slots__ = ("_recent", "_start", "_weights", "steps")

    def __init__(self, weights: Sequence[float]) -> None:
        self._weights = tuple(weights)
        self.clear()

    def clear(self) -> None:
        """Begin anew, as if nothing had been seen."""
        self._start = [0.0] * len(self._weights)
        self._recent = [0.0] * len(self._weights)
        self.steps = 0

    def multiply(self, log_factors: Sequence[float]) -> None:
        """Take in the logarithms of the next factors, one an alternative."""
        self.steps += 1
        for k, log_factor in enumerate(log_factors):
            self._start[k] += log_factor
            self._recent[k] = min((self._recent[k] + 1) * math.exp(log_factor), CEILING)

    @property
    def start(self) -> float:
        """Logarithm of the product since the start."""
        top = max(self._start)
        return top + math.log(
            sum(w * math.exp(s - top) for w, s in zip(self._weights, self._start, strict=True))
        )

    @property
    def recent_sum(self) -> float:
        """The Shiryaev-Roberts sum; 0 before the first factor."""
        total: float = sum(map(mul, self._weights, self._recent))  # of one length, always
        return total

    @property
    def recent(self) -> float:
        """Its logarithm; minus infinity before the first factor."""
        total = self.recent_sum
        return math.log(total) if total > 0 else -math.inf

    def reaches(self, bars: Bars) -> bool:
        """Whether either of the two says harm. A mean is never above its largest part: cheap at most."""
        if self.recent_sum >= math.exp(bars.recent):
            return True
        return max(self._start) >= bars.start and self.start >= bars.start
