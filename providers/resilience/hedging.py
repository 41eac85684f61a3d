"""When a call is made a second time beside itself: past what is usual, seldom, and never where it may not cost.

Dean and Barroso, "The Tail at Scale" (2013): a second copy after the 95th percentile takes most of the tail away for
a few percent more calls. That holds where the copies are independent: at another endpoint. At the same one a
long answer takes the second copy as long as the first, so there only a call that must be stuck is repeated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from providers.resilience.yardstick import Yardstick

ENOUGH = 30
"""Calls of the endpoint before its 95th percentile is more than a guess."""

STUCK_FACTOR = 2.0
"""Without another endpoint a call is repeated after so many times the p95: of a long-tailed latency
(log-normal, sigma 0.6) one in four hundred."""

MOST_LONG = 0.01
"""Without another endpoint nothing is repeated while more of its calls than that are slow and answered all the same:
those are long prompts, which a second copy only makes dearer."""

LEAST_DELAY_S = 0.05
"""Sooner nothing is repeated: a busy process alone makes fast calls late by as much."""

UNKNOWN_SHARE = 0.5
"""While too little is known of it, an endpoint has so much of a call's remaining time before another is asked, too."""

SAVED_UP = 5.0
"""Hedges a quiet time saves up at most."""

AT_FIRST = 20.0
"""Hedges a start has room for: as many of a burst's first calls may meet an endpoint that hangs, and nobody can
know."""


class Hedging:
    """What share of one provider's calls may be made twice, and what came of it."""

    __slots__ = ("_tokens", "asked", "share", "won")

    def __init__(self, share: float) -> None:
        self.share = share
        self.asked = 0
        """Calls made a second time."""
        self.won = 0
        """Of these, answered by the second."""
        self._tokens = AT_FIRST

    def deposit(self) -> None:
        """Count a call."""
        if self._tokens < SAVED_UP:
            self._tokens += self.share

    def delay_s(self, usual: Yardstick, remaining_s: float, *, elsewhere: bool) -> float | None:
        """Seconds after which a call that may last ``remaining_s`` is made again, None for never."""
        if self.share <= 0.0:
            return None
        if usual.p95_s is None or usual.calls < ENOUGH:
            return remaining_s * UNKNOWN_SHARE if elsewhere else None
        if not elsewhere and usual.long_share > MOST_LONG:
            return None
        return max(LEAST_DELAY_S, usual.p95_s * (1.0 if elsewhere else STUCK_FACTOR))

    def allows(self) -> bool:
        """Whether the share has room for another."""
        return self._tokens >= 1.0

    def give_back(self) -> None:
        """The one that was taken is not made."""
        self._tokens += 1.0

    def take(self) -> None:
        """Take room for one, so that of calls which are late at the same moment no more are repeated."""
        self._tokens -= 1.0
