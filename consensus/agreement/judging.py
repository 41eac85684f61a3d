"""A rule's finding and a model's judgement of the same two answers, weighed into one figure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from consensus.agreement.likeness import Likeness, Reason

if TYPE_CHECKING:
    from consensus.entailment.judgement import Judgement

MODEL_WEIGHT: Final = 0.8
LIKENESS_WEIGHT: Final = 0.3
OFFSET: Final = 0.2
EVIDENCE: Final = {
    Reason.SAME_FINAL: 1.5,
    Reason.TOLD_IN_THE_OTHER: 1.5,
    Reason.OTHER_FINAL: -1.5,
    Reason.OTHER_KIND: -1.0,
    Reason.DENIED_IN_THE_OTHER: -1.5,
    Reason.OTHER_POLARITY: -2.0,
    Reason.NEGATED_CLAIM: -1.0,
    Reason.OPPOSITE_WORDS: -1.0,
    Reason.OTHER_NUMBERS: -1.0,
    Reason.OTHER_NAMES: -1.0,
}
FLOOR: Final = 0.01
"""Probabilities nearer 0 or 1 say no more: no single judgement is surer than 99 to 1."""

SAME_FROM: Final = 0.5


def judged(ruled: Likeness, judgement: Judgement) -> Likeness:
    """The likeness of two answers after a look by the model.

    Log odds add up: those of agreement against conflict, as far as the model finds either, what the
    rule's finding is worth, and, where wording was all there was, its likeness.
    """
    z = OFFSET + MODEL_WEIGHT * _log_odds(judgement.agree, judgement.conflict)
    z += EVIDENCE.get(ruled.reason, 0.0)
    if not ruled.typed:
        z += LIKENESS_WEIGHT * _log_odds(ruled.degree, 1.0 - ruled.degree)
    degree = 1.0 / (1.0 + math.exp(-z))
    same = degree >= SAME_FROM
    if ruled.typed and same is ruled.same:
        return Likeness(same, degree, reason=ruled.reason)
    return Likeness(same, degree, typed=False, reason=_reason(same, judgement))


def _reason(same: bool, judgement: Judgement) -> Reason:
    if judgement.neutral > max(judgement.agree, judgement.conflict):
        return Reason.NEITHER
    return Reason.ENTAILED if same else Reason.CONFLICTING


def _log_odds(yes: float, no: float) -> float:
    return math.log(max(yes, FLOOR) / max(no, FLOOR))
