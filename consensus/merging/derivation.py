"""Whether a number follows from others by one plain step of arithmetic."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

MAX_OPERANDS = 8
"""Numbers of one sentence that are tried; a longer row is a table."""

PERCENT = 100


def derives(value: Hashable, beside: Sequence[Hashable]) -> bool:
    """Whether ``value`` is the sum, difference, product, quotient or percentage of two numbers beside it.

    The sum of all of them counts, too. A quotient may be rounded to the digits shown.

    Args:
        value: The number in question.
        beside: The numbers that stand in the same sentence and are known.
    """
    operands = [v for v in dict.fromkeys(beside) if isinstance(v, Fraction)][:MAX_OPERANDS]
    if not isinstance(value, Fraction) or len(operands) < 2:  # noqa: PLR2004 - a step takes two
        return False
    if value == sum(operands):
        return True
    return any(
        value == result or _rounds_to(result, value)
        for a, b in permutations(operands, 2)
        for result in _results(a, b)
    )


def _results(a: Fraction, b: Fraction) -> Iterator[Fraction]:
    yield a + b
    yield a - b
    yield a * b
    yield a * b / PERCENT
    if b:
        yield a / b
        yield a * PERCENT / b


def _rounds_to(exact: Fraction, shown: Fraction) -> bool:
    """Whether ``shown`` is ``exact`` rounded to fewer decimals; never for whole results."""
    if exact.denominator == 1:
        return False
    return any(round(exact, digits) == shown for digits in range(1, 5))
