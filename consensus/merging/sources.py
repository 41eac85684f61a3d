"""The answers a text is merged from, read once and indexed by what they have."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from consensus.merging.sentences import MAX_TEXT_CHARS, clause, sentences
from consensus.polarity import leading_polarity

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from consensus.merging.sentences import Clause

_SPACE = re.compile(r"\s+")
_REFERS_BACK = re.compile(
    r"^(?:he|she|it|they|his|her|its|their|this|these|that|those)\b|^(?:彼|彼女|それ|これ|同|この|その|当)",
    re.IGNORECASE,
)
_KANA = re.compile(r"[\u3041-\u3096]")


@dataclass(frozen=True, slots=True)
class Source:
    """A sentence of an answer, or a clause of one. ``answer`` and ``place`` tell where it stands."""

    clause: Clause
    answer: int
    place: int

    def names(self, name: str) -> bool:
        """Whether a name, in lower case, stands here."""
        return name in self.clause.names or has_word(self.clause.text, name)

    @property
    def refers_back(self) -> bool:
        """Whether it opens with a pronoun, or leaves its subject out as Japanese does."""
        text = self.clause.text
        if _REFERS_BACK.match(text):
            return True
        return _KANA.search(text) is not None and "は" not in text and "が" not in text


class Sources:
    """What there is to be supported by. Immutable but for what is computed once.

    Args:
        question: What was asked; its words, numbers and names are given to everybody.
        answers: The answers, the winner's first.
    """

    def __init__(self, question: str, answers: Sequence[str]) -> None:
        self.question = question
        self.read = tuple(sentences(answer) for answer in answers)
        self.given = clause(question[:MAX_TEXT_CHARS])
        self._answers = tuple(answers)

    @cached_property
    def all(self) -> tuple[Source, ...]:
        """The sentences of all answers, each followed by its clauses."""
        return tuple(
            Source(part, answer, place)
            for answer, read in enumerate(self.read)
            for place, sentence in enumerate(read)
            for part in (sentence.whole, *sentence.clauses)
        )

    @cached_property
    def winners(self) -> tuple[Source, ...]:
        """Those of the winner."""
        return tuple(source for source in self.all if source.answer == 0)

    @cached_property
    def numbered(self) -> tuple[Source, ...]:
        """Those that have a number."""
        return tuple(source for source in self.all if source.clause.numbers)

    @cached_property
    def values(self) -> Mapping[Hashable, Sequence[Source]]:
        """By number: who has it."""
        index: dict[Hashable, list[Source]] = defaultdict(list)
        for source in self.numbered:
            for value in source.clause.values:
                index[value].append(source)
        return index

    @cached_property
    def verbatim(self) -> tuple[frozenset[str], ...]:
        """The sentences of each answer, and the lines of its code, as `squeezed` has them."""
        return tuple(
            frozenset(
                squeezed(part)
                for sentence in read
                for part in (sentence.text, *(sentence.text.splitlines() if sentence.code else ()))
            )
            for read in self.read
        )

    @cached_property
    def polarities(self) -> frozenset[bool]:
        """The yes and the no that answers begin with."""
        found = (leading_polarity(answer) for answer in self._answers)
        return frozenset(polarity for polarity in found if polarity is not None)

    @cached_property
    def _having(self) -> Mapping[str, Sequence[Source]]:
        index: dict[str, list[Source]] = defaultdict(list)
        for source in self.all:
            for word in source.clause.words:
                index[word].append(source)
        return index

    def sharing(self, words: frozenset[str]) -> tuple[tuple[Source, int], ...]:
        """Who has any of ``words``, and how many, those that have most first."""
        count: dict[int, int] = defaultdict(int)
        known: dict[int, Source] = {}
        for word in words:
            for source in self._having.get(word, ()):
                count[id(source)] += 1
                known[id(source)] = source
        ordered = sorted(count, key=lambda i: (-count[i], known[i].answer, known[i].place))
        return tuple((known[i], count[i]) for i in ordered)

    def around(self, source: Source) -> frozenset[str]:
        """The words of a sentence and of its neighbours in its answer."""
        near = self.read[source.answer][max(0, source.place - 1) : source.place + 2]
        return frozenset(chain.from_iterable(sentence.whole.words for sentence in near))


def squeezed(text: str) -> str:
    """A sentence without what formatting changes: space, emphasis, case, its stop."""
    return _SPACE.sub("", text).strip("*_。.").casefold()


def has_word(text: str, word: str) -> bool:
    """Whether a word in lower case stands in ``text``, and, in Latin letters, not within another."""
    low = text.casefold()
    start = low.find(word)
    while start >= 0:
        around = low[max(0, start - 1) : start] + low[start + len(word) : start + len(word) + 1]
        if not word.isascii() or not any(c.isascii() and c.isalnum() for c in around):
            return True
        start = low.find(word, start + 1)
    return False
