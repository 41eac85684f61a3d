"""What a family is called: the words that tell it from the others. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from math import log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WORDS = 4
"""Words of a name."""

LEAST_TIMES = 2
"""A word of a single pattern names no family."""


def names(
    labelled: Iterable[tuple[int, Sequence[str]]], count: int, words: int = WORDS
) -> tuple[tuple[str, ...], ...]:
    """The most telling words of families 0 to ``count`` - 1, the most telling first.

    A word tells by how many of the family's patterns have it, times the logarithm of how much likelier a
    pattern has it there than anywhere: as in the Kullback-Leibler divergence of a family from all.

    Args:
        labelled: Patterns with their words, and the label of their family; below 0 for none. A sample
            of them will do.
        count: How many families there are.
        words: Most words of a name.
    """
    inside: defaultdict[int, Counter[str]] = defaultdict(Counter)
    everywhere: Counter[str] = Counter()
    sizes: Counter[int] = Counter()
    for label, said in labelled:
        once = set(said)
        sizes[label] += 1
        everywhere.update(once)
        if label >= 0:
            inside[label].update(once)
    total = sizes.total()

    def telling(label: int) -> tuple[str, ...]:
        found = inside[label]
        here = sizes[label]
        worth = {
            word: times * log(times * total / (here * everywhere[word]))
            for word, times in found.items()
            if times >= LEAST_TIMES
        }
        best = sorted(worth, key=lambda word: (-worth[word], word))
        return tuple(word for word in best[:words] if worth[word] > 0.0)

    return tuple(telling(label) for label in range(count))
