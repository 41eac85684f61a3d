"""Finds plain equations in a text and tells which do not hold: 2 + 2 = 5."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

MAX_DIGITS = 15
"""Longer numbers are not computed."""

ROUNDING = Fraction(1, 100)
"""Part of a broken number by which its two sides may differ: factors are written rounded."""

_NUMBER = r"[$€£¥]?\d[\d,]*(?:\.\d+)?"
_EQUATION = re.compile(
    rf"(?<![A-Za-z0-9_.,^!%)\]}}°:/*×÷+\-−=])(?P<left>{_NUMBER}(?:\s*[-+*/×÷−]\s*{_NUMBER})+)\s*=\s*"
    rf"(?P<right>-?{_NUMBER})(?![A-Za-z0-9_^!%(°:]|[.,]\d|\s*[-+*/×÷−^]\s*[\w($(])"
)
_TOKEN = re.compile(r"\d[\d,]*(?:\.\d+)?|[-+*/×÷−]")
_DENIED = re.compile(
    r"\b(?:not|wrong|false|incorrect|never|mod|modulo|base|if|suppose|remainder)\b|n't\b|≠|"
    r"誤り|間違|正しくな|ではな|仮に|余り"
)
MAX_LINE_CHARS = 1_000
"""Longer lines are no prose; the search is quadratic in the terms of a sum without an equals sign."""

MAX_LINES = 100
"""Lines with an equals sign that are read."""

_LOST_EXPONENT = re.compile(r"\b10-\d")
"""A power of ten whose superscript was lost in formatting."""

_GOES_ON = tuple("+-*/×÷−=^)]}·⋅√±")
_OPERATORS = str.maketrans({"×": "*", "÷": "/", "−": "-"})


def false_equations(text: str, *, quoted: str = "") -> tuple[str, ...]:
    """The equations of ``text`` between plain numbers whose sides differ.

    A right side is compared to the digits it shows, so 10 / 3 = 3.33 holds, and so does a whole
    quotient. Left out are equations that occur in ``quoted``, and those on a line that denies or
    supposes them.
    """
    if "=" not in text and "＝" not in text:
        return ()
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text)
    known = {
        _squeezed(found.group()) for line in _lines(quoted) for found in _EQUATION.finditer(line)
    }
    return tuple(
        found.group()
        for line in _lines(folded)
        for found in _EQUATION.finditer(line)
        if _starts_afresh(line[: found.start()])
        and _squeezed(found.group()) not in known
        and not _holds(found["left"], found["right"])
        and not _DENIED.search(line.lower())
    )


def _lines(text: str) -> list[str]:
    """The lines that may hold an equation, the last `MAX_LINES` of them: results come last."""
    held = [ln for ln in text.splitlines() if "=" in ln and len(ln) <= MAX_LINE_CHARS]
    return held[-MAX_LINES:]


def _starts_afresh(before: str) -> bool:
    """False where the equation goes on from a term that was not read: x + 5 - 3 = 0."""
    return not before.rstrip().endswith(_GOES_ON)


def _squeezed(equation: str) -> str:
    return "".join(equation.split())


def _holds(left: str, right: str) -> bool:
    value = _evaluate(left)
    if value is None:
        return True
    shown = right.replace(",", "").lstrip("-$€£¥")
    digits = len(shown.partition(".")[2])
    claimed = _number(shown) * (-1 if right.startswith("-") else 1)
    if value.denominator == 1 and claimed.denominator == 1:
        return value == claimed
    exact = Fraction(value)
    # A whole step of the last digit shown: rounded or cut off, both are usual; so are rounded factors.
    return abs(exact - claimed) < max(Fraction(1, 10**digits), abs(exact) * ROUNDING)


def _evaluate(expression: str) -> Fraction | int | None:
    """The value of sums and products of plain numbers; None when it cannot be computed."""
    plain = expression.translate(_OPERATORS)
    tokens = _TOKEN.findall(plain)
    if ("10-" in plain and _LOST_EXPONENT.search(plain)) or max(map(len, tokens)) > MAX_DIGITS:
        return None
    total: Fraction | int = 0
    term = _number(tokens[0])
    for operator, written in zip(tokens[1::2], tokens[2::2], strict=True):
        number = _number(written)
        match operator:
            case "*":
                term *= number
            case "/":
                if not number:
                    return None
                term = Fraction(term) / number
            case _:
                total, term = total + term, number if operator == "+" else -number
    return total + term


def _number(written: str) -> Fraction | int:
    """A number as written, whole ones as an integer: a fraction costs ten times as much."""
    plain = written.replace(",", "")
    return Fraction(plain) if "." in plain else int(plain)
