"""Model cards by name: limits and prices from LiteLLM's table, and prices from lists with dates.

The table is read as data: litellm itself is not imported.
"""

from __future__ import annotations

import importlib.util
import re
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import orjson

from providers.pricing.card import ModelCard
from providers.pricing.listed import PriceBook, shipped_prices
from providers.pricing.prompts import input_tokens_bound
from providers.pricing.table import is_price, tariff_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from providers.pricing.tariff import Tariff

__all__ = ["Catalog", "ModelCard", "input_tokens_bound"]

TABLE: Final = "model_prices_and_context_window_backup.json"
"""The table inside the litellm package, the one its own ``LITELLM_LOCAL_MODEL_COST_MAP`` reads."""

MODES: Final = frozenset({"chat", "completion", "responses"})
"""Kinds of models that write text."""

PREFIXES: Final = {
    "google": ("gemini", "vertex_ai"),
    "openai": ("openai",),
    "anthropic": ("anthropic",),
}
"""LiteLLM's words for our vendors. Others keep LiteLLM's own word."""

_DATE = re.compile(r"(?:[-@]\d{8}|-\d{4}-\d{2}-\d{2}|-latest|-preview-\d{2}-\d{2}|-\d{3})$")

_FIELDS: Final = frozenset(
    {
        "litellm_provider",
        "max_input_tokens",
        "max_output_tokens",
        "max_tokens",
        "supports_sampling_params",
    }
)


class Catalog:
    """Model cards by name.

    Args:
        entries: LiteLLM's, by its names.
        books: price lists with dates, which go before the entries'; of two the first.
        clock: gives seconds since 1970, by which a card knows the list in force.
    """

    def __init__(
        self,
        entries: Mapping[str, Mapping[str, Any]],
        books: tuple[PriceBook, ...] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._entries = entries
        self._books = books
        self._clock = clock

    @classmethod
    def load(
        cls,
        path: Path | None = None,
        prices: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> Self:
        """Read the table, by default the one of the installed litellm, and the lists with dates.

        ``prices`` is an operator's own file, which goes before all others (docs/costs.md).

        Raises:
            FileNotFoundError: litellm is not installed, or has no such table any more.
            providers.pricing.price_file.PriceFileError: the operator's file cannot be followed.
        """
        own = () if prices is None else (_own_prices(prices),)
        table: dict[str, dict[str, Any]] = orjson.loads((path or _installed_table()).read_bytes())
        kept = {
            name: {key: entry[key] for key in entry if _kept(key)}
            for name, entry in table.items()
            if entry.get("mode") in MODES
        }
        return cls(kept, (*own, shipped_prices()), clock)

    def card(self, model: str, vendor: str) -> ModelCard:
        """The card of a model; one that knows nothing for a model that nobody lists.

        The name is looked up with the vendor's prefix and without, then without its date.
        """
        found = self._entry(model, vendor)
        entry = {} if found is None else found
        listed = None if found is None else tariff_of(found, vendor)
        dated = tuple(self._dated(model, vendor))
        return ModelCard(
            model=model,
            vendor=vendor,
            context_window=_limit(entry, "max_input_tokens", "max_tokens"),
            max_output_tokens=_limit(entry, "max_output_tokens", "max_tokens"),
            supports_temperature=entry.get("supports_sampling_params") is not False,
            tariffs=dated if listed is None else (*dated, listed),
            unasked=next((b.unasked[vendor] for b in self._books if vendor in b.unasked), ()),
            clock=self._clock,
        )

    def _entry(self, model: str, vendor: str) -> Mapping[str, Any] | None:
        for name in _names(model, vendor):
            entry = self._entries.get(name)
            if entry is not None and _belongs(entry, vendor):
                return entry
        return None

    def _dated(self, model: str, vendor: str) -> Iterator[Tariff]:
        """The lists with dates, the operator's first, those of the full name before the undated."""
        bare = model.removeprefix(f"{vendor}/")
        for book in self._books:
            for name in dict.fromkeys((bare, _DATE.sub("", bare))):
                yield from book.tariffs.get((vendor, name), ())


def _own_prices(path: Path) -> PriceBook:
    from providers.pricing.price_file import read_prices  # noqa: PLC0415 - a twentieth of the start

    return read_prices(path)


@cache
def _kept(key: str) -> bool:
    """Whether a key of the table is of use here: some dozens, in thousands of entries."""
    return key in _FIELDS or is_price(key)


def _installed_table() -> Path:
    spec = importlib.util.find_spec("litellm")  # finds the folder, runs nothing of it
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / TABLE
        if path.is_file():
            return path
    raise FileNotFoundError(f"litellm with its table {TABLE} is not installed")


def _names(model: str, vendor: str) -> Iterator[str]:
    prefixes = PREFIXES.get(vendor, (vendor,))
    undated = _DATE.sub("", model)
    for name in dict.fromkeys((model, undated)):
        yield from (f"{prefix}/{name}" for prefix in prefixes)
        yield name


def _belongs(entry: Mapping[str, Any], vendor: str) -> bool:
    """Whether an entry is of this vendor: another may sell the same name at another price."""
    provider = str(entry.get("litellm_provider", ""))
    return any(
        provider == prefix or provider.startswith((f"{prefix}_", f"{prefix}-"))
        for prefix in PREFIXES.get(vendor, (vendor,))
    )


def _limit(entry: Mapping[str, Any], *keys: str) -> int | None:
    for key in keys:
        value = entry.get(key)
        if isinstance(value, int) and value > 0:
            return value
    return None
