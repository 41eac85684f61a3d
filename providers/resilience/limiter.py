"""How many calls at once an account bears: additive increase, multiplicative decrease.

A 429 or an overloaded vendor cuts the limit to `BACK_OFF` of what was under way, and so does a slow call
while the limit is in use; every round of calls that ends well adds one (AIMD: Chiu and Jain, 1989; for
calls, Netflix's concurrency-limits). Cuts are one a round: calls begun before the last one were sent
under the old limit and say nothing of the new.

One such call in thirty is a vendor's noise. AIMD takes losses for congestion whatever their share: at 2 % it would
settle at a dozen calls, and keep waiting whom the vendor would serve. So nothing is cut while they are fewer than
`TOLERATED` of the last calls.

A vendor's Retry-After holds for the whole account: nobody is asked there before it is over.
"""

from __future__ import annotations

BACK_OFF = 0.7
"""What is left of the limit after a cut."""

TOLERATED = 0.1
"""Share of refused and slow calls up to which the limit stays."""

MEMORY = 1 / 50
"""Weight of a call in that share: of refusals alone six make a cut, of 5 % hardly ever any."""

LEAST = 4
"""The lowest limit: a quota of tokens a minute is used up by single calls too, and going down to one at a
time would not help against that."""

LONGEST_PAUSE_S = 300.0
"""A vendor that asks for longer is tried again then: a daily quota may have been raised."""


class Limiter:
    """One account's limit. Every ``now`` is of one clock, in seconds."""

    __slots__ = ("_cut_at", "_limit", "ceiling", "in_flight", "paused_until", "strain")

    def __init__(self, ceiling: int) -> None:
        self.ceiling = ceiling
        """The most the limit may be."""
        self.in_flight = 0
        self.paused_until = 0.0
        """No call before."""
        self.strain = 0.0
        """Share of refused and slow calls among the last, in [0, 1]."""
        self._limit = float(ceiling)
        self._cut_at: float | None = None

    @property
    def limit(self) -> int:
        """Calls at once, at most."""
        return int(self._limit)

    def enter(self, now: float) -> bool:
        """Take a place, if there is one."""
        if self.in_flight >= int(self._limit) or now < self.paused_until:
            return False
        self.in_flight += 1
        return True

    def leave(self) -> None:
        """Give the place back."""
        self.in_flight -= 1

    def pause_s(self, now: float) -> float:
        """Seconds until the vendor may be asked again."""
        return max(0.0, self.paused_until - now)

    def went_well(self) -> None:
        """A call, still holding its place, went well."""
        self.strain -= self.strain * MEMORY
        if self._limit < self.ceiling and 2 * self.in_flight >= int(self._limit):
            self._limit = min(float(self.ceiling), self._limit + 1.0 / self._limit)

    def was_slow(self, began: float, now: float) -> None:
        """A call, still holding its place, was slow: with few under way, that is not their number's fault."""
        if 2 * self.in_flight >= int(self._limit):
            self._cut(began, now)

    def was_refused(self, began: float, now: float, retry_after_s: float | None) -> None:
        """The vendor answered a call, still holding its place, that it is asked too much."""
        if retry_after_s is not None:
            until = now + min(retry_after_s, LONGEST_PAUSE_S)
            self.paused_until = max(self.paused_until, until)
        self._cut(began, now)

    def _cut(self, began: float, now: float) -> None:
        self.strain += (1.0 - self.strain) * MEMORY
        if self.strain < TOLERATED or (self._cut_at is not None and began < self._cut_at):
            return
        self._cut_at = now
        least = min(LEAST, self.ceiling)
        self._limit = max(float(least), BACK_OFF * min(self._limit, self.in_flight))
