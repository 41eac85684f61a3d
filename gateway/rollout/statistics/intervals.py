"""Confidence sequences: intervals for a mean in [0, 1] that hold at all times at once.

The set of means p that a Beta mixture of likelihood ratios does not refute at 1/alpha. It holds for
outcomes anywhere in [0, 1], as (q/p)^y ((1-q)/(1-p))^(1-y) <= 1 + (y - p)(q - p)/(p(1 - p)), an e-variable.

Source: Robbins 1970; Howard, Ramdas, McAuliffe & Sekhon, "Time-uniform, nonparametric, nonasymptotic
confidence sequences" (2021), section 3.1 (the Beta-binomial mixture); sub-Bernoulli outcomes as there.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PRIOR = 0.5
"""Both parameters of the mixing Beta (Jeffreys): tight at rates near 0, where errors live."""

HALVINGS = 45
"""Steps of the search: beyond a float's need for rates above 1e-9."""


def interval(total: float, count: int, alpha: float) -> tuple[float, float]:
    """The means that ``count`` outcomes in [0, 1] of sum ``total`` do not refute at ``alpha``."""
    if count == 0:
        return 0.0, 1.0
    good = max(count - total, 0.0)
    ceiling = math.log(1 / alpha) - (
        _log_beta(PRIOR + total, PRIOR + good) - _log_beta(PRIOR, PRIOR)
    )

    def refuted(p: float) -> bool:
        return -_times_log(total, p) - _times_log(good, 1 - p) > ceiling

    mean = total / count
    low = 0.0 if not refuted(0.0) else _border(0.0, mean, refuted)
    high = 1.0 if not refuted(1.0) else _border(1.0, mean, refuted)
    return low, high


def difference(
    arm: tuple[float, int], control: tuple[float, int], alpha: float
) -> tuple[float, float]:
    """Interval for the arm's mean less the control's; each given as (sum, count), half of ``alpha`` each."""
    low_arm, high_arm = interval(*arm, alpha / 2)
    low_control, high_control = interval(*control, alpha / 2)
    return low_arm - high_control, high_arm - low_control


def _border(outside: float, inside: float, refuted: Callable[[float], bool]) -> float:
    for _ in range(HALVINGS):
        middle = (outside + inside) / 2
        if refuted(middle):
            outside = middle
        else:
            inside = middle
    return outside


def _times_log(count: float, p: float) -> float:
    if count <= 0:
        return 0.0
    return count * math.log(p) if p > 0 else -math.inf


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
