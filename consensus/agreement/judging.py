"""A rule's finding and a model's judgement of the same two answers, weighed into one figure."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from consensus.agreement.likeness import Likeness, Reason

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
    ``reasons`` for what else the rules found.
    """

    offset: float
    model: float
    likeness: float
    reasons: Mapping[Reason, float]


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
    return EvidenceWeights(
        float(kept["offset"]), float(kept["model"]), float(kept["likeness"]), reasons
    )


def evidence(ruled: Likeness, judgement: Judgement) -> tuple[float, float]:
    """What is weighed of a pair: log odds by the model, and by the wording (0 if not compared)."""
    by_wording = 0.0 if ruled.typed else log_odds(ruled.degree, 1.0 - ruled.degree)
    return log_odds(judgement.agree, judgement.conflict), by_wording


def judged(ruled: Likeness, judgement: Judgement) -> Likeness:
    """The likeness of two answers after a look by the model.

    A logistic regression over the model's judgement and what the rules found. Where it upholds what
    types decided, the answers stay compared by type.
    """
    weights = shipped_weights()
    by_model, by_wording = evidence(ruled, judgement)
    z = weights.offset + weights.model * by_model + weights.likeness * by_wording
    z += weights.reasons.get(ruled.reason, 0.0)
    degree = 1.0 / (1.0 + math.exp(-z))
    same = degree >= SAME_FROM
    if ruled.typed and same is ruled.same:
        return Likeness(same, degree, reason=ruled.reason)
    return Likeness(same, degree, typed=False, reason=_reason(same, judgement))


def _reason(same: bool, judgement: Judgement) -> Reason:
    if judgement.neutral > max(judgement.agree, judgement.conflict):
        return Reason.NEITHER
    return Reason.ENTAILED if same else Reason.CONFLICTING


def log_odds(yes: float, no: float) -> float:
    """Of one probability against another, both kept from 0 by `FLOOR`."""
    return math.log(max(yes, FLOOR) / max(no, FLOOR))
