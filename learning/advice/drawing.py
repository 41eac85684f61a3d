"""Thompson sampling: whom to ask first is now and then drawn by how likely each is the best. Pure.

Each provider's log odds are drawn from what is believed of them, and the best of the draw leads (Thompson
1933; Russo et al. 2018, "A Tutorial on Thompson Sampling"). The draws are handed in. How likely an order was is
the share of many draws that give it: off-policy estimates divide by it, so it is never 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from learning.advice.openings import Standing

    Array = NDArray[np.float64]

DRAWS = 512
"""Rows of draws that propensities are estimated by: a share of one half to within 4 points."""

UNKNOWN_SPREAD = 1.5
"""Standard deviation of the log odds of a provider nothing is known of: from 0.2 to 0.8 and beyond."""


class Drawn(NamedTuple):
    """An order that was drawn, and how likely its first ``opening`` were to come first."""

    order: tuple[str, ...]
    propensity: float


def drawn(
    known: Mapping[str, Standing], order: tuple[str, ...], opening: int, draws: Array
) -> Drawn:
    """The order of the first draw.

    Args:
        known: What is believed of each.
        order: All providers, best known first.
        opening: How many are asked first; of these the propensity is told, as a set.
        draws: (n, providers) standard normal draws; the first row decides, all estimate.

    Raises:
        ValueError: There are no draws, or not one a provider.
    """
    if draws.ndim != 2 or draws.shape[0] < 1 or draws.shape[1] != len(order):  # noqa: PLR2004 - rows
        raise ValueError(f"draws must be (n, {len(order)}), not {draws.shape}")
    means, spreads = np.array([_belief(known.get(name)) for name in order]).T
    ranked = np.argsort(-(means + spreads * draws), axis=1, kind="stable")
    first = max(1, min(opening, len(order)))
    chosen = np.sort(ranked[0, :first])
    same = (np.sort(ranked[:, :first], axis=1) == chosen).all(axis=1)
    return Drawn(tuple(order[i] for i in ranked[0]), float(same.mean()))


def _belief(standing: Standing | None) -> tuple[float, float]:
    """Mean and standard deviation of a provider's log odds of being right."""
    if standing is None:
        return 0.0, UNKNOWN_SPREAD
    p = min(max(standing.right, 0.01), 0.99)
    variance = 1.0 / (standing.seen * p * (1.0 - p) + 1.0 / UNKNOWN_SPREAD**2)
    return float(np.log(p / (1.0 - p))), float(np.sqrt(variance))
