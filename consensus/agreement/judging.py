"""A rule's finding and a model's judgement of the same two answers, weighed into one figure."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from consensus.agreement.likeness import Likeness, Reason
from consensus.polarity import negated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consensus.entailment.judgement import Judgement

WEIGHTS_FILE: Final = Path(__file__).with_name("weights.json")
"""Written by ``python -m bench.agreement_weights``; its ``about`` says what it was fitted on."""

FLOOR: Final = 0.01
"""Probabilities nearer 0 or 1 say no more: no single judgement is surer than 99 to 1."""

SAME_FROM: Final = 0.5


@dataclass(frozen=True, slots=True)
class EvidenceWeights:
    """Log odds that two answers are the same, as they add up.

    ``offset`` for any pair; ``model`` for each unit of the model's log odds of agreement against
    conflict; ``likeness`` for each unit of the wording's, where wording was all there was;
    ``both_deny`` and ``one_denies`` where both answers or one of them deny something; ``reasons`` for
    what else the rules found.
    """

    offset: float
    model: float
    likeness: float
    both_deny: float
    one_denies: float
    reasons: Mapping[Reason, float]


FIGURES: Final = ("offset", "model", "likeness", "both_deny", "one_denies")
"""What is weighed besides the reasons."""


@cache
def shipped_weights() -> EvidenceWeights:
    """The weights this package ships."""
    return weights_from(json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))["weights"])


def weights_from(kept: Mapping[str, Any]) -> EvidenceWeights:
    """Read weights from JSON.

    Raises:
        KeyError: A figure is missing.
        ValueError: A reason is unknown, or something is no number.
    """
    reasons = {Reason(name): float(value) for name, value in kept["reasons"].items()}
    figures = {name: float(kept[name]) for name in FIGURES}
    return EvidenceWeights(**figures, reasons=reasons)


def evidence(ruled: Likeness, judgement: Judgement, told: tuple[str, str]) -> dict[str, float]:
    """What is weighed of a pair, by the names of `FIGURES`.

    Two answers that both deny something often say the same in other words: nothing happens, there is
    no such law, it is not known.

    Args:
        ruled: What the rules found.
        judgement: What the model found.
        told: What it was given to read.
    """
    denying = sum(negated(text.lower()) > 0 for text in told)
    return {
        "offset": 1.0,
        "model": _log_odds(judgement.agree, judgement.conflict),
        "likeness": 0.0 if ruled.typed else _log_odds(ruled.degree, 1.0 - ruled.degree),
        "both_deny": float(denying == len(told)),
        "one_denies": float(denying == 1),
    }


def judged(ruled: Likeness, judgement: Judgement, told: tuple[str, str]) -> Likeness:
    """The likeness of two answers after a look by the model.

    A logistic regression over the model's judgement and what the rules found. Where it upholds what
    types decided, the answers stay compared by type.

    Args:
        ruled: What the rules found.
        judgement: What the model found.
        told: What it was given to read.
    """
    weights = shipped_weights()
    found = evidence(ruled, judgement, told)
    z = math.fsum(getattr(weights, name) * value for name, value in found.items())
    degree = 1.0 / (1.0 + math.exp(-z - weights.reasons.get(ruled.reason, 0.0)))
    same = degree >= SAME_FROM
    if ruled.typed and same is ruled.same:
        return Likeness(same, degree, reason=ruled.reason)
    return Likeness(same, degree, typed=False, reason=_reason(same, judgement))


def _reason(same: bool, judgement: Judgement) -> Reason:
    if judgement.neutral > max(judgement.agree, judgement.conflict):
        return Reason.NEITHER
    return Reason.ENTAILED if same else Reason.CONFLICTING


def _log_odds(yes: float, no: float) -> float:
    """Of one probability against another, both kept from 0 by `FLOOR`."""
    return math.log(max(yes, FLOOR) / max(no, FLOOR))
