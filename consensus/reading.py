"""Everything the decision reads out of one answer, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from consensus.answers import AnswerKind, read_answer_text
from consensus.statements import clipped, content_words, statements

if TYPE_CHECKING:
    from consensus.answers import FinalAnswer, Question
    from consensus.statements import Statement

REMEMBERED = 128
"""Readings that are remembered, those of some forty requests under way: 5 MB, of hostile texts 25 MB."""

REMEMBERED_CHARS = 12_000
"""Longest answer whose reading is remembered; bounds what hostile texts may hold."""

_NO_ANSWER = frozenset({AnswerKind.REFUSAL, AnswerKind.UNKNOWN})
"""Kinds that name nothing: they never win while an answer stands."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer, read.

    ``text``: the answer, of a huge one its head and tail. ``stated``: the distinct final answers it
    states. ``words``: all its content words.
    """

    text: str
    final: FinalAnswer
    stated: tuple[FinalAnswer, ...]
    statements: tuple[Statement, ...]
    words: frozenset[str]

    @property
    def refuses(self) -> bool:
        """True when the vendor declined to answer, or says that it does not know."""
        return self.final.kind in _NO_ANSWER


def read_answer(question: Question, text: str) -> Reading:
    """Read ``text`` as an answer to ``question``.

    What was read lately is remembered: a request is decided on anew with each answer that comes in.
    """
    return (remembered_reading if len(text) <= REMEMBERED_CHARS else _read)(question, text)


def _read(question: Question, text: str) -> Reading:
    read = statements(text)
    final, stated = read_answer_text(question, text)
    return Reading(
        text=clipped(text),
        final=final,
        stated=stated,
        statements=read,
        words=content_words(read),
    )


remembered_reading = lru_cache(maxsize=REMEMBERED)(_read)
