"""What each simulated Gemini takes, as ai.google.dev/gemini-api/docs says it of the real one.

Gemmas and models of no known generation take everything: what they take is not told apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MODEL = re.compile(r"(gemini|gemma)-[\w.\-]+")
_NAME = re.compile(r"gemini-(?P<major>\d)(?:\.(?P<minor>\d))?-(?P<family>pro|flash-lite|flash)")


@dataclass(frozen=True, slots=True)
class Model:
    """What a model takes.

    ``thinks``: without being asked. ``levels``: words of ``thinkingLevel``. ``budget``: the least and
    the most of ``thinkingBudget``; None: it takes none. ``off``: a budget of 0 is taken.
    ``signs``: calls of functions are signed, have ids, and come back so.
    """

    thinks: bool = False
    levels: frozenset[str] = frozenset({"minimal", "low", "medium", "high"})
    budget: tuple[int, int] | None = (0, 32_768)
    off: bool = True
    penalties: bool = True
    urls: bool = True
    tools_and_json: bool = True
    signs: bool = False
    ids: bool = True


def model_named(name: str) -> Model | None:
    """What is known of a model; None where there is no model of this name."""
    if not _MODEL.fullmatch(name):
        return None
    found = _NAME.match(name)
    if found is None:
        return Model()
    version = (int(found["major"]), int(found["minor"] or 0))
    family = found["family"]
    if version >= (3, 0):
        levels = {"low", "medium", "high"}
        if family == "pro" and version == (3, 0):
            levels = {"low", "high"}
        elif family != "pro" and version < (3, 7):
            levels.add("minimal")
        return Model(thinks=True, levels=frozenset(levels), off=False, penalties=False, signs=True)
    if version >= (2, 5):
        least, most = {"pro": (128, 32_768), "flash-lite": (512, 24_576)}.get(family, (1, 24_576))
        return Model(
            thinks=family != "flash-lite", levels=frozenset(), budget=(least, most), off=family != "pro",
            penalties=False, tools_and_json=False, ids=False,
        )  # fmt: skip
    return Model(levels=frozenset(), budget=None, urls=False, tools_and_json=False, ids=False)
