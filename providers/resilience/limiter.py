"""How many calls at once an account bears: additive increase, multiplicative decrease.

A 429 or an overloaded vendor counts against the limit, and so does a slow call while the limit is in use. Where they
are too many, `BACK_OFF` of what is under way is left of it, once a round; every round of calls that ends well
adds one (AIMD: Chiu and Jain, 1989; for calls, Netflix's concurrency-limits). Calls begun before the last cut were sent
under the old limit and say nothing of the new.

AIMD takes every loss for congestion. Vendors refuse calls for other reasons, too, and nobody is to be kept waiting
whom the vendor would serve:

* While fewer than `TOLERATED` of the last calls are refused, nothing is cut: a refused call costs little, and is
  made again.
* Cuts that do not help are undone. A vendor that bears so many calls and no more refuses next to none under half of
  what was under way, and nearly all over what it bears, as places come free at once there. Where a part is refused
  still, it is not for our number: the limit is the ceiling again, and nothing is cut for a minute.

What was learned is forgotten after a minute without a refusal: quotas are counted by the minute.

A vendor's Retry-After holds for the call that was told. For the whole account it holds where nobody else is served
either (`IN_ROW`), or too many are refused: nobody is asked there then before it is over.
"""

from __future__ import annotations

TOLERATED = 0.2
"""Share of refused and slow calls up to which the limit stays: of three tries, all fail in one call of 125 then."""

LEAST_REFUSED = 12
"""Calls refused or slow before a share is said to be too large."""

MEMORY = 100
"""Calls after which all that were counted count half."""

IN_ROW = 5
"""So many refusals without a call between that went well: at 10 % of noise once in 100,000 calls."""

BACK_OFF = 0.7
"""What is left of the limit after a cut."""

IN_VAIN = 0.5
"""Cut to this share of what was under way at first, and no more than this share refused: the cuts do not help."""

FORGOTTEN_S = 60.0
"""How long anything is remembered."""

LEAST = 4
"""The lowest limit: a quota of tokens a minute is used up by single calls too, and going down to one at a
time would not help against that."""

LONGEST_PAUSE_S = 300.0
"""A vendor that asks for longer is tried again then: a daily quota may have been raised."""


class Limiter:
    """One account's limit. Every ``now`` is of one clock, in seconds."""

    __slots__ = (
        "_blamed_at",
        "_cut_from",
        "_in_row",
        "_limit",
        "_refused",
        "_since",
        "_uncut_until",
        "_well",
        "ceiling",
        "in_flight",
        "paused_until",
    )

    def __init__(self, ceiling: int) -> None:
        self.ceiling = ceiling
        """The most the limit may be."""
        self.in_flight = 0
        self.paused_until = 0.0
        """No call before."""
        self._limit = float(ceiling)
        self._refused = self._well = 0.0  # of the last calls: refused or slow, and the others
        self._in_row = 0  # refused
        self._since: float | None = None  # calls begun before the last cut do not count
        self._cut_from = 0.0  # what was under way at the first of several cuts; 0 for none
        self._uncut_until = 0.0
        self._blamed_at = 0.0

    @property
    def limit(self) -> int:
        """Calls at once, at most."""
        return int(self._limit)

    def enter(self, now: float) -> bool:
        """Take a place, if there is one."""
        if self._limit < self.ceiling:
            self._forget(now)
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
        self._in_row = 0
        self._well += 1.0
        self._fade()
        if self._limit >= self.ceiling or 2 * self.in_flight < int(self._limit):
            return
        ended = self._refused + self._well
        if ended >= MEMORY / 2 and self._refused < TOLERATED / 2 * ended:
            self._cut_from = 0.0  # it has helped
            self._limit = min(float(self.ceiling), self._limit + 1.0 / self._limit)

    def was_slow(self, began: float, now: float) -> None:
        """A call, still holding its place, was slow: with few under way, that is not their number's fault."""
        if 2 * self.in_flight >= int(self._limit):
            self._blame(began, now)

    def was_refused(self, began: float, now: float, retry_after_s: float | None) -> None:
        """The vendor answered a call, still holding its place, that it is asked too much."""
        self._in_row += 1
        too_many = self._blame(began, now)
        if retry_after_s is not None and (self._in_row >= IN_ROW or too_many):
            until = now + min(retry_after_s, LONGEST_PAUSE_S)
            self.paused_until = max(self.paused_until, until)

    def _blame(self, began: float, now: float) -> bool:
        """Count a call against the limit. Whether they are too many."""
        self._forget(now)
        self._blamed_at = now
        if self._since is not None and began < self._since:
            return False
        self._refused += 1.0
        self._fade()
        share = self._share()
        if self._refused < LEAST_REFUSED or share < TOLERATED:
            return False
        if now >= self._uncut_until:
            self._cut(now)
        return True

    def _cut(self, now: float) -> None:
        if self._limit <= IN_VAIN * self._cut_from:
            ended = self._refused + self._well
            if ended < MEMORY / 2:
                return
            if self._refused <= IN_VAIN * ended:
                self._limit, self._cut_from = float(self.ceiling), 0.0
                self._uncut_until = now + FORGOTTEN_S
                return
        self._refused = self._well = 0.0
        self._since = now
        under_way = min(self._limit, self.in_flight)
        self._cut_from = self._cut_from or under_way
        self._limit = max(float(min(LEAST, self.ceiling)), BACK_OFF * under_way)

    def _share(self) -> float:
        """Of refused and slow calls: those under way have been taken, as refusals come at once."""
        return self._refused / max(1.0, self._refused + self._well + self.in_flight)

    def _fade(self) -> None:
        if self._refused + self._well >= MEMORY:
            self._refused /= 2
            self._well /= 2

    def _forget(self, now: float) -> None:
        """What is long past says nothing of now."""
        if now - self._blamed_at >= FORGOTTEN_S:
            self._refused = self._well = self._cut_from = 0.0
            self._limit = float(self.ceiling)
