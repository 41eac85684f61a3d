"""What an evaluation found, as plain JSON. All rates and differences are fractions of 1.

``mean``, ``worst`` and ``intervals`` hold `learning.backtest.figures.Figure`; ``cold`` the same of the run
without feedback; ``sets`` both by row, with the baselines. Undefined figures are null.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from learning.backtest.calibration_figures import reliability
from learning.backtest.figures import Figure
from learning.backtest.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from learning.backtest.intervals import Interval
    from learning.backtest.replay import Replay

DIGITS = 6
"""Two runs give the same figures to so many digits, whatever the machine's way to sum."""


def report(
    replays: Sequence[Replay],
    extraction: Mapping[str, float],
    pairs: Mapping[str, float],
    *,
    seed: int,
    about: Mapping[str, Any],
) -> dict[str, Any]:
    """Everything that is told of an evaluation.

    Args:
        replays: One a row; none where only pairs were given.
        extraction: Rate by row.
        pairs: AUROC by set of pairs.
        seed: Of the bootstrap.
        about: How it was run: versions, options, data.
    """
    found: dict[str, Any] = {"about": {**about, "seed": seed}}
    if replays:
        learned = Summary({r.role.name: r.with_feedback for r in replays}, seed)
        cold = Summary({r.role.name: r.cold for r in replays}, seed)
        baselines = {r.role.name: r.baselines() for r in replays}
        found |= _overall(learned)
        found["cold"] = _overall(cold)
        found["baselines"] = {"mean": _mean_baselines(baselines, learned)}
        found["latency_ms"] = _latency(np.concatenate([r.cpu_ms for r in replays]))
        found["sets"] = {
            r.role.name: _row(r, learned, cold, baselines[r.role.name]) for r in replays
        }
    found["extraction"] = dict(extraction)
    found["pairs"] = dict(pairs)
    plain: dict[str, Any] = rounded(found)
    return plain


def _overall(summary: Summary) -> dict[str, Any]:
    aurocs = [figures[Figure.AUROC] for figures in summary.by_row.values()]
    defined = [value for value in aurocs if not math.isnan(value)]
    return {
        "mean": _named(summary.mean)
        | {
            "auroc_rows": summary.rows_of(Figure.AUROC),
            "auroc_all_sets": float(np.mean(defined)) if defined else None,
            "intervals": _ends(summary.mean_intervals),
        },
        "worst": _named(summary.worst)
        | {
            "sets": _named(summary.worst_row),
            "intervals": {
                figure.value: None if row is None else _end(summary.intervals(row)[figure])
                for figure, row in summary.worst_row.items()
            },
        },
        "reliability": [
            {
                "lower": b.lower,
                "upper": b.upper,
                "n": b.items,
                "confidence": b.confidence,
                "accuracy": b.accuracy,
            }
            for b in reliability(summary.stated, summary.right)
        ],
    }


def _row(replay: Replay, learned: Summary, cold: Summary, baselines: Any) -> dict[str, Any]:
    return {
        "set": replay.role.dataset,
        "models": list(replay.role.models),
        "n": len(replay.requests),
        "failed_votes": replay.failed_votes,
        **_run(learned, replay.role.name),
        "cold": _run(cold, replay.role.name),
        "baselines": baselines,
        "latency_ms": _latency(replay.cpu_ms),
    }


def _run(summary: Summary, name: str) -> dict[str, Any]:
    run = summary.runs[name]
    return _named(summary.by_row[name]) | {
        "errors": run.errors,
        "dissent_rescued": run.rescued,
        "dissent_lost": run.lost,
        "learned_share": float(run.learned.mean()),
        "intervals": _ends(summary.intervals(name)),
    }


def _mean_baselines(baselines: Mapping[str, Any], learned: Summary) -> dict[str, Any]:
    """Means over the rows; AUROC over the rows that count for ours, and over all."""

    def mean(kind: str, figure: str, rows: Sequence[str]) -> float | None:
        values = [baselines[name][kind][figure] for name in rows]
        defined = [value for value in values if not math.isnan(value)]
        return float(np.mean(defined)) if defined else None

    rows, counted = list(baselines), learned.rows_of(Figure.AUROC)
    found: dict[str, Any] = {
        kind: float(np.mean([row[kind] for row in baselines.values()]))
        for kind in ("best_single", "oracle")
    }
    for kind in ("vote", "vote_first", "cosine"):
        found[kind] = {
            "accuracy": mean(kind, "accuracy", rows),
            "auroc": mean(kind, "auroc", counted),
            "auroc_all_sets": mean(kind, "auroc", rows),
        }
    return found


def _latency(cpu_ms: Any) -> dict[str, float]:
    return {f"p{level}": float(np.percentile(cpu_ms, level)) for level in (50, 99)}


def _named(figures: Mapping[Figure, Any]) -> dict[str, Any]:
    return {figure.value: value for figure, value in figures.items()}


def _ends(intervals: Mapping[Figure, Interval | None]) -> dict[str, Any]:
    return {figure.value: _end(ends) for figure, ends in intervals.items()}


def _end(ends: Interval | None) -> list[float] | None:
    return None if ends is None else list(ends)


def rounded(value: Any) -> Any:
    """``value`` with its floats rounded, and null for what is not a number."""
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(part) for part in value]
    if isinstance(value, float):
        return round(value, DIGITS) if math.isfinite(value) else None
    return value
