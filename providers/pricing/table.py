"""Reads price lists out of LiteLLM's table.

Its keys are written like ``cache_creation_input_token_cost_above_1hr_above_200k_tokens_priority``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from providers.pricing.rates import Rates
from providers.pricing.tariff import STANDARD, Ladder, Tariff

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE: Final = "LiteLLM's table"

TIERS: Final = {"batches": "batch"}
"""LiteLLM's words for service tiers that differ from what the vendors call them."""

HOUR: Final = 2.0
"""A cache write for an hour costs that many times the input where Anthropic's own entry names no price
(docs.anthropic.com/en/docs/about-claude/pricing: "2 times base input tokens price")."""

_KEY = re.compile(
    r"^(?P<rate>input_cost_per_token|output_cost_per_token|cache_read_input_token_cost"
    r"|cache_creation_input_token_cost(?:_above_1hr)?|output_cost_per_reasoning_token"
    r"|input_cost_per_audio_token|output_cost_per_audio_token)"
    r"(?:_above_(?P<thousands>\d+)k_tokens)?(?:_(?P<tier>[a-z]+))?$"
)


class _Place(NamedTuple):
    """Where a price belongs."""

    tier: str
    above: int
    rate: str


def is_price(key: str) -> bool:
    """Whether a key of an entry is one that `tariff_of` reads."""
    return _KEY.match(key) is not None or key == "provider_specific_entry"


def tariff_of(entry: Mapping[str, Any], vendor: str) -> Tariff | None:
    """The price list of an entry; None if it has none.

    An entry without a price for both input and output is none, and neither is one where both are 0: the
    table writes 0 for what is billed by another measure, and for experiments that were free once.
    """
    prices = {
        place: usd
        for key, value in entry.items()
        if (place := _place(key)) and (usd := _usd(value)) is not None
    }
    standard = _ladder(prices, STANDARD, vendor, (0,))
    first = standard[0][1]
    if first is None or not (first.input or first.output):
        return None
    steps = tuple(above for above, _ in standard)
    tiers = {place.tier for place in prices}
    ladders = {STANDARD: standard} | {
        tier: _ladder(prices, tier, vendor, steps) for tier in tiers - {STANDARD}
    }
    special = entry.get("provider_specific_entry")
    special = special if isinstance(special, dict) else {}
    fast = _usd(special.get("fast"))
    if fast is not None:
        ladders["fast"] = tuple((above, rates and rates.times(fast)) for above, rates in standard)
    regions = {word: f for word in ("us",) if (f := _usd(special.get(word))) is not None}
    return Tariff(ladders, SOURCE, regions=regions)


def _place(key: str) -> _Place | None:
    found = _KEY.match(key)
    if found is None:
        return None
    tier = found["tier"]
    above = int(found["thousands"] or 0) * 1000
    return _Place(STANDARD if tier is None else TIERS.get(tier, tier), above, found["rate"])


def _ladder(
    prices: Mapping[_Place, float], tier: str, vendor: str, least: tuple[int, ...]
) -> Ladder:
    """The steps of a tier: those of its own prices, and those of ``least``.

    What a step of the standard tier leaves out stays as on the step below. Of another tier's step
    nothing is known that is not written: a vendor may not offer the tier at that length at all.
    """
    steps: list[tuple[int, Rates | None]] = []
    below: Rates | None = None
    for above in sorted({*least, *(p.above for p in prices if p.tier == tier)}):
        written = {p.rate: usd for p, usd in prices.items() if (p.tier, p.above) == (tier, above)}
        below = _rates(written, below if tier == STANDARD else None, vendor)
        steps.append((above, below))
    return tuple(steps)


def _rates(written: Mapping[str, float], below: Rates | None, vendor: str) -> Rates | None:
    """A step's rates. A cache without any price of its own is paid as input, never too little."""
    paid = written.get("input_cost_per_token", below.input if below else None)
    output = written.get("output_cost_per_token", below.output if below else None)
    if paid is None or output is None:
        return None
    cached, put = _cache(written, below)
    put = paid if put is None else put
    hour = HOUR * paid if vendor == "anthropic" else put
    return Rates(
        input=paid,
        cached=paid if cached is None else cached,
        cache_write=put,
        cache_write_1h=written.get("cache_creation_input_token_cost_above_1hr", hour),
        output=output,
        reasoning=written.get("output_cost_per_reasoning_token", output),
        audio_input=written.get("input_cost_per_audio_token", below.audio_input if below else None),
        audio_output=written.get(
            "output_cost_per_audio_token", below.audio_output if below else None
        ),
    )


def _cache(written: Mapping[str, float], below: Rates | None) -> tuple[float | None, float | None]:
    """What reading and writing a cache cost, each None where it has no price of its own."""
    cached = below.cached if below and below.cached != below.input else None
    put = below.cache_write if below and below.cache_write != below.input else None
    return (
        written.get("cache_read_input_token_cost", cached),
        written.get("cache_creation_input_token_cost", put),
    )


def _usd(value: object) -> float | None:
    """A price; None for what is none. bool is no number here."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        return None
    return float(value)
