"""Expressions with variables: parsed into a tree by a bounded parser, never run as code."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Final

MAX_CHARS: Final = 300
MAX_TOKENS: Final = 160
MAX_DEPTH: Final = 24
_MAX_RUN: Final = 3
"""Letters side by side that may be a product, such as xyz; longer runs are words."""

Node = tuple["Node | str | complex", ...]
"""An expression: an operator's name, then its operands; ``("n", value)`` and ``("v", name)`` are leaves."""

_FUNCTIONS: Final = frozenset(
    [
        "sqrt",
        "exp",
        "ln",
        "log",
        "lg",
        "sin",
        "cos",
        "tan",
        "cot",
        "sec",
        "csc",
        "arcsin",
        "arccos",
        "arctan",
        "sinh",
        "cosh",
        "tanh",
        "abs",
    ]
)
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
    return _Parser(_symbols(text.replace("π", " pi ").strip())).whole()


def _symbols(text: str) -> list[str]:
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
    if (
        word in _FUNCTIONS
        or word == "binom"
        or word in _CONSTANTS
        or word in _GREEK
        or len(word) == 1
    ):
        return [word + sub.replace("{", "").replace("}", "")]
    if word.endswith("pi") and len(word) <= _MAX_RUN:
        return [*word[:-2], "pi"]
    if len(word) > _MAX_RUN or word.lower() in _NO_PRODUCT:
        raise NotAlgebraError
    return [*word[:-1], word[-1] + sub]


class _Parser:
    """Recursive descent over at most `MAX_TOKENS` symbols, `MAX_DEPTH` deep."""

    def __init__(self, symbols: list[str]) -> None:
        self._symbols = symbols
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._sum()
        if self._at < len(self._symbols):
            raise NotAlgebraError
        return node

    def _peek(self) -> str:
        return self._symbols[self._at] if self._at < len(self._symbols) else ""

    def _take(self) -> str:
        symbol = self._peek()
        self._at += 1
        return symbol

    def _expect(self, symbol: str) -> None:
        if self._take() != symbol:
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
            symbol = self._peek()
            if symbol in {"*", "/"}:
                self._take()
                node = (symbol, node, self._signed())
            elif symbol and (symbol[0].isalpha() or symbol == "("):
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
            sign = self._take()
            if sign == self._peek() == "!":  # a double factorial is no factorial of a factorial
                raise NotAlgebraError
            node = (sign, node)
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
        symbol = self._take()
        if symbol == "(":
            node = self._sum()
            self._expect(")")
            return node
        if symbol == "|":
            node = self._sum()
            self._expect("|")
            return ("abs", node)
        if not symbol or not (symbol[0].isalnum() or symbol[0] == "."):
            raise NotAlgebraError
        if symbol[0].isdecimal() or symbol[0] == ".":
            return ("n", complex(float(symbol)))
        name = symbol.partition("_")[0]
        if name in _FUNCTIONS or name == "binom":
            return self._applied(name, symbol)
        if symbol in _CONSTANTS:
            return ("n", complex(_CONSTANTS[symbol]))
        return ("v", symbol)

    def _applied(self, name: str, symbol: str) -> Node:
        """A function with its power or base, and its argument: sin^2 x, log_2(8), sqrt3."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise NotAlgebraError
        if name == "binom":
            above, below = self._atom(), self._atom()
            self._depth -= 1
            under: Node = ("*", ("!", below), ("!", difference(above, below)))
            return ("/", ("!", above), under)
        power = None
        if self._peek() == "^":
            self._take()
            power = self._atom()
        argument = self._power() if name == "sqrt" or self._peek() == "(" else self._factors()
        self._depth -= 1
        node: Node = (name, argument)
        base = symbol.partition("_")[2]
        if base:
            if not base.isdecimal():
                raise NotAlgebraError
            node = ("/", ("ln", argument), ("ln", ("n", complex(float(base)))))
        return node if power is None else ("^", node, power)

    def _factors(self) -> Node:
        """An argument without brackets: sin 2x takes both its factors."""
        node = self._signed()
        while (symbol := self._peek()) and symbol[0].isalpha() and symbol not in _FUNCTIONS:
            node = ("*", node, self._power())
        return node
