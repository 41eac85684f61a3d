"""What each generation of Claude takes, read off the model's name.

Sources: platform.claude.com/docs, build-with-claude/{thinking,adaptive-thinking,effort,
structured-outputs} and models/*/whats-new-* (Opus 4.5 to 5.5, Sonnet 5 and 5.5, Haiku 5.5,
Fable 5.1), as of November 2026.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Off = Literal["silence", "disabled", "between_tools", "never"]
"""How thinking is turned off: by asking for none, by one of two words, or not at all."""

_NAME = re.compile(
    r"claude-(?P<family>opus|sonnet|haiku|fable|mythos)(?:-(?P<major>\d{1,2})(?!\d))?(?:[-.](?P<minor>\d{1,2})(?!\d))?"
)
_OLD_NAME = re.compile(
    r"claude-(?P<major>\d)(?:[-.](?P<minor>\d{1,2})(?!\d))?(?:-(?P<family>opus|sonnet|haiku))?"
)


@dataclass(frozen=True, slots=True)
class Traits:
    """What a model takes. The defaults are those of a name that says nothing: sent as asked.

    ``thinking``: not at all, with ``budget_tokens``, or ``adaptive``. ``efforts`` are the words of
    ``output_config.effort`` it knows, least first. ``samples``: a temperature or ``top_p`` other than
    the default; ``both`` of them at once. ``forced_tools``: ``tool_choice`` of any or a named tool.
    ``forced_thinking``: thinking beside that. ``grammars``: JSON by a schema, and strict tools.
    """

    thinking: Literal["none", "budget", "adaptive"] = "adaptive"
    off: Off = "disabled"
    efforts: tuple[str, ...] = ("low", "medium", "high", "xhigh")
    samples: bool = True
    both: bool = True
    forced_tools: bool = True
    forced_thinking: bool = True
    grammars: bool = True


@lru_cache(maxsize=256)
def traits_of(model: str) -> Traits:
    """The traits of a model by its name; of a name that is no Claude's, as if it took everything."""
    found = _NAME.search(model) or _OLD_NAME.search(model)
    if found is None:
        return Traits()
    family = found["family"] or ""
    # Without a number: claude-mythos-preview.
    version = (int(found["major"] or 5), int(found["minor"] or 0))
    return Traits(
        thinking=_thinking(version),
        off=_off(family, version),
        efforts=_efforts(family, version),
        samples=version < (4, 7),
        both=version < (4, 1),
        forced_tools=not _refuses_forced_tools(family, version),
        forced_thinking=version >= (4, 8),
        grammars=version >= (4, 5),
    )


def _thinking(version: tuple[int, int]) -> Literal["none", "budget", "adaptive"]:
    if version < (3, 7):
        return "none"
    return "budget" if version < (4, 6) else "adaptive"


def _off(family: str, version: tuple[int, int]) -> Off:
    if version < (5, 0):
        return "silence"
    if family in {"fable", "mythos"} or (family == "opus" and version >= (5, 5)):
        return "never"
    return "between_tools" if family == "sonnet" and version >= (5, 5) else "disabled"


def _efforts(family: str, version: tuple[int, int]) -> tuple[str, ...]:
    if version >= (4, 7):
        return ("low", "medium", "high", "xhigh")
    if version >= (4, 6) or (family == "opus" and version == (4, 5)):
        return ("low", "medium", "high")
    return ()


def _refuses_forced_tools(family: str, version: tuple[int, int]) -> bool:
    if family in {"fable", "mythos"}:
        return version >= (5, 1)
    return family in {"opus", "sonnet"} and version >= (5, 5)
