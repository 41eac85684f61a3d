"""How two clauses stand to each other: the same claim, or a contradiction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consensus.agreement import opposed, other_numbers
from consensus.statements import overlap

if TYPE_CHECKING:
    from consensus.merging.sentences import Clause

SAME_CLAIM = 0.6
"""Dice's coefficient of words from which two clauses say the same of the same thing."""


def contradict(a: Clause, b: Clause) -> bool:
    """Whether one clause negates the other, or says the same of another number."""
    if a.statement is None or b.statement is None:
        return False
    return opposed(a.statement, b.statement) or other_numbers(a.statement, b.statement)


def opposite(a: Clause, b: Clause) -> bool:
    """Whether one clause turns round what the other says of the words they share.

    By a negation, or by an opposite ("hot", "cold") of a shared word; two of these cancel out.
    """
    flips = a.negative is not b.negative
    if a.statement is not None and b.statement is not None:
        shared = a.words & b.words
        flips ^= len(shared & (a.statement.contrasts ^ b.statement.contrasts)) % 2 == 1
    return flips


def same_claim(a: Clause, b: Clause) -> bool:
    """Whether two clauses say the same: their numbers, polarity, and most of their words."""
    return not opposite(a, b) and a.values == b.values and overlap(a.words, b.words) >= SAME_CLAIM
