"""Importance weights: how often a choice of the log would have been made by the policy that is judged.

Shapes: n logged choices. The weight of a choice is its probability under the judged policy by its
propensity, the probability under the policy that made it. Pure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from learning.backtest.discrimination import FloatArray

CLIP = 20.0
"""Largest weight. A choice rarer than this by its propensity would speak for more than twenty others;
what clipping takes is told (`Weights.clipped_mass`)."""

MIN_EFFECTIVE = 30.0
"""Effective choices below which a mean's normal interval is not to be believed."""

SURE = 2.576
"""Normal quantile of a two-sided 99 % interval: support is not doubted for less."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of n logged choices for one policy.

    Attributes:
        used: (n,) clipped.
        mean: Of the weights before clipping. Its expectation is 1 where the log supports the policy:
            everything the policy does was done at times, with the propensity that was logged.
        mean_error: Standard error of ``mean``.
        clipped: Share of the choices whose weight was clipped.
        clipped_mass: What clipping took from ``mean``: of an estimate for rewards in [0, 1] the most
            that it can be too low by.
    """

    used: FloatArray
    mean: float
    mean_error: float
    clipped: float
    clipped_mass: float

    @property
    def effective(self) -> float:
        """Choices seen under the judged policy that would tell as much: (Σw)²/Σw² (Kish 1965)."""
        squares = float((self.used**2).sum())
        return float(self.used.sum()) ** 2 / squares if squares else 0.0


def weights(target: ArrayLike, propensities: ArrayLike, clip: float = CLIP) -> Weights:
    """Weigh logged choices.

    Args:
        target: (n,) probability in [0, 1] of each logged choice under the judged policy.
        propensities: (n,) in (0, 1], under the policy that made it.
        clip: Largest weight; infinity clips nothing (Ionides 2008, "Truncated Importance Sampling").

    Raises:
        ValueError: There is no choice, a value is out of range, or the shapes differ.
    """
    wanted, given = np.asarray(target, float), np.asarray(propensities, float)
    if wanted.ndim != 1 or wanted.shape != given.shape or not wanted.size:
        raise ValueError("one probability and one propensity a choice, and at least one choice")
    if not ((given > 0) & (given <= 1) & (wanted >= 0) & (wanted <= 1)).all():
        raise ValueError("propensities lie in (0, 1], probabilities in [0, 1]")
    if not clip > 0:
        raise ValueError("the largest weight is above 0")
    raw = wanted / given
    used = np.minimum(raw, clip)
    return Weights(
        used=used,
        mean=float(raw.mean()),
        mean_error=standard_error(raw),
        clipped=float((raw > clip).mean()),
        clipped_mass=float((raw - used).mean()),
    )


def refusal(of: Weights) -> str | None:
    """Why nothing can be said of the policy from this log; None where something can.

    Without support an estimate is not uncertain but wrong, whatever its interval (Sachdeva, Su and
    Joachims 2020, "Off-policy Bandits with Deficient Support"). The mean weight tells: it falls short
    of 1 by the share of the policy's choices that the log never tries.
    """
    if not of.used.any():
        return "no logged request was answered as this policy would have it"
    if of.effective < MIN_EFFECTIVE:
        return (
            f"the log tells of it as much as {of.effective:.0f} requests; "
            f"below {MIN_EFFECTIVE:.0f} an interval means nothing"
        )
    if of.mean + SURE * of.mean_error < 1:
        return (
            f"support is missing: at most {of.mean + SURE * of.mean_error:.0%} of what it does was "
            "ever tried, where that is its choice"
        )
    if of.mean - SURE * of.mean_error > 1:
        return (
            f"the logged propensities are wrong: they make {of.mean:.2f} of each of its choices, "
            "which are 1 each"
        )
    return None


def standard_error(values: FloatArray) -> float:
    """Of the mean of independent ``values`` (n,); infinite for a single one."""
    return float(values.std(ddof=1)) / math.sqrt(values.size) if values.size > 1 else math.inf
