"""What the performance monitor says, as plain values for JSON: days, trends, alerts, changes, the whole. Pure."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gateway.alerts.levels import Level
from gateway.daily.rules import alerts_of, alerts_of_changes
from learning.monitor.figures import figures_of
from learning.monitor.intervals import Share
from learning.monitor.series import MEASURES, movements, series_of
from learning.monitor.tally import ARM, PROVIDER, together

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime, tzinfo

    from learning.monitor.drift import Change
    from learning.monitor.figures import Figures
    from learning.monitor.tally import Tallies
    from learning.monitor.vendors import Watched


def report_body(  # noqa: PLR0913 - everything that is known
    days: Mapping[date, Tallies],
    changes: Sequence[Change],
    watched: Sequence[Watched],
    *,
    asked: Sequence[date],
    zone: tzinfo,
    rolled_up_at: datetime | None,
) -> dict[str, Any]:
    """Everything; ``asked`` are the days it was asked for, of which ``days`` holds those with requests."""
    return {
        "from": asked[0],
        "to": asked[-1],
        "timezone": str(zone),
        "rolled_up_at": rolled_up_at,
        "total": _of_kinds(together(days.values())),
        "days": [{"day": day, **_of_kinds(tallies)} for day, tallies in sorted(days.items())],
        "trends": trends_body(days),
        "alerts": alerts_body(days, changes, zone),
        "changes": [asdict(change) for change in changes],
        "watched": [asdict(entry) for entry in watched],
    }


def trends_body(days: Mapping[date, Tallies]) -> list[dict[str, Any]]:
    """Each series with enough days: its values, slope a day with a 95 % interval, chance, verdict."""
    series = series_of(days)
    return [
        {
            **moving.name._asdict(),
            **asdict(moving.trend),
            "verdict": moving.verdict,
            "harm": moving.harm,
            "values": [{"ordinal": day, "value": value} for day, value in series[moving.name]],
        }
        for moving in movements(days)
    ]


def alerts_body(
    days: Mapping[date, Tallies], changes: Sequence[Change], zone: tzinfo
) -> list[dict[str, Any]]:
    """All alerts, oldest first, the loudest of a day first."""
    found = [*alerts_of(days), *alerts_of_changes(changes, zone)]
    found.sort(
        key=lambda alert: (alert.day, -Level(alert.level).loudness, alert.name, alert.subject)
    )
    return [asdict(alert) for alert in found]


def _of_kinds(tallies: Tallies) -> dict[str, Any]:
    """By arm and by provider, with what each name's figures are."""
    return {
        plural: {
            name: figures_body(figures_of(tally))
            for (kind, name), tally in sorted(tallies.items())
            if kind == wanted
        }
        for plural, wanted in (("arms", ARM), ("providers", PROVIDER))
    }


def figures_body(figures: Figures) -> dict[str, Any]:
    """The figures; a share is its value with the ends of its 95 % interval."""
    return {
        name: value._asdict() if isinstance(value, Share) else value
        for name, value in ((n, getattr(figures, n)) for n in figures.__slots__)
    }


TREND_MEASURES = tuple(MEASURES)
"""The names trends may be asked by."""
