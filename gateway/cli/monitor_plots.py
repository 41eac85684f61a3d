"""The performance monitor's pictures."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from gateway.plotting import COLOURS, INK, picture, save

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gateway.plotting import Axes, Figure

HARM = "#c0392b"

DAILY = (
    ("arms", "requests", "requests"),
    ("arms", "accuracy", "accuracy by labels"),
    ("arms", "error_rate", "error rate"),
    ("arms", "latency_p95_ms", "p95 of a request, ms"),
    ("providers", "accuracy", "vendors: accuracy by labels"),
    ("providers", "with_returned", "vendors: with the returned answer"),
    ("providers", "latency_p50_ms", "vendors: p50 of a call, ms"),
    ("providers", "length_p50_tokens", "vendors: median answer, tokens"),
)
"""Whose, which figure, title."""

MOST_TRENDS = 12


def draw(body: Mapping[str, Any], folder: Path, which: Sequence[str]) -> list[Path]:
    """Write ``daily.png`` and ``trend.png``, as asked for; returns where."""
    made = {"daily": _daily, "trend": _trend}
    return [save(made[name](body), folder / f"{name}.png") for name in which]


def _daily(body: Mapping[str, Any]) -> Figure:
    """Figures by day; shares with their 95 % intervals."""
    drawn = picture(10, 12)
    for axes, (kind, measure, title) in zip(drawn.subplots(4, 2).flat, DAILY, strict=True):
        names = sorted({name for day in body["days"] for name in day[kind]})
        for number, name in enumerate(names):
            known = [
                (day["day"], day[kind][name][measure])
                for day in body["days"]
                if name in day[kind] and day[kind][name][measure] is not None
            ]
            _line(axes, known, name, COLOURS[number % len(COLOURS)])
        axes.set_title(title, fontsize=10)
        axes.set_ylim(bottom=0)
        _by_date(axes)
        if names:
            axes.legend(frameon=False, fontsize=8)
    drawn.suptitle(f"{body['from']} to {body['to']}, {body['timezone']}")
    return drawn


def _line(axes: Axes, known: Sequence[tuple[date, Any]], name: str, colour: str) -> None:
    days = [_number(day) for day, _ in known]
    if known and isinstance(known[0][1], dict):
        shares = [share for _, share in known]
        axes.fill_between(
            days,
            [s["lower"] for s in shares],
            [s["upper"] for s in shares],
            color=colour,
            alpha=0.15,
            linewidth=0,
        )
        axes.plot(days, [s["value"] for s in shares], "o-", color=colour, label=name, markersize=3)
        return
    axes.plot(days, [value for _, value in known], "o-", color=colour, label=name, markersize=3)


def _trend(body: Mapping[str, Any]) -> Figure:
    """The clearest trends: values by day and the Theil-Sen line."""
    shown = sorted(body["trends"], key=lambda t: t["chance"])[:MOST_TRENDS]
    rows = max(1, (len(shown) + 2) // 3)
    drawn = picture(12, 3 * rows)
    places = list(drawn.subplots(rows, 3, squeeze=False).flat)
    for axes, trend in zip(places, shown, strict=False):
        days = [_number(date.fromordinal(v["ordinal"])) for v in trend["values"]]
        axes.plot(days, [v["value"] for v in trend["values"]], "o", color=COLOURS[0], markersize=3)
        colour = HARM if trend["harm"] else INK
        axes.plot([days[0], days[-1]], [trend["first"], trend["last"]], color=colour)
        axes.set_title(f"{trend['subject']}: {trend['measure']}, {trend['verdict']}", fontsize=9)
        _by_date(axes)
    for axes in places[len(shown) :]:
        axes.set_axis_off()
    return drawn


def _number(day: date) -> float:
    """As matplotlib counts days."""
    return float((day - date(1970, 1, 1)).days)


def _by_date(axes: Axes) -> None:
    axes.xaxis_date()
    axes.tick_params(labelsize=8)
    axes.tick_params(axis="x", labelrotation=30)
