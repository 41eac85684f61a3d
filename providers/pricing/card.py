"""What is known of a model: its limits, and its price lists with their dates."""

from __future__ import annotations

import time
from collections.abc import Callable  # noqa: TC003 - dataclasses' types are read when they run
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from providers.pricing.tariff import STANDARD, Tariff

if TYPE_CHECKING:
    from providers.messages import Usage
    from providers.pricing.rates import Part, Rates

LONGEST_CALL_S: Final = 3_600.0
"""A call may be billed that long after its price was asked: six times the longest deadline (API.md)."""

NO_TOKENS: Final = "the vendor told no tokens"


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is known of a model. ``None`` is unknown, never free.

    ``context_window`` and ``max_output_tokens`` are in tokens. Of ``tariffs`` the first in force holds.
    ``unasked`` are service tiers and regions that calls may be billed by although nobody asks for them,
    because the account is set so: a worst case covers them. ``clock`` gives seconds since 1970.
    """

    model: str
    vendor: str
    context_window: int | None = None
    max_output_tokens: int | None = None
    supports_temperature: bool = True
    tariffs: tuple[Tariff, ...] = ()
    unasked: tuple[str, ...] = ()
    clock: Callable[[], float] = field(default=time.time, compare=False, repr=False)

    def tariff(self, at: float | None = None) -> Tariff | None:
        """The price list in force ``at`` a time, by default now; None if nobody knows one."""
        when = self.clock() if at is None else at
        for tariff in self.tariffs:
            if tariff.since <= when < tariff.until:
                return tariff
        return None

    @property
    def rates(self) -> Rates | None:
        """Today's standard rates of a short prompt; None if they are unknown."""
        tariff = self.tariff()
        return None if tariff is None else tariff.rates(0)

    def cost_usd(self, usage: Usage, at: float | None = None) -> float | None:
        """USD a call cost ``at`` its time, by default now; None where `unknown_because` has a reason."""
        if usage.billed_apart or not (usage.input_tokens or usage.output_tokens):
            return None
        tariff = self.tariff(at)
        if tariff is None:
            return None
        rates = tariff.rates(usage.input_tokens, usage.service_tier)
        if rates is None:
            return None
        cost = rates.cost_usd(usage)
        if cost is None or usage.region is None:
            return cost
        factor = tariff.factor(usage.region)
        return None if factor is None else cost * factor

    def parts(self, usage: Usage, at: float | None = None) -> tuple[Part, ...]:
        """What each class of a call's tokens cost; none where the cost is unknown."""
        tariff = self.tariff(at)
        if tariff is None or self.unknown_because(usage, at) is not None:
            return ()
        rates = tariff.rates(usage.input_tokens, usage.service_tier)
        factor = tariff.factor(usage.region)
        if rates is None or factor is None:
            return ()
        return (rates if factor == 1.0 else rates.times(factor)).parts(usage)

    def unknown_because(self, usage: Usage | None = None, at: float | None = None) -> str | None:
        """Why the cost of these tokens is unknown, in words for an operator; None when it is known.

        Without tokens: why the model's price as such is unknown.
        """
        tariff = self.tariff(at)
        if tariff is None:
            return f"the price of {self.model} is unknown"
        if usage is None:
            return None
        if usage.billed_apart:
            return f"{', '.join(usage.billed_apart)}: billed by another measure than tokens"
        if not (usage.input_tokens or usage.output_tokens):
            return NO_TOKENS
        return self._obscure(tariff, usage)

    def _obscure(self, tariff: Tariff, usage: Usage) -> str | None:
        rates = tariff.rates(usage.input_tokens, usage.service_tier)
        if rates is None:
            tier = usage.service_tier or STANDARD
            length = f"{usage.input_tokens} tokens"
            return f"the price of {self.model} in service tier {tier} at {length} is unknown"
        if tariff.factor(usage.region) is None:
            return f"the price of {self.model} processed in {usage.region} is unknown"
        return rates.obscure(usage)

    def worst_case_usd(
        self, input_tokens: int, max_tokens: int, at: float | None = None
    ) -> float | None:
        """USD a call costs at most, given bounds on its tokens; None if the price is unknown.

        Every token is taken at the dearest rate of its side, over all lengths within reach, all price
        lists that may be in force until the call is billed, and the service tiers and regions of
        ``unasked``.
        """
        now = self.clock() if at is None else at
        tariffs = {id(t): t for t in (self.tariff(now), self.tariff(now + LONGEST_CALL_S))}
        worst: float | None = None
        for tariff in tariffs.values():
            most = None if tariff is None else self._most(tariff, input_tokens, max_tokens)
            if most is None:
                return None
            worst = most if worst is None else max(worst, most)
        return worst

    def _most(self, tariff: Tariff, input_tokens: int, max_tokens: int) -> float | None:
        reach = [*tariff.within_reach(input_tokens, STANDARD)]
        if not reach:
            return None
        for tier in self.unasked:
            reach += tariff.within_reach(input_tokens, tier)
        paid = written = 0.0
        for rates in reach:
            if rates is None:
                return None
            paid = max(paid, rates.dearest_input)
            written = max(written, rates.dearest_output)
        factor = max((tariff.regions.get(region, 1.0) for region in self.unasked), default=1.0)
        return (input_tokens * paid + max_tokens * written) * max(1.0, factor)
