"""All answers of a panel compared with each other: rules for each pair, one look by the model."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from consensus.agreement.likeness import SAME, EntailmentUse, Likeness
from consensus.agreement.rules import compare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consensus.agreement.entailing import Entailment
    from consensus.answers import Question
    from consensus.nearness import Nearness
    from consensus.reading import Reading


class Compared(NamedTuple):
    """``likeness``: (n, n), symmetric, each answer the same as itself."""

    likeness: tuple[tuple[Likeness, ...], ...]
    entailment: EntailmentUse


def compare_all(
    question: Question,
    readings: Sequence[Reading],
    nearness: Nearness,
    entailment: Entailment | None,
) -> Compared:
    """Compare each answer with each.

    Args:
        question: What was asked.
        readings: The answers, n of them.
        nearness: Of the question, at position 0, and the answers from 1 on.
        entailment: Judges what types and rules leave open; None leaves that to the wording.
    """
    n = len(readings)
    grid = [[SAME] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1, n):
            grid[i][j] = grid[j][i] = compare(
                readings[i], readings[j], partial(nearness.cosine, i + 1, j + 1), question.language
            )
    use = EntailmentUse.OFF if entailment is None else EntailmentUse.NOT_NEEDED
    return Compared(tuple(map(tuple, grid)), use)
