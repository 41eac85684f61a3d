"""Is an answer about the question, and is it of the kind that was asked for."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from consensus.answers import AnswerKind
from consensus.statements import words_of

if TYPE_CHECKING:
    from consensus.answers import FinalAnswer, Question
    from consensus.nearness import Cosine
    from consensus.reading import Reading

OFFSET = {"en": -8.9, "ja": -4.6}
COSINE_WEIGHT = {"en": 6.3, "ja": 8.5}
WORDS_WEIGHT = 10.0
"""Logistic regression telling answers from answers to other questions, fitted on recorded answers of
nine public sets (gsm8k, math, crux, mmlu-pro, TruthfulQA, IgakuQA, shaberi, pfgen; docs/consensus.md):
features are the cosine of question and answer, whose base level differs by language, and the root of
the share of words that the shorter of the two has in common with the other."""

STEEPNESS, SHIFT = 1.5, 1.5
"""Moves the fitted log odds from "even chances" to "0.9 for ordinary answers": answers on the topic lie
above 0, answers to another question in the median below -3."""

KIND_BONUS = 5.0
"""Log odds that an explicit final answer of the kind asked for adds: strays seldom bring one."""

SURE = 4.6
"""Log odds (0.99) from which the vectors are not asked: embedding costs a fifth of a decision."""

WITHOUT_THE_KIND = 0.75
"""Left of the relevance of a text on the topic that does not give the kind of answer asked for."""

REMEMBERED_QUESTIONS = 64
"""Those under way: a request is decided on anew with each answer that comes in."""

MAX_BARE_EXTRA = 1
"""Words besides the final answer and the question's own up to which an answer is bare."""

MAX_BARE_CHARS = 300
"""Longer texts always say more than their final answer."""

MAX_PHRASE_WORDS = 5
MAX_PHRASE_CHARS_JA = 12

_OPEN_KINDS = {AnswerKind.PHRASE, AnswerKind.LIST, AnswerKind.FREE_TEXT, AnswerKind.REFUSAL}
_ASKED_KINDS = frozenset(AnswerKind) - _OPEN_KINDS
_MATHEMATICAL = frozenset({AnswerKind.NUMBER, AnswerKind.EXPRESSION, AnswerKind.LIST})
"""Kinds each of which answers a question for another: the value of x may be 2a, or 1 and 3."""

_FORMAL_KINDS = frozenset({AnswerKind.CODE, AnswerKind.JSON})
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|do|does|did|can|could|will|would|should|i|you|we|they)\b"
    r"|n't\b|です|ます|でした|ました|である|ません|[るたい]。?$"
)


def question_words(question: Question) -> frozenset[str]:
    """What the question is about: its content words."""
    return remembered_words(question.text)


@lru_cache(maxsize=REMEMBERED_QUESTIONS)
def remembered_words(text: str) -> frozenset[str]:
    """The content words of a question's text."""
    return words_of(text)


def relevance(question: Question, asked: frozenset[str], reading: Reading, cosine: Cosine) -> float:
    """How far an answer is about the question, in [0, 1].

    A bare answer of the kind asked for ("42", "B") is fully relevant. Everything longer has to share
    the question's topic, by its words and its vector; one that brings no answer of the kind asked
    for loses a quarter.

    Args:
        question: What was asked.
        asked: Its `question_words`.
        reading: The answer.
        cosine: Of question and answer; not asked for where it could change nothing.
    """
    fits = _fits(question, reading.final)
    if fits and _is_bare(question, reading, asked):
        return 1.0
    shared = len(asked & reading.words) / max(1, min(len(asked), len(reading.words)))
    language = question.language
    z = OFFSET[language] + WORDS_WEIGHT * math.sqrt(shared) + SHIFT
    if fits and (reading.stated or reading.final.kind in _FORMAL_KINDS):
        z += KIND_BONUS
    if STEEPNESS * z < SURE:
        near = cosine()
        # Without vectors the words stand in for them, too.
        z += COSINE_WEIGHT[language] * (min(1.0, 0.3 + 0.7 * shared) if near is None else near)
    on_topic = 1.0 / (1.0 + math.exp(-STEEPNESS * z))
    if question.asks in _ASKED_KINDS and not fits:
        return on_topic * WITHOUT_THE_KIND
    return on_topic


def _fits(question: Question, final: FinalAnswer) -> bool:
    """True when the final answer is of the kind asked for; free text asks for nothing in particular."""
    if final.kind in _MATHEMATICAL and question.asks in _MATHEMATICAL:
        return True
    if final.kind is not question.asks or question.asks is AnswerKind.FREE_TEXT:
        return False
    return question.asks is not AnswerKind.PHRASE or _is_phrase(final.text)


def _is_bare(question: Question, reading: Reading, asked: frozenset[str]) -> bool:
    """True when nothing is said besides the final answer itself."""
    if len(reading.text) > MAX_BARE_CHARS:
        return False
    chosen = " ".join(text for _, text in question.choices)
    own = words_of(f"{reading.final.text}\n{chosen}")
    extra = reading.words - own - asked
    return sum(not word[0].isdigit() for word in extra) <= MAX_BARE_EXTRA


def _is_phrase(text: str) -> bool:
    """True for a name or a few words; a sentence has a verb."""
    words = text.split()
    short = len(words) <= MAX_PHRASE_WORDS if text.isascii() else len(text) <= MAX_PHRASE_CHARS_JA
    return short and not _VERB.search(text.lower().strip(" .!"))
