"""How far a confidence is a probability: expected calibration error, Brier score, reliability bins.

Arguments and shapes are those of `learning.backtest.discrimination`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from learning.backtest.discrimination import FloatArray

BINS = 10
"""Equal-width bins of the confidence, as the field reports it."""


@dataclass(frozen=True, slots=True)
class Bin:
    """The items stated with a confidence in [lower, upper), of the last bin 1 included.

    ``confidence`` and ``accuracy`` are their means.
    """

    lower: float
    upper: float
    items: int
    confidence: float
    accuracy: float


def ece(
    stated: ArrayLike, right: ArrayLike, counts: ArrayLike | None = None, bins: int = BINS
) -> FloatArray:
    """Expected calibration error: the mean distance of confidence and accuracy over the bins.

    Each bin counts by the items in it. Source: Guo et al. 2017, arXiv 1706.04599.
    """
    confidences, shares = np.asarray(stated, float), np.asarray(right, float)
    member = _bin_of(confidences, bins)[:, None] == np.arange(bins)
    weights = np.ones((1, confidences.size)) if counts is None else np.asarray(counts, float)
    gaps: FloatArray = np.abs(weights @ (member * (confidences - shares)[:, None])).sum(axis=1)
    error: FloatArray = gaps / weights.sum(axis=1)
    return error


def brier(stated: ArrayLike, right: ArrayLike, counts: ArrayLike | None = None) -> FloatArray:
    """Mean squared distance of confidence and outcome (Brier 1950, Monthly Weather Review 78:1).

    An item right by a share is right so often, and wrong else.
    """
    confidences, shares = np.asarray(stated, float), np.asarray(right, float)
    squared = shares * (1 - confidences) ** 2 + (1 - shares) * confidences**2
    weights = np.ones((1, confidences.size)) if counts is None else np.asarray(counts, float)
    means: FloatArray = weights @ squared / weights.sum(axis=1)
    return means


def reliability(stated: ArrayLike, right: ArrayLike, bins: int = BINS) -> tuple[Bin, ...]:
    """The bins that hold items, ascending (the reliability diagram of Guo et al. 2017)."""
    confidences, shares = np.asarray(stated, float), np.asarray(right, float)
    place = _bin_of(confidences, bins)
    return tuple(
        Bin(
            lower=b / bins,
            upper=(b + 1) / bins,
            items=int((place == b).sum()),
            confidence=float(confidences[place == b].mean()),
            accuracy=float(shares[place == b].mean()),
        )
        for b in range(bins)
        if (place == b).any()
    )


def _bin_of(confidences: FloatArray, bins: int) -> FloatArray:
    return np.minimum(np.floor(confidences * bins), bins - 1)
