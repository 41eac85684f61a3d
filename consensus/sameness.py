"""Which of some answers say the same, by types and wording alone: for what happens between rounds.

The decision may ask vectors and an entailment model besides (`consensus.decision`); between two answers
of one model, and among dissenters, the rules tell enough, at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from consensus.agreement import compare_all
from consensus.nearness import Nearness
from consensus.relevance import question_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consensus.agreement import Likeness
    from consensus.answers import Question
    from consensus.reading import Reading


def likeness_of(
    question: Question, readings: Sequence[Reading]
) -> tuple[tuple[Likeness, ...], ...]:
    """How each answer compares with each: (n, n), symmetric, each the same as itself."""
    unembedded = Nearness(None, [question.text, *(reading.text for reading in readings)])
    return compare_all(question, question_words(question), readings, unembedded, None).likeness
