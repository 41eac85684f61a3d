"""Whether two mathematical answers are the same: by value in order for points, in any order for sets.

See `consensus.answers.forms` for how a written answer is taken apart, and `consensus.answers.sampling`
for how two expressions are compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consensus.answers import algebra, sampling
from consensus.answers.algebra import NotAlgebraError
from consensus.answers.forms import EMPTY, form

if TYPE_CHECKING:
    from collections.abc import Iterable

    from consensus.answers.forms import Form

__all__ = ["EMPTY", "agree", "is_symbolic", "number"]

_REAL: Final = 1e-12
"""Imaginary part, relative to the whole, that is but rounding."""


def agree(a: str, b: str) -> bool | None:
    """Whether two mathematical answers are the same; None where that cannot be told."""
    try:
        return _same(form(a), form(b))
    except NotAlgebraError:
        return None


def is_symbolic(text: str) -> bool:
    """Whether a text is a mathematical answer, and nothing else."""
    try:
        form(text)
    except NotAlgebraError:
        return False
    return True


def number(text: str) -> float | None:
    """The real number a mathematical answer comes down to, None for any other."""
    try:
        taken = form(text)
    except NotAlgebraError:
        return None
    if taken.shape != "value" or taken.node is None or algebra.variables(taken.node):
        return None
    value = sampling.constant(taken.node)
    if value is None or abs(value.imag) > _REAL * max(1.0, abs(value.real)):
        return None
    return float(f"{value.real:.12g}")


def _same(a: Form, b: Form) -> bool | None:
    if a.shape != b.shape:
        return _across(a, b)
    if a.shape == "value":
        return _same_value(a, b)
    if a.shape == "equation":
        return _same_equation(a, b)
    if a.shape in {"set", "union"}:
        return _matched(a.parts, b.parts)
    return _same_in_order(a, b)


def _same_value(a: Form, b: Form) -> bool | None:
    if a.node is None or b.node is None:
        return a.mark == b.mark
    return sampling.same(a.node, b.node)


def _same_in_order(a: Form, b: Form) -> bool | None:
    if len(a.parts) != len(b.parts) or (a.mark != b.mark and not _vectors(a, b)):
        return False
    return _all(_same(x, y) for x, y in zip(a.parts, b.parts, strict=True))


def _vectors(a: Form, b: Form) -> bool:
    """Whether brackets of either sort mean a point or vector: intervals have two ends, alike."""
    return len(a.parts) != 2 and {a.mark, b.mark} == {"()", "[]"}  # noqa: PLR2004


def _across(a: Form, b: Form) -> bool | None:
    """Two different shapes: an equation may say in full what the other gives as its right side."""
    shapes = {a.shape, b.shape}
    if shapes == {"equation", "value"}:
        equation, value = (a, b) if a.shape == "equation" else (b, a)
        return True if len(equation.mark) == 1 and _same(equation.parts[1], value) else None
    if "relation" in shapes or shapes == {"union", "sequence"}:
        return None
    if shapes == {"set", "value"}:  # ±0 is 0
        several, one = (a, b) if a.shape == "set" else (b, a)
        return _matched(several.parts, (one,))
    return False


def _same_equation(a: Form, b: Form) -> bool | None:
    sides = [part.node for part in (*a.parts, *b.parts)]
    if any(node is None for node in sides):
        return _all(_same(x, y) for x, y in zip(a.parts, b.parts, strict=True))
    left, right, other_left, other_right = (node for node in sides if node is not None)
    return sampling.proportional(
        algebra.difference(left, right), algebra.difference(other_left, other_right)
    )


def _matched(a: tuple[Form, ...], b: tuple[Form, ...]) -> bool | None:
    """Whether each part of either has its like in the other."""
    found = [[_same(part, other) for other in b] for part in a]
    rows = [*found, *([row[at] for row in found] for at in range(len(b)))]
    if not a or not b:
        return not a and not b
    return _all(True if True in row else None if None in row else False for row in rows)


def _all(found: Iterable[bool | None]) -> bool | None:
    answers = set(found)
    return False if False in answers else None if None in answers else True
