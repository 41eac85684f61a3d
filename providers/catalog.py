"""Prices and limits of models, from LiteLLM's table read as data: litellm itself is not imported."""

from __future__ import annotations

import importlib.util
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from providers.messages import Prompt, Usage

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

TOKENS_A_MESSAGE: Final = 16
"""Tokens that frame a message: OpenAI documents 4 (cookbook, "How to count tokens"); the others
publish none, so four times as many."""

TOKENS_A_PROMPT: Final = 64
"""Tokens that frame a whole prompt: OpenAI documents 3."""

_DATE = re.compile(r"(?:[-@]\d{8}|-\d{4}-\d{2}-\d{2}|-latest|-preview-\d{2}-\d{2}|-\d{3})$")
_TIER = re.compile(r"^(?P<field>\w+?)_above_(?P<thousands>\d+)k_tokens$")


@dataclass(frozen=True, slots=True)
class Rates:
    """USD a token; ``cached`` and ``cache_write`` are input tokens read from and put in a cache."""

    input: float
    cached: float
    cache_write: float
    output: float


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is known of a model. ``None`` is unknown, never free.

    ``context_window`` and ``max_output_tokens`` are in tokens. ``rates`` holds for prompts of any
    length, ``tiers`` for those of more input tokens than their first member, in ascending order.
    """

    model: str
    vendor: str
    context_window: int | None = None
    max_output_tokens: int | None = None
    supports_temperature: bool = True
    rates: Rates | None = None
    tiers: tuple[tuple[int, Rates], ...] = ()

    def cost_usd(self, usage: Usage) -> float | None:
        """USD a call cost; None if the price is unknown, or if the vendor reported no tokens.

        Reasoning is paid as output. A prompt over a tier's threshold pays the tier's rates for all
        its tokens, as the vendors with tiers do.
        """
        if self.rates is None or not (usage.input_tokens or usage.output_tokens):
            return None
        rates = self.rates_for(usage.input_tokens)
        apart = usage.cached_input_tokens + usage.cache_write_tokens
        return (
            max(0, usage.input_tokens - apart) * rates.input
            + usage.cached_input_tokens * rates.cached
            + usage.cache_write_tokens * rates.cache_write
            + usage.output_tokens * rates.output
        )

    def worst_case_usd(self, input_tokens: int, max_tokens: int) -> float | None:
        """USD a call costs at most, given bounds on its tokens; None if the price is unknown.

        Every input token is taken at the dearest of its rates, over all tiers within reach.
        """
        if self.rates is None:
            return None
        reach = [self.rates, *(rates for above, rates in self.tiers if input_tokens > above)]
        dearest = max(max(r.input, r.cached, r.cache_write) for r in reach)
        return input_tokens * dearest + max_tokens * max(r.output for r in reach)

    def rates_for(self, input_tokens: int) -> Rates:
        """The rates of a prompt of this many tokens; the price has to be known."""
        if self.rates is None:
            raise ValueError(f"the price of {self.model} is unknown")
        held = self.rates
        for above, rates in self.tiers:
            if input_tokens > above:
                held = rates
        return held


class Catalog:
    """Model cards by name, out of LiteLLM's table."""

    def __init__(self, entries: Mapping[str, Mapping[str, Any]]) -> None:
        self._entries = entries

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Read the table, by default the one of the installed litellm.

        Raises:
            FileNotFoundError: litellm is not installed, or has no such table any more.
        """
        table: dict[str, dict[str, Any]] = orjson.loads((path or _installed_table()).read_bytes())
        return cls(
            {
                name: {key: entry[key] for key in _kept(entry)}
                for name, entry in table.items()
                if entry.get("mode") in MODES
            }
        )

    def card(self, model: str, vendor: str) -> ModelCard:
        """The card of a model; one that knows nothing for a model that is not in the table.

        The name is looked up with the vendor's prefix and without, then without its date.
        """
        for name in _names(model, vendor):
            entry = self._entries.get(name)
            if entry is not None and _belongs(entry, vendor):
                return _card(model, vendor, entry)
        return ModelCard(model, vendor)


def input_tokens_bound(prompt: Prompt) -> int:
    """Tokens that a prompt has at most, for any vendor's tokenizer.

    A byte-level tokenizer (OpenAI's BPE, SentencePiece with byte fallback) turns text into tokens
    that each stand for at least one byte of its UTF-8, so bytes bound tokens. A tokenizer that
    normalises first may see a longer text (NFKC turns U+FDFA, 3 bytes, into 33), hence the longer
    of the two. The frame of each message comes on top.
    """
    return TOKENS_A_PROMPT + sum(TOKENS_A_MESSAGE + _bytes(m.content) for m in prompt.messages)


def _bytes(text: str) -> int:
    if text.isascii():
        return len(text)
    return max(len(text.encode()), len(unicodedata.normalize("NFKC", text).encode()))


def _installed_table() -> Path:
    spec = importlib.util.find_spec("litellm")  # finds the folder, runs nothing of it
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / TABLE
        if path.is_file():
            return path
    raise FileNotFoundError(f"litellm with its table {TABLE} is not installed")


_INPUT: Final = "input_cost_per_token"
_CACHED: Final = "cache_read_input_token_cost"
_CACHE_WRITE: Final = "cache_creation_input_token_cost"
_OUTPUT: Final = "output_cost_per_token"

_FIELDS: Final = (
    "litellm_provider",
    "max_input_tokens",
    "max_output_tokens",
    "max_tokens",
    "supports_sampling_params",
    _INPUT,
    _CACHED,
    _CACHE_WRITE,
    _OUTPUT,
)


def _kept(entry: Mapping[str, Any]) -> Iterator[str]:
    yield from (key for key in _FIELDS if key in entry)
    yield from (key for key in entry if "_above_" in key and key.endswith("k_tokens"))


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


def _card(model: str, vendor: str, entry: Mapping[str, Any]) -> ModelCard:
    rates = _rates(entry, "", None)
    thresholds = sorted(
        {int(m["thousands"]) for key in entry if (m := _TIER.match(key)) is not None}
    )
    tiers: list[tuple[int, Rates]] = []
    held = rates
    for thousands in thresholds:
        held = _rates(entry, f"_above_{thousands}k_tokens", held)
        if held is not None:
            tiers.append((thousands * 1000, held))
    return ModelCard(
        model=model,
        vendor=vendor,
        context_window=_limit(entry, "max_input_tokens", "max_tokens"),
        max_output_tokens=_limit(entry, "max_output_tokens", "max_tokens"),
        supports_temperature=entry.get("supports_sampling_params") is not False,
        rates=rates,
        tiers=tuple(tiers),
    )


def _rates(entry: Mapping[str, Any], tier: str, below: Rates | None) -> Rates | None:
    """The rates of a tier, ``""`` being the lowest. What a tier leaves out stays as ``below``.

    A cache without any price of its own is paid as input, which is never too little.
    """
    paid = _price(entry, f"{_INPUT}{tier}")
    output = _price(entry, f"{_OUTPUT}{tier}")
    cached = _price(entry, f"{_CACHED}{tier}")
    written = _price(entry, f"{_CACHE_WRITE}{tier}")
    if below is not None:
        paid = below.input if paid is None else paid
        output = below.output if output is None else output
        cached = below.cached if cached is None and _CACHED in entry else cached
        written = below.cache_write if written is None and _CACHE_WRITE in entry else written
    if paid is None or output is None:
        return None
    return Rates(
        input=paid,
        cached=paid if cached is None else cached,
        cache_write=paid if written is None else written,
        output=output,
    )


def _price(entry: Mapping[str, Any], key: str) -> float | None:
    value = entry.get(key)
    return float(value) if isinstance(value, (int, float)) and value >= 0 else None


def _limit(entry: Mapping[str, Any], *keys: str) -> int | None:
    for key in keys:
        value = entry.get(key)
        if isinstance(value, int) and value > 0:
            return value
    return None
