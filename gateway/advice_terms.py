"""What of the engine's advice may take effect, whether it makes sense, and how it is written down. Pure.

The environment decides what advice may do. The engine is told the same, so this is the second lock:
nothing that was not turned on happens, whatever an engine says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.arrangement import Arrangement
    from learning.advice.words import Advice, Expected

MOST_ROUNDS = 5
"""The deepest a caller may ask for (API.md, ``depth``); advice goes no deeper."""

DIGITS = 6
"""Digits after the point that a figure is kept with: a hundredth of a percent, and to spare."""

SteeringMode = Literal["off", "weights", "full"]
"""What advice may change: nothing, how votes are weighed, or also who is asked and how deep to go."""


@dataclass(frozen=True, slots=True)
class SteeringTerms:
    """What the environment allows.

    ``escalation``: advice may name an opening. ``exploration`` is the fraction of requests whose
    choice may be drawn, ``exploration_budget_usd`` what that may cost a day: 0 allows none. These need
    the mode ``full``, for they are about who is asked.
    """

    mode: SteeringMode = "off"
    escalation: bool = False
    exploration: float = 0.0
    exploration_budget_usd: float = 0.0

    @property
    def explores(self) -> bool:
        """Whether any choice may be drawn."""
        return self.mode == "full" and self.exploration > 0 and self.exploration_budget_usd > 0


def within(advice: Advice, terms: SteeringTerms) -> Advice | None:
    """The part of the advice that the terms allow; None where nothing may take effect.

    A choice that was drawn falls as a whole where none may be drawn: what it was drawn for is not
    what would be left of it.
    """
    if terms.mode == "off" or (advice.explored and not terms.explores):
        return None
    if terms.mode == "weights":
        return replace(advice, providers=(), opening=0, enough=1.0, depth=None)
    return advice if terms.escalation else replace(advice, opening=0, enough=1.0)


def flaws(advice: Advice) -> Iterator[str]:
    """What makes no sense in it, in words that name no figure: they are one cause each."""
    if len(set(advice.providers)) != len(advice.providers):
        yield "a provider is named twice"
    if advice.opening < 0:
        yield "the opening is negative"
    if not 0 <= advice.enough <= 1:
        yield "enough is no confidence"
    if not all(math.isfinite(weight) and weight >= 0 for weight in advice.weights.values()):
        yield "a weight is negative or not finite"
    if not all(map(math.isfinite, (*advice.offsets.values(), advice.harder))):
        yield "an offset is not finite"
    if advice.depth is not None and not 1 <= advice.depth <= MOST_ROUNDS:
        yield f"the depth is not from 1 to {MOST_ROUNDS}"
    if not 0 < advice.propensity <= 1:
        yield "the propensity is no probability above 0"
    for expected in (advice.accuracy, advice.cost_usd, advice.latency_ms):
        if expected is not None and not all(map(math.isfinite, _figures(expected))):
            yield "an expectation is not finite"


def noted(advice: Advice | None, arranged: Arrangement) -> dict[str, Any] | None:
    """The advice as the record keeps it, plain JSON, with what came of it; None for none.

    ``taken`` names the parts that took effect, ``panel`` and ``opening_in_force`` what was done: only
    together with them does a propensity say how likely that was.
    Numbers become Python's own, whatever an engine reckons with: a journal cannot write any other.
    """
    if advice is None:
        return None
    return {
        "policy": int(advice.policy),
        "family": None if advice.family is None else int(advice.family),
        "providers": list(advice.providers),
        "opening": int(advice.opening),
        "enough": _rounded(advice.enough),
        "weights": {name: _rounded(weight) for name, weight in advice.weights.items()},
        "offsets": {name: _rounded(offset) for name, offset in advice.offsets.items()},
        "harder": _rounded(advice.harder),
        "depth": None if advice.depth is None else int(advice.depth),
        "explored": bool(advice.explored),
        "propensity": float(advice.propensity),
        "expected_accuracy": _kept(advice.accuracy),
        "expected_cost_usd": _kept(advice.cost_usd),
        "expected_latency_ms": _kept(advice.latency_ms),
        "neighbours": [int(number) for number in advice.neighbours],
        "taken": list(arranged.taken),
        "panel": list(arranged.selection.providers),
        "opening_in_force": int(arranged.selection.opening),
    }


def _kept(expected: Expected | None) -> list[float] | None:
    return None if expected is None else [_rounded(figure) for figure in _figures(expected)]


def _rounded(figure: float) -> float:
    return round(float(figure), DIGITS)


def _figures(expected: Expected) -> tuple[float, float, float]:
    return expected.value, expected.low, expected.high
