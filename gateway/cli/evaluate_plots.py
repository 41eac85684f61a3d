"""The pictures of an evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gateway.plotting import GREY, INK, picture, save
from learning.backtest.calibration_figures import reliability
from learning.backtest.discrimination import risk_coverage
from learning.backtest.figures import PRECISION

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gateway.plotting import Figure
    from learning.backtest.replay import Replay

LEARNED, COLD, COSINE = "#0b6e99", "#e08e1b", "#b5559b"


def draw(replays: Sequence[Replay], folder: Path) -> list[Path]:
    """Write the reliability diagram and the risk-coverage plot of all rows pooled."""
    pictures = {
        "reliability.png": _reliability(replays),
        "risk-coverage.png": _risk_coverage(replays),
    }
    return [save(drawn, folder / name) for name, drawn in pictures.items()]


def _reliability(replays: Sequence[Replay]) -> Figure:
    """Accuracy over confidence by bin, and below how many items each bin holds."""
    drawn = picture(5.5, 6.0)
    upper, lower = drawn.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    upper.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1, label="calibrated")
    runs = (
        ("with feedback", LEARNED, [r.with_feedback for r in replays], -0.02),
        ("cold", COLD, [r.cold for r in replays], 0.02),
    )
    for label, colour, parts, offset in runs:
        bins = reliability(
            np.concatenate([p.stated for p in parts]), np.concatenate([p.right for p in parts])
        )
        stated = [b.confidence for b in bins]
        upper.plot(stated, [b.accuracy for b in bins], "o-", color=colour, label=label)
        centres = [(b.lower + b.upper) / 2 + offset for b in bins]
        lower.bar(centres, [b.items for b in bins], width=0.04, color=colour)
    upper.set(xlim=(0, 1), ylim=(0, 1), ylabel="share right", title="Reliability, all rows pooled")
    upper.legend(frameon=False)
    lower.set(xlabel="confidence", ylabel="items")
    return drawn


def _risk_coverage(replays: Sequence[Replay]) -> Figure:
    """Error rate of the most confident part, for us and for what we are held against."""
    drawn = picture(6.5, 4.5)
    axes = drawn.subplots()
    curves = (
        ("cosine", COSINE, [(p.stated, p.right) for r in replays for p in r.nearest]),
        ("plain vote", GREY, [(p.stated, p.right) for r in replays for p in r.votes]),
        ("cold", COLD, _items(replays, "cold")),
        ("with feedback", LEARNED, _items(replays, "with_feedback")),
    )
    highest = 0.0
    for label, colour, items in curves:
        stated, right = np.array(items, float).T
        curve = risk_coverage(stated, right)
        # Of items stated alike any part is as often wrong as all: level down to no coverage.
        axes.plot([0, *curve.coverage], [curve.risk[0], *curve.risk], color=colour, label=label)
        highest = max(highest, float(curve.risk[-1]))
    axes.axhline(1 - PRECISION, color=INK, linewidth=0.8, linestyle=":")
    axes.annotate(f"{PRECISION:.0%} right", (0.005, 1 - PRECISION), va="bottom", color=INK)
    axes.set(
        xlim=(0, 1),
        # The first few items of a curve say little, and may all be wrong.
        ylim=(0, 1.3 * max(highest, 1 - PRECISION)),
        xlabel="coverage: share of items answered, most confident first",
        ylabel="risk: share of these that is wrong",
        title="Risk and coverage, all rows pooled",
    )
    axes.legend(frameon=False, loc="best")
    return drawn


def _items(replays: Sequence[Replay], run: str) -> list[tuple[float, float]]:
    runs = [getattr(replay, run) for replay in replays]
    return [pair for r in runs for pair in zip(r.stated.tolist(), r.right.tolist(), strict=True)]
