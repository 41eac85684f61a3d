"""The value of a short arithmetic expression, computed without ever evaluating it as code."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Final

MAX_CHARS: Final = 160
MAX_DEPTH: Final = 20
_MAX_EXPONENT: Final = 64
_MAX_BITS: Final = 2_048
MAX_FACTORIAL: Final = 170
"""The last whole number whose factorial is a double: 170! < 2**1024."""

_SIGNIFICANT: Final = 12
"""Digits to which irrational values are compared; doubles carry 15 to 17."""

Value = Fraction | float

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"|(?P<root>sqrt|√)|(?P<pi>pi\b|π)|(?P<choose>binom)|(?P<op>\*\*|[-+*/^()!×÷·⋅]))",
    re.IGNORECASE,
)


class _NotArithmeticError(ValueError):
    """The text is no expression this module computes."""


def evaluated(text: str) -> Value | None:
    """The value of an expression of numbers, ``+ - * / ^ !``, roots, pi and ``binom(n)(k)``; None for anything else.

    Rational results are exact; irrational ones are rounded to 12 significant digits.
    """
    if len(text) > MAX_CHARS:
        return None
    try:
        value = _Parser(text).whole()
    except (_NotArithmeticError, ZeroDivisionError, OverflowError):
        return None
    if isinstance(value, Fraction):
        bits = max(value.numerator.bit_length(), value.denominator.bit_length())
        return value if bits <= _MAX_BITS else None
    return float(f"{value:.{_SIGNIFICANT}g}") if math.isfinite(value) else None


class _Parser:
    """Recursive descent over at most `MAX_CHARS` characters, `MAX_DEPTH` deep."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text.strip())
        self._at = 0
        self._depth = 0

    def whole(self) -> Value:
        value = self._sum()
        if self._at < len(self._tokens):
            raise _NotArithmeticError
        return value

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _sum(self) -> Value:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _NotArithmeticError
        value = self._product()
        while self._peek() in {"+", "-"}:
            negative = self._take() == "-"
            right = self._product()
            value = value - right if negative else value + right
        self._depth -= 1
        return value

    def _product(self) -> Value:
        value = self._signed()
        while True:
            operator = self._peek()
            if operator in {"*", "/"}:
                self._take()
                right = self._signed()
                value = value * right if operator == "*" else value / right
            elif operator in {"(", "sqrt", "pi", "binom"} or (
                operator[:1].isdecimal() and self._tokens[self._at - 1] == "!"
            ):  # 2sqrt(3), 2(3 + 4), 2pi, 5!5!
                value = value * self._power()
            else:
                return value

    def _signed(self) -> Value:
        negative = False
        while self._peek() in {"+", "-"}:
            negative ^= self._take() == "-"
        value = self._power()
        return -value if negative else value

    def _power(self) -> Value:
        base = self._atom()
        if self._peek() != "^":
            return base
        self._take()
        negative = self._peek() == "-"
        if negative:
            self._take()
        exponent = self._atom()
        return _raised(base, -exponent if negative else exponent)

    def _atom(self) -> Value:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _NotArithmeticError
        value = self._read(self._take())
        self._depth -= 1
        if self._peek() == "!":
            self._take()
            if self._peek() == "!":  # a double factorial is no factorial of a factorial
                raise _NotArithmeticError
            return Fraction(math.factorial(_countable(value)))
        return value

    def _read(self, symbol: str) -> Value:
        match symbol:
            case "(":
                value = self._sum()
                if self._take() != ")":
                    raise _NotArithmeticError
                return value
            case "sqrt":
                return _root(self._atom())
            case "pi":
                return math.pi
            case "binom":
                above = _countable(self._atom())
                return Fraction(math.comb(above, _countable(self._atom())))
            case _ if symbol[:1].isdecimal() or symbol[:1] == ".":
                return Fraction(symbol)
            case _:
                raise _NotArithmeticError


def _tokens(text: str) -> list[str]:
    tokens = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _NotArithmeticError
        at = match.end()
        if match["number"]:
            tokens.append(match["number"].replace(",", ""))
        elif match["root"]:
            tokens.append("sqrt")
        elif match["pi"]:
            tokens.append("pi")
        elif match["choose"]:
            tokens.append("binom")
        else:
            operator = match["op"]
            tokens.append(
                {"**": "^", "×": "*", "·": "*", "⋅": "*", "÷": "/"}.get(operator, operator)
            )
    return tokens


def _countable(value: Value) -> int:
    if isinstance(value, float) or value.denominator != 1 or not 0 <= value <= MAX_FACTORIAL:
        raise _NotArithmeticError
    return value.numerator


def _raised(base: Value, exponent: Value) -> Value:
    if isinstance(exponent, Fraction) and exponent.denominator == 1 and isinstance(base, Fraction):
        power = exponent.numerator
        bits = max(base.numerator.bit_length(), base.denominator.bit_length())
        if abs(power) > _MAX_EXPONENT or bits * abs(power) > _MAX_BITS:
            raise _NotArithmeticError
        return Fraction(base**power)
    if base < 0:
        raise _NotArithmeticError
    if isinstance(base, Fraction) and exponent == Fraction(1, 2):
        return _root(base)
    return float(float(base) ** float(exponent))


def _root(value: Value) -> Value:
    if value < 0:
        raise _NotArithmeticError
    if isinstance(value, Fraction):
        over, under = math.isqrt(value.numerator), math.isqrt(value.denominator)
        if over * over == value.numerator and under * under == value.denominator:
            return Fraction(over, under)
    return math.sqrt(value)
