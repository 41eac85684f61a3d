"""What is wrong with a day, by its figures: the levels of the gateway's own alerts, held against whole days. Pure.

Error rates, latencies, confidence and vendors' availability are judged by the limits and least samples of
`gateway.alerts.rules`. Added is what only days can tell: accuracy by labels, calibration, cost against the
week before, and changes of vendors. Of several levels of one measure the loudest counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from gateway.alerts.levels import Level
from gateway.alerts.rules import RULES, Measure
from learning.monitor.figures import figures_of
from learning.monitor.tally import ARM, PROVIDER
from learning.records import SHADOW_ARM

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date, tzinfo

    from learning.monitor.drift import Change
    from learning.monitor.figures import Figures
    from learning.monitor.tally import Tallies

QUALITY = 0.85
"""The KPI "consensus quality 85 %" (MISSION): below it, with certainty, is a warning."""

CALIBRATION = 0.1
"""Mean distance of confidence and accuracy above which a confidence is no probability any more."""

LABELS = 100
"""Labels from which on calibration is judged: ten a bin. Of fewer, chance alone makes more than 0.1."""

DEARER = 1.5
"""Times the median of the days before, from which on a day's mean cost is a warning."""

WEEK = 7
LEAST_DAYS_BEFORE = 3
LEAST_REQUESTS = 20


@dataclass(frozen=True, slots=True)
class DailyAlert:
    """One thing that was wrong on one day. ``kind`` is ``arm`` or ``provider``."""

    day: date
    level: Level
    name: str
    kind: str
    subject: str
    value: float
    limit: float
    words: str


def alerts_of(days: Mapping[date, Tallies]) -> tuple[DailyAlert, ...]:
    """All alerts of these days, oldest first."""
    found: list[DailyAlert] = []
    costs: dict[str, list[float]] = {}
    for day in sorted(days):
        for (kind, subject), tally in sorted(days[day].items()):
            figures = figures_of(tally)
            found += _by_configured_rules(day, kind, subject, figures)
            if kind == ARM and subject != SHADOW_ARM:
                found += _by_labels(day, subject, figures)
                found += _by_cost(day, subject, figures, costs.setdefault(subject, []))
    return tuple(found)


def alerts_of_changes(changes: Iterable[Change], zone: tzinfo) -> tuple[DailyAlert, ...]:
    """A vendor that changed is a warning on the day it was found."""
    return tuple(
        DailyAlert(
            day=change.at.astimezone(zone).date(),
            level=Level.WARNING,
            name="ProviderChanged",
            kind=PROVIDER,
            subject=change.provider,
            value=change.after,
            limit=change.before,
            words=f"{change.measure.value} went {change.direction.value}, likely since "
            f"{change.since.astimezone(zone):%Y-%m-%d %H:%M}",
        )
        for change in changes
    )


def _by_configured_rules(
    day: date, kind: str, subject: str, figures: Figures
) -> Iterator[DailyAlert]:
    told: set[Measure] = set()
    for rule in sorted(RULES, key=lambda rule: -rule.level.loudness):
        reading = _reading(rule.measure, kind, subject, figures)
        if reading is None or rule.measure in told:
            continue
        value, count = reading
        if count >= rule.minimum and rule.is_true(value):
            told.add(rule.measure)
            sign = "below" if rule.below else "above"
            yield DailyAlert(
                day,
                rule.level,
                rule.name,
                kind,
                subject,
                value,
                rule.limit,
                f"{rule.measure.value} {value:.4g} is {sign} {rule.limit:g}",
            )


def _reading(
    measure: Measure, kind: str, subject: str, figures: Figures
) -> tuple[float, int] | None:
    """The day's value of a rule's measure, and of how many requests or calls it comes."""
    rate, p95_ms, confidence = figures.error_rate, figures.latency_p95_ms, figures.confidence
    found: dict[Measure, tuple[float | None, int]] = {}
    if kind == PROVIDER:
        up = None if rate is None else 1 - rate.value
        found = {Measure.AVAILABILITY: (up, figures.measured)}
    elif subject != SHADOW_ARM:  # a shadow's answers went to nobody
        found = {
            Measure.ERROR_RATE: (None if rate is None else rate.value, figures.measured),
            Measure.LATENCY: (None if p95_ms is None else p95_ms / 1000, figures.requests),
            Measure.CONFIDENCE: (confidence, figures.requests),
        }
    value, count = found.get(measure, (None, 0))
    return None if value is None else (value, count)


def _by_labels(day: date, subject: str, figures: Figures) -> Iterator[DailyAlert]:
    accuracy, error = figures.accuracy, figures.calibration_error
    if accuracy is not None and accuracy.upper < QUALITY:
        yield DailyAlert(
            day,
            Level.WARNING,
            "AccuracyWarning",
            ARM,
            subject,
            accuracy.value,
            QUALITY,
            f"accuracy {accuracy.value:.1%} of {figures.labelled} labels: at most {accuracy.upper:.1%}",
        )
    if error is not None and figures.labelled >= LABELS and error > CALIBRATION:
        yield DailyAlert(
            day,
            Level.WARNING,
            "CalibrationWarning",
            ARM,
            subject,
            error,
            CALIBRATION,
            f"confidence and accuracy lie {error:.2f} apart",
        )


def _by_cost(
    day: date, subject: str, figures: Figures, before: list[float]
) -> Iterator[DailyAlert]:
    cost = figures.cost_per_request_usd
    if cost is None or figures.requests < LEAST_REQUESTS:
        return
    usual = median(before[-WEEK:]) if len(before) >= LEAST_DAYS_BEFORE else None
    before.append(cost)
    if usual is not None and usual > 0 and cost > DEARER * usual:
        yield DailyAlert(
            day,
            Level.WARNING,
            "CostWarning",
            ARM,
            subject,
            cost,
            DEARER * usual,
            f"a request costs ${cost:.4g}, {cost / usual:.1f} x the median of the days before",
        )
