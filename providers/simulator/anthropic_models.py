"""What each simulated Claude takes, as platform.claude.com/docs says it of the real one.

Models of no known generation take everything: their names are made up for tests.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = re.compile(
    r"claude-(?:(?P<old>3)(?:-(?P<oldminor>[57]))?-)?(?P<family>opus|sonnet|haiku|fable|mythos)"
    r"(?:-(?P<major>\d)(?!\d)(?:-(?P<minor>\d)(?!\d))?)?"
)


@dataclass(frozen=True, slots=True)
class Model:
    """``thinking``: the types it takes. ``thinks``: without being asked. ``prefilled``: an assistant's turn may be last."""

    thinking: frozenset[str] = frozenset({"adaptive", "enabled", "disabled", "between_tools"})
    thinks: bool = False
    efforts: tuple[str, ...] = ("low", "medium", "high", "xhigh", "max")
    samples: bool = True
    samples_twice: bool = True
    forced_tools: bool = True
    grammars: bool = True
    prefilled: bool = True


def model_named(name: str) -> Model | None:
    """What is known of a model; None where there is no model of this name."""
    if not re.fullmatch(r"claude-[\w.\-]+", name):
        return None
    found = _NAME.match(name)
    if found is None or not (found["old"] or found["major"]):
        return Model()
    version = (
        (3, int(found["oldminor"] or 0))
        if found["old"]
        else (int(found["major"]), int(found["minor"] or 0))
    )
    family = found["family"]
    return Model(
        thinking=_thinking(family, version),
        thinks=version >= (5, 0),
        efforts=_efforts(family, version),
        samples=version < (4, 7),
        samples_twice=version < (4, 1),
        forced_tools=not _never_forced(family, version),
        grammars=version >= (4, 5),
        prefilled=version < (4, 6),
    )


def _thinking(family: str, version: tuple[int, int]) -> frozenset[str]:
    if version < (3, 7):
        return frozenset({"disabled"})
    if version < (4, 6):
        return frozenset({"enabled", "disabled"})
    if version < (4, 7):
        return frozenset({"adaptive", "enabled", "disabled"})
    if family in {"fable", "mythos"} or (family == "opus" and version >= (5, 5)):
        return frozenset({"adaptive"})
    off = "between_tools" if family == "sonnet" and version >= (5, 5) else "disabled"
    return frozenset({"adaptive", off})


def _efforts(family: str, version: tuple[int, int]) -> tuple[str, ...]:
    if version >= (4, 7):
        return ("low", "medium", "high", "xhigh", "max")
    if version >= (4, 6):
        return ("low", "medium", "high", "max")
    return ("low", "medium", "high") if family == "opus" and version == (4, 5) else ()


def _never_forced(family: str, version: tuple[int, int]) -> bool:
    """Models that cannot be made to call a tool (models/opus-5-5/whats-new, sonnet-5-5, fable-5-1)."""
    if family in {"fable", "mythos"}:
        return version >= (5, 1)
    return family != "haiku" and version >= (5, 5)
