"""Prices written down by date, in YAML or JSON (docs/costs.md).

An operator's own, and the few this package ships because public documentation tells the day they change.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from providers.pricing.rates import Rates
from providers.pricing.table import HOUR
from providers.pricing.tariff import STANDARD, Ladder, Tariff

SHIPPED: Final = Path(__file__).parent / "data" / "dated.json"
"""Price changes with the page they were read on and the day of reading."""

LARGEST_FILE: Final = 4_000_000
"""Bytes. A file of a thousand models has some hundred thousand."""

MILLION: Final = 1e6

Usd = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]
Text = Annotated[str, Field(min_length=1, max_length=500)]
Texts = Annotated[tuple[Text, ...], Field(min_length=1)]


class PriceFileError(ValueError):
    """The file holds no prices that can be followed; ``lines`` say all that is wrong with it."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _PerMillion(_Written):
    """USD a million tokens. What is left out is paid as the class it is part of."""

    input: Usd
    output: Usd
    cached: Usd | None = None
    cache_write: Usd | None = None
    cache_write_1h: Usd | None = None
    reasoning: Usd | None = None
    audio_input: Usd | None = None
    audio_output: Usd | None = None

    def rates(self, vendor: str) -> Rates:
        def a_token(usd: float | None, otherwise: float) -> float:
            return (otherwise if usd is None else usd) / MILLION

        put = self.input if self.cache_write is None else self.cache_write
        return Rates(
            input=self.input / MILLION,
            cached=a_token(self.cached, self.input),
            cache_write=put / MILLION,
            cache_write_1h=a_token(
                self.cache_write_1h, HOUR * self.input if vendor == "anthropic" else put
            ),
            output=self.output / MILLION,
            reasoning=a_token(self.reasoning, self.output),
            audio_input=None if self.audio_input is None else self.audio_input / MILLION,
            audio_output=None if self.audio_output is None else self.audio_output / MILLION,
        )


class _Step(_Written):
    above: Annotated[int, Field(strict=True, gt=0)]
    per_million: _PerMillion


class _Tier(_Written):
    per_million: _PerMillion
    long_context: tuple[_Step, ...] = ()

    @model_validator(mode="after")
    def _ascending(self) -> _Tier:
        if any(b.above <= a.above for a, b in pairwise(self.long_context)):
            raise ValueError("the steps of long_context have to ascend")
        return self

    def ladder(self, vendor: str) -> Ladder:
        steps = ((step.above, step.per_million.rates(vendor)) for step in self.long_context)
        return ((0, self.per_million.rates(vendor)), *steps)


class _Entry(_Tier):
    vendor: Text
    models: Texts
    valid_from: date | None = Field(default=None, alias="from")
    until: date | None = None
    service_tiers: dict[Text, _Tier] = {}
    regions: dict[Text, Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]] = {}
    source: Text | None = None
    read: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> _Entry:
        if self.valid_from and self.until and self.until < self.valid_from:
            raise ValueError("until is before from")
        if STANDARD in self.service_tiers:
            raise ValueError("the standard tier is per_million itself")
        return self

    def tariff(self, source: str) -> Tariff:
        named = self.source or source
        tiers = {word: tier.ladder(self.vendor) for word, tier in self.service_tiers.items()}
        return Tariff(
            {STANDARD: self.ladder(self.vendor), **tiers},
            f"{named}, read {self.read}" if self.read else named,
            since=-math.inf if self.valid_from is None else _midnight(self.valid_from),
            until=math.inf if self.until is None else _midnight(self.until + timedelta(days=1)),
            regions=self.regions,
        )


class _File(_Written):
    prices: tuple[_Entry, ...] = ()
    billed_unasked: dict[Text, Texts] = {}


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Price lists by vendor and model, and by vendor what calls may be billed by unasked."""

    tariffs: dict[tuple[str, str], tuple[Tariff, ...]] = field(default_factory=dict)
    unasked: dict[str, tuple[str, ...]] = field(default_factory=dict)


def read_prices(path: Path) -> PriceBook:
    """The prices in a file, JSON where its name ends so and YAML elsewhere.

    Raises:
        PriceFileError: it cannot be read, or holds what makes no sense; the lines name the file.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        parse = orjson.loads if path.suffix == ".json" else _yaml
        return _book(_checked(_parsed(parse, content)), f"the price file {path.name}")
    except OSError as error:
        raise PriceFileError((f"{path}: it cannot be read: {error.strerror or error}",)) from None
    except PriceFileError as error:
        raise PriceFileError(tuple(f"{path}: {line}" for line in error.lines)) from None


def _parsed(parse: Any, content: bytes) -> Any:
    if len(content) > LARGEST_FILE:
        raise PriceFileError((f"it is larger than {LARGEST_FILE} bytes",))
    try:
        return parse(content)
    except (ValueError, RecursionError) as error:
        raise PriceFileError((f"it cannot be parsed: {str(error).splitlines()[0]}",)) from None


def _yaml(content: bytes) -> Any:
    import yaml  # noqa: PLC0415 - most gateways have no such file

    try:
        return yaml.safe_load(content)
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from None


def _checked(told: Any) -> _File:
    try:
        return _File.model_validate({} if told is None else told)
    except ValidationError as error:
        raise PriceFileError(
            tuple(f"{_path(e['loc'])}: {e['msg']}" for e in error.errors(include_url=False))
        ) from None


def _path(steps: tuple[int | str, ...]) -> str:
    """Where in the file: ``prices[0].per_million.input``."""
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return path.lstrip(".") or "the file"


def _book(file: _File, source: str) -> PriceBook:
    held: dict[tuple[str, str], list[Tariff]] = {}
    for entry in file.prices:
        tariff = entry.tariff(source)
        for model in entry.models:
            others = held.setdefault((entry.vendor, model.removeprefix(f"{entry.vendor}/")), [])
            if any(tariff.since < o.until and o.since < tariff.until for o in others):
                raise PriceFileError((f"two prices of {model} hold on the same day",))
            others.append(tariff)
    return PriceBook({name: tuple(tariffs) for name, tariffs in held.items()}, file.billed_unasked)


def _midnight(day: date) -> float:
    return datetime.combine(day, time(), UTC).timestamp()
