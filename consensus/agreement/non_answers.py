"""Texts that answer nothing, held against answers: questions back, and prose beside a typed answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consensus.agreement.judging import SAME_FROM
from consensus.agreement.likeness import Likeness, Reason
from consensus.answers import AnswerKind
from consensus.polarity import leading_polarity
from consensus.statements import overlap

if TYPE_CHECKING:
    from consensus.entailment.judgement import Judgement
    from consensus.reading import Reading

SURE_AGREE: Final = 0.8
"""Probability of agreement from which the model alone may take prose for a typed answer. Set by hand:
there is little in a "yes" or a "7" to compare, and of such pairs the model agrees by default to
non-answers ("It depends.")."""

SURE_MARGIN: Final = 0.6
"""Agreement above conflict that it needs as well: a model that half sees a conflict is not sure."""

_BELOW: Final = 0.99 * SAME_FROM
"""Degree that such a pair stays below where the model is not sure."""

_TYPED: Final = frozenset({AnswerKind.YES_NO, AnswerKind.NUMBER, AnswerKind.CHOICE})
"""Kinds of which an answer is so short that nothing but the model's habit connects it to prose."""

_PROSE: Final = frozenset({AnswerKind.FREE_TEXT, AnswerKind.PHRASE})

_NO_QUESTION: Final = frozenset(
    {AnswerKind.CODE, AnswerKind.JSON, AnswerKind.REFUSAL, AnswerKind.UNKNOWN}
)
"""Kinds that may end in a question mark and are compared as what they are."""

_TENTATIVE_CHARS: Final = 8
"""Characters besides the final answer up to which a question is a guess: "It is 42?"."""

ECHO: Final = 0.3
"""Dice's coefficient of the words from which a question may be the wording that was asked for."""

_QUESTION_END: Final = ("?", "？", "か。", "か")


def only_asks(reading: Reading) -> bool:
    """True for a text of nothing but questions: it asks back ("What do you mean?")."""
    if not reading.text.rstrip().endswith(_QUESTION_END):
        return False
    if reading.final.kind in _NO_QUESTION or leading_polarity(reading.text) is not None:
        return False
    typed = reading.final.kind is not AnswerKind.FREE_TEXT
    if typed and len(reading.text.strip()) <= len(reading.final.text) + _TENTATIVE_CHARS:
        return False
    return all(s.text.rstrip().endswith(_QUESTION_END) for s in reading.statements)


def asks_back(a: Reading, b: Reading) -> bool:
    """True where one only asks back and the other answers, so that they cannot be the same."""
    asking = only_asks(a)
    if asking is only_asks(b) or a.refuses or b.refuses:
        return False
    answer = b if asking else a
    return answer.final.kind not in _PROSE or overlap(a.words, b.words) < ECHO


def unstated(a: Reading, b: Reading) -> bool:
    """True where one is a typed answer and the other is prose that states none of its kind."""
    for typed, other in ((a, b), (b, a)):
        kind = typed.final.kind
        if kind in _TYPED and other.final.kind in _PROSE:
            return all(stated.kind is not kind for stated in other.stated)
    return False


def unless_sure(found: Likeness, judgement: Judgement) -> Likeness:
    """What the model found, as far as it may say so of an `unstated` pair.

    Args:
        found: Rules and model, weighed.
        judgement: The model's part in it.

    Returns:
        ``found``; where it calls them the same and the model is not sure, that they are not, in the
        order of the degrees.
    """
    sure = judgement.agree >= SURE_AGREE and judgement.score >= SURE_MARGIN
    if sure or not found.same:
        return found
    degree = min(found.degree * SAME_FROM, _BELOW)
    return Likeness(same=False, degree=degree, typed=False, reason=Reason.NEITHER)
