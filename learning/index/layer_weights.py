"""How much each layer of the index counts, learned from which neighbours predicted well. Pure.

These weights rank patterns; how much a vendor's vote counts is `consensus.weighting`'s business.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

LAYERS = ("vector", "lexical", "task", "configuration", "outcome", "recency")

STEP = 0.02
"""Adagrad's step: the first lesson moves a weight by at most this much."""

SHARPNESS = 10.0
"""Similarities of two neighbours differ by some 0.1: so far apart an order counts as told."""

_STABILISER = 1e-8


@dataclass(frozen=True, slots=True)
class LayerWeights:
    """The weight of each of `LAYERS`, none negative, together 1.

    Attributes:
        values: (6,) in the order of `LAYERS`.
        squares: (6,) sums of squared gradients so far: what Adagrad divides its steps by.
        lessons: Batches learned from.
    """

    values: tuple[float, ...] = (0.60, 0.15, 0.10, 0.05, 0.05, 0.05)
    squares: tuple[float, ...] = (0.0,) * len(LAYERS)
    lessons: int = 0

    def __post_init__(self) -> None:
        """Raise ValueError for weights that are none."""
        if len(self.values) != len(LAYERS) or len(self.squares) != len(LAYERS):
            raise ValueError(f"a weight is needed for each of {', '.join(LAYERS)}")
        if not all(math.isfinite(value) and value >= 0 for value in (*self.values, *self.squares)):
            raise ValueError("layer weights are finite and not negative")
        if not math.isclose(sum(self.values), 1.0, abs_tol=1e-6):
            raise ValueError("layer weights sum to 1")

    def as_json(self) -> dict[str, Any]:
        """For `from_json`."""
        return {
            "values": list(self.values),
            "squares": list(self.squares),
            "lessons": self.lessons,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> LayerWeights:
        """Raises ValueError, TypeError or KeyError for what `as_json` never wrote."""
        return cls(
            tuple(float(value) for value in document["values"]),
            tuple(float(value) for value in document["squares"]),
            int(document["lessons"]),
        )


def learned(weights: LayerWeights, layers: ArrayLike, hit: ArrayLike) -> LayerWeights:
    """The weights after one more request whose outcome is known.

    Those that predicted well should have ranked above those that did not: each such pair costs the
    logistic loss of its difference in similarity (RankNet, Burges et al. 2005, section 3). One step
    of Adagrad on the mean over all pairs (Duchi, Hazan & Singer 2011, section 1.1), then back to the
    simplex.

    Args:
        weights: Those in force.
        layers: (n, 6) the neighbours' similarities by layer, in [0, 1].
        hit: (n,) whether each predicted well.

    Returns:
        ``weights`` themselves where all or none predicted well: then no order was better.
    """
    rows = np.asarray(layers, dtype=np.float64).reshape(-1, len(LAYERS))
    told = np.asarray(hit, dtype=bool).reshape(-1)
    if len(rows) != len(told):
        raise ValueError(f"{len(rows)} neighbours, {len(told)} outcomes")
    if told.all() or not told.any():
        return weights
    values = np.array(weights.values)
    apart = (rows[told][:, None, :] - rows[~told][None, :, :]).reshape(-1, len(LAYERS))
    missed = 1.0 / (1.0 + np.exp(np.clip(SHARPNESS * (apart @ values), -50.0, 50.0)))
    gradient = -(missed[:, None] * apart).mean(axis=0)
    squares = np.array(weights.squares) + gradient**2
    moved = _on_simplex(values - STEP * gradient / np.sqrt(squares + _STABILISER))
    return LayerWeights(tuple(moved.tolist()), tuple(squares.tolist()), weights.lessons + 1)


def _on_simplex(point: NDArray[np.float64]) -> NDArray[np.float64]:
    """The nearest point whose coordinates are not negative and sum to 1.

    Duchi et al. 2008, "Efficient Projections onto the l1-Ball", figure 1.
    """
    falling = np.sort(point)[::-1]
    over = (np.cumsum(falling) - 1.0) / np.arange(1, len(point) + 1)
    last = int(np.flatnonzero(falling > over)[-1])
    projected: NDArray[np.float64] = np.maximum(point - over[last], 0.0)
    scaled: NDArray[np.float64] = projected / projected.sum()
    return scaled
