"""Retries: which calls are repeated, after what wait, and how many of them all providers may have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from providers.errors import ProviderError


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and after what wait one call is repeated.

    ``attempts`` counts the first call too. The wait before repetition ``n`` is uniform between 0
    and ``min(max_wait_s, first_wait_s * 2 ** (n - 1))``: full jitter (AWS Architecture Blog,
    "Exponential Backoff And Jitter", 2015). A vendor's Retry-After is a lower bound on it.
    """

    attempts: int = 3
    first_wait_s: float = 0.25
    max_wait_s: float = 8.0

    def wait_s(self, failed: int, uniform: float, retry_after_s: float | None) -> float:
        """Seconds to wait after ``failed`` calls; ``uniform`` is a draw from [0, 1)."""
        ceiling = min(self.max_wait_s, self.first_wait_s * 2.0 ** (failed - 1))
        return max(uniform * ceiling, retry_after_s or 0.0)

    def allows(self, error: ProviderError, failed: int, *, repeat_billed: bool) -> bool:
        """Whether a call that failed for the ``failed``-th time with ``error`` may be repeated."""
        return error.retryable and failed < self.attempts and (repeat_billed or not error.billable)


@dataclass(slots=True)
class RetryBudget:
    """A token bucket that all providers share: repetitions are a share of calls, not a multiple.

    Each call puts ``share`` of a token in, each repetition takes one out; ``floor_per_s`` keeps a
    quiet service able to repeat. So a vendor that fails is asked at most ``1 + share`` times as
    often as it is called, however many callers are waiting (Google, Site Reliability Engineering,
    ch. 21 "Handling Overload": 10 %; Finagle's RetryBudget: 20 % and 10 a second). ``capacity``
    bounds what a quiet time saves up.
    """

    share: float = 0.2
    floor_per_s: float = 1.0
    capacity: float = 20.0
    tokens: float = field(init=False)
    _seen_at: float | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.tokens = self.capacity / 2

    def deposit(self) -> None:
        """Count a call."""
        self.tokens = min(self.capacity, self.tokens + self.share)

    def try_withdraw(self, now: float) -> bool:
        """Take the token of one repetition, if there is one; ``now`` in seconds of any clock."""
        if self._seen_at is not None:
            elapsed = max(0.0, now - self._seen_at)
            self.tokens = min(self.capacity, self.tokens + elapsed * self.floor_per_s)
        self._seen_at = now
        if self.tokens < 1.0:
            return False
        self.tokens -= 1.0
        return True
