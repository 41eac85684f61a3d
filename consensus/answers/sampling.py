"""Expressions compared at sample points.

Two polynomials of low degree that agree at a few points drawn from a large set are the same but for
a vanishing chance (Schwartz, "Fast probabilistic algorithms for verification of polynomial
identities", J. ACM 27, 1980; Zippel, EUROSAM 1979). The points here are fixed irrational-looking
numbers, so that the same two expressions always compare the same; roots, logarithms and
trigonometry are evaluated in complex doubles, which is why "the same" allows for rounding.
"""

from __future__ import annotations

import cmath
import math
from typing import TYPE_CHECKING, Final, cast

from consensus.answers.algebra import NotAlgebraError

if TYPE_CHECKING:
    from collections.abc import Callable

    from consensus.answers.algebra import Node

_MAX_EXPONENT: Final = 300.0
_MAX_FACTORIAL: Final = 100
_TOLERANCE: Final = 1e-9
"""Relative difference up to which two doubles are the same after some dozens of operations."""

_GOLDEN: Final = (math.sqrt(5) - 1) / 2
_SHIFTS: Final = (math.sqrt(2), math.sqrt(3), math.pi)
POINTS: Final = len(_SHIFTS)
"""Sample points; at all but the last every variable is positive, so that roots and powers are real."""

_FUNCTIONS: Final[dict[str, Callable[[complex], complex]]] = {
    "sqrt": cmath.sqrt,
    "exp": cmath.exp,
    "ln": cmath.log,
    "log": cmath.log10,
    "lg": cmath.log10,
    "sin": cmath.sin,
    "cos": cmath.cos,
    "tan": cmath.tan,
    "cot": lambda z: 1 / cmath.tan(z),
    "sec": lambda z: 1 / cmath.cos(z),
    "csc": lambda z: 1 / cmath.sin(z),
    "arcsin": cmath.asin,
    "arccos": cmath.acos,
    "arctan": cmath.atan,
    "sinh": cmath.sinh,
    "cosh": cmath.cosh,
    "tanh": cmath.tanh,
    "abs": abs,
}


def same(a: Node, b: Node) -> bool | None:
    """Whether two expressions have the same value whatever their variables are.

    Returns:
        None where a point has no value for either, or where they are equal for positive variables
        alone, as ``sqrt(x^2)`` and ``x`` are: it depends on what x may be.
    """
    try:
        found = [_near(_value(a, at), _value(b, at)) for at in range(POINTS)]
    except (NotAlgebraError, ArithmeticError, ValueError):
        return None
    if all(found):
        return True
    return None if all(found[:-1]) else False


def proportional(a: Node, b: Node) -> bool | None:
    """Whether one expression is a constant multiple of the other: two forms of one equation."""
    try:
        ratios = [_value(a, at) / _value(b, at) for at in range(POINTS)]
    except (NotAlgebraError, ArithmeticError, ValueError):
        return None
    return all(_near(ratio, ratios[0]) for ratio in ratios[1:]) and not _near(ratios[0], 0)


def constant(node: Node) -> complex | None:
    """The value of an expression that does not depend on its variables, None of any other."""
    try:
        found = [_value(node, at) for at in range(POINTS)]
    except (NotAlgebraError, ArithmeticError, ValueError):
        return None
    return found[0] if all(_near(value, found[0]) for value in found[1:]) else None


def _near(a: complex, b: complex) -> bool:
    return abs(a - b) <= _TOLERANCE * max(1.0, abs(a), abs(b))


def _sample(name: str, at: int) -> float:
    """A variable's value at a sample point: between 0.3 and 2.3, negated for some at the last."""
    seed = sum(ord(character) * 31**place for place, character in enumerate(name[:6]))
    value = 0.3 + 2 * math.fmod(seed * _GOLDEN * _SHIFTS[at], 1.0)
    return -value if at == POINTS - 1 else value


def _value(node: Node, at: int) -> complex:
    value = _computed(node, at)
    if not (math.isfinite(value.real) and math.isfinite(value.imag)):
        raise NotAlgebraError
    return value


def _computed(node: Node, at: int) -> complex:
    operator = node[0]
    if operator == "n":
        return cast("complex", node[1])
    if operator == "v":
        return complex(_sample(str(node[1]), at))
    parts = [_computed(part, at) for part in node[1:] if isinstance(part, tuple)]
    if len(parts) == 1:
        return complex(_UNARY[str(operator)](parts[0]))
    return complex(_BINARY[str(operator)](parts[0], parts[1]))


def _raised(base: complex, exponent: complex) -> complex:
    if abs(exponent) > _MAX_EXPONENT:
        raise NotAlgebraError
    if not base.imag and base.real < 0 and not exponent.imag:
        third = exponent.real * 3
        if exponent.real % 1 and abs(third - round(third)) < _TOLERANCE:
            # The real cube root, as people mean it; the principal one is complex.
            root = complex(-((-base.real) ** (1 / 3)))
            return complex(root ** round(third))
    return complex(base**exponent)


def _factorial(value: complex) -> complex:
    if value.imag or not abs(value.real) <= _MAX_FACTORIAL:
        raise NotAlgebraError
    return complex(math.gamma(value.real + 1))


_UNARY: Final[dict[str, Callable[[complex], complex]]] = {
    **_FUNCTIONS,
    "neg": lambda value: -value,
    "!": _factorial,
    "°": lambda value: value * math.pi / 180,
    "%": lambda value: value / 100,
}
_BINARY: Final[dict[str, Callable[[complex, complex], complex]]] = {
    "+": lambda a, b: a + b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": _raised,
}
