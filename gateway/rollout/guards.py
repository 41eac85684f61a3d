"""The environment's absolute limits, held against one arm's sliding window.

A rate trips in two ways. Over a window large enough (`minimum_sample`) by being above its limit; and
before, when a run of bad requests is so dense that an arm within its limit would show the like on
average once in `MEAN_REQUESTS` requests or more seldom: a Shiryaev-Roberts sum of bets, which
finds 30 % of failures at a limit of 3 % in about 15 requests; it must be of `RUN_REQUESTS`. Where an
operator has set a least sample, it takes the place of both. None trips on fewer than ``minimum_errors`` bad
requests in the window, nor unless `CALLERS` met them: one caller's broken prompts are no harm to all.
Traffic that all comes from fewer callers (a backend that gives one id to everybody) needs no more than
there are.

The window holds requests as they end. Runs take them in the order they came in (`settle`): failures end
before answers, and so the first to end are no sample of what came in.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from gateway.rollout.minimum_sample import minimum_sample
from gateway.rollout.statistics.betting import OneSample
from gateway.rollout.window import Figures, Window

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.rollout.observation import Observation
    from gateway.rollout.rules import Limits

MEAN_REQUESTS = 10_000.0
"""Requests until an arm exactly at its limit is called above it by a dense run, on average, at least."""

RUN_REQUESTS = 8
"""Requests in the window before a dense run of bad ones is called one."""

CALLERS = 3
"""Different callers of the bad requests; one without id is its own caller."""

BAD_CALLERS_KEPT = 20
"""Of so many last bad requests the callers are looked at."""

CALLERS_KEPT = 200
"""Of so many last requests the callers are counted, to see how many there are at all."""

SLOW_SHARE = 0.05
"""The share of slow requests that a p95 allows."""

ODDS = (2.5, 10.0, 50.0)
"""What is bet on: the odds of a bad request are so many times those at the limit."""

WEIGHTS = (0.3, 0.4, 0.3)


class RateGuard:
    """One rate of one arm against its limit, in (0, 1)."""

    def __init__(self, limit: float, callers: Iterable[str | None] = ()) -> None:
        self._limit = limit
        self._run = _bet(limit)
        self._callers: deque[str | None] = deque(callers, maxlen=BAD_CALLERS_KEPT)

    def add(self, *, bad: bool, caller: str | None) -> None:
        """Take in whose request ended, and how."""
        if bad:
            self._callers.append(caller)

    def settle(self, *, bad: bool) -> None:
        """Bet on the next request, by arrival."""
        if self._run is not None:
            self._run.add(float(bad))

    def clear(self) -> None:
        """Forget the run."""
        self._callers.clear()
        if self._run is not None:
            self._run.detector.clear()

    def trips(self, bad: int, count: int, limits: Limits, callers: int) -> bool:
        """Whether a rate above the limit, ``bad`` of ``count`` in the window, means what it says.

        ``callers`` is how many the traffic comes from at all, or more than `CALLERS`.
        """
        if bad < limits.minimum_errors or _different(self._callers) < min(CALLERS, callers):
            return False
        if limits.minimum_sample is not None:
            return count >= limits.minimum_sample
        return count >= minimum_sample(self._limit) or (
            self._run is not None
            and self._run.detector.recent_sum >= MEAN_REQUESTS
            and count >= RUN_REQUESTS
        )


class Guards:
    """One arm's window and its guards; amortised O(1) a request."""

    def __init__(self, limits: Limits) -> None:
        self._window = Window(limits.window.total_seconds(), limits.latency_ms)
        self._callers: deque[str | None] = deque(maxlen=CALLERS_KEPT)
        self._set(limits)

    def _set(self, limits: Limits) -> None:
        self._limits = limits
        # Whose of the requests held are bad by these limits is not known: the last callers stand for them.
        self._errors = RateGuard(limits.error_rate, self._callers)
        self._slow = RateGuard(SLOW_SHARE, self._callers)

    def add(self, seen: Observation, now: float) -> None:
        """Take in a request that ended at ``now`` (seconds, monotonic), if it is measured."""
        self.expire(now)
        if not seen.measured:
            return
        self._window.take(
            now,
            error=seen.error,
            latency_ms=seen.latency_ms,
            confidence=seen.confidence,
            cost_usd=seen.cost_usd,
        )
        self._callers.append(seen.caller)
        self._errors.add(bad=seen.error, caller=seen.caller)
        self._slow.add(bad=self._is_slow(seen), caller=seen.caller)

    def settle(self, seen: Observation) -> None:
        """Take a measured request into the runs, once those that came in beside it have ended too."""
        self._errors.settle(bad=seen.error)
        self._slow.settle(bad=self._is_slow(seen))

    def expire(self, now: float) -> None:
        """Let go of what is older than the window; an empty one has no run of bad requests either."""
        self._window.expire(now)
        if not len(self._window):
            self._errors.clear()
            self._slow.clear()

    def trips(self) -> bool:
        """Whether a guard trips, by what is in the window now."""
        return self._errors_trip() or self._slow_trips()

    def reasons(self, figures: Figures) -> tuple[str, ...]:
        """Why it trips, with figures; empty if it does not."""
        reasons = []
        if self._errors_trip():
            reasons.append(error_reason(figures, "rollback", self._limits.error_rate))
        if self._slow_trips():
            reasons.append(
                f"p95 latency {figures.p95_latency_ms:.0f} ms over {figures.requests} requests is "
                f"above the rollback limit of {self._limits.latency_ms:.0f} ms"
            )
        return tuple(reasons)

    def warning(self, figures: Figures) -> str | None:
        """The warning about the error rate, if it is above the warning limit by enough errors."""
        rate, limit = figures.error_rate, self._limits.warning_error_rate
        if rate is None or rate <= limit or figures.errors < self._limits.minimum_errors:
            return None
        return error_reason(figures, "warning", limit)

    def figures(self, now: float) -> Figures:
        """The window in figures; O(n log n)."""
        self.expire(now)
        return self._window.figures(now)

    def clear(self) -> None:
        """Forget everything."""
        self._window.clear()
        self._callers.clear()
        self._errors.clear()
        self._slow.clear()

    def adjust(self, limits: Limits) -> None:
        """Judge what is held by other limits; runs of bad requests begin anew."""
        self._window.adjust(limits.window.total_seconds(), limits.latency_ms)
        self._set(limits)

    def _is_slow(self, seen: Observation) -> bool:
        return seen.latency_ms > self._limits.latency_ms

    def _errors_trip(self) -> bool:
        errors, count = self._window.errors, len(self._window)
        above = count > 0 and errors / count > self._limits.error_rate
        return above and self._errors.trips(errors, count, self._limits, _different(self._callers))

    def _slow_trips(self) -> bool:
        slow, count = self._window.slow, len(self._window)
        return self._window.is_slow and self._slow.trips(
            slow, count, self._limits, _different(self._callers)
        )


def _different(callers: Iterable[str | None]) -> int:
    """How many there are; who has no id is somebody else each time, and a few of them are enough."""
    seen: set[str] = set()
    nameless = 0
    for caller in callers:
        if caller is None:
            nameless += 1
        else:
            seen.add(caller)
        if nameless + len(seen) >= CALLERS:
            break
    return nameless + len(seen)


def error_reason(figures: Figures, name: str, limit: float) -> str:
    """The error rate above a limit, in words."""
    return (
        f"error rate {figures.error_rate:.2%} ({figures.errors} of {figures.requests} requests) is "
        f"above the {name} limit of {limit:.2%}"
    )


def _bet(limit: float) -> OneSample | None:
    if not 0 < limit < 1:
        return None
    odds = [limit / (1 - limit) * factor for factor in ODDS]
    return OneSample(limit, [o / (1 + o) for o in odds], WEIGHTS)
