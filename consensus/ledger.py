"""One request's budget: what has been spent, and what the calls under way may still cost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from consensus.errors import BudgetTooSmallError
from consensus.spending import Allotment, plan_spend, spent_usd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consensus.spending import PricedCall
    from consensus.transcript import Attempt


class Ledger:
    """Allots each ask what it may cost at worst, and settles it with what came back.

    Args:
        budget_usd: never exceeded.
    """

    def __init__(self, budget_usd: float) -> None:
        self._budget_usd = budget_usd
        self._spent_usd = 0.0
        self._held: dict[str, float] = {}

    @property
    def spent_usd(self) -> float:
        """The most that may have been billed so far, in USD, calls under way not counted."""
        return self._spent_usd

    def allot(
        self,
        calls: Sequence[PricedCall],
        wanted_max_tokens: int | None,
        kept_back: Sequence[PricedCall] = (),
    ) -> int:
        """Hold back what these calls cost at worst, and return the ``max_tokens`` each of them gets.

        Args:
            calls: about to be made.
            wanted_max_tokens: as in `consensus.spending.plan_spend`.
            kept_back: calls that may follow. Replies are kept short enough for them to be paid as
                well, unless the budget does not buy so many at all.

        Raises:
            BudgetTooSmallError: what is left does not buy ``calls``; nothing is held back.
            UnknownPriceError: the price of one of them is unknown.
        """
        left = self._budget_usd - self._spent_usd - math.fsum(self._held.values())
        try:
            planned = plan_spend([*calls, *kept_back], left, wanted_max_tokens)
        except BudgetTooSmallError:
            if not kept_back:
                raise
            planned = plan_spend(calls, left, wanted_max_tokens)
        for call in calls:
            self._held[call.provider] = planned.worst_case_usd[call.provider]
        return planned.max_tokens

    def settle(self, attempts: Sequence[Attempt]) -> None:
        """Count what these attempts may have been billed in place of their worst case."""
        self._spent_usd += spent_usd(attempts, Allotment(0, self._held))
        for attempt in attempts:
            del self._held[attempt.provider]
