"""Daily figures as series by day, and which of them rise or fall, all judged together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from learning.monitor.figures import figures_of
from learning.monitor.trend import discovered, trend_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from learning.monitor.figures import Figures
    from learning.monitor.tally import Tallies
    from learning.monitor.trend import Trend

LEAST_REQUESTS = 20
"""A day with fewer requests, calls or labels has no figure to speak of."""

HARM_UP, HARM_DOWN, NEITHER = "up", "down", ""


class Measured(NamedTuple):
    """A figure that has a trend: which way is harm, and its value of a day, None for too little data."""

    harm: str
    value: Callable[[Figures], float | None]


def _enough(value: float | None, count: int) -> float | None:
    return value if count >= LEAST_REQUESTS else None


def _rate(share: tuple[float, float, float] | None, count: int) -> float | None:
    return None if share is None else _enough(share[0], count)


MEASURES: Mapping[str, Measured] = {
    "accuracy": Measured(HARM_DOWN, lambda f: _rate(f.accuracy, f.labelled)),
    "error_rate": Measured(HARM_UP, lambda f: _rate(f.error_rate, f.measured)),
    "confidence": Measured(NEITHER, lambda f: _enough(f.confidence, f.requests)),
    "calibration_error": Measured(HARM_UP, lambda f: _enough(f.calibration_error, f.labelled)),
    "agreement": Measured(NEITHER, lambda f: _enough(f.agreement, f.requests)),
    "latency_p50_ms": Measured(HARM_UP, lambda f: _enough(f.latency_p50_ms, f.requests)),
    "latency_p95_ms": Measured(HARM_UP, lambda f: _enough(f.latency_p95_ms, f.requests)),
    "cost_per_request_usd": Measured(
        HARM_UP, lambda f: _enough(f.cost_per_request_usd, f.requests)
    ),
    "refusal_rate": Measured(HARM_UP, lambda f: _rate(f.refusal_rate, f.requests)),
    "length_p50_tokens": Measured(NEITHER, lambda f: _enough(f.length_p50_tokens, f.requests)),
    "with_returned": Measured(HARM_DOWN, lambda f: _rate(f.with_returned, f.requests)),
}


class Name(NamedTuple):
    """Which series: of an ``arm`` or a ``provider``, which one, which of `MEASURES`."""

    kind: str
    subject: str
    measure: str


@dataclass(frozen=True, slots=True)
class Moving:
    """A series with its trend.

    ``verdict`` is ``rising`` or ``falling`` where chance alone is no likely cause, all series judged together,
    and ``steady`` else, which is no proof that nothing moves; ``harm``: it moves the wrong way.
    """

    name: Name
    trend: Trend
    verdict: str
    harm: bool


def series_of(days: Mapping[date, Tallies]) -> dict[Name, list[tuple[int, float]]]:
    """By name the days that have a figure, as (ordinal, value), days ascending."""
    found: dict[Name, list[tuple[int, float]]] = {}
    for day in sorted(days):
        for (kind, subject), tally in days[day].items():
            figures = figures_of(tally)
            for measure, (_, value) in MEASURES.items():
                known = value(figures)
                if known is not None:
                    found.setdefault(Name(kind, subject, measure), []).append(
                        (day.toordinal(), known)
                    )
    return found


def movements(days: Mapping[date, Tallies]) -> tuple[Moving, ...]:
    """Every series that is long enough for a trend, in order of its name."""
    trends = {
        name: trend
        for name, series in sorted(series_of(days).items())
        if (trend := trend_of(series)) is not None
    }
    clear = discovered({name: trend.chance for name, trend in trends.items()})
    return tuple(_moving(name, trend, clear=name in clear) for name, trend in trends.items())


def _moving(name: Name, trend: Trend, *, clear: bool) -> Moving:
    if not clear or trend.slope == 0:
        return Moving(name, trend, "steady", harm=False)
    up = trend.slope > 0
    harm = MEASURES[name.measure].harm == (HARM_UP if up else HARM_DOWN)
    return Moving(name, trend, "rising" if up else "falling", harm=harm)
