"""Which answers say the same: typed equality first, aligned wording only where types are silent."""

from __future__ import annotations

import math
import re
from itertools import product
from typing import TYPE_CHECKING

from consensus.agreement.likeness import DIFFERENT, SAME, Likeness, Reason
from consensus.answers import AnswerKind, same_answer
from consensus.polarity import leading_polarity, negated
from consensus.statements import overlap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from consensus.answers import FinalAnswer
    from consensus.nearness import Cosine
    from consensus.reading import Reading
    from consensus.statements import Statement

COSINE_WEIGHT = 6.0
WORDS_WEIGHT = 6.0
OFFSET = {"en": 4.2, "ja": 2.6}
"""Likeness of two free texts is a logistic of their cosine and Dice's coefficient of their words,
set by hand between answers of different vendors to one open question (their 5 % quantile lies above
0.75) and answers to different questions (98 % quantile below 0.35). Cosines of Japanese n-grams run
lower than those of English tokens."""

SAME_FROM = 0.5
"""Likeness from which two free texts count as one answer."""

OPPOSED_OVERLAP = 0.6
"""Dice's coefficient of the words from which two sentences are about the same thing."""

SHORT_TEXT = 4
"""Sentences up to which a text is short enough for its numbers to be its answer."""

MIN_SPELLING_CHARS = 5
MAX_SPELLING_CHARS = 60
"""Length of phrases whose spelling is compared."""

_WORDED = frozenset({AnswerKind.FREE_TEXT, AnswerKind.PHRASE, AnswerKind.YES_NO})
"""Kinds whose wording can be compared with free text; a number or a letter cannot."""

_QUOTABLE = frozenset({AnswerKind.NUMBER, AnswerKind.DATE, AnswerKind.PHRASE})
"""Kinds whose short form can be looked for in prose; a letter or a "no" stands in any."""

_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|[。！？\n]")


def compare(a: Reading, b: Reading, cosine: Cosine, language: str) -> Likeness:
    """Compare two answers to one question.

    Args:
        a: One answer.
        b: The other.
        cosine: Of their embeddings; without an embedder words alone align.
        language: Of the question, ``en`` or ``ja``.
    """
    typed = same_answer(a.final, b.final)
    if typed is not None:
        return SAME if typed else DIFFERENT
    told = _told_in_the_other(a, b)
    if told is not None:
        return SAME if told else DIFFERENT
    kinds = {a.final.kind, b.final.kind}
    if (len(kinds) > 1 and not kinds <= _WORDED) or contradict(a, b):
        return DIFFERENT
    likeness = _likeness(overlap(a.words, b.words), cosine(), language)
    same = likeness >= SAME_FROM
    return Likeness(
        same,
        likeness,
        typed=False,
        reason=Reason.ALIKE_IN_WORDING if same else Reason.UNLIKE_IN_WORDING,
    )


def contradict(a: Reading, b: Reading) -> bool:
    """True when two texts visibly say opposite things, however near their vectors are."""
    first, second = leading_polarity(a.text), leading_polarity(b.text)
    if first is not None and second is not None and first is not second:
        return True
    if any(opposed(x, y) for x, y in _of_other_polarity(a.statements, b.statements)):
        return True
    short = len(a.statements) <= SHORT_TEXT and len(b.statements) <= SHORT_TEXT
    return short and any(other_numbers(x, y) for x in a.statements for y in b.statements)


def _of_other_polarity(
    a: Sequence[Statement], b: Sequence[Statement]
) -> Iterator[tuple[Statement, Statement]]:
    """The pairs of which one negates, most texts having few or none."""
    for negative in (True, False):
        others = [y for y in b if y.negative is not negative]
        if others:
            yield from product((x for x in a if x.negative is negative), others)


def opposed(a: Statement, b: Statement, at_least: float = OPPOSED_OVERLAP) -> bool:
    """True when one sentence negates what the other says."""
    return (
        a.negative is not b.negative
        and not a.asks
        and not b.asks
        and bool(a.words)
        and overlap(a.words, b.words) >= at_least
        and (a.numbers == b.numbers or not a.numbers or not b.numbers)
    )


def other_numbers(a: Statement, b: Statement) -> bool:
    """True when two sentences say the same of different numbers."""
    return (
        bool(a.numbers and b.numbers)
        and not (a.numbers <= b.numbers or b.numbers <= a.numbers)
        and overlap(a.words, b.words) >= OPPOSED_OVERLAP
    )


def _likeness(words: float, cosine: float | None, language: str) -> float:
    # Without vectors the words stand in: over recorded pairs the two run closely together.
    nearness = min(1.0, 1.5 * words) if cosine is None else cosine
    z = COSINE_WEIGHT * nearness + WORDS_WEIGHT * words - OFFSET.get(language, OFFSET["en"])
    return 1.0 / (1.0 + math.exp(-z))


def _told_in_the_other(a: Reading, b: Reading) -> bool | None:
    """Whether one answer contains the other's, or is the same told less exactly or spelled otherwise.

    False where it is only mentioned to be denied, None where nothing of the kind is found.
    """
    kinds = {a.final.kind, b.final.kind}
    if kinds == {AnswerKind.DATE}:
        return True
    mentions = {
        _mentions(prose.text, other.final.text)
        for prose, other in ((a, b), (b, a))
        if other.final.kind in _QUOTABLE
    }
    if True in mentions or (kinds == {AnswerKind.PHRASE} and _spelled_alike(a.final, b.final)):
        return True
    return False if False in mentions else None


def _mentions(prose: str, phrase: str) -> bool | None:
    """True when a sentence of ``prose`` affirms ``phrase``; False when all that have it negate.

    None when no sentence has it as words of its own.
    """
    needle, folded = phrase.strip().casefold(), prose.casefold()
    if not needle or needle not in folded:
        return None
    having = [s for s in _SENTENCE_END.split(folded) if _has_words(s, needle)]
    return any(not negated(sentence) for sentence in having) if having else None


def _has_words(sentence: str, needle: str) -> bool:
    """True when ``needle`` occurs in ``sentence``, and, unless it is Japanese, not within a word."""
    start = sentence.find(needle)
    while start >= 0:
        end = start + len(needle)
        if not needle.isascii() or not _in_word(
            sentence[start - 1 : start] + sentence[end : end + 1]
        ):
            return True
        start = sentence.find(needle, start + 1)
    return False


def _in_word(neighbours: str) -> bool:
    return any(char.isalnum() or char == "_" for char in neighbours)


def _spelled_alike(a: FinalAnswer, b: FinalAnswer) -> bool:
    """True for phrases the types take for spellings or initials of each other (colour, color; USA).

    `same_answer` has ruled out all short phrases that share nothing; what contains the other is a
    matter for `_mentions`, and short words one letter apart are other words (Iran, Iraq).
    """
    shorter, longer = sorted((str(a.value), str(b.value)), key=len)
    if len(longer) > MAX_SPELLING_CHARS or shorter.isascii() is not longer.isascii():
        return False
    if "".join(word[0] for word in longer.split()) == shorter:
        return True
    return (
        len(shorter) >= MIN_SPELLING_CHARS
        and len(longer) - len(shorter) <= 1
        and shorter not in longer
    )
