"""A price list: the rates by service tier and length of the prompt, and when and where they hold."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from providers.pricing.rates import Rates

STANDARD: Final = "standard"
"""The service tier of a call that asked for none and was given none."""

Ladder: TypeAlias = "tuple[tuple[int, Rates | None], ...]"
"""Rates by the prompt's length: each step holds for prompts of more input tokens than its first member,
up to the next; ascending, the first from 0 (all of them). None is a length whose price is unknown."""


@dataclass(frozen=True, slots=True)
class Tariff:
    """One model's price list, from ``since`` to before ``until`` (seconds since 1970, UTC).

    ``ladders`` are by service tier. ``regions`` are what the rates are multiplied by where the vendor
    says that a call was processed there. ``source`` says where the list was read.
    """

    ladders: Mapping[str, Ladder] = field(hash=False)
    source: str
    since: float = -math.inf
    until: float = math.inf
    regions: Mapping[str, float] = field(default_factory=dict, hash=False)

    def holds(self, at: float) -> bool:
        """Whether the list is in force at that time."""
        return self.since <= at < self.until

    def rates(self, input_tokens: int, tier: str | None = None) -> Rates | None:
        """The rates of a prompt of this many tokens; None if they are unknown.

        A prompt over a step's threshold pays that step's rates for all its tokens, as the vendors with
        long-context prices do (Google and OpenAI: "for the full session", Anthropic: "all input tokens").
        """
        held = None
        for above, rates in self.ladders.get(tier or STANDARD, ()):
            if above and input_tokens <= above:
                break
            held = rates
        return held

    def factor(self, region: str | None) -> float | None:
        """What the rates are multiplied by in a region; None if nobody knows."""
        return 1.0 if region is None else self.regions.get(region)

    def within_reach(self, input_tokens: int, tier: str) -> Iterator[Rates | None]:
        """All rates that a prompt of at most this many tokens may pay; nothing for an unknown tier."""
        for above, rates in self.ladders.get(tier, ()):
            if not above or input_tokens > above:
                yield rates
