"""An arm's confidence against its own past: there is no other, as the control has none.

The first `REFERENCE` confidences of the arm say what it was; from then on each is a bet on the mean
shortfall having grown by more than the margin. The reference outlives stages and restarts of the evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.rollout.statistics.betting import HIGHEST, OneSample
from gateway.rollout.statistics.reference import upper_bound
from gateway.rollout.tally import Tally

if TYPE_CHECKING:
    from gateway.rollout.statistics.detector import Detector

REFERENCE = 300
"""Requests: at a spread of 0.15 their mean is known to 0.03, less than the usual margin of 0.05."""

EXCESSES = (0.05, 0.12, 0.3)
WEIGHTS = (0.4, 0.4, 0.2)


class OwnPast:
    """Shortfalls of confidence, ``1 - confidence``, against the reference's and a margin.

    ``alpha`` is the chance that the reference's bound is too low.
    """

    def __init__(self, margin: float, alpha: float) -> None:
        self._margin = margin
        self._alpha = alpha
        self._reference: list[float] = []
        self._test: OneSample | None = None
        self.tally = Tally()
        self.bound: float | None = None
        """What the arm's own past may have been at worst, as a mean shortfall; None until known."""

    @property
    def detector(self) -> Detector | None:
        """The evidence; None without a reference, or where confidence cannot fall any further."""
        return None if self._test is None else self._test.detector

    @property
    def past(self) -> float | None:
        """The reference's mean shortfall; None before it is complete."""
        if self.bound is None:
            return None
        return sum(self._reference) / len(self._reference)

    def add(self, confidence: float) -> bool:
        """Take in the next confidence, in [0, 1]; True if it is worse than the past may have been."""
        shortfall = 1 - confidence
        if self.bound is None:
            self._reference.append(shortfall)
            if len(self._reference) == REFERENCE:
                self.bound = upper_bound(self._reference, self._alpha)
                self._begin()
            return False
        self.tally.add([shortfall], [])
        if self._test is not None:
            self._test.add(shortfall)
        return shortfall > self.bound

    def clear(self) -> None:
        """Forget what was seen since the reference, which stays."""
        self.tally.clear()
        self._begin()

    def adjust(self, margin: float, alpha: float) -> None:
        """Judge by another margin; the reference stays, the evidence begins anew."""
        self._margin, self._alpha = margin, alpha
        if self.bound is not None:
            self.bound = upper_bound(self._reference, alpha)
        self.clear()

    def allow(self, alpha: float) -> None:
        """Let the bound be too low by another chance; evidence against another bound ends."""
        if alpha != self._alpha:
            self.adjust(self._margin, alpha)

    def _begin(self) -> None:
        self._test = None
        if self.bound is None:
            return
        worst = max(self.bound + self._margin, 1e-6)
        if worst < HIGHEST - 1e-3:
            means = [min(worst + e, (worst + 2 * HIGHEST) / 3) for e in EXCESSES]
            self._test = OneSample(worst, means, WEIGHTS)
