"""The answers a text is merged from, read once and indexed by what they have."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from heapq import nsmallest
from itertools import chain
from typing import TYPE_CHECKING

from consensus.merging.names import spelled
from consensus.merging.sentences import MAX_TEXT_CHARS, clause, sentences
from consensus.polarity import leading_polarity

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from consensus.merging.sentences import Clause

NEAREST = 100
"""Sources looked at for one clause, those that share most words with it."""

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
        self._naming: dict[str, tuple[Source, ...]] = {}

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
    def values(self) -> Mapping[Hashable, Sequence[Source]]:
        """By number: who has it."""
        index: dict[Hashable, list[Source]] = defaultdict(list)
        for source in self.all:
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
    def _having(self) -> Mapping[str, Sequence[int]]:
        index: dict[str, list[int]] = defaultdict(list)
        for number, source in enumerate(self.all):
            for word in source.clause.words:
                index[word].append(number)
        return index

    @cached_property
    def _winners(self) -> int:
        """How many sources are the winner's; they come first."""
        return sum(source.answer == 0 for source in self.all)

    @cached_property
    def _lowered(self) -> tuple[tuple[Source, str], ...]:
        return tuple((source, spelled(source.clause.text)) for source in self.all)

    def naming(self, name: str) -> tuple[Source, ...]:
        """Where a name, in lower case, stands."""
        if name not in self._naming:
            written = spelled(name)
            self._naming[name] = tuple(
                source
                for source, low in self._lowered
                if name in source.clause.names or has_word(low, written)
            )
        return self._naming[name]

    def sharing(
        self, words: frozenset[str], *, winner: bool = False
    ) -> tuple[tuple[Source, int], ...]:
        """Who has any of ``words``, and how many, at most `NEAREST`, those that have most first.

        ``winner``: only sentences of the winner.
        """
        counts: Counter[int] = Counter()
        for word in words:
            counts.update(self._having.get(word, ()))
        found = [item for item in counts.items() if not winner or item[0] < self._winners]
        best = nsmallest(NEAREST, found, key=lambda item: (-item[1], item[0]))
        return tuple((self.all[number], n) for number, n in best)

    def around(self, source: Source) -> frozenset[str]:
        """The words of a sentence and of its neighbours in its answer."""
        near = self.read[source.answer][max(0, source.place - 1) : source.place + 2]
        return frozenset(chain.from_iterable(sentence.whole.words for sentence in near))


def squeezed(text: str) -> str:
    """A sentence without what formatting changes: space, emphasis, case, its stop."""
    return _SPACE.sub("", text).strip("*_。.").casefold()


def has_word(low: str, word: str) -> bool:
    """Whether a word stands in ``low``, both as `spelled`, and, in Latin letters, not within another."""
    start = low.find(word)
    while start >= 0:
        around = low[max(0, start - 1) : start] + low[start + len(word) : start + len(word) + 1]
        if not word.isascii() or not any(c.isascii() and c.isalnum() for c in around):
            return True
        start = low.find(word, start + 1)
    return False
