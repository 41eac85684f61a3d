"""Grows one engine through all sizes and tells what each size takes; `SIZES=` chooses them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from bench.figures import OUT, Bar, Result
from bench.processes import ROOT

SIZES = "1000,10000,100000"
BARS: dict[int, dict[str, float]] = {
    1_000: {"search_ms_p50": 1.0, "search_ms_p99": 4.0},
    100_000: {"search_ms_p50": 2.0, "search_ms_p99": 8.0, "communities_s": 10.0},
    1_000_000: {
        "search_ms_p50": 4.0,
        "search_ms_p99": 15.0,
        "communities_s": 150.0,
        "open_s": 5.0,
        "bytes_per_pattern": 1_200.0,
    },
}
LEAST_PER_S = {"register_per_s": 1_500.0, "bulk_per_s": 3_000.0}
LEAST_RECALL = 0.95
JUDGED_FROM = 10_000
"""Patterns from which rates are judged: a start's costs weigh on a few."""


def run() -> Result:
    """Measure; some four minutes, with a million patterns most of an hour."""
    sizes = sorted({int(size) for size in os.environ.get("SIZES", SIZES).split(",")})
    figures = _grown(sizes)
    bars = [bar for size in sizes for bar in _bars(size, figures[str(size)])]
    _draw(sizes, figures)
    return Result(
        "learning", figures, _COLUMNS, [_row(s, figures[str(s)]) for s in sizes], tuple(bars)
    )


_COLUMNS = (
    "patterns",
    "register/s",
    "bulk/s",
    "search p50 ms",
    "p99 ms",
    "recall",
    "bytes each",
    "open s",
    "communities s",
)


def _grown(sizes: list[int]) -> dict[str, Any]:
    """In a process whose matrices take one thread, as `wallbounce serve` has them: they are small."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.growth", *map(str, sizes)],
        cwd=ROOT,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _bars(size: int, found: dict[str, Any]) -> list[Bar]:
    bars = [Bar(f"{size}.{key}", most, found[key]) for key, most in BARS.get(size, {}).items()]
    # A bar is what a figure must not exceed: of what it must reach, the shortfall.
    bars.append(Bar(f"{size}.1 - recall", 1.0 - LEAST_RECALL, 1.0 - found["recall"]))
    if size >= JUDGED_FROM:
        bars += [
            Bar(f"{size}.ms per {key}", 1_000.0 / least, 1_000.0 / found[key])
            for key, least in LEAST_PER_S.items()
            if found[key] is not None
        ]
    return bars


def _row(size: int, found: dict[str, Any]) -> tuple[str, ...]:
    bulk = "–" if found["bulk_per_s"] is None else f"{found['bulk_per_s']:.0f}"
    return (
        f"{size:,}",
        f"{found['register_per_s']:.0f}",
        bulk,
        f"{found['search_ms_p50']:.2f}",
        f"{found['search_ms_p99']:.2f}",
        f"{found['recall']:.3f}",
        f"{found['bytes_per_pattern']:.0f}",
        f"{found['open_s']:.2f}",
        f"{found['communities_s']:.1f}",
    )


def _draw(sizes: list[int], figures: dict[str, Any]) -> None:
    """``bench/out/learning.png``: registration, search and memory against the number of patterns."""
    from gateway.plotting import COLOURS, picture, save  # noqa: PLC0415 - matplotlib takes a second

    drawn = picture(12, 3.5)
    panels = (
        ("patterns a second", (("register_per_s", "one by one"), ("bulk_per_s", "in bulk"))),
        ("ms of a search", (("search_ms_p50", "median"), ("search_ms_p99", "p99"))),
        ("bytes a pattern", (("bytes_per_pattern", "resident"),)),
    )
    for place, (title, lines) in enumerate(panels, start=1):
        axes = drawn.add_subplot(1, len(panels), place)
        for (key, label), colour in zip(lines, COLOURS, strict=False):
            points = [(s, figures[str(s)][key]) for s in sizes if figures[str(s)][key] is not None]
            if points:
                axes.plot(*zip(*points, strict=True), marker="o", color=colour, label=label)
        axes.set_xscale("log")
        axes.set_ylim(bottom=0)
        axes.set_xlabel("patterns")
        axes.set_title(title)
        axes.legend(frameon=False)
    OUT.mkdir(exist_ok=True)
    save(drawn, OUT / "learning.png")
