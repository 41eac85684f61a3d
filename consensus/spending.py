"""Keeping a budget by planning for the worst: what a round may cost, and what it did cost.

Before a round, `plan_spend` lowers ``max_tokens`` until every reply of the round could be as long as
allowed and the budget still holds; after it, `spent_usd` says what may have been billed. A round is
begun only when what was spent before and its own worst case fit the budget together, so the budget
holds whatever the vendors answer, as long as none writes past its ``max_tokens`` (all three bill
reasoning inside that bound) and no billed call is repeated (`providers.provider.Provider.complete`
with ``repeat_billed=False``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from consensus.errors import BudgetTooSmallError, UnboundedPromptError, UnknownPriceError
from providers import errors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consensus.transcript import Attempt, Failure
    from providers.messages import Usage

MINIMUM_TOKENS = 256
"""Below this a reply is cut more often than not, so a budget must buy at least it (API.md)."""

DEFAULT_MAX_TOKENS = 8_192
"""Asked for under a budget when the caller names no bound: about 3,000 English words and as much
reasoning before them."""

UNBILLED = frozenset(
    {
        errors.RateLimitedError.code,
        errors.OverloadedError.code,
        errors.ServerError.code,
        errors.ConnectionFailedError.code,
        errors.AuthenticationFailedError.code,
        errors.RejectedRequestError.code,
        errors.UnsupportedError.code,
        errors.CircuitOpenError.code,
        errors.ConcurrencyLimitedError.code,
    }
)
"""Failures no vendor bills (`providers.errors`, ``billable``). Any other code, also an unknown one,
may have been billed."""


class Price(Protocol):
    """What a model costs. `providers.pricing.card.ModelCard` is one."""

    def worst_case_usd(self, input_tokens: int, max_tokens: int) -> float | None:
        """USD of the dearest reply to so many input tokens; None when the price is unknown.

        Must not fall when either count rises.
        """

    @property
    def max_output_tokens(self) -> int | None:
        """The longest reply the model can give; None when that is unknown."""

    def cost_usd(self, usage: Usage) -> float | None:
        """USD of these tokens; None when the price is unknown."""


@dataclass(frozen=True, slots=True)
class PricedCall:
    """One call of a round, before it is made. ``input_tokens`` is an upper bound; None: none is known."""

    provider: str
    model: str
    price: Price | None
    input_tokens: int | None


@dataclass(frozen=True, slots=True)
class Allotment:
    """What a round may spend: the ``max_tokens`` all its calls get, and each one's worst case."""

    max_tokens: int
    worst_case_usd: Mapping[str, float]

    @property
    def total_usd(self) -> float:
        """USD of the whole round at worst."""
        return math.fsum(self.worst_case_usd.values())


def plan_spend(
    calls: Sequence[PricedCall], budget_usd: float, wanted_max_tokens: int | None
) -> Allotment:
    """The longest replies, equally long for all, that the budget can pay for at worst.

    Args:
        calls: the round's calls.
        budget_usd: what is left to spend.
        wanted_max_tokens: the caller's own bound, never exceeded; None is `DEFAULT_MAX_TOKENS`, or
            what the model with the shortest replies can give.

    Raises:
        BudgetTooSmallError: the budget buys less than `MINIMUM_TOKENS`, or than the caller's own
            bound where that is smaller.
        UnknownPriceError: a call's price is unknown.
        UnboundedPromptError: a call's prompt may be of any length.
    """
    wanted = _longest(calls) if wanted_max_tokens is None else wanted_max_tokens
    least = min(MINIMUM_TOKENS, wanted)
    needed = _allot(calls, least)
    if not needed.total_usd <= budget_usd:
        raise BudgetTooSmallError(budget_usd=budget_usd, needed_usd=needed.total_usd)
    low, high = least, wanted
    while low < high:
        middle = (low + high + 1) // 2
        if _allot(calls, middle).total_usd <= budget_usd:
            low = middle
        else:
            high = middle - 1
    return _allot(calls, low)


def _longest(calls: Sequence[PricedCall]) -> int:
    """The longest replies worth asking of all alike: a model refuses a bound over its own."""
    limits = (call.price.max_output_tokens for call in calls if call.price is not None)
    return min([DEFAULT_MAX_TOKENS, *(limit for limit in limits if limit)])


def _allot(calls: Sequence[PricedCall], max_tokens: int) -> Allotment:
    return Allotment(max_tokens, {call.provider: _worst_case(call, max_tokens) for call in calls})


def _worst_case(call: PricedCall, max_tokens: int) -> float:
    if call.input_tokens is None:
        raise UnboundedPromptError(call.model)
    usd = None if call.price is None else call.price.worst_case_usd(call.input_tokens, max_tokens)
    if usd is None:
        raise UnknownPriceError(call.model)
    return usd


def may_be_billed(failure: Failure) -> bool:
    """Whether a vendor may charge for a call that ended so."""
    return failure.code not in UNBILLED


def spent_usd(attempts: Sequence[Attempt], allotment: Allotment) -> float:
    """The most that a round's attempts may have been billed.

    What a vendor reported the tokens of costs what they cost, an answer or not. A failure that may
    have been billed, and an answer, whose vendor reported none written, count at their worst case.
    """
    return math.fsum(_spent(attempt, allotment) for attempt in attempts)


def _spent(attempt: Attempt, allotment: Allotment) -> float:
    if attempt.failure is not None and not may_be_billed(attempt.failure):
        return 0.0
    reported = attempt.usage.output_tokens > 0
    if reported and attempt.cost_usd is not None:
        return attempt.cost_usd
    return allotment.worst_case_usd[attempt.provider]
