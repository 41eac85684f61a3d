"""From the runs of all rows to their mean and worst, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from learning.backtest.discrimination import coverage_at_precision
from learning.backtest.figures import MIN_ERRORS, PRECISION, Figure
from learning.backtest.intervals import RESAMPLES, interval, resamples

if TYPE_CHECKING:
    from collections.abc import Mapping

    from learning.backtest.discrimination import FloatArray
    from learning.backtest.figures import Run
    from learning.backtest.intervals import Interval

_CHUNK = 200
"""Resamples of all rows together that are looked at in one go: a few megabytes each array."""


@dataclass(frozen=True)
class Summary:
    """All rows of one run, by name. ``seed`` draws the resamples."""

    runs: Mapping[str, Run]
    seed: int
    times: int = RESAMPLES

    @cached_property
    def _resampled(self) -> dict[str, dict[Figure, FloatArray]]:
        return {
            name: run.figures(resamples(len(run.right), self.seed, name, self.times))
            for name, run in self.runs.items()
        }

    @cached_property
    def by_row(self) -> dict[str, dict[Figure, float]]:
        """Each row's figures; not a number where one is undefined."""
        return {
            name: {figure: float(value[0]) for figure, value in run.figures().items()}
            for name, run in self.runs.items()
        }

    def intervals(self, name: str) -> dict[Figure, Interval | None]:
        """Of one row's figures."""
        return {
            figure: _interval(figure, values, self.by_row[name][figure])
            for figure, values in self._resampled[name].items()
        }

    def rows_of(self, figure: Figure) -> list[str]:
        """The rows that count in the mean of a figure: AUROC wants `MIN_ERRORS`."""
        return [
            name
            for name, run in self.runs.items()
            if figure is not Figure.AUROC or run.errors >= MIN_ERRORS
        ]

    @cached_property
    def mean(self) -> dict[Figure, float | None]:
        """Over the rows, each counting the same; coverage of all items pooled. None: no row counts."""
        means = {
            figure: _mean([self.by_row[name][figure] for name in self.rows_of(figure)])
            for figure in Figure
        }
        return means | {Figure.COVERAGE: float(self._pooled_coverage(None)[0])}

    @cached_property
    def mean_intervals(self) -> dict[Figure, Interval | None]:
        """Of the means: every row resampled by itself."""
        ends: dict[Figure, Interval | None] = {}
        for figure in Figure:
            rows = [self._resampled[name][figure] for name in self.rows_of(figure)]
            ends[figure] = (
                _interval(figure, np.mean(rows, axis=0), self.mean[figure]) if rows else None
            )
        counts = [resamples(len(r.right), self.seed, n, self.times) for n, r in self.runs.items()]
        pooled = [
            self._pooled_coverage([part[at : at + _CHUNK] for part in counts])
            for at in range(0, self.times, _CHUNK)
        ]
        return ends | {Figure.COVERAGE: interval(np.concatenate(pooled))}

    @cached_property
    def worst_row(self) -> dict[Figure, str | None]:
        """The row that does worst by each figure; None: no row counts."""
        worst: dict[Figure, str | None] = {}
        for figure in Figure:
            rows = self.rows_of(figure)
            pick = max if figure.lower_is_better else min
            worst[figure] = pick(rows, key=lambda n: self.by_row[n][figure]) if rows else None
        return worst

    @property
    def worst(self) -> dict[Figure, float | None]:
        """The worst row's value of each figure."""
        return {f: None if n is None else self.by_row[n][f] for f, n in self.worst_row.items()}

    @property
    def stated(self) -> FloatArray:
        """Confidences of all items of all rows."""
        return np.concatenate([run.stated for run in self.runs.values()])

    @property
    def right(self) -> FloatArray:
        """How all items of all rows went."""
        return np.concatenate([run.right for run in self.runs.values()])

    def _pooled_coverage(self, counts: list[FloatArray] | None) -> FloatArray:
        weights = None if counts is None else np.concatenate(counts, axis=1)
        return coverage_at_precision(self.stated, self.right, PRECISION, weights)


def _mean(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _interval(figure: Figure, resampled: FloatArray, value: float | None) -> Interval | None:
    return interval(resampled, centre=value if figure.raised_by_noise else None)
