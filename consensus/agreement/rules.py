"""What types and rules of wording say of two answers, and whether that is the last word."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from consensus.agreement.bounds import other_bounds
from consensus.agreement.claims import PLAIN_STATEMENTS, SHORT_TEXT, Claims, clash
from consensus.agreement.closing import Closing, closing, same_closing
from consensus.agreement.likeness import SAME, Likeness, Reason, different
from consensus.agreement.non_answers import asks_back, only_asks, unstated
from consensus.agreement.opposition import plainly_opposed
from consensus.agreement.told import told_in_the_other
from consensus.answers import AnswerKind, Question, same_answer
from consensus.lazily import lazily
from consensus.polarity import leading_polarity
from consensus.statements import overlap

if TYPE_CHECKING:
    from consensus.answers.kinds import Language
    from consensus.nearness import Cosine
    from consensus.reading import Reading

COSINE_WEIGHT: Final = 6.0
WORDS_WEIGHT: Final = 6.0
OFFSET: Final = {"en": 4.2, "ja": 2.6}
"""Likeness of two free texts is a logistic of their cosine and Dice's coefficient of their words,
set by hand between answers of different vendors to one open question (their 5 % quantile lies above
0.75) and answers to different questions (98 % quantile below 0.35). Cosines of Japanese n-grams run
lower than those of English tokens."""

SAME_FROM: Final = 0.5
"""Likeness from which two free texts count as one answer."""

BARE_CHARS: Final = 24
"""Characters that a bare answer holds besides its final answer: "It's …, I think."."""

TELLING_CHARS: Final = 3
"""Length from which a number in a text is seldom there by chance."""

_WORDED: Final = frozenset({AnswerKind.FREE_TEXT, AnswerKind.PHRASE, AnswerKind.YES_NO})
"""Kinds whose wording can be compared with free text; a number or a letter cannot."""

_OVERRULED: Final = _WORDED | {AnswerKind.NUMBER}
"""Kinds that give way to a letter or value on which both texts close."""

_READ_FROM_PROSE: Final = frozenset({AnswerKind.PHRASE, AnswerKind.YES_NO})
"""Kinds that are often inferred from a sentence which says more than they do."""


class Ruled(NamedTuple):
    """``likeness``: by types and rules; ``firm``: no model needs to be asked.

    ``unstated``: one is a typed answer that the other does not state, so that only a model that is
    sure may call them the same.
    """

    likeness: Likeness
    firm: bool
    unstated: bool = False


class Compared:
    """One answer with what its comparisons share.

    Args:
        reading: The answer, read.
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    @lazily
    def claims(self) -> Claims:
        """Its statements, to be looked up by their words."""
        return Claims(self.reading.statements)

    @lazily
    def short(self) -> bool:
        """Whether its numbers and names may be its answer."""
        return not self.reading.has_more_than(SHORT_TEXT)

    @lazily
    def plain(self) -> bool:
        """Whether it has no room to qualify what it says."""
        return not self.reading.has_more_than(PLAIN_STATEMENTS)

    @lazily
    def closing(self) -> Closing:
        """The letter or value it closes on."""
        return closing(self.reading.text)

    @lazily
    def polarity(self) -> bool | None:
        """The yes or no it begins with."""
        return leading_polarity(self.reading.text)

    @lazily
    def asks(self) -> bool:
        """True for nothing but questions."""
        return only_asks(self.reading)

    @lazily
    def bare(self) -> bool:
        """True when it says hardly more than its final answer."""
        return len(self.reading.text.strip()) <= len(self.reading.final.text) + BARE_CHARS


def compare(a: Reading, b: Reading, cosine: Cosine, language: Language) -> Likeness:
    """How two answers to one question compare by types and rules alone.

    Args:
        a: One answer.
        b: The other.
        cosine: Of their embeddings; without an embedder words alone align.
        language: Of the question.
    """
    asked = Question("", AnswerKind.FREE_TEXT, language=language)
    return rule(asked, Compared(a), Compared(b), cosine).likeness


def rule(question: Question, a: Compared, b: Compared, cosine: Cosine) -> Ruled:
    """Compare two answers to one question by types and rules.

    Args:
        question: What was asked.
        a: One answer.
        b: The other.
        cosine: Of their embeddings; without an embedder words alone align.
    """
    if a.asks is not b.asks and asks_back(a.reading, b.reading):
        return Ruled(different(Reason.OTHER_KIND), firm=True)
    ruled = _rule(question, a, b, cosine)
    if ruled.firm or ruled.likeness.same:
        return ruled
    return ruled._replace(unstated=unstated(a.reading, b.reading))


