"""Plain arithmetic found in a prompt and really computed, without ever evaluating code."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

_OPERATORS = (
    (re.compile(r"\bplus\b|足す|たす"), "+"),
    (re.compile(r"\bminus\b|引く|ひく"), "-"),
    (re.compile(r"\btimes\b|\bmultiplied by\b|掛ける|かける|×"), "*"),
    (re.compile(r"\bdivided by\b|割る|わる|÷"), "/"),
    (re.compile(r"−|–"), "-"),
)
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_DATE_OR_RANGE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2}|\d+(?:-\d+){2,}")
_NUMBER = r"\d+(?:\.\d+)?"
_EXPRESSION = re.compile(rf"[(\s-]*{_NUMBER}(?:[)\s]*[-+*/][(\s-]*{_NUMBER})+[)\s]*")
_TOKEN = re.compile(rf"{_NUMBER}|[-+*/()]")
_CUE = re.compile(
    r"what is|what's|how much|calculate|compute|evaluate|work out|solve|=|sum of"
    r"|いくつ|いくら|計算|求め|答え|は[??]?$|は何"
)
# A prompt may hold anything; an expression longer than this is not one a person rehearses with.
_MAX_TOKENS = 60
_MAX_DIGITS = 15


def find_expression(text: str) -> str | None:
    """The first arithmetic expression that ``text`` asks about, with ASCII signs; None without one.

    Dates, phone numbers and ranges are not expressions, and neither is ``3-5`` in a sentence that
    asks for nothing to be computed.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    for spelled, sign in _OPERATORS:
        plain = spelled.sub(f" {sign} ", plain)
    plain = _DATE_OR_RANGE.sub(" ", _GROUPED.sub("", plain))
    found = _EXPRESSION.search(plain)
    if found is None:
        return None
    expression = " ".join(found.group().split())
    bare = len(expression) * 2 >= len(plain.strip())
    return expression if bare or _CUE.search(plain) else None


def compute(expression: str) -> Fraction | None:
    """The exact value of ``+ - * / ( )`` over decimals; None when it is not one or has no value."""
    tokens = _TOKEN.findall(expression)
    if not tokens or len(tokens) > _MAX_TOKENS or any(len(t) > _MAX_DIGITS for t in tokens):
        return None
    try:
        return _Parser(tokens).whole()
    except (_NotArithmeticError, ZeroDivisionError):
        return None


def spell(value: Fraction) -> str:
    """A number as a person writes it: whole where it is whole, else at most six decimals."""
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.6f}".rstrip("0").rstrip(".")


class _NotArithmeticError(Exception):
    """The tokens do not make an expression."""


class _Parser:
    """Recursive descent over the grammar sum → product → factor."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    def whole(self) -> Fraction:
        value = self._sum()
        if self._at != len(self._tokens):
            raise _NotArithmeticError
        return value

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        part = self._peek()
        self._at += 1
        return part

    def _sum(self) -> Fraction:
        value = self._product()
        while self._peek() in {"+", "-"}:
            value = value + self._product() if self._take() == "+" else value - self._product()
        return value

    def _product(self) -> Fraction:
        value = self._factor()
        while self._peek() in {"*", "/"}:
            value = value * self._factor() if self._take() == "*" else value / self._factor()
        return value

    def _factor(self) -> Fraction:
        part = self._take()
        if part == "-":
            return -self._factor()
        if part == "(":
            value = self._sum()
            if self._take() != ")":
                raise _NotArithmeticError
            return value
        if not part or part in ")+*/":
            raise _NotArithmeticError
        return Fraction(part)
