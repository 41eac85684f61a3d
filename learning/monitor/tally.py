"""Sums of requests or calls that may be added up: over slices of a day, over instances, over days."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Bins = dict[int, int]
Sums = dict[int, float]
Key = tuple[str, str]
"""What a tally is of: ``arm`` or ``provider``, and its name."""

ARM = "arm"
PROVIDER = "provider"

CONFIDENCE_BINS = 10
"""Of equal width over [0, 1], as `learning.backtest.calibration_figures` has them."""


@dataclass(slots=True)
class Tally:
    """What is known of the requests of an arm, or of the calls of a provider.

    Attributes:
        count: Requests, or calls.
        measured: Of them those that say something: answered, or failed by our or the vendor's doing.
        errors: Of the measured those that failed.
        right: Answers a label calls right; by its last label. A provider's follow from it.
        wrong: Those it calls wrong.
        confident: Requests with a confidence, ``confidence`` its sum.
        agreed: Requests with an agreement, ``agreement`` its sum.
        rated: Requests' ratings (1 to 5), ``rating`` their sum.
        priced: How many have a known cost, ``cost_usd`` its sum.
        input_tokens: Sum of the tokens sent, cached ones included.
        output_tokens: Sum of the tokens written, reasoning included.
        read: Answers of which it is known whether they decline to answer.
        refusals: Of them those that do, and calls that the vendor's filter ended.
        compared: A provider's answers of requests whose returned answer is known.
        with_returned: Of them those that say the same as it.
        latency: Answers by the bin (`learning.monitor.bins`) of their ms.
        length: Answers by the bin of the tokens written, reasoning left out.
        codes: Failures by their code.
        labelled: Labelled answers that had a confidence, by its bin of `CONFIDENCE_BINS`.
        stated: The sum of their confidence, by the same.
        kept: How many of them were right, by the same.
    """

    count: int = 0
    measured: int = 0
    errors: int = 0
    right: int = 0
    wrong: int = 0
    confident: int = 0
    confidence: float = 0.0
    agreed: int = 0
    agreement: float = 0.0
    rated: int = 0
    rating: int = 0
    priced: int = 0
    cost_usd: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    read: int = 0
    refusals: int = 0
    compared: int = 0
    with_returned: int = 0
    latency: Bins = field(default_factory=dict)
    length: Bins = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    labelled: Bins = field(default_factory=dict)
    stated: Sums = field(default_factory=dict)
    kept: Bins = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        """Take in another's sums."""
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in _TABLES:
            table = getattr(self, name)
            for key, value in getattr(other, name).items():
                table[key] = table.get(key, 0) + value

    def as_json(self) -> dict[str, Any]:
        """Plain JSON without what is 0; `from_json` reads it back."""
        kept: dict[str, Any] = {n: getattr(self, n) for n in _NUMBERS if getattr(self, n)}
        for name in _TABLES:
            if table := getattr(self, name):
                kept[name] = {str(key): value for key, value in table.items()}
        return kept

    @staticmethod
    def from_json(kept: Mapping[str, Any]) -> Tally:
        """The tally that `as_json` made; sums that a later version added are left out."""
        tally = Tally(**{name: kept[name] for name in _NUMBERS if name in kept})
        for name in _TABLES:
            table = kept.get(name, {})
            setattr(
                tally,
                name,
                dict(table) if name == "codes" else {int(k): v for k, v in table.items()},
            )
        return tally


_TABLES = ("latency", "length", "codes", "labelled", "stated", "kept")
_NUMBERS = tuple(f.name for f in fields(Tally) if f.name not in _TABLES)

Tallies = dict[Key, Tally]


def tallies_as_json(tallies: Tallies) -> dict[str, dict[str, Any]]:
    """By kind and name, plain JSON."""
    kept: dict[str, dict[str, Any]] = {}
    for (kind, name), tally in sorted(tallies.items()):
        kept.setdefault(kind, {})[name] = tally.as_json()
    return kept


def tallies_from_json(kept: Mapping[str, Mapping[str, Any]]) -> Tallies:
    """What `tallies_as_json` made."""
    return {
        (kind, name): Tally.from_json(tally)
        for kind, named in kept.items()
        for name, tally in named.items()
    }


def together(parts: Iterable[Tallies]) -> Tallies:
    """All of them added up; none of them changes."""
    total: Tallies = {}
    for part in parts:
        for key, tally in part.items():
            total.setdefault(key, Tally()).add(tally)
    return total
