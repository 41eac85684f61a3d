"""What each generation of Gemini takes, read off the model's name.

Sources: ai.google.dev/gemini-api/docs/{thinking,gemini-3,function-calling,structured-output,
file-input-methods,thought-signatures} as of November 2026.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_NAME = re.compile(
    r"gemini-(?P<major>\d{1,2})(?:\.(?P<minor>\d))?(?:-(?P<family>[a-z]+(?:-lite)?))?"
)
_NEWEST = re.compile(r"gemini-(?P<family>pro|flash-lite|flash)-latest")

BUDGETS = {"minimal": 1_024, "low": 1_024, "medium": 8_192, "high": 24_576}
"""``thinkingBudget`` in tokens for each effort (ai.google.dev/gemini-api/docs/openai, "Thinking")."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What a model takes. The defaults are those of a name that says nothing: sent as asked.

    ``levels`` are the words of ``thinkingLevel``, least first; empty: it thinks by ``budgets``, the tokens for
    each effort, or, where these are empty too, not at all. ``penalties``: presence and frequency.
    ``urls``: images by URL. ``tools_and_json``: tools beside a format. ``call_ids``: calls and
    results have ids. ``signed``: it refuses its own earlier calls without their signatures.
    """

    levels: tuple[str, ...] = ("minimal", "low", "medium", "high")
    budgets: tuple[tuple[str, int], ...] = ()
    penalties: bool = True
    urls: bool = True
    tools_and_json: bool = True
    call_ids: bool = True
    signed: bool = False


@lru_cache(maxsize=256)
def traits_of(model: str) -> Traits:
    """The traits of a model by its name; of a name that is no Gemini's, as if it took everything."""
    if (newest := _NEWEST.search(model)) is not None:
        return _third(newest["family"], (3, 9))
    found = _NAME.search(model)
    if found is None:
        return Traits()
    version = (int(found["major"]), int(found["minor"] or 0))
    family = found["family"] or ""
    if version >= (3, 0):
        return _third(family, version)
    second_half = version >= (2, 5)
    return Traits(
        levels=(),
        budgets=_budgets(family) if second_half else (),
        penalties=not second_half,
        urls=second_half,
        tools_and_json=False,
        call_ids=False,
    )


def _budgets(family: str) -> tuple[tuple[str, int], ...]:
    """Gemini 2.5's: Pro thinks 128 tokens at least, the others may be told to think none."""
    return (("none", 128 if family == "pro" else 0), *BUDGETS.items())


def _third(family: str, version: tuple[int, int]) -> Traits:
    """Gemini 3 and later. The first Pro knew two levels; Flash up to 3.6 knows ``minimal`` too."""
    levels: tuple[str, ...] = ("low", "medium", "high")
    if family == "pro" and version == (3, 0):
        levels = ("low", "high")
    elif family.startswith("flash") and version < (3, 7):
        levels = ("minimal", *levels)
    return Traits(levels=levels, penalties=False, signed=True)
