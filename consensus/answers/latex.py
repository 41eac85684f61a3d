"""Simple LaTeX turned into the plain notation the other readers know."""

from __future__ import annotations

import math
import re
import unicodedata

_ARGUMENT = r"\{([^{}]{0,120})\}"
_WRAPPED = re.compile(
    r"\\(?:text|mathrm|mathbf|mathit|mathsf|textbf|textit|textrm|operatorname|mbox|boxed|fbox|overline|underline)\s{0,3}"
    + _ARGUMENT
)
_FRACTION = re.compile(r"\\[dtc]?frac\s{0,3}" + _ARGUMENT + r"\s{0,3}" + _ARGUMENT)
_SHORT_FRACTION = re.compile(r"\\[dtc]?frac\s{0,3}(\d)\s{0,3}(\d)")
_BINOMIAL = re.compile(
    r"\\[dt]?binom\s{0,3}(?:" + _ARGUMENT + r"|(\w))\s{0,3}(?:" + _ARGUMENT + r"|(\w))"
)
_CHOOSE = re.compile(r"\{([^{}\\]{1,60})\\choose\b([^{}\\]{1,60})\}")
_BARE_CHOOSE = re.compile(r"(\d{1,3}|\b[a-z])\s{0,3}\\choose\s{0,3}(\d{1,3}|[a-z])\b")
_ROOT = re.compile(r"\\sqrt\s{0,3}(?:" + _ARGUMENT + r"|(\w))")
_REALS = re.compile(r"\\mathbb\s?(?:\{R\}|R\b)|\\Reals?\b")
_DEGREES = re.compile(r"\^\s?(?:\{\s?)?\\(?:circ|degree)\b(?:\s?\})?|\\degree\b")
_COMMAND = re.compile(r"\\([A-Za-z]{1,20}|[^A-Za-z])")
_GROUPED_COMMA = re.compile(r"\{,\}")
_SYMBOLS = {
    "cdot": "*", "times": "*", "div": "/", "pi": "pi", "approx": "≈", "pm": "±", "infty": "∞",
    "%": "%", "$": "$", "#": "#", "&": "&", "_": "_", "{": "{", "}": "}", "\\": "\n",
    "le": "<=", "leq": "<=", "ge": ">=", "geq": ">=", "ne": "!=", "neq": "!=",
    "quad": " ", "qquad": " ", " ": " ", "in": "in", "cup": "∪", "to": "→", "rightarrow": "→",
    "implies": "=>", "ldots": "...", "dots": "...", "n": "\n", "t": " ",
}  # fmt: skip
_SILENT = frozenset(
    [
        "left",
        "right",
        "displaystyle",
        "textstyle",
        "big",
        "Big",
        "bigg",
        "Bigg",
        ",",
        ";",
        "!",
        ":",
        "(",
        ")",
        "[",
        "]",
    ]
)
_VULGAR = re.compile("[¼-¾⅐-⅞]")
_FRACTIONS = {
    sign: unicodedata.normalize("NFKC", sign).replace("\u2044", "/")
    for sign in map(chr, (*range(0xBC, 0xBF), *range(0x2150, 0x215F)))
}
_MAX_SET = 170
"""The largest set whose subsets are counted: as many as a double holds, at any size of theirs."""

_SET_DIGITS = 3

_NESTING = 3
"""How many levels of braces are taken apart; deeper ones stay as they are."""


def plain(text: str) -> str:
    r"""The text without LaTeX commands and single-character fractions: ``\frac{1}{2}`` is ``1/2``, ``\$5`` is ``$5``."""
    if not text.isascii():
        text = _VULGAR.sub(_vulgar, text)
    if "\\" not in text:
        return text
    text = _REALS.sub("ℝ", text)
    text = _DEGREES.sub("°", _GROUPED_COMMA.sub(",", text))
    for _ in range(_NESTING):
        before = text
        text = _WRAPPED.sub(r"\1", text)
        text = _ROOT.sub(_root, text)
        text = _CHOOSE.sub(_binomial, _BINOMIAL.sub(_binomial, text))
        text = _FRACTION.sub(_fraction, text)
        if text == before:
            break
    text = _SHORT_FRACTION.sub(_fraction, _BARE_CHOOSE.sub(_binomial, text))
    return _COMMAND.sub(_command, text)


def _vulgar(match: re.Match[str]) -> str:
    """The fraction of a single character, apart from a whole number before it: 1½ is 1 1/2."""
    at = match.start()
    apart = at > 0 and match.string[at - 1].isdecimal()
    return f" {_FRACTIONS[match[0]]}" if apart else _FRACTIONS[match[0]]


def _fraction(match: re.Match[str]) -> str:
    over, under = match[1].strip(), match[2].strip()
    before = match.string[max(0, match.start() - 1) : match.start()]
    simple = over.lstrip("-").isdecimal() and under.isdecimal()
    written = f"{over}/{under}" if simple else f"(({over})/({under}))"
    return f" {written}" if simple and before.isdecimal() else written


def _binomial(match: re.Match[str]) -> str:
    """``binom(n)(k)``, or its value where both are written in figures."""
    above, below = (part.strip() for part in match.groups() if part is not None)
    figures = above.isdecimal() and below.isdecimal() and max(len(above), len(below)) <= _SET_DIGITS
    if figures and max(int(above), int(below)) <= _MAX_SET:
        before = match.string[max(0, match.start() - 1) : match.start()]
        value = str(math.comb(int(above), int(below)))
        return f"({value})" if before.isalnum() or before == ")" else value
    return f" binom({above})({below})"


def _root(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - 1) : match.start()]
    space = " " if before.isalpha() else ""
    return f"{space}sqrt({match[1] if match[1] is not None else match[2]})"


def _command(match: re.Match[str]) -> str:
    name = match[1]
    if name in _SILENT:
        return ""
    return _SYMBOLS.get(name, match[0])
