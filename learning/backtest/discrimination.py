"""How well a confidence tells right from wrong: AUROC, the risk-coverage curve, coverage at a precision.

``stated`` (n,) are confidences, ``right`` (n,) how right each item was in [0, 1]: a share where a tie
could have fallen either way. ``counts`` (resamples, n) say how often each item is in a resample; without
them every item counts once. Figures come back as (resamples,), not a number where they are undefined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

FloatArray: TypeAlias = NDArray[np.float64]

_ROUNDING = 1e-9
"""Precisions nearer than this to the wanted one reach it: sums of shares differ in their last digits."""


class Curve(NamedTuple):
    """Risk over coverage, both (levels,): the error rate among the most confident part of the items."""

    coverage: FloatArray
    risk: FloatArray


def auroc(stated: ArrayLike, right: ArrayLike, counts: ArrayLike | None = None) -> FloatArray:
    """How often a right item is stated with more confidence than a wrong one; ties count half.

    The area under the receiver operating characteristic as the Mann-Whitney statistic (Hanley and
    McNeil 1982, Radiology 143:29). Not a number where all items are right, or none is.
    """
    good, bad, _ = _by_level(stated, right, counts)
    below = np.cumsum(bad, axis=1) - bad
    pairs = good.sum(axis=1) * bad.sum(axis=1)
    won = (good * (below + bad / 2)).sum(axis=1)
    area: FloatArray = np.divide(won, pairs, out=np.full(len(won), np.nan), where=pairs > 0)
    return area


def coverage_at_precision(
    stated: ArrayLike, right: ArrayLike, precision: float, counts: ArrayLike | None = None
) -> FloatArray:
    """The largest share of items, from the most confident down, of which ``precision`` are right.

    Items stated with the same confidence are taken together, or not at all. 0 where no part of the
    items is that precise.
    """
    good, bad, _ = _by_level(stated, right, counts)
    hits = np.cumsum(good[:, ::-1], axis=1)
    taken = hits + np.cumsum(bad[:, ::-1], axis=1)
    precise = hits >= precision * taken - _ROUNDING
    coverage: FloatArray = np.where(precise, taken, 0.0).max(axis=1) / taken[:, -1]
    return coverage


def risk_coverage(stated: ArrayLike, right: ArrayLike) -> Curve:
    """Error rate against the share of items answered, one point a distinct confidence.

    Source: El-Yaniv and Wiener 2010, "On the Foundations of Noise-free Selective Classification".
    """
    good, bad, _ = _by_level(stated, right, None)
    wrong = np.cumsum(bad[0, ::-1])
    taken = wrong + np.cumsum(good[0, ::-1])
    return Curve(taken / taken[-1], wrong / taken)


def _by_level(
    stated: ArrayLike, right: ArrayLike, counts: ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Right and wrong mass (resamples, levels) by distinct confidence, ascending; and the levels."""
    confidences, shares = np.asarray(stated, float), np.asarray(right, float)
    if not confidences.size:
        raise ValueError("there is no item to take a figure of")
    weights = np.ones((1, confidences.size)) if counts is None else np.asarray(counts, float)
    order = np.argsort(confidences, kind="stable")
    levels, starts = np.unique(confidences[order], return_index=True)
    ordered = weights[:, order]
    mass = np.add.reduceat(ordered, starts, axis=1)
    good = np.add.reduceat(ordered * shares[order], starts, axis=1)
    return good, mass - good, levels
