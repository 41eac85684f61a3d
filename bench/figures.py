"""A benchmark's figures: written as JSON beside a table people read, judged against their bars."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

OUT = Path(__file__).resolve().parent / "out"
PROGRESS = Console(stderr=True)
WIDTH = 120
"""Columns a table may take where no terminal says how many there are."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What a figure must not exceed. A figure that could not be measured (None) does not meet it."""

    figure: str
    limit: float
    value: float | None

    @property
    def met(self) -> bool:
        """True when the figure is at or under its bar."""
        return self.value is not None and self.value <= self.limit

    def json(self) -> dict[str, Any]:
        """The bar beside its figure."""
        value = None if self.value is None else round(self.value, 4)
        return {"figure": self.figure, "limit": self.limit, "value": value, "met": self.met}

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.figure}, bar ≤ {self.limit:g}: NOT MEASURED"
        verdict = "met" if self.met else "MISSED"
        return f"{self.figure} = {self.value:.3f}, bar ≤ {self.limit:g}: {verdict}"


@dataclass(frozen=True, slots=True)
class Result:
    """One benchmark's outcome: ``figures`` are its JSON, ``rows`` its table below ``columns``.

    ``notes`` are figures without a bar that people should see as well.
    """

    name: str
    figures: dict[str, Any]
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    bars: tuple[Bar, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spread:
    """Several rounds of one figure."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle round."""
        return median(self.values)

    def json(self) -> dict[str, Any]:
        """The median beside the extremes and every round, rounded to 4 digits after the point."""
        return {
            "median": round(self.median, 4),
            "min": round(min(self.values), 4),
            "max": round(max(self.values), 4),
            "rounds": [round(v, 4) for v in self.values],
        }

    def __str__(self) -> str:
        digits = 2 if self.median < 10 else 1 if self.median < 100 else 0
        low, high = min(self.values), max(self.values)
        return f"{self.median:.{digits}f} ({low:.{digits}f}–{high:.{digits}f})"


def publish(result: Result) -> bool:
    """Write ``bench/out/NAME.json``, print the table to stdout; True when every bar is met."""
    OUT.mkdir(exist_ok=True)
    machine = {
        "python": platform.python_version(),
        "system": platform.system(),
        "architecture": platform.machine(),
        "cpus": os.cpu_count(),
    }
    bars = [bar.json() for bar in result.bars]
    document = {"name": result.name, **result.figures, "bars": bars, "machine": machine}
    (OUT / f"{result.name}.json").write_text(json.dumps(document, indent=2) + "\n")

    table = Table(*result.columns, title=result.name, title_justify="left")
    for row in result.rows:
        table.add_row(*row)
    console = Console(width=max(WIDTH, Console().width))
    console.print(table)
    for bar in result.bars:
        console.print(str(bar))
    for note in result.notes:
        console.print(note)
    return all(bar.met for bar in result.bars)
