"""Does an answer stand to its own word: one final answer, no opposite sentences, sums that hold."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import product
from typing import TYPE_CHECKING

from consensus.arithmetic import false_equations
from consensus.statements import overlap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from consensus.answers import Question
    from consensus.reading import Reading
    from consensus.statements import Contents, Statement

    _ByWords = defaultdict[frozenset[str], list[Statement]]

SEVERAL_ANSWERS = 0.3
"""Left of the coherence of a text with two final answers or more: at most one of them can be right."""

OPPOSITE_SENTENCES = 0.4
"""Left when one sentence negates another."""

FALSE_EQUATION = 0.6
"""Left for each equation that does not hold, two at most: a slip is often mended later on."""

OPPOSITE_OVERLAP = 0.9
"""Higher than between two answers: within one text, near-equal sentences often treat two cases."""

_AS_LONG = OPPOSITE_OVERLAP / (2.0 - OPPOSITE_OVERLAP) - 1e-9
"""Two sets overlap by no more than if the smaller is part of the larger: below this share of it, too little."""

_VERDICTS = frozenset({"correc", "true", "possib", "likely", "valid"})
"""Stems that alone judge some other sentence: options are gone through as "Correct." and "Incorrect."."""


def coherence(question: Question, reading: Reading) -> float:
    """How far an answer agrees with itself, in (0, 1]: 1 until a contradiction is found.

    The product of `SEVERAL_ANSWERS`, `OPPOSITE_SENTENCES` and `FALSE_EQUATION`, each where found.
    Equations quoted from the question are not the answer's own.
    """
    factors = [FALSE_EQUATION] * min(2, len(false_equations(reading.text, quoted=question.text)))
    if len(reading.stated) > 1:
        factors.append(SEVERAL_ANSWERS)
    if _denies_itself(reading):
        factors.append(OPPOSITE_SENTENCES)
    return math.prod(factors)


def _denies_itself(reading: Reading) -> bool:
    """Whether one sentence negates another in nearly the same words."""
    # Few texts have two sentences of nearly the same words: whether they negate is read only of these.
    contents = reading.contents
    if not any(contents.denying):
        return False
    return _repeats_denial(contents) and _any_negates(reading.statements)


def _repeats_denial(contents: Contents) -> bool:
    """Whether a sentence that may be negative has nearly the words of another."""
    held = contents.sentences
    lengths = [len(words) for words in held]
    for n, denies in enumerate(contents.denying):
        own = lengths[n]
        if not (denies and own):
            continue
        least, most = own * _AS_LONG, own / _AS_LONG
        for m, length in enumerate(lengths):
            if least <= length <= most and n != m and overlap(held[n], held[m]) >= OPPOSITE_OVERLAP:
                return True
    return False


def _any_negates(statements: Sequence[Statement]) -> bool:
    flat = [s for s in statements if s.words - _VERDICTS]
    return any(_negates(a, b) for a, b in _near(flat))


def _near(flat: Sequence[Statement]) -> Iterator[tuple[Statement, Statement]]:
    """Pairs of a negative and a positive sentence in nearly the same words."""
    by_words: tuple[_ByWords, _ByWords] = (defaultdict(list), defaultdict(list))
    for statement in flat:
        by_words[statement.negative][statement.words].append(statement)
    for (a, ours), (b, theirs) in product(by_words[True].items(), by_words[False].items()):
        if overlap(a, b) >= OPPOSITE_OVERLAP:
            yield from product(ours, theirs)


def _negates(a: Statement, b: Statement) -> bool:
    """True when, of two such sentences of one text, one denies the other; of the same case only."""
    return a.numbers == b.numbers and a.contrasts == b.contrasts and not a.asks and not b.asks
