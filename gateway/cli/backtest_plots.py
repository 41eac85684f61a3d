"""The pictures of a backtest: how policies went over time, what they cost, what each part gains."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from gateway.plotting import COLOURS, GREY, INK, picture, save

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.plotting import Figure
    from learning.backtest.steering import SteeringReport

SHORTEST = 50
"""Requests that a moving mean is over at least; else over a tenth of the stream."""

MOST_LINES = 8
"""Policies drawn over time; more lines cannot be told apart."""

MARKERS = ("o", "s", "^", "D", "v")


def draw(report: SteeringReport, folder: Path) -> list[Path]:
    """Write the pictures there is something to draw in.

    Raises:
        OSError: The folder cannot be written.
    """
    drawn = []
    if report.courses:
        drawn.append(save(_over_time(report), folder / "accuracy-over-time.png"))
    if report.policies:
        drawn.append(save(_against_calls(report), folder / "accuracy-against-calls.png"))
    if report.ablations:
        drawn.append(save(_ablations(report), folder / "ablations.png"))
    return drawn


def _over_time(report: SteeringReport) -> Figure:
    """Moving mean of what each policy got right; below, how many more than the first by then."""
    drawn = picture(7.5, 6.5)
    upper, lower = drawn.subplots(2, 1, sharex=True)
    courses = {name: np.asarray(course.right, float) for name, course in report.courses.items()}
    shown = list(courses)[:MOST_LINES]
    against = shown[0]
    length = max(map(len, courses.values()))
    window = min(max(SHORTEST, length // 10), length)
    for name, (style, colour) in zip(shown, product(("-", "--"), COLOURS), strict=False):
        look = {"linestyle": style, "color": colour, "linewidth": 1.2}
        moving = np.convolve(courses[name], np.full(window, 1 / window), "valid")
        upper.plot(np.arange(window, window + len(moving)), moving, label=name, **look)
        # Policies differ on few requests of many: their means lie together, what they won does not.
        won = np.cumsum(courses[name] - courses[against])
        lower.plot(np.arange(1, len(won) + 1), won, **look)
    upper.set(ylabel=f"share right, mean of {window}", title="Accuracy over time, walked forward")
    lower.set(
        xlabel="requests, in the order of time",
        ylabel=f"right more than \u201c{against}\u201d so far",
    )
    upper.legend(frameon=False, loc="best", fontsize="small")
    return drawn


def _against_calls(report: SteeringReport) -> Figure:
    """Accuracy over calls a request: up and to the left is better."""
    drawn = picture(8.5, 4.5)
    axes = drawn.subplots()
    looks = product(MARKERS, COLOURS)
    for (name, row), (marker, colour) in zip(report.policies.items(), looks, strict=False):
        axes.plot(row.calls, row.accuracy, marker, color=colour, markersize=7, label=name)
    axes.margins(x=0.1, y=0.1)
    axes.set(
        xlabel="vendor calls a request",
        ylabel="share right",
        title="What accuracy costs",
    )
    # Beside the points: policies that do alike lie upon each other, and so would their names.
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5), fontsize="small")
    return drawn


def _ablations(report: SteeringReport) -> Figure:
    """What each part gains, with its interval; what does not leave the line shows no gain."""
    names = list(report.ablations)[::-1]
    drawn = picture(7.0, 1.4 + 0.35 * len(names))
    axes = drawn.subplots()
    for place, name in enumerate(names):
        found = report.ablations[name]
        colour = COLOURS[0] if found.low > 0 else COLOURS[1] if found.high < 0 else GREY
        axes.plot([100 * found.low, 100 * found.high], [place, place], color=colour, linewidth=2)
        axes.plot(100 * found.lift, place, "s", color=colour, markersize=5)
    axes.axvline(0, color=INK, linewidth=0.8, linestyle=":")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.set(
        xlabel="points of accuracy with the part, less without (95 %)",
        title="What each part gains",
    )
    return drawn
