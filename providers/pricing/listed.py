"""Prices written down with their dates: an operator's own, and the few this package ships.

The shipped ones are those of which public documentation tells the day they change.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from providers.pricing.rates import Rates
from providers.pricing.table import HOUR
from providers.pricing.tariff import STANDARD, Ladder, Tariff

if TYPE_CHECKING:
    from collections.abc import Mapping

SHIPPED: Final = Path(__file__).parent / "data" / "dated.json"
"""Price changes with the page they were read on and the day of reading."""

MILLION: Final = 1e6


class AmbiguousPriceError(ValueError):
    """Two prices of one model hold on the same day."""


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Price lists by vendor and model, and by vendor what calls may be billed by unasked."""

    tariffs: Mapping[tuple[str, str], tuple[Tariff, ...]] = field(default_factory=dict)
    unasked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def shipped_prices() -> PriceBook:
    """The prices of this package."""
    return book_of(orjson.loads(SHIPPED.read_bytes()), SHIPPED.name)


def book_of(told: Mapping[str, Any], source: str) -> PriceBook:
    """The price lists of a file whose form is right (`providers.pricing.price_file` checks it).

    ``source`` is where an entry that names no source of its own was read.

    Raises:
        AmbiguousPriceError: two of them hold on the same day.
    """
    held: dict[tuple[str, str], list[Tariff]] = {}
    for entry in told.get("prices", ()):
        vendor, tariff = entry["vendor"], _tariff(entry, source)
        for model in entry["models"]:
            others = held.setdefault((vendor, model.removeprefix(f"{vendor}/")), [])
            if any(tariff.since < o.until and o.since < tariff.until for o in others):
                raise AmbiguousPriceError(f"two prices of {model} hold on the same day")
            others.append(tariff)
    return PriceBook(
        {name: tuple(tariffs) for name, tariffs in held.items()}, told.get("billed_unasked", {})
    )


def _tariff(entry: Mapping[str, Any], source: str) -> Tariff:
    vendor, named = entry["vendor"], entry.get("source", source)
    first, last, read = (entry.get(name) for name in ("from", "until", "read"))
    tiers = entry.get("service_tiers", {})
    return Tariff(
        {STANDARD: _ladder(entry, vendor)} | {word: _ladder(tiers[word], vendor) for word in tiers},
        f"{named}, read {read}" if read else named,
        since=-math.inf if first is None else _midnight(_day(first)),
        until=math.inf if last is None else _midnight(_day(last) + timedelta(days=1)),
        regions=entry.get("regions", {}),
    )


def _ladder(tier: Mapping[str, Any], vendor: str) -> Ladder:
    steps = tier.get("long_context", ())
    return (
        (0, _rates(tier["per_million"], vendor)),
        *((step["above"], _rates(step["per_million"], vendor)) for step in steps),
    )


def _rates(usd: Mapping[str, float], vendor: str) -> Rates:
    """Rates from USD a million tokens. What is left out is paid as the class it is part of."""
    paid, output = usd["input"], usd["output"]
    put = usd.get("cache_write", paid)
    heard, spoken = usd.get("audio_input"), usd.get("audio_output")
    return Rates(
        input=paid / MILLION,
        cached=usd.get("cached", paid) / MILLION,
        cache_write=put / MILLION,
        cache_write_1h=usd.get("cache_write_1h", HOUR * paid if vendor == "anthropic" else put)
        / MILLION,
        output=output / MILLION,
        reasoning=usd.get("reasoning", output) / MILLION,
        audio_input=None if heard is None else heard / MILLION,
        audio_output=None if spoken is None else spoken / MILLION,
    )


def _day(told: date | str) -> date:
    return date.fromisoformat(told) if isinstance(told, str) else told


def _midnight(day: date) -> float:
    return datetime.combine(day, time(), UTC).timestamp()
