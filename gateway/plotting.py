"""Pictures of figures. The only door to matplotlib, which nothing loads that draws nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["COLOURS", "GREY", "INK", "Axes", "Figure", "picture", "save"]

INK, GREY = "#222222", "#9a9a9a"

COLOURS = ("#0b6e99", "#e08e1b", "#b5559b", "#3a8f5c", "#8c5a3c", "#5b5fc7")
"""Of lines beside each other, in this order; told apart by the colour-blind too, but for the last two."""

DOTS_PER_INCH = 150


def picture(width: float, height: float) -> Figure:
    """An empty picture, in inches.

    A figure of its own, without pyplot: no window system is looked for, whatever the environment, and
    nothing is kept of it once it is let go.
    """
    return Figure(figsize=(width, height), dpi=DOTS_PER_INCH, layout="constrained")


def save(drawn: Figure, path: Path) -> Path:
    """Write it as PNG; the same figures give the same bytes.

    Raises:
        OSError: the file cannot be written.
    """
    # Without the writer's own name and version in it.
    drawn.savefig(path, format="png", metadata={"Software": None})
    return path
