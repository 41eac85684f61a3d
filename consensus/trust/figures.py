"""What a panel's texts tell about right and wrong beside who agrees with whom: a few plain figures.

Each is centred and scaled by constants, so that 0 is an ordinary answer and 1 a marked difference;
what each is worth was fitted (`consensus.trust.parameters`). What is too short to tell says 0.
"""

from __future__ import annotations

import math
import re
from itertools import chain, combinations
from typing import TYPE_CHECKING

from consensus.ballot import TOPICS
from consensus.execution.evidence import confirmed
from consensus.polarity import times

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from consensus.answers import FinalAnswer
    from consensus.reading import Reading
    from consensus.trust.topics import Topics

_HEDGE_LIST = """
approximately approx closest nearest however wait assume assumes assumed assuming assumption assumptions seem
seems might may likely probably possibly perhaps unsure uncertain unclear mistake error recheck appear appears
"""
_HEDGE_WORDS = frozenset(_HEDGE_LIST.split())
_PHRASES_BY_WORD = {
    "none": ("none of the",),
    "not": ("not match",),
    "re": ("re-check",),
    "let": ("let me",),
    "best": ("best answer", "best choice", "best option"),
    "if": ("if we",),
}
_PHRASE_WORDS = frozenset(_PHRASES_BY_WORD)
_HEDGE_PHRASES = tuple(chain(*_PHRASES_BY_WORD.values()))
"""Of several words, by their first."""

_HEDGE = re.compile(rf"\b(?:{'|'.join((*sorted(_HEDGE_WORDS), *_HEDGE_PHRASES))})\b")
_HEDGES_JA = (
    "おそらく", "恐らく", "可能性", "と思われ", "と考えられ", "かもしれ", "ただし", "しかし", "最も近い", "およそ", "約",
)  # fmt: skip
"""Words of doubt, second thoughts and approximation: where they pile up, answers are wrong more often."""

LEAST_WORDS = 8
"""Content words from which two texts can be said to share few or many."""

LEAST_NUMBERS = 3
"""Numbers from which the same holds for numbers."""

CHARS_A_HEDGE = 200.0
"""Hedges are counted for so many characters."""

USUAL = {"words": 0.3, "numbers": 0.4, "hedges": 0.8, "density": 0.2, "length": 1.2}
"""What is ordinary: over recorded answers of three vendors, roughly the mean."""

SPREAD = {"words": 5.0, "numbers": 3.0, "length": 2.0}
"""Makes a marked difference about 1."""


def hedges(text: str, tokens: frozenset[str] | None = None) -> int:
    """How many words of doubt a text contains.

    Args:
        text: Of any length.
        tokens: Its words in lower case, where it is in ASCII and they are at hand
            (`consensus.statements.Contents`).
    """
    lowered = text.lower()
    if not text.isascii():
        japanese = sum(map(lowered.count, _HEDGES_JA)) - lowered.count("ただしかし")
        return len(_HEDGE.findall(lowered)) + japanese
    if tokens is None:
        return len(_HEDGE.findall(lowered))
    if "'" in text:
        tokens = tokens.union(*(token.split("'") for token in tokens if "'" in token))
    found = sum(times(lowered, word) for word in tokens & _HEDGE_WORDS)
    for first in tokens & _PHRASE_WORDS:
        for words in _PHRASES_BY_WORD[first]:
            found += times(lowered, words)
    return found


def group_signs(
    readings: Sequence[Reading],
    groups: Sequence[Sequence[int]],
    counted: Sequence[int],
    computed: FinalAnswer | None,
) -> tuple[tuple[float, ...], ...]:
    """The figures of each group, as `consensus.ballot.SIGNS` names them.

    Args:
        readings: The answers, read.
        groups: Positions of those that say the same.
        counted: Their `hedges`.
        computed: What the question's answer was computed to be, if it could be
            (`consensus.execution`). A group is confirmed (1), refuted (-1) or neither (0) by it.
    """
    levels = [math.log1p(n) for n in counted]
    usual = math.fsum(levels) / len(levels)
    return tuple(
        (
            math.fsum(levels[i] for i in members) / len(members) - usual,
            0.0 if computed is None else _checked(readings[members[0]].final, computed),
        )
        for members in groups
    )


def _checked(final: FinalAnswer, computed: FinalAnswer) -> float:
    same = confirmed(computed, final)
    return 0.0 if same is None else 1.0 if same else -1.0


def difficulty(
    readings: Sequence[Reading],
    counted: Sequence[int],
    question: str,
    topics: Topics | None,
) -> tuple[float, ...]:
    """The figures of a question and its panel, as `consensus.ballot.DIFFICULTY` names them.

    Vendors who reason alike share words and numbers; who hedges, and whose final answers are long,
    errs more often. Topics say which kinds of questions are hard.
    """
    n = len(readings)
    levels = [math.log1p(k) for k in counted]
    densities = [
        k / (1.0 + len(r.text) / CHARS_A_HEDGE) for k, r in zip(counted, readings, strict=True)
    ]
    lengths = [math.log1p(len(r.final.text)) for r in readings]
    return (
        _shared(readings, _words, LEAST_WORDS, USUAL["words"]) * SPREAD["words"],
        _shared(readings, _numbers, LEAST_NUMBERS, USUAL["numbers"]) * SPREAD["numbers"],
        math.fsum(levels) / n - USUAL["hedges"],
        math.fsum(densities) / n - USUAL["density"],
        (math.fsum(lengths) / n - USUAL["length"]) * SPREAD["length"],
        *((0.0,) * TOPICS if topics is None else topics.of(question)),
    )


def _shared(
    readings: Sequence[Reading],
    taken: Callable[[Reading], frozenset[str]],
    least: int,
    usual: float,
) -> float:
    """Mean Jaccard index of what each two texts contain, less what is usual; 0 where they are short."""
    contents = [c for c in map(taken, readings) if len(c) >= least]
    pairs = list(combinations(contents, 2))
    if not pairs:
        return 0.0
    indices = ((both := len(a & b)) / (len(a) + len(b) - both) for a, b in pairs)
    return math.fsum(indices) / len(pairs) - usual


def _words(reading: Reading) -> frozenset[str]:
    return reading.words


def _numbers(reading: Reading) -> frozenset[str]:
    return reading.contents.numbers
