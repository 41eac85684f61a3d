"""When calls have to end so that an answer still goes out before its deadline."""

from __future__ import annotations

from providers.provider import Deadline
from providers.values import value

MARGIN_SHARE = 0.05
MARGIN_S = 0.25
"""Kept free before the deadline, the smaller of the two, so that what is there still goes out."""

CLOSING_S = 0.05
"""Seconds a cancelled call gets to close its connection, which takes next to none. A call that takes
longer keeps closing in the background; the request does not wait for it."""


@value(frozen=True, slots=True)
class Ending:
    """When calls end, so that the answer still goes out before the request's deadline.

    ``calls`` is the deadline the adapters get: they know best how to end a call and what to say
    of it. What they have not ended at ``cut_at`` (on the loop's clock), a little later, is cut.
    """

    calls: Deadline
    cut_at: float

    @classmethod
    def before(cls, deadline: Deadline, now: float) -> Ending:
        """The ending of calls begun at ``now`` for a request with this deadline."""
        calls = cutoff_of(deadline, now)
        return cls(calls, (calls.at + now + deadline.remaining(now)) / 2)

    def shortened(self, share_s: float, now: float) -> Ending:
        """The ending of a call that may take so many of the seconds left at ``now``."""
        calls = Deadline(now + min(share_s, self.calls.remaining(now)))
        return Ending(calls, min(calls.at + self.cut_at - self.calls.at, self.cut_at))

    @property
    def closing_s(self) -> float:
        """Seconds that cut calls get to close: half of what then is left until the deadline."""
        return min(CLOSING_S, (self.cut_at - self.calls.at) / 2)


def cutoff_of(deadline: Deadline, now: float) -> Deadline:
    """The deadline of calls whose answer still has to go out before the request's deadline."""
    left = deadline.remaining(now)
    return Deadline(now + left - min(MARGIN_SHARE * left, MARGIN_S))
