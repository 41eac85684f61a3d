"""Claims of two answers about the same thing, found by the words they share, and how they clash.

Shared words only align; what decides is polarity, opposites, numbers and names.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import product
from typing import TYPE_CHECKING, Final

from consensus.agreement.likeness import Reason
from consensus.lazily import lazily
from consensus.opposites import plain
from consensus.statements import overlap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from consensus.statements import Statement

ALIGNED: Final = 0.6
"""Dice's coefficient of the words from which two sentences are about the same thing."""

SHORT_TEXT: Final = 4
"""Sentences up to which a text is short enough for its numbers and names to be its answer."""

PLAIN_STATEMENTS: Final = 2
"""Sentences up to which a text has no room to qualify what it says: an answer and its reason."""

MAX_OTHER_NAMES: Final = 3
"""Words of a name; sentences that differ in more say more than another name."""

_UNINDEXED: Final = re.compile(r"\b(?:before|more)\b")
"""Function words that no statement keeps among its words, and that have an opposite which it does."""

_CAPITALISED = re.compile(r"\b[A-Z][A-Za-zÀ-ÿ.'-]*")
_KATAKANA = re.compile(r"[\u30a1-\u30ff]{2,}")


class Claims:
    """The statements of one answer, to be looked up by their words.

    Args:
        statements: In the order of the text.
    """

    def __init__(self, statements: Sequence[Statement]) -> None:
        self.statements = [s for s in statements if s.words and not s.asks]
        self.short = len(statements) <= SHORT_TEXT
        self.plain = len(statements) <= PLAIN_STATEMENTS

    @lazily
    def denials(self) -> Aligner:
        """What is told in the negative; most texts deny little."""
        return Aligner([s for s in self.statements if s.negative])

    @lazily
    def assertions(self) -> Aligner:
        """What is told in the positive."""
        return Aligner([s for s in self.statements if not s.negative])

    @lazily
    def contrasting(self) -> Aligner:
        """What names one of two opposite cases."""
        return Aligner([s for s in self.statements if s.contrasts])

    def perhaps_opposed(self, statement: Statement) -> Iterator[Statement]:
        """The statements about the same thing as ``statement`` that may deny it."""
        alike, unlike = self.assertions, self.denials
        if statement.negative:
            alike, unlike = unlike, alike
        for among in (unlike, alike if statement.contrasts else self.contrasting):
            if among.statements:
                yield from among.aligned(statement.words)


class Aligner:
    """Finds, among some statements, those about the same thing as another: by counting shared words.

    Args:
        statements: To be looked up; indexed at the first question.
    """

    def __init__(self, statements: Sequence[Statement]) -> None:
        self.statements = statements

    @lazily
    def _grouped(self) -> tuple[Sequence[Sequence[Statement]], Mapping[str, Sequence[int]]]:
        """Statements of the same words together, and for each word the positions of its groups."""
        by_words: defaultdict[frozenset[str], list[Statement]] = defaultdict(list)
        for statement in self.statements:
            by_words[statement.words].append(statement)
        index: defaultdict[str, list[int]] = defaultdict(list)
        for position, words in enumerate(by_words):
            for word in words:
                index[word].append(position)
        return list(by_words.values()), index

    def aligned(self, words: frozenset[str]) -> Iterator[Statement]:
        """The statements whose words overlap with ``words`` by `ALIGNED` or more."""
        groups, index = self._grouped
        shared: dict[int, int] = {}
        for word in words:
            for position in index.get(word, ()):
                shared[position] = shared.get(position, 0) + 1
        for position, count in shared.items():
            if 2 * count >= ALIGNED * (len(words) + len(groups[position][0].words)):
                yield from groups[position]


def clash(a: Claims, b: Claims) -> Reason | None:
    """Why two answers visibly say opposite things, however near their vectors; None if they do not.

    In long texts only what one denies and the other affirms counts: they hold many numbers and names
    that answer nothing.
    """
    for x in a.statements:
        for y in b.perhaps_opposed(x):
            if _denies(x, y):
                by_word = x.verdict is not y.verdict or _contrasted(x, y)
                return Reason.OPPOSITE_WORDS if by_word else Reason.NEGATED_CLAIM
    if not (a.short and b.short):
        return None
    pairs = list(product(a.statements, b.statements))
    if any(other_numbers(x, y) for x, y in pairs):
        return Reason.OTHER_NUMBERS
    return Reason.OTHER_NAMES if any(other_names(x, y) for x, y in pairs) else None


def opposed(a: Statement, b: Statement, at_least: float = ALIGNED) -> bool:
    """True when one sentence denies what the other says, by a negation or by an opposite word."""
    return (
        _denies(a, b)
        and not a.asks
        and not b.asks
        and bool(a.words)
        and overlap(a.words, b.words) >= at_least
    )


def other_numbers(a: Statement, b: Statement) -> bool:
    """True when two sentences say the same of different numbers."""
    return (
        bool(a.numbers and b.numbers)
        and not (a.numbers <= b.numbers or b.numbers <= a.numbers)
        and overlap(a.words, b.words) >= ALIGNED
    )


def other_names(a: Statement, b: Statement) -> bool:
    """True when two sentences differ only in the names they hold: Ohio leads, Texas leads."""
    mine, yours = a.words - b.words, b.words - a.words
    return (
        0 < len(mine) <= MAX_OTHER_NAMES
        and 0 < len(yours) <= MAX_OTHER_NAMES
        and not a.words.isdisjoint(b.words)
        and mine <= _names(a.text)
        and yours <= _names(b.text)
    )


def _names(text: str) -> set[str]:
    """Stems of the words written as names: capitalised, or in katakana."""
    capitalised = {plain(name.lower().rstrip("."))[0] for name in _CAPITALISED.findall(text)}
    return capitalised | set(_KATAKANA.findall(text))


def _denies(a: Statement, b: Statement) -> bool:
    """True when one of two aligned sentences denies the other: they differ in an odd number of turns."""
    turned = (a.negative is not b.negative) is not _contrasted(a, b)
    return turned and (a.numbers == b.numbers or not a.numbers or not b.numbers)


def _contrasted(a: Statement, b: Statement) -> bool:
    """True when one names the opposite of what the other does: an odd number of such words."""
    if not a.contrasts and not b.contrasts:
        return False
    return len((a.contrasts ^ b.contrasts) & _cases(a) & _cases(b)) % 2 == 1


def _cases(statement: Statement) -> frozenset[str]:
    """The words that may name one of two opposite cases."""
    return statement.words.union(_UNINDEXED.findall(statement.text.lower()))
