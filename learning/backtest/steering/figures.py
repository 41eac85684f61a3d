"""The figures of walked policies: accuracy, calls, price, regret, and how well vendors were put in order."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from learning.backtest.intervals import interval, resamples
from learning.backtest.steering.words import Course, Difference, PolicyFigures

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from learning.backtest.discrimination import FloatArray
    from learning.backtest.steering.walking import Walked

FEWEST = 10
"""Requests of a set in a test window from which vendors' order there can be told."""


class Resampled:
    """Paired differences over the same resamples of the stream.

    Args:
        items: Requests.
        seed: Of the resamples.
    """

    def __init__(self, items: int, seed: int) -> None:
        self._counts = resamples(items, seed, "steering")
        self._items = items

    def difference(self, policy: FloatArray, other: FloatArray) -> Difference:
        """How much more often ``policy`` is right than ``other``, with its interval."""
        apart = policy - other
        found = interval(self._counts @ apart / self._items)
        mean = float(apart.mean())
        return Difference(mean, *(found or (mean, mean)))


def figures(walked: Sequence[Walked], votes: FloatArray, resampled: Resampled) -> PolicyFigures:
    """All that is told of one policy."""
    rights = right_of(walked)
    correlations, exact = _orders(walked)
    ranked = [w for w in walked if w.answered.order and any(w.case.correct.values())]
    hits = [w.case.correct[w.answered.order[0]] for w in ranked]
    best = np.array([any(w.case.correct.values()) for w in walked], float)
    rows = sorted({w.case.row for w in walked})
    return PolicyFigures(
        accuracy=float(rights.mean()),
        calls=float(np.mean([len(w.answered.asked) for w in walked])),
        cost_usd=float(np.mean([w.cost_usd for w in walked])),
        regret=float((best - rights).mean()),
        against_vote=resampled.difference(rights, votes),
        rank_correlation=float(np.mean(correlations)) if correlations else None,
        first_choice_hits=float(np.mean(hits)) if hits else None,
        exact_order_hits=float(np.mean(exact)) if exact else None,
        by_set={
            row: float(np.mean([w.right for w in walked if w.case.row == row])) for row in rows
        },
    )


def course(walked: Sequence[Walked]) -> Course:
    """The policy by request."""
    return Course(tuple(w.right for w in walked), tuple(len(w.answered.asked) for w in walked))


def right_of(walked: Sequence[Walked]) -> FloatArray:
    """How right each answer was, (requests,)."""
    return np.array([w.right for w in walked], float)


def _orders(walked: Sequence[Walked]) -> tuple[list[float], list[bool]]:
    """By set and test window: Spearman's correlation of the expected and the actual order, and its hits."""
    correlations, exact = [], []
    for group in _groups(walked):
        names = group[0].case.providers
        expected = np.mean(
            [[-w.answered.order.index(name) for name in names] for w in group], axis=0
        )
        actual = np.mean([[w.case.correct[name] for name in names] for w in group], axis=0)
        rho = spearman(expected, actual)
        if rho is not None:
            correlations.append(rho)
            exact.append(bool((np.argsort(-expected) == np.argsort(-actual)).all()))
    return correlations, exact


def _groups(walked: Sequence[Walked]) -> Iterator[list[Walked]]:
    ordered = [w for w in walked if set(w.answered.order) == set(w.case.providers)]
    ordered.sort(key=lambda w: (w.window, w.case.row))
    for _, group in groupby(ordered, key=lambda w: (w.window, w.case.row)):
        held = list(group)
        if len(held) >= FEWEST:
            yield held


def spearman(a: FloatArray, b: FloatArray) -> float | None:
    """Spearman's rank correlation, ties at their mean rank; None where all of one are equal."""
    x, y = _ranks(a), _ranks(b)
    x, y = x - x.mean(), y - y.mean()
    length = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / length if length else None


def _ranks(values: FloatArray) -> FloatArray:
    below = (values[None, :] < values[:, None]).sum(axis=1)
    same = (values[None, :] == values[:, None]).sum(axis=1)
    ranks: FloatArray = below + (same - 1) / 2.0
    return ranks
