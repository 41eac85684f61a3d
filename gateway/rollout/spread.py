"""Spreads callers without an id over the arms: random, yet any 100 in a row hold the share.

Theory of operation. Requests are numbered; request k is the slot [k, k + 1). For a share p up to a
half, stratum n is the interval [n/p, (n + 1)/p), and hit n falls at a random point of it; the slot
under that point goes to the wall-bounce arm. A share above a half places the misses this way.

* A window of 100 slots holds more than 100 p - 2 whole strata and touches fewer than 100 p + 2, so
  its hits are within 2 of 100 p wherever it starts: strata have no seams that a window could find.
* Strict alternation would keep that bound too, but a caller who comes every second request would
  always meet the same arm. Here each slot is a hit with probability exactly p, whatever went before
  it a stratum ago, so that no period sees another share.
* A slot that two strata share must not be hit by both. Hit n + 1 avoids it if hit n took it, and
  otherwise takes it with the conditional probability that keeps the slot's total at p. Strata are
  at least two slots long, so a slot is shared by two at most, and hit n + 1 always finds room.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random


FINEST_SHARE = 2.0**-53
"""Below it a share is nobody's, as it is for callers with an id: buckets are no finer."""


class AnonymousSpread:
    """The sequence of one process. ``rng`` spreads traffic; it keeps no secret."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._share = -1.0
        self._rarer = 0.0
        self._slot = 0
        self._stratum = 0
        self._hit = 0

    def draw(self, share: float) -> float:
        """The next request's place in [0, 1): below ``share`` if it takes the wall-bounce path.

        A change of share starts a new sequence. Within its arm the place is uniform, so that it
        reads like the bucket of a caller with an id.

        Args:
            share: From 0 (nobody) to 1 (everybody).
        """
        if share != self._share:
            self._restart(share)
        rare = self._rarer > 0 and self._slot == self._hit
        if rare:
            self._next_stratum()
        self._slot += 1
        within = self._rng.random()
        if rare == (share <= 0.5):  # noqa: PLR2004 - the rarer outcome is a hit up to a half
            # Rounding may lift the product onto the share itself, which would turn the verdict.
            return min(share * within, math.nextafter(share, 0.0))
        return min(share + (1 - share) * within, math.nextafter(1.0, 0.0))

    def _restart(self, share: float) -> None:
        self._share = share
        rarer = min(share, 1 - share)
        self._rarer = rarer if rarer >= FINEST_SHARE else 0.0
        self._slot = 0
        self._stratum = 0
        if self._rarer > 0:
            self._hit = self._point(0.0, 1 / self._rarer)

    def _next_stratum(self) -> None:
        """Place the next hit; ``self._hit`` still is the one before it."""
        p = self._rarer
        self._stratum += 1
        # Multiplied, not added up: rounding does not accumulate over a long-lived process.
        start, end = self._stratum / p, (self._stratum + 1) / p
        shared = math.floor(start)
        before = start - shared  # the part of the shared slot that is the previous stratum's
        if self._hit != shared and self._rng.random() < (1 - before) * p / (1 - before * p):
            self._hit = shared
        else:
            self._hit = self._point(shared + 1.0, end)

    def _point(self, low: float, high: float) -> int:
        """The slot under a uniform point of [low, high)."""
        return math.floor(min(low + (high - low) * self._rng.random(), math.nextafter(high, low)))
