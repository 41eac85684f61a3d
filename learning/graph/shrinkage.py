"""Each vendor's figures in a family, shrunk toward its figures over all. Pure.

A family's few labels alone would tell of luck. Empirical Bayes (Efron & Morris 1975, JASA 70, 311-319;
for shares as a beta-binomial, Gelman et al. 2013, Bayesian Data Analysis, ch. 5): a vendor's shares of
right answers differ from family to family as a Beta distribution around the vendor's share over all, and
how narrow it is, in labels that it counts for, follows from how much the families' counts differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lgamma
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

STRENGTHS = np.geomspace(1.0, 1000.0, 25)
"""Labels that the whole may count for, as likely beforehand by their logarithm: 1, families have nothing
in common; 1000, what differs between them is luck."""

WHOLE_PRIOR = 2.0
"""Labels that the share of all vendors counts for in the share of one."""

_LOG_GAMMA = np.vectorize(lgamma, otypes=[float])


@dataclass(frozen=True, slots=True, eq=False)
class Shrunk:
    """Beta parameters, see `learning.graph.families.Families`."""

    alpha: Array
    beta: Array
    whole_alpha: Array
    whole_beta: Array
    strength: Array


def shrunk(right: Array, wrong: Array, all_right: Array, all_wrong: Array) -> Shrunk:
    """What is believed of each vendor in each family.

    Args:
        right: (f, v) right answers by family and vendor; sums of weights will do.
        wrong: (f, v) wrong ones.
        all_right: (v,) those over all, also outside every family.
        all_wrong: (v,).
    """
    share = (all_right.sum() + 0.5) / (all_right.sum() + all_wrong.sum() + 1.0)  # Jeffreys
    whole_alpha = all_right + WHOLE_PRIOR * share
    whole_beta = all_wrong + WHOLE_PRIOR * (1.0 - share)
    mean = whole_alpha / (whole_alpha + whole_beta)
    strength = np.array(
        [_strength(right[:, v], wrong[:, v], mean[v]) for v in range(right.shape[1])]
    )
    return Shrunk(
        right + strength * mean,
        wrong + strength * (1.0 - mean),
        whole_alpha,
        whole_beta,
        strength,
    )


def _strength(right: Array, wrong: Array, mean: float) -> float:
    """The posterior mean of the logarithm, as a number of labels; the middle where nothing is known."""
    labelled = right + wrong > 0.0
    r, w = right[labelled][:, None], wrong[labelled][:, None]
    a, b = STRENGTHS * mean, STRENGTHS * (1.0 - mean)
    evidence = (_log_beta(r + a, w + b) - _log_beta(a, b)).sum(axis=0)
    weights = np.exp(evidence - evidence.max())
    return float(np.exp(weights @ np.log(STRENGTHS) / weights.sum()))


def _log_beta(a: Array, b: Array) -> Array:
    total: Array = _LOG_GAMMA(a) + _LOG_GAMMA(b) - _LOG_GAMMA(a + b)
    return total
