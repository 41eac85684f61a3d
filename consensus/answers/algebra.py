"""Expressions with variables: parsed by a bounded parser, compared at sample points, never run as code.

Two polynomials of low degree that agree at a few points drawn from a large set are the same but for
a vanishing chance (Schwartz, "Fast probabilistic algorithms for verification of polynomial
identities", J. ACM 27, 1980; Zippel, EUROSAM 1979). The points here are fixed irrational-looking
numbers, so that the same two expressions always compare the same; roots, logarithms and
trigonometry are evaluated in complex doubles, which is why "the same" allows for rounding.
"""

from __future__ import annotations

import cmath
import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_CHARS: Final = 300
MAX_TOKENS: Final = 160
MAX_DEPTH: Final = 24
_MAX_EXPONENT: Final = 300.0
_MAX_FACTORIAL: Final = 100
_TOLERANCE: Final = 1e-9
"""Relative difference up to which two doubles are the same after some dozens of operations."""

_MAX_RUN: Final = 3
"""Letters side by side that may be a product, such as xyz; longer runs are words."""

Node = tuple["Node | str | complex", ...]
"""An expression: an operator's name, then its operands; ``("n", value)`` and ``("v", name)`` are leaves."""

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
_CONSTANTS: Final = {"pi": math.pi, "e": math.e, "i": 1j}
_GREEK: Final = frozenset(
    [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "varepsilon",
        "theta",
        "lambda",
        "mu",
        "nu",
        "rho",
        "sigma",
        "tau",
        "phi",
        "varphi",
        "omega",
        "psi",
        "zeta",
        "eta",
        "kappa",
        "xi",
    ]
)
_NO_PRODUCT: Final = frozenset({"and", "or", "the", "if", "is", "for", "no", "not", "in", "of", "to", "at", "as", "all", "any", "by", "yes", "cm", "mm", "km", "kg", "ft", "mph", "am", "pm", "ml", "mi", "oz", "lb", "hr", "min", "sec"})  # fmt: skip
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])|\d+(?:\.\d+)?|\.\d+)"
    r"|\\?(?P<word>[A-Za-zα-ω]{1,12})(?P<sub>_(?:\{\w{1,4}\}|\w))?"
    r"|(?P<op>\*\*|[-+*/^()\[\]{}|!×÷·⋅√°%]))"
)
_OPERATORS: Final = {
    "**": "^",
    "×": "*",
    "·": "*",
    "⋅": "*",
    "÷": "/",
    "[": "(",
    "]": ")",
    "{": "(",
    "}": ")",
}


class NotAlgebraError(ValueError):
    """The text is no expression this module reads, or has no value where it was tried."""


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


def negated(node: Node) -> Node:
    """Minus the expression."""
    return ("neg", node)


def difference(a: Node, b: Node) -> Node:
    """One expression less the other."""
    return ("+", a, ("neg", b))


def variables(node: Node) -> frozenset[str]:
    """The names an expression has."""
    if node[0] == "v":
        return frozenset({str(node[1])})
    return frozenset().union(*(variables(part) for part in node[1:] if isinstance(part, tuple)))


@lru_cache(maxsize=512)
def parsed(text: str) -> Node:
    """The tree of an expression without LaTeX fractions (see `consensus.answers.latex`).

    Raises:
        NotAlgebraError: It is none, or too long or too deep.
    """
    if len(text) > MAX_CHARS:
        raise NotAlgebraError
    return _Parser(_tokens(text.replace("π", " pi ").strip())).whole()


def _near(a: complex, b: complex) -> bool:
    return abs(a - b) <= _TOLERANCE * max(1.0, abs(a), abs(b))


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise NotAlgebraError
        at = match.end()
        word = match["word"]
        if match["number"]:
            found.append(match["number"].replace(",", ""))
        elif word:
            found += _names(word, match["sub"] or "")
        else:
            operator = match["op"]
            found.append(_OPERATORS.get(operator, "sqrt" if operator == "√" else operator))
    if not found or len(found) > MAX_TOKENS:
        raise NotAlgebraError
    return found


