"""How two answers compare, in a figure and with the reason for it."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING

from providers.values import value

if TYPE_CHECKING:
    from collections.abc import Sequence


class Reason(StrEnum):
    """What decided how two answers compare; `consensus.agreement.words` puts it into words."""

    SAME_FINAL = "same_final"
    OTHER_FINAL = "other_final"
    TOLD_IN_THE_OTHER = "told_in_the_other"
    DENIED_IN_THE_OTHER = "denied_in_the_other"
    OTHER_KIND = "other_kind"
    OTHER_POLARITY = "other_polarity"
    NEGATED_CLAIM = "negated_claim"
    OPPOSITE_WORDS = "opposite_words"
    OTHER_NUMBERS = "other_numbers"
    OTHER_NAMES = "other_names"
    ENTAILED = "entailed"
    CONFLICTING = "conflicting"
    NEITHER = "neither"
    ALIKE_IN_WORDING = "alike_in_wording"
    UNLIKE_IN_WORDING = "unlike_in_wording"


class EntailmentUse(StrEnum):
    """What part the entailment model had in a comparison.

    ``OFF``: there is none. ``SKIPPED``: types and rules decided without it. ``USED``: it judged all
    it was asked. ``BUDGET``: it left something unjudged, its budget spent, and rules decided that.
    """

    OFF = "off"
    SKIPPED = "skipped"
    USED = "used"
    BUDGET = "budget"


@value(frozen=True, slots=True)
class Likeness:
    """How two answers compare. ``degree`` in [0, 1]; ``same`` where they count as one answer.

    ``typed``: their final answers decided, not their wording.
    """

    same: bool
    degree: float
    typed: bool = True
    reason: Reason = Reason.SAME_FINAL


SAME = Likeness(same=True, degree=1.0)


def different(reason: Reason) -> Likeness:
    """Not the same, for ``reason``."""
    return Likeness(same=False, degree=0.0, reason=reason)


DIFFERENT = different(Reason.OTHER_FINAL)


def agreement(likenesses: Sequence[float], weights: Sequence[float]) -> float | None:
    """How far the weighted others support one answer, in [0, 1]; None without others.

    Args:
        likenesses: The degree to which each of the others says the same.
        weights: Their weights; where all are 0 they count the same.
    """
    if not likenesses:
        return None
    total = math.fsum(weights)
    if total <= 0.0:
        return math.fsum(likenesses) / len(likenesses)
    return min(1.0, math.fsum([d * w for d, w in zip(likenesses, weights, strict=True)]) / total)
