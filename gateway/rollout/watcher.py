"""Judges the wall-bounce arm by its records, and says when it must roll back, and why.

The rules, the first that applies (API.md, Environment):

CRITICAL         every vendor down: three requests of different callers in a row
CRITICAL         error rate above the rollback limit
CRITICAL         p95 latency above the rollback limit
NOT_ENOUGH_DATA  fewer requests than the minimum sample
WARNING          error rate above the warning limit
HEALTHY          otherwise

A limit trips from the minimum sample on, and from three bad requests on. Confidence is shown, and
never trips by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from gateway.rollout.window import Figures, Window

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from learning.records import RequestRecord

WATCHED_ARM = "wall_bounce"

CALLERS_DOWN = 3
"""Different callers who must meet a total outage in a row (API.md)."""


class Health(StrEnum):
    """How the arm is; having too little to judge by is no health."""

    HEALTHY = "HEALTHY"
    WARNING = "WARNING"
    CRITICAL = "CRITICAL"
    NOT_ENOUGH_DATA = "NOT_ENOUGH_DATA"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the arm is held to. Rates are in [0, 1]; a figure equal to its limit is within it.

    ``minimum_sample`` requests must be in the window before a limit may trip: with 20, an arm that
    fails one request in a hundred has a rate above 3 % in 18 of 100 windows. Therefore also
    ``minimum_errors`` (slow requests, for the latency limit): with three of them out of 20 the
    same arm trips in one window of a thousand.
    """

    error_rate: float
    latency_ms: float
    warning_error_rate: float
    window: timedelta
    minimum_sample: int = 20
    minimum_errors: int = 3

    def __post_init__(self) -> None:
        if self.minimum_sample < 1 or self.minimum_errors < 1:
            raise ValueError("nothing can be judged by less than one request")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The arm's health, in words with figures, and the figures themselves."""

    health: Health
    reasons: tuple[str, ...]
    figures: Figures


class Outage:
    """Counts the callers who in a row met vendors that were all down; O(1), no clock."""

    def __init__(self) -> None:
        self._callers: set[str] = set()
        self._nameless = 0

    @property
    def callers(self) -> int:
        """Different callers of the present run; a request without id is its own caller."""
        return len(self._callers) + self._nameless

    @property
    def is_total(self) -> bool:
        """Whether the run is long enough to call every vendor down."""
        return self.callers >= CALLERS_DOWN

    def add(self, record: RequestRecord) -> None:
        """Take in the next request of the arm."""
        if record.all_vendors_down:
            if record.caller is None:
                self._nameless = min(self._nameless + 1, CALLERS_DOWN)
            elif not self.is_total:
                self._callers.add(record.caller)
        elif shows_life(record):
            self.clear()

    def clear(self) -> None:
        """Forget the run."""
        self._callers.clear()
        self._nameless = 0


def shows_life(record: RequestRecord) -> bool:
    """Whether some vendor replied, be it with an answer, a refusal, a filter or nonsense.

    A request that asked nobody, or whose caller left before anybody could reply, shows neither life
    nor death: it must not roll back, and must not keep an outage from being seen either.
    """
    unanswered = {"timeout", "cut_off"}
    return any(not vote.down and vote.error_code not in unanswered for vote in record.votes)


class Watcher:
    """The wall-bounce arm's window and outage run of one process; amortised O(1) a record."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._window = Window(limits.window.total_seconds(), limits.latency_ms)
        self._outage = Outage()
        self._since: datetime | None = None

    def observe(self, record: RequestRecord, now: float) -> Verdict | None:
        """Take in a request that ended at ``now`` (seconds, monotonic).

        Requests of the other arm, and those that came in before the last `restart`, change nothing.

        Returns:
            The verdict when it is CRITICAL, and else None: most requests need no words.
        """
        if record.arm != WATCHED_ARM or (self._since is not None and record.at < self._since):
            return None
        self._window.add(record, now)
        self._outage.add(record)
        return self.verdict(now) if self._is_critical() else None

    def verdict(self, now: float) -> Verdict:
        """Judge the arm as it stands at ``now``."""
        figures = self._window.figures(now)
        critical = self._critical_reasons(figures)
        if critical:
            return Verdict(Health.CRITICAL, critical, figures)
        least = self._limits.minimum_sample
        if figures.requests < least:
            short = f"{figures.requests} requests in the window, {least} are needed to judge"
            return Verdict(Health.NOT_ENOUGH_DATA, (short,), figures)
        if figures.error_rate is not None and figures.error_rate > self._limits.warning_error_rate:
            warning = _error_reason(figures, "warning", self._limits.warning_error_rate)
            return Verdict(Health.WARNING, (warning,), figures)
        return Verdict(Health.HEALTHY, (_healthy_reason(figures),), figures)

    def restart(self, since: datetime) -> None:
        """Begin anew: what came in before ``since`` (UTC) no longer counts, even if it ends later."""
        self._since = since
        self._window.clear()
        self._outage.clear()

    def adjust(self, limits: Limits) -> None:
        """Judge what is held by other limits."""
        self._limits = limits
        self._window.adjust(limits.window.total_seconds(), limits.latency_ms)

    def _enough(self, bad: int) -> bool:
        limits = self._limits
        return len(self._window) >= limits.minimum_sample and bad >= limits.minimum_errors

    def _errors_trip(self) -> bool:
        errors = self._window.errors
        return self._enough(errors) and errors / len(self._window) > self._limits.error_rate

    def _latency_trips(self) -> bool:
        return self._enough(self._window.slow) and self._window.is_slow

    def _is_critical(self) -> bool:
        return self._outage.is_total or self._errors_trip() or self._latency_trips()

    def _critical_reasons(self, figures: Figures) -> tuple[str, ...]:
        reasons = []
        if self._outage.is_total:
            reasons.append(
                f"every vendor is down: {self._outage.callers} requests of different callers in a "
                "row got no answer from any vendor"
            )
        if self._errors_trip():
            reasons.append(_error_reason(figures, "rollback", self._limits.error_rate))
        if self._latency_trips():
            reasons.append(
                f"p95 latency {figures.p95_latency_ms:.0f} ms over {figures.requests} requests is "
                f"above the rollback limit of {self._limits.latency_ms:.0f} ms"
            )
        return tuple(reasons)


def _error_reason(figures: Figures, name: str, limit: float) -> str:
    return (
        f"error rate {figures.error_rate:.2%} ({figures.errors} of {figures.requests} requests) is "
        f"above the {name} limit of {limit:.2%}"
    )


def _healthy_reason(figures: Figures) -> str:
    return (
        f"error rate {figures.error_rate:.2%} ({figures.errors} of {figures.requests} requests) "
        f"and p95 latency {figures.p95_latency_ms:.0f} ms are within their limits"
    )
