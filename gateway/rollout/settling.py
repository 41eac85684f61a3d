"""Hands requests on in the order they came in, a while after, so that none counts for ending quickly.

Failures often end at once, answers take seconds. Counted as they end, the first seconds after evidence
begins (a stage, an acknowledgement, a restart) show failures and hardly an answer, and the slower side
looks as if it failed. So a finished request waits until the *horizon* has passed since it came in: then
nearly all that came in beside it have ended too, however they ended. A request slower than the horizon is
handed on as it ends.

The horizon is the largest p95 latency of the sides' answers, so the lag is about that, always the same:
there is no moment at which a heap of early failures is let go.
"""

from __future__ import annotations

import heapq
import math
from typing import TYPE_CHECKING

from gateway.rollout.statistics.quantile import RecentP95

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from gateway.rollout.observation import Observation

START_S = 3.0
"""Horizon of a side of whose latency little is known; more where a request took longer."""

LONGEST_S = 30.0
"""The horizon at most: harm must not stay unseen for longer than that."""

MOST_WAITING = 20_000
"""Requests that wait at most, some MB: 30 s of 600 requests a second. Beyond, the oldest go early."""


class _Side:
    """How long one arm's requests take."""

    def __init__(self) -> None:
        self._p95 = RecentP95()
        self._longest = START_S

    @property
    def horizon(self) -> float:
        """Seconds after which nearly all requests of a moment have ended."""
        return self._longest if self._p95.value is None else self._p95.value

    def end(self, seconds: float) -> bool:
        """Take in how long a request took, as it ends; whether the horizon may have moved."""
        if seconds <= self._longest:
            return False
        self._longest = seconds
        return True

    def settle(self, seconds: float) -> bool:
        """Take in how long an answer took, by arrival: the first to end are the quick ones; as `end`."""
        before = self._p95.value
        self._p95.add(seconds)
        return self._p95.value != before


class Settling:
    """The requests that wait. Bounded; O(log n) a request. No clock: times are given, in seconds."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, Observation]] = []
        self._number = 0
        self._sides: dict[str, _Side] = {}
        self._horizon = START_S

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def horizon(self) -> float:
        """Seconds that a request waits since it came in, if it does not take longer itself."""
        return self._horizon

    def add(self, seen: Observation, now: float) -> None:
        """Take in a request that ended at ``now`` (seconds, monotonic)."""
        seconds = seen.latency_ms / 1000
        if math.isfinite(seconds):
            side = self._sides.get(seen.arm)
            if side is None:
                side = self._sides[seen.arm] = _Side()
                self._review()
            if side.end(seconds):
                self._review()
        self._number += 1
        heapq.heappush(self._waiting, (now - seconds, self._number, seen))

    def release(self, now: float) -> Iterator[Observation]:
        """Let go of what has waited long enough at ``now``, by arrival."""
        while self._waiting and (
            self._waiting[0][0] <= now - self._horizon or len(self._waiting) > MOST_WAITING
        ):
            seen = heapq.heappop(self._waiting)[2]
            side = self._sides.get(seen.arm)
            answered = not seen.error and math.isfinite(seen.latency_ms)
            if answered and side is not None and side.settle(seen.latency_ms / 1000):
                self._review()
            yield seen

    def clear(self) -> None:
        """Forget what waits; how long requests take stays known."""
        self._waiting.clear()

    def keep(self, arms: Collection[str]) -> None:
        """Forget how long the requests of other arms take."""
        self._sides = {arm: side for arm, side in self._sides.items() if arm in arms}
        self._review()

    def _review(self) -> None:
        longest = max((side.horizon for side in self._sides.values()), default=START_S)
        self._horizon = min(longest, LONGEST_S)
