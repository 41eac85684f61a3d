"""Everything the decision reads out of one answer, read once."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from consensus.answers import AnswerKind, read_answer_text
from consensus.sentences import clipped, has_number, sentences_of, unmarked
from consensus.statements import contents, contents_of, statements_of

if TYPE_CHECKING:
    from consensus.answers import FinalAnswer, Question
    from consensus.statements import Contents, Statement

REMEMBERED = 128
"""Readings that are remembered, those of some forty requests under way: 5 MB, of hostile texts 25 MB."""

REMEMBERED_CHARS = 12_000
"""Longest answer whose reading is remembered; bounds what hostile texts may hold."""

_REFUSAL, _UNKNOWN = AnswerKind.REFUSAL, AnswerKind.UNKNOWN
"""Kinds that name nothing: they never win while an answer stands."""


class Reading:
    """One answer, read; its sentences only when somebody asks for them.

    ``text``: the answer, of a huge one its head and tail. ``stated``: the distinct final answers it
    states. ``refuses``: whether the vendor declined to answer, or says that it does not know.
    """

    __slots__ = (
        "_contents",
        "_plain",
        "_sentences",
        "_statements",
        "final",
        "refuses",
        "stated",
        "text",
    )

    def __init__(self, text: str, final: FinalAnswer, stated: tuple[FinalAnswer, ...]) -> None:
        self.text = text
        self.final = final
        self.stated = stated
        self.refuses = final.kind is _REFUSAL or final.kind is _UNKNOWN
        self._plain: str | None = None
        self._sentences: list[str] | None = None
        self._statements: tuple[Statement, ...] | None = None
        self._contents: Contents | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Reading):
            return NotImplemented
        return (self.text, self.final, self.stated) == (other.text, other.final, other.stated)

    def __hash__(self) -> int:
        return hash(self.text)

    @property
    def _unmarked(self) -> str:
        if self._plain is None:
            self._plain = unmarked(self.text)
        return self._plain

    @property
    def sentences(self) -> list[str]:
        """Its sentences as written, save for list markers."""
        if self._sentences is None:
            self._sentences = sentences_of(self._unmarked)
        return self._sentences

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What its sentences state."""
        if self._statements is None:
            self._statements = statements_of(self.sentences)
        return self._statements

    def has_more_than(self, count: int) -> bool:
        """Whether it has more than so many statements."""
        if self._statements is not None:
            return len(self._statements) > count
        told = zip(self.contents.sentences, self.sentences, strict=True)
        several = islice((1 for words, said in told if words or has_number(said)), count, None)
        return next(several, None) is not None

    @property
    def contents(self) -> Contents:
        """What its sentences hold."""
        if self._contents is None:
            if self._statements is None:
                self._contents = contents(self._unmarked, self.sentences)
            else:
                self._contents = contents_of(self._statements, self._unmarked)
        return self._contents

    @property
    def words(self) -> frozenset[str]:
        """All its content words and numbers."""
        return self.contents.all


def read_answer(question: Question, text: str) -> Reading:
    """Read ``text`` as an answer to ``question``.

    What was read lately is remembered: a request is decided on anew with each answer that comes in.
    """
    return (remembered_reading if len(text) <= REMEMBERED_CHARS else _read)(question, text)


def _read(question: Question, text: str) -> Reading:
    return Reading(clipped(text), *read_answer_text(question, text))


remembered_reading = lru_cache(maxsize=REMEMBERED)(_read)