def _names(word: str, sub: str) -> list[str]:
    """A function, a constant, one variable, or the factors of a short product."""
    if word in _FUNCTIONS or word in _CONSTANTS or word in _GREEK or len(word) == 1:
        return [word + sub.replace("{", "").replace("}", "")]
    if word.endswith("pi") and len(word) <= _MAX_RUN:
        return [*word[:-2], "pi"]
    if len(word) > _MAX_RUN or word.lower() in _NO_PRODUCT:
        raise NotAlgebraError
    return [*word[:-1], word[-1] + sub]


class _Parser:
    """Recursive descent over at most `MAX_TOKENS` tokens, `MAX_DEPTH` deep."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._sum()
        if self._at < len(self._tokens):
            raise NotAlgebraError
        return node

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _expect(self, token: str) -> None:
        if self._take() != token:
            raise NotAlgebraError

    def _sum(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise NotAlgebraError
        node = self._product()
        while self._peek() in {"+", "-"}:
            minus = self._take() == "-"
            right = self._product()
            node = ("+", node, ("neg", right) if minus else right)
        self._depth -= 1
        return node

    def _product(self) -> Node:
        node = self._signed()
        while True:
            token = self._peek()
            if token in {"*", "/"}:
                self._take()
                node = (token, node, self._signed())
            elif token and (token[0].isalpha() or token == "("):
                # A figure behind another or behind a letter is no factor: 1 1/2, x2.
                node = ("*", node, self._power())
            else:
                return node

    def _signed(self) -> Node:
        minus = False
        while self._peek() in {"+", "-"}:
            minus ^= self._take() == "-"
        node = self._power()
        return ("neg", node) if minus else node

    def _power(self) -> Node:
        node = self._atom()
        while self._peek() in {"!", "°", "%"}:
            node = (self._take(), node)
        if self._peek() != "^":
            return node
        self._take()
        minus = self._peek() == "-"
        if minus:
            self._take()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise NotAlgebraError
        exponent = self._power()
        self._depth -= 1
        return ("^", node, ("neg", exponent) if minus else exponent)

    def _atom(self) -> Node:
        token = self._take()
        if token == "(":
            node = self._sum()
            self._expect(")")
            return node
        if token == "|":
            node = self._sum()
            self._expect("|")
            return ("abs", node)
        if not token or not (token[0].isalnum() or token[0] == "."):
            raise NotAlgebraError
        if token[0].isdecimal() or token[0] == ".":
            return ("n", complex(float(token)))
        name = token.partition("_")[0]
        if name in _FUNCTIONS:
            return self._applied(name, token)
        if token in _CONSTANTS:
            return ("n", complex(_CONSTANTS[token]))
        return ("v", token)

    def _applied(self, name: str, token: str) -> Node:
        """A function with its power or base, and its argument: sin^2 x, log_2(8), sqrt3."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise NotAlgebraError
        power = None
        if self._peek() == "^":
            self._take()
            power = self._atom()
        argument = self._power() if name == "sqrt" or self._peek() == "(" else self._factors()
        self._depth -= 1
        node: Node = (name, argument)
        base = token.partition("_")[2]
        if base:
            if not base.isdecimal():
                raise NotAlgebraError
            node = ("/", ("ln", argument), ("ln", ("n", complex(float(base)))))
        return node if power is None else ("^", node, power)

    def _factors(self) -> Node:
        """An argument without brackets: sin 2x takes both its factors."""
        node = self._signed()
        while (token := self._peek()) and token[0].isalpha() and token not in _FUNCTIONS:
            node = ("*", node, self._power())
        return node


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


def _computed(node: Node, at: int) -> complex:  # noqa: PLR0911 - one line an operator
    operator = node[0]
    if operator == "n":
        return node[1]  # type: ignore[return-value]
    if operator == "v":
        return complex(_sample(str(node[1]), at))
    parts = [_computed(part, at) for part in node[1:] if isinstance(part, tuple)]
    match operator:
        case "+":
            return parts[0] + parts[1]
        case "neg":
            return -parts[0]
        case "*":
            return parts[0] * parts[1]
        case "/":
            return parts[0] / parts[1]
        case "^":
            return _raised(parts[0], parts[1])
        case "!":
            return _factorial(parts[0])
        case "°":
            return parts[0] * math.pi / 180
        case "%":
            return parts[0] / 100
        case _:
            return complex(_FUNCTIONS[str(operator)](parts[0]))


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
