"""Estimates of what another policy would have earned: IPS, SNIPS, doubly robust. Pure.

n choices were logged. ``rewards`` (n,) is what each earned, ``weights`` (n,) how often it would have been
made by the judged policy (`learning.backtest.off_policy.weights`). Choices count as independent of each
other given their questions; intervals are normal, by the spread of each estimate's influence function
(n in the hundreds or more, see `MIN_EFFECTIVE`), and do not know how far clipping moves an estimate.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from learning.backtest.off_policy.weights import standard_error

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from learning.backtest.discrimination import FloatArray

QUANTILE = 1.959964
"""Normal, of a two-sided 95 % interval."""


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """Reward a choice, with the ends of its 95 % interval.

    ``influence`` (n,): how far each choice moved it, times n; mean 0. Two estimates over the same
    choices are compared by it (`difference`).
    """

    value: float
    low: float
    high: float
    influence: FloatArray = field(repr=False)


def ips(rewards: ArrayLike, weights: ArrayLike) -> Estimate:
    """Inverse propensity scoring: the mean of weighted rewards.

    Unbiased where propensities are right and nothing is clipped; wide where weights are.
    Source: Horvitz and Thompson 1952, JASA 47:663.
    """
    earned, often = _columns(rewards, weights)
    return _mean(earned * often)


def snips(rewards: ArrayLike, weights: ArrayLike) -> Estimate:
    """Self-normalised: weighted rewards by the sum of weights.

    Never outside the rewards that were seen, and moved by a constant on all rewards by just that; a
    little biased, in exchange for less spread. Source: Swaminathan and Joachims 2015, "The
    Self-Normalized Estimator for Counterfactual Learning".

    Raises:
        ValueError: All weights are 0.
    """
    earned, often = _columns(rewards, weights)
    total = float(often.sum())
    if not total:
        raise ValueError("nothing that was logged would have been chosen")
    value = float((often * earned).sum()) / total
    return _around(value, often * (earned - value) / (total / often.size))


def doubly_robust(
    rewards: ArrayLike, weights: ArrayLike, predicted: ArrayLike, expected: ArrayLike
) -> Estimate:
    """What a model expects of the policy, put right by the weighted errors it made on what was seen.

    Right in expectation where the propensities are, or where the model is. Source: Dudík, Langford and
    Li 2011, "Doubly Robust Policy Evaluation and Learning".

    Args:
        rewards: (n,) earned.
        weights: (n,) of the logged choices.
        predicted: (n,) what the model expected of each logged choice, fitted without it.
        expected: (n,) what it expected of the judged policy's own choice for the same question.
    """
    earned, often = _columns(rewards, weights)
    seen, own = _columns(predicted, expected)
    if seen.shape != earned.shape:
        raise ValueError("one prediction a choice")
    return _mean(own + often * (earned - seen))


def mean(rewards: ArrayLike) -> Estimate:
    """What the policy that chose has earned itself."""
    earned, _ = _columns(rewards, rewards)
    return _mean(earned)


def difference(one: Estimate, other: Estimate) -> Estimate:
    """The first less the second, over the same choices: what they share narrows the interval."""
    return _around(one.value - other.value, one.influence - other.influence)


def _mean(values: FloatArray) -> Estimate:
    value = float(values.mean())
    return _around(value, values - value)


def _around(value: float, influence: FloatArray) -> Estimate:
    reach = QUANTILE * standard_error(influence)
    return Estimate(value, value - reach, value + reach, influence)


def _columns(first: ArrayLike, second: ArrayLike) -> tuple[FloatArray, FloatArray]:
    one, other = np.asarray(first, float), np.asarray(second, float)
    if one.ndim != 1 or one.shape != other.shape or not one.size:
        raise ValueError("one value a choice each, and at least one choice")
    return one, other
