"""Reads an operator's file of prices, YAML or JSON (docs/costs.md), or says line by line what is wrong."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Final

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from providers.pricing.listed import AmbiguousPriceError, PriceBook, book_of
from providers.pricing.tariff import STANDARD

if TYPE_CHECKING:
    from pathlib import Path

LARGEST_FILE: Final = 4_000_000
"""Bytes. A file of a thousand models has some hundred thousand."""

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
    input: Usd
    output: Usd
    cached: Usd | None = None
    cache_write: Usd | None = None
    cache_write_1h: Usd | None = None
    reasoning: Usd | None = None
    audio_input: Usd | None = None
    audio_output: Usd | None = None


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


class _File(_Written):
    prices: tuple[_Entry, ...] = ()
    billed_unasked: dict[Text, Texts] = {}


def read_prices(path: Path) -> PriceBook:
    """The prices in a file, JSON where its name ends so and YAML elsewhere.

    Raises:
        PriceFileError: it cannot be read, or holds what makes no sense; the lines name the file.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        parse = orjson.loads if path.suffix == ".json" else _yaml
        told = _checked(_parsed(parse, content)).model_dump(by_alias=True, exclude_none=True)
        return book_of(told, f"the price file {path.name}")
    except OSError as error:
        raise PriceFileError((f"{path}: it cannot be read: {error.strerror or error}",)) from None
    except AmbiguousPriceError as error:
        raise PriceFileError((f"{path}: {error}",)) from None
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
