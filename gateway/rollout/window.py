"""The sliding window a rollout arm is judged over: counts at once, the exact p95 on demand."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from providers.values import value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from learning.records import RequestRecord

HTTP_CLIENT_ERROR = 400

MAXIMUM_SAMPLE = 2_000
"""Requests kept at most, about 200 KB an arm. Under load the window so holds the last 2,000 requests
rather than the last minutes, which is quicker to see harm: at 100 requests a second a new failure of
every tenth request stands at 3 % within 6 s instead of within 90 s. At 2,000 requests an error rate
of 3 % has a standard error of 0.4 percentage points, so a longer memory would not sharpen it much."""


def is_measured(record: RequestRecord) -> bool:
    """Whether a request says anything about its arm: it was answered, or failed by our doing.

    Refusals, 4xx, clients gone, impatient deadlines and filtered prompts are no errors (API.md);
    counted as successes they would hide real errors, so they are left out altogether.
    """
    return record.status < HTTP_CLIENT_ERROR or record.is_error


def p95(values: Sequence[float]) -> float | None:
    """The smallest value that at least 95 % of the values do not exceed; None without values."""
    return sorted(values)[_rank(len(values)) - 1] if values else None


def _rank(count: int) -> int:
    """95 % of ``count``, rounded up; in whole numbers, as 0.95 is no float."""
    return (95 * count + 99) // 100


@dataclass(frozen=True, slots=True)
class Figures:
    """What one arm did over the window. A figure without data is None, never a healthy 0.

    ``error_rate`` and confidence are in [0, 1], latency in ms (nearest rank), cost in USD a
    request, averaged where it is known. ``slow`` requests took longer than the limit.
    """

    requests: int
    errors: int
    slow: int
    error_rate: float | None
    p95_latency_ms: float | None
    mean_confidence: float | None
    mean_cost_usd: float | None


@value(frozen=True, slots=True)
class _Sample:
    seen: float
    error: bool
    latency_ms: float
    confidence: float | None
    cost_usd: float | None


class Window:
    """Requests of one arm, seen within ``seconds`` and at most `MAXIMUM_SAMPLE` of them.

    Adding is O(1), amortised. "p95 above the limit" needs no p95: it is true exactly when more than
    5 % of the requests are slower than the limit, and those are counted.
    """

    def __init__(self, seconds: float, slow_ms: float) -> None:
        self._seconds = seconds
        self._slow_ms = slow_ms
        self._samples: deque[_Sample] = deque()
        self._errors = 0
        self._slow = 0

    def __len__(self) -> int:
        return len(self._samples)

    @property
    def errors(self) -> int:
        """Errors in the window."""
        return self._errors

    @property
    def slow(self) -> int:
        """Requests in the window that took longer than the limit."""
        return self._slow

    @property
    def is_slow(self) -> bool:
        """Whether the p95 latency (nearest rank) is above the limit."""
        count = len(self._samples)
        return count > 0 and count - self._slow < _rank(count)

    def add(self, record: RequestRecord, now: float) -> None:
        """Take a request in that ended at ``now`` (seconds, monotonic), if it is measured."""
        self.expire(now)
        if is_measured(record):
            self.take(
                now,
                error=record.is_error,
                latency_ms=record.latency_ms,
                confidence=record.confidence,
                cost_usd=record.cost_usd,
            )

    def take(
        self,
        now: float,
        *,
        error: bool,
        latency_ms: float,
        confidence: float | None,
        cost_usd: float | None,
    ) -> None:
        """Take a measured request in by its figures; ``now`` as in `add`."""
        self.expire(now)
        if len(self._samples) == MAXIMUM_SAMPLE:
            self._drop()
        self._samples.append(_Sample(now, error, latency_ms, confidence, cost_usd))
        self._errors += error
        self._slow += latency_ms > self._slow_ms

    def expire(self, now: float) -> None:
        """Let go of what is older than the window."""
        while self._samples and self._samples[0].seen <= now - self._seconds:
            self._drop()

    def clear(self) -> None:
        """Forget everything."""
        self._samples.clear()
        self._errors = self._slow = 0

    def adjust(self, seconds: float, slow_ms: float) -> None:
        """Judge what is held by another length and another latency limit."""
        self._seconds = seconds
        self._slow_ms = slow_ms
        self._slow = sum(s.latency_ms > slow_ms for s in self._samples)

    def figures(self, now: float) -> Figures:
        """The window in figures; O(n log n), for reports and verdicts that say why."""
        self.expire(now)
        count = len(self._samples)
        confidences = [s.confidence for s in self._samples if s.confidence is not None]
        costs = [s.cost_usd for s in self._samples if s.cost_usd is not None]
        return Figures(
            requests=count,
            errors=self._errors,
            slow=self._slow,
            error_rate=self._errors / count if count else None,
            p95_latency_ms=p95([s.latency_ms for s in self._samples]),
            mean_confidence=math.fsum(confidences) / len(confidences) if confidences else None,
            mean_cost_usd=math.fsum(costs) / len(costs) if costs else None,
        )

    def _drop(self) -> None:
        sample = self._samples.popleft()
        self._errors -= sample.error
        self._slow -= sample.latency_ms > self._slow_ms
