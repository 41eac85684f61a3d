"""Bootstrap intervals: how far a figure may stand from what more of the same data would show.

Paired: every figure of a row is taken over the same resamples, so a difference of two keeps what they
share. Source: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", percentile intervals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

import numpy as np

if TYPE_CHECKING:
    from learning.backtest.discrimination import FloatArray

RESAMPLES = 2000
"""Ends of a 95 % interval then rest on 50 resamples each."""

LEVEL = 0.95


class Interval(NamedTuple):
    """Ends of a central interval."""

    lower: float
    upper: float


def resamples(items: int, seed: int, row: str, times: int = RESAMPLES) -> FloatArray:
    """How often each item was drawn, (times, items): ``items`` draws with replacement each time.

    What is drawn for a row depends on ``seed`` and its name, not on which other rows there are.
    """
    generator = np.random.default_rng([seed, crc32(row.encode())])
    drawn = generator.integers(0, items, size=(times, items))
    drawn += np.arange(times)[:, None] * items
    return np.bincount(drawn.ravel(), minlength=times * items).reshape(times, items).astype(float)


def interval(
    figures: FloatArray, level: float = LEVEL, centre: float | None = None
) -> Interval | None:
    """The central ``level`` of ``figures`` (resamples,); None where none is defined.

    ``centre`` moves their mean there first. A figure that noise can only raise, as the calibration
    error, is higher in resamples, which add noise to noise, and would lie below its own interval.
    """
    defined = figures[~np.isnan(figures)]
    if not defined.size:
        return None
    shift = 0.0 if centre is None else centre - float(defined.mean())
    lower, upper = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2]) + shift
    return Interval(float(lower), float(upper))