def _rule(question: Question, a: Compared, b: Compared, cosine: Cosine) -> Ruled:
    finals = a.reading.final, b.reading.final
    kinds = {final.kind for final in finals}
    if kinds & _OVERRULED:
        closed = same_closing(a.closing, b.closing)
        if closed is not None:
            return Ruled(SAME if closed else different(Reason.OTHER_FINAL), firm=True)
    typed = same_answer(*finals)
    if typed is not None:
        return _by_type(question, a, b, same=typed)
    told = told_in_the_other(a.reading, b.reading)
    if told is not None:
        reason = Reason.TOLD_IN_THE_OTHER if told else Reason.DENIED_IN_THE_OTHER
        firm = kinds == {AnswerKind.DATE} or (told and _tells_a_number(a, b))
        return Ruled(Likeness(told, float(told), reason=reason), firm=firm)
    if len(kinds) > 1 and not kinds <= _WORDED:
        return Ruled(different(Reason.OTHER_KIND), firm=AnswerKind.FREE_TEXT not in kinds)
    return _by_wording(question, a, b, cosine)


def _by_type(question: Question, a: Compared, b: Compared, *, same: bool) -> Ruled:
    kinds = {a.reading.final.kind, b.reading.final.kind}
    if AnswerKind.REFUSAL in kinds:
        return Ruled(SAME if same else different(Reason.OTHER_KIND), firm=True)
    if same and kinds == {AnswerKind.NUMBER} and other_bounds(a.reading, b.reading):
        return Ruled(different(Reason.OTHER_NUMBERS), firm=True)
    if same and kinds == {AnswerKind.NUMBER} and _plainly_opposed(a, b):
        return Ruled(different(Reason.OPPOSITE_WORDS), firm=True)
    opposite = not same and kinds == {AnswerKind.YES_NO}
    reason = Reason.OTHER_POLARITY if opposite else Reason.OTHER_FINAL
    likeness = SAME if same else different(reason)
    if same:
        # The same name in answer to a question for one: nearly always the same answer, in either language.
        named = kinds == {AnswerKind.PHRASE} and question.asks is AnswerKind.PHRASE
        firm = named or _is_firm(question, a, b)
        # So is the same number, where nothing the two say of it clashes. Looked at last: it costs most.
        counted = kinds == {AnswerKind.NUMBER} and (firm or clash(a.claims, b.claims) is None)
        return Ruled(likeness, firm=firm or counted)
    return Ruled(likeness, firm=_plainly_opposed(a, b) or _is_firm(question, a, b))


def _is_firm(question: Question, a: Compared, b: Compared) -> bool:
    """False where the final answers were read out of prose that may say more than they do."""
    kinds = {a.reading.final.kind, b.reading.final.kind}
    if a.bare and b.bare:
        return True
    if kinds == {AnswerKind.YES_NO}:
        return a.polarity is not None and b.polarity is not None
    if kinds & _READ_FROM_PROSE or AnswerKind.FREE_TEXT in kinds:
        return False
    return question.asks in kinds or not (a.short and b.short)


def _tells_a_number(a: Compared, b: Compared) -> bool:
    """True where what one tells of the other is a number no text has by chance, and nothing clashes."""
    numbers = [x.reading.final.text for x in (a, b) if x.reading.final.kind is AnswerKind.NUMBER]
    return any(len(n) >= TELLING_CHARS for n in numbers) and clash(a.claims, b.claims) is None


def _plainly_opposed(a: Compared, b: Compared) -> bool:
    """True where two short texts use opposite words of the same thing; nothing else is asked then."""
    # Looked at in the order of what it costs.
    return (
        (a.reading.contents.turned or b.reading.contents.turned)
        and a.plain
        and b.plain
        and clash(a.claims, b.claims) is Reason.OPPOSITE_WORDS
        and plainly_opposed(a.claims, b.claims)
    )


def _by_wording(question: Question, a: Compared, b: Compared, cosine: Cosine) -> Ruled:
    if a.polarity is not None and b.polarity is not None and a.polarity is not b.polarity:
        return Ruled(different(Reason.OTHER_POLARITY), firm=True)
    clashing = clash(a.claims, b.claims)
    if clashing is not None:
        return Ruled(different(clashing), firm=_plainly_opposed(a, b))
    likeness = _likeness(overlap(a.reading.words, b.reading.words), cosine(), question.language)
    same = likeness >= SAME_FROM
    reason = Reason.ALIKE_IN_WORDING if same else Reason.UNLIKE_IN_WORDING
    return Ruled(Likeness(same, likeness, typed=False, reason=reason), firm=False)


def _likeness(words: float, cosine: float | None, language: str) -> float:
    # Without vectors the words stand in: over recorded pairs the two run closely together.
    nearness = min(1.0, 1.5 * words) if cosine is None else cosine
    z = COSINE_WEIGHT * nearness + WORDS_WEIGHT * words - OFFSET.get(language, OFFSET["en"])
    return 1.0 / (1.0 + math.exp(-z))
