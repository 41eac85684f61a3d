"""The figures of one row, each with the same figure over resamples: accuracy, discrimination, calibration."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from learning.backtest.calibration_figures import brier, ece
from learning.backtest.discrimination import auroc, coverage_at_precision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from learning.backtest.discrimination import FloatArray
    from learning.backtest.walk_forward import Outcome

PRECISION = 0.95
"""Whose coverage is reported: what may go out without anybody looking."""

DIGITS = 6
"""Of a confidence. Alike to so many it is the same, whatever the last digits of a sum happen to be."""

MIN_ERRORS = 20
"""Of a row whose AUROC counts in the mean: with fewer it says more of chance than of the method."""


class Figure(StrEnum):
    """What is measured of a run; all are fractions of 1."""

    ACCURACY = "accuracy"
    MINUS_BEST_SINGLE = "accuracy_minus_best_single"
    MINUS_VOTE = "accuracy_minus_vote"
    AUROC = "auroc"
    ECE = "ece"
    BRIER = "brier"
    COVERAGE = "coverage_at_95"

    @property
    def lower_is_better(self) -> bool:
        """True for what measures a fault."""
        return self in {Figure.ECE, Figure.BRIER}

    @property
    def raised_by_noise(self) -> bool:
        """True for a mean of distances: chance adds to it and never takes away."""
        return self is Figure.ECE


@dataclass(frozen=True, slots=True)
class Run:
    """How a run over one row went, by item, all (n,). ``vote`` and ``best`` are what it is held against.

    ``stated``: confidences. ``right``: 1 or 0. ``vote``: how right the plain vote is, ``best`` the
    vendor that is best over the whole row, in hindsight.
    """

    stated: FloatArray
    right: FloatArray
    learned: FloatArray
    vote: FloatArray
    best: FloatArray

    @staticmethod
    def of(outcomes: Sequence[Outcome], vote: FloatArray, best: FloatArray) -> Run:
        """From what the replay gives."""
        return Run(
            stated=np.array([o.confidence for o in outcomes], float).round(DIGITS),
            right=np.array([o.correct for o in outcomes], float),
            learned=np.array([o.learned for o in outcomes], float),
            vote=vote,
            best=best,
        )

    @property
    def errors(self) -> int:
        """How many items went wrong."""
        return int((self.right == 0).sum())

    @property
    def rescued(self) -> float:
        """Share of items that are right here where the plain vote is wrong; a tied vote by its share."""
        return float(np.maximum(self.right - self.vote, 0).mean())

    @property
    def lost(self) -> float:
        """Share of items that are wrong here where the plain vote is right; a tied vote by its share."""
        return float(np.maximum(self.vote - self.right, 0).mean())

    def figures(self, counts: FloatArray | None = None) -> dict[Figure, FloatArray]:
        """All figures, each (resamples,), (1,) without resamples.

        The best single vendor stays the one of the whole row in every resample: picked anew in each it
        would be better than any vendor is.
        """
        weights = np.ones((1, len(self.right))) if counts is None else counts
        share = weights / weights.sum(axis=1, keepdims=True)
        return {
            Figure.ACCURACY: share @ self.right,
            Figure.MINUS_BEST_SINGLE: share @ (self.right - self.best),
            Figure.MINUS_VOTE: share @ (self.right - self.vote),
            Figure.AUROC: auroc(self.stated, self.right, weights),
            Figure.ECE: ece(self.stated, self.right, weights),
            Figure.BRIER: brier(self.stated, self.right, weights),
            Figure.COVERAGE: coverage_at_precision(self.stated, self.right, PRECISION, weights),
        }


def best_single(correct: FloatArray) -> int:
    """The seat right most often over all items; ``correct`` is (n, seats). Ties go to the first."""
    return int(correct.mean(axis=0).argmax())
