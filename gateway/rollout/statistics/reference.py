"""What a mean was, at most: a bound from a sample that is taken once and then held on to.

Source: Waudby-Smith & Ramdas, "Estimating means of bounded random variables by betting" (2024), theorem
2 (predictable plug-in empirical Bernstein), one-sided.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LARGEST_BET = 0.5
"""Bets nearer to 1 gain little and cost much when the first values surprise (ibid., section 3.2)."""


def upper_bound(values: Sequence[float], alpha: float) -> float:
    """A bound on the mean of ``values`` in [0, 1], too low with a chance of at most ``alpha``."""
    count = len(values)
    wanted = math.log(1 / alpha)
    total, squares = 0.5, 0.25
    bets = weighted = loss = 0.0
    for i, x in enumerate(values, start=1):
        mean, variance = total / i, squares / i
        bet = min(math.sqrt(2 * wanted / (variance * count)), LARGEST_BET)
        bets += bet
        weighted += bet * x
        loss += (x - mean) ** 2 * (-math.log1p(-bet) - bet)
        total += x
        squares += (x - total / (i + 1)) ** 2
    return min(1.0, (weighted + wanted + loss) / bets) if bets else 1.0
