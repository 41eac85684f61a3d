"""What exploration may still cost today, over all processes and restarts. Fails closed. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

STALE = timedelta(minutes=2)
"""Without a newer look at what was spent nothing more is."""

UNSEEN = timedelta(seconds=15)
"""What was paid this long before a look may not be in the journal yet: it counts a second time."""


class Purse:
    """The day's money, in UTC. Other processes' spending is known as of the last look.

    A look is taken every half minute, so several processes may together overdraw by what the others
    spend meanwhile; within one process the budget holds.
    """

    def __init__(self) -> None:
        self._seen: tuple[datetime, float] | None = None
        self._paid: list[tuple[datetime, float]] = []

    def looked(self, at: datetime, spent_usd: float) -> None:
        """The journal says that so much was spent on the day of ``at``, by then."""
        self._seen = (at, spent_usd)
        self._paid = [(when, cost) for when, cost in self._paid if when > at - UNSEEN]

    def pays(self, cost_usd: float | None, budget_usd: float, now: datetime) -> bool:
        """Whether a request of that cost may be explored; then it is paid for, in full.

        Never one whose cost nobody knows, and none while it is not known what was spent.
        """
        if self._seen is None or cost_usd is None or not cost_usd >= 0.0:
            return False
        at, spent = self._seen
        if not timedelta(0) <= now - at <= STALE or at.date() != now.date():
            return False
        owing = spent + sum(cost for when, cost in self._paid if when.date() == now.date())
        if owing + cost_usd > budget_usd:
            return False
        self._paid.append((now, cost_usd))
        return True


def day_of(now: datetime) -> datetime:
    """The beginning of that day, in UTC."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
