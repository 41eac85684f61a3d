"""How long an endpoint usually takes: quantiles learned from its own calls, the newest counting most.

A histogram with bins of equal width in the logarithm, each call counting a little more than the one
before, so that what is long past fades (forward decay: Cormode and others, ICDE 2009).

What a vendor does in a bad hour must not become the measure it is held to. So a call over the limit
(`Yardstick.slow_s`) is set aside as long as it is the exception. Where for `ADOPT_S` more than
one call in `OFTEN` is slow, be it that all are or that some prompts take long, that is how the vendor is now, and it
is learned anew.
"""

from __future__ import annotations

import math
from itertools import accumulate

LEAST_S, RATIO = 0.001, 1.05
"""The first bin's upper edge in seconds, and each next one's over it: within 2.5 % of the truth."""

BINS = 274
"""Up to 610 s; the longest deadline is 600 s."""

HALF_LIFE = 500
"""Calls after which one counts half."""

ENOUGH = 10
"""Calls before anything is said."""

FRESH_EVERY = 16
"""Calls after which the quantiles are worked out again: between, they hardly move."""

SLOW_FACTOR = 3.0
"""A call is slow beyond so many times the p95. Of a long-tailed latency (log-normal, sigma 0.6) one
call of 3,000 is."""

STRAY_CALLS = 1.5
"""So many calls at the top decide nothing: of the first few, a single one that the gateway's own start held up
would be the p95, and for hundreds of calls nothing would be slow beside it."""

SLOW_FLOOR_S = 0.25
"""No call under this is slow: a busy processor alone delays a fast vendor's replies by as much."""

ADOPT_S = 120.0
"""How long a vendor has to be slow without a break before that is how it is."""

OFTEN = 20
"""So many usual calls to a slow one are a break; where there are fewer, the p95 is wrong."""

MOST_USUAL = 100
"""So many usual calls are a break, however many slow ones were before."""

LONG_MEMORY = 1 / 100
"""Weight of the newest call in `Yardstick.long_share`."""

RECENT = 0.3
"""Weight of the newest call in `Yardstick.recent_s`."""

_GROWTH = 2.0 ** (1.0 / HALF_LIFE)
_LARGEST_WEIGHT = 1e12
_SCALE = 1.0 / math.log(RATIO)


class Yardstick:
    """What is usual of one endpoint's calls of one kind. Times are seconds of any one clock."""

    __slots__ = (
        "_bins",
        "_quantiles",
        "_spell",
        "_stale",
        "_weight",
        "calls",
        "long_share",
        "recent_s",
        "slow_s",
        "slow_since",
    )

    def __init__(self) -> None:
        self.recent_s: float | None = None
        """A mean of the last few calls, slow ones too, to choose among endpoints by; before the first is answered,
        the longest wait in vain, None before any."""
        self.slow_since: float | None = None
        """When the calls that were set aside began; None while there are none."""
        self.long_share = 0.0
        """Share of the last calls that were slow and answered all the same: not stuck, but long."""
        self._spell = 0  # usual calls until it is over
        self._start_anew()

    def _start_anew(self) -> None:
        self._bins = [0.0] * BINS
        self._weight = 1.0
        self._stale = 0
        self._quantiles: tuple[float, float, float] | None = None
        self.calls = 0
        self.slow_s: float | None = None
        """Beyond it a call is slow, in seconds; None while too few calls are known."""

    @property
    def p50_s(self) -> float | None:
        """Median in seconds; None while too few calls are known."""
        return None if self._quantiles is None else self._quantiles[0]

    @property
    def p95_s(self) -> float | None:
        """95th percentile in seconds; None while too few calls are known."""
        return None if self._quantiles is None else self._quantiles[1]

    @property
    def p99_s(self) -> float | None:
        """99th percentile in seconds, of the calls that were not set aside; None while too few are known."""
        return None if self._quantiles is None else self._quantiles[2]

    def learn(self, seconds: float, now: float) -> None:
        """A call took so long, and ended ``now``."""
        recent = self.recent_s
        if recent is None or not self.calls:
            self.recent_s = seconds
        else:
            self.recent_s = recent + RECENT * (seconds - recent)
        limit = self.slow_s
        if limit is not None:
            self.long_share -= LONG_MEMORY * self.long_share
            if seconds > limit:
                self.long_share += LONG_MEMORY
                if self._set_aside(now):
                    return
            elif self.slow_since is not None:
                self._spell -= 1
                if self._spell <= 0:
                    self.slow_since = None
        place = 0 if seconds <= LEAST_S else int(math.log(seconds / LEAST_S) * _SCALE) + 1
        self._bins[min(place, BINS - 1)] += self._weight
        self._weight *= _GROWTH
        self.calls += 1
        self._stale += 1
        if self._stale >= FRESH_EVERY or ENOUGH <= self.calls < 2 * FRESH_EVERY:
            self._work_out()

    def unanswered(self, seconds: float) -> None:
        """A call ended after so long without an answer: until one is answered, `recent_s` is no less.

        Of an endpoint that has answered the circuit says whether it is away.
        """
        if not self.calls:
            self.recent_s = max(seconds, self.recent_s or 0.0)

    def _set_aside(self, now: float) -> bool:
        """Whether a slow call is not learned; where it is, all before it is forgotten."""
        self._spell = min(MOST_USUAL, self._spell + OFTEN - 1)
        if self.slow_since is None:
            self.slow_since = now
        if now - self.slow_since < ADOPT_S:
            return True
        self.slow_since = None
        self._spell = 0
        self._start_anew()
        return False

    def _work_out(self) -> None:
        self._stale = 0
        if self.calls < ENOUGH:
            return
        sums = list(accumulate(self._bins))
        total = sums[-1]
        known = total - STRAY_CALLS * self._weight
        p50, p95, p99 = (_edge(sums, min(share * total, known)) for share in (0.5, 0.95, 0.99))
        self._quantiles = p50, p95, p99
        self.slow_s = max(SLOW_FLOOR_S, SLOW_FACTOR * p95)
        if self._weight > _LARGEST_WEIGHT:
            self._bins = [weight / self._weight for weight in self._bins]
            self._weight = 1.0


def _edge(sums: list[float], wanted: float) -> float:
    """The middle, in the logarithm, of the bin in which the sum reaches ``wanted``."""
    place = next((n for n, reached in enumerate(sums) if reached >= wanted), BINS - 1)
    return LEAST_S * math.exp((place - 0.5) / _SCALE)
