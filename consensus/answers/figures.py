"""Numbers in an answer: figures, scales, fractions, percent, currencies, units, words."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from consensus.answers import numerals, shares
from consensus.answers.folding import key
from consensus.answers.units import in_unit, unit_after

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

MAX_DIGITS: Final = 300
"""Longer figures are compared as text: they are data, not quantities."""

_SENTENCES: Final = 64
"""Sentences of which is remembered whether they have a number: each is asked several times in a row."""

_MAX_DECIMALS: Final = 24
"""Fractions with more decimal places are shown as fractions."""

_FIGURES = re.compile(
    r"""
    (?<![A-Za-z_\d.\\])
    (?P<currency>(?:US|CA|HK|NZ)?[$€£¥₩₹]\s?)?
    (?P<int>\d{1,3}(?:,\d{3})+(?!\d|,\d)|\d{1,2}(?:,\d{2}){1,6},\d{3}(?!\d|,\d)
        |\d{1,3}(?:\u00a0\d{3})+(?!\d)|\d+(?=[^\d]|$)|(?=\.\d))
    (?:
        [ ](?P<over>\d{1,6})/(?P<under>[1-9]\d{0,5})(?![\d/])
      | (?P<decimals>\.\d+)?
        (?P<power>e[-+]?\d{1,4}(?![\w.])|\s?[x×*·⋅]\s?10\s?(?:\^|\*\*)\s?[{(]?\s?[-+]?\d{1,4}[)}]?)?
        (?:\s?/\s?(?P<divisor>\d{1,12})(?![\d/.]))?
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_DECIMAL_COMMA = re.compile(
    r"(?<![\d.,])(?:\d{1,3}(?:\.\d{3})+,\d{1,9}|0,\d{1,15}|\d{1,6},(?:\d{1,2}|\d{4,9})(?=\s?(?:€|EUR\b|%|Euro|kg\b|km\b|cm\b|mm\b|m\b|g\b|l\b|°)))(?![\d,]|\.\d)"
)
"""Figures whose comma cannot set thousands or items apart."""

_COMMA_IN_FIGURES = re.compile(r",(?<=\d,)\d")
"""What each of them has."""

_BEGINS = re.compile(r"[\d.$€£¥₩₹]")
"""How every figure begins: looking for it first spares the long pattern each other character."""

_COUNTRIES: Final = frozenset({"US", "CA", "HK", "NZ"})
_MINUS_BEFORE = re.compile(
    r"(?:(?P<before>\S)(?P<space>\s*))?(?:-\s?|negative\s|minus\s|マイナス|△|▲)$", re.IGNORECASE
)
_MINUS_ENDS: Final = frozenset("-eEsSſス△▲")
"""What each of them ends with, but for a space."""

_SCALE = re.compile(
    r"\s?(hundred|thousand|million|billion|trillion|mn|bn|[kKMB])\b(?!\w)|-(million|billion|thousand)\b"
)
_LETTER_SCALES: Final = {"k": 10**3, "m": 10**6, "mn": 10**6, "b": 10**9, "bn": 10**9}
_COUNTER = re.compile(
    r"[\s]?(?:[つ個人円年月日本枚匹台回度倍時分秒歳才頭冊杯件点階割通問種色校社軒名着足番位週字語巻章億万ドルメキセグ%]|パーセント|です|だ|である|$|[。、,.!)」』*])"
)
_LETTERS = re.compile(r"[a-z]+")
_DIGIT = re.compile(r"\d")
_NATIVE: Final = {"一つ": 1, "二つ": 2, "三つ": 3, "四つ": 4, "五つ": 5, "六つ": 6, "七つ": 7, "八つ": 8, "九つ": 9,
                  "ひとつ": 1, "ふたつ": 2, "みっつ": 3, "よっつ": 4, "いつつ": 5, "むっつ": 6, "ななつ": 7, "やっつ": 8, "ここのつ": 9}  # fmt: skip
_NATIVE_WORD = re.compile("|".join(_NATIVE))


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number found in a text, where it stands, and the unit written after it."""

    value: Hashable
    start: int
    end: int
    unit: str | None = None


def quantities(text: str) -> list[Quantity]:
    """The numbers of a text in order; words and kanji count where there are no figures.

    Args:
        text: Folded text without LaTeX commands.
    """
    if "," in text and _COMMA_IN_FIGURES.search(text):
        text = _DECIMAL_COMMA.sub(_with_point, text)
    shared = list(_shares(text))
    if _DIGIT.search(text) and (found := _apart(list(_figures(text)), shared)):
        return found
    return _apart(list(_words(text)), shared) or _apart(list(_kanji(text)), shared) or shared


def _shares(text: str) -> Iterator[Quantity]:
    for value, start, end in shares.fractions(text):
        minus = _MINUS_BEFORE.search(text, max(0, start - 12), start)
        unit, stop = unit_after(text, end)
        yield Quantity(-value if minus else value, start, stop, unit)


def _apart(found: list[Quantity], shared: list[Quantity]) -> list[Quantity]:
    """All quantities in order; a fraction in words stands for the numbers within it."""
    if not shared or not found:
        return found
    outside = [q for q in found if not any(s.start <= q.start < s.end for s in shared)]
    return sorted((*outside, *shared), key=lambda quantity: quantity.start)


def _with_point(match: re.Match[str]) -> str:
    """A figure with a decimal comma in English notation, of the same length."""
    return match[0].replace(",", "!").replace(".", ",").replace("!", ".")


def decimal_comma(text: str) -> bool:
    """Whether a figure is written with a decimal comma beyond doubt: 0,5 or 1.234,56 or 3,14 €."""
    return _DECIMAL_COMMA.search(text) is not None


@lru_cache(maxsize=_SENTENCES)
def has_quantity(text: str) -> bool:
    """Whether a text seems to have a number, told by a digit where there is one."""
    return (
        _DIGIT.search(text) is not None
        or next(_words(text), next(_kanji(text), None)) is not None
        or bool(shares.fractions(text))
    )


def number_asked(found: list[Quantity], asked: str | None) -> tuple[Hashable, str | None]:
    """The first quantity in the unit asked for, and its unit; "2 hours 30 minutes" is summed.

    Where no unit is asked for, a quantity stays in its own, and a sum is in the smaller of its units.
    """
    first = found[0]
    if first.unit is None or not isinstance(first.value, Fraction):
        return first.value, first.unit
    run = _run(found)
    unit = run[-1].unit if asked is None else asked
    parts = [
        in_unit(quantity.value, quantity.unit, unit)
        for quantity in run
        if unit and quantity.unit and isinstance(quantity.value, Fraction)
    ]
    if parts[0] is None:
        return first.value, first.unit
    return sum((part for part in parts if part is not None), Fraction(0)), unit


def _run(found: list[Quantity]) -> list[Quantity]:
    """The first quantity with those that follow it at once in other units of the same measure."""
    run = found[:1]
    for quantity in found[1:]:
        before = run[-1]
        if (
            quantity.unit is None
            or before.unit is None
            or quantity.unit in {q.unit for q in run}
            or not isinstance(quantity.value, Fraction)
            or quantity.start - before.end > len(", and ")
            or in_unit(quantity.value, quantity.unit, before.unit) is None
        ):
            break
        run.append(quantity)
    return run


def display(value: Hashable) -> str:
    """A number as people write it: 42, 8.9, 1/3."""
    if isinstance(value, float):
        if math.isinf(value):
            return "∞" if value > 0 else "-∞"
        return f"{value:.12g}"
    if not isinstance(value, Fraction):
        return str(value)
    places = _decimal_places(value.denominator)
    if places is None:
        return f"{value.numerator}/{value.denominator}"
    if places == 0:
        return str(value.numerator)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def _figures(text: str) -> Iterator[Quantity]:
    end = 0
    ascii_only = text.isascii()
    while begins := _BEGINS.search(text, end):
        start = begins.start()
        if not begins[0].isdecimal() and text[max(end, start - 2) : start].upper() in _COUNTRIES:
            start -= 2
        match = _FIGURES.match(text, start)
        if match is None:
            end = begins.end()
            continue
        mixed = None if ascii_only else numerals.MIXED.match(text, match.start("int"))
        value: Hashable
        if mixed and mixed.end() > match.end():
            end = mixed.end()
            value = numerals.japanese(mixed[0])
            if value is None:
                continue
        else:
            end = match.end()
            value = _value(match)
            scale = _SCALE.match(text, end)
            if scale and isinstance(value, Fraction) and _scales(scale, text, end):
                word = (scale[1] or scale[2]).lower()
                value *= _LETTER_SCALES.get(word) or numerals.SCALES[word]
                end = scale.end()
        start = match.start()
        if isinstance(value, Fraction) and _negated(text, start, match):
            value = -value
        unit, end = unit_after(text, end)
        yield Quantity(value, start, end, unit)


def _scales(scale: re.Match[str], text: str, end: int) -> bool:
    """A single letter scales only when it touches the figures of a price: $3M, ¥5k, 12k."""
    word = scale[1] or scale[2]
    if len(word) > 1:
        return True
    return text[end : end + 1] == word and (word in "kK" or "$" in text[max(0, end - 12) : end])


def _value(match: re.Match[str]) -> Hashable:
    whole = match["int"].replace(",", "").replace("\u00a0", "") or "0"
    decimals = match["decimals"] or ""
    if len(whole) + len(decimals) > MAX_DIGITS:
        return key(f"{whole.lstrip('0')}{decimals.rstrip('0').rstrip('.')}")
    # An integer is made five times faster than a text is read.
    value = Fraction(whole + decimals) if decimals else Fraction(int(whole))
    if match["over"]:
        return value + Fraction(int(match["over"]), int(match["under"]))
    if match["power"]:
        exponent = int(re.sub(r".*?[eE^*]\s?[{(]?\s?([-+]?\d+)[)}]?$", r"\1", match["power"]))
        if abs(exponent) > MAX_DIGITS:
            return key(f"{display(value)}e{exponent}")
        value *= Fraction(10) ** exponent
    if match["divisor"] and int(match["divisor"]):
        value /= int(match["divisor"])
    return value


def _negated(text: str, start: int, match: re.Match[str]) -> bool:
    if match["currency"] and text[match.start("int") - 1] == "-":
        return True
    last = text[max(0, start - 3) : start].rstrip()[-1:]
    if last not in _MINUS_ENDS:
        return False
    before = _MINUS_BEFORE.search(text, max(0, start - 12), start)
    if before is None:
        return False
    preceding = before["before"]
    if preceding is None:
        return True
    # "10-5" and "10 - 5" subtract, "pages 3-5" is a range, "x = -5" and "is -5" are negative.
    if preceding.isalnum() or preceding in ")]}%":
        return bool(before["space"]) and not preceding.isdecimal() and text[start - 1] != " "
    return True


def _words(text: str) -> Iterator[Quantity]:
    if numerals.WORDS.isdisjoint(_LETTERS.findall(text.lower())):
        return
    for match in numerals.ENGLISH.finditer(text):
        value = numerals.english(match[0])
        if value is not None and (match[0].lower() != "one" or match[0] == text.strip()):
            unit, end = unit_after(text, match.end())
            minus = _MINUS_BEFORE.search(text, max(0, match.start() - 12), match.start())
            yield Quantity(Fraction(-value if minus else value), match.start(), end, unit)


def _kanji(text: str) -> Iterator[Quantity]:
    if text.isascii():
        return
    for match in _NATIVE_WORD.finditer(text):
        yield Quantity(Fraction(_NATIVE[match[0]]), match.start(), match.end())
    for match in numerals.KANJI.finditer(text):
        value = numerals.kanji(match[0])
        if value is not None and _COUNTER.match(text, match.end()):
            minus = text[: match.start()].endswith("マイナス")
            unit, end = unit_after(text, match.end())
            yield Quantity(Fraction(-value if minus else value), match.start(), end, unit)


def _decimal_places(denominator: int) -> int | None:
    twos = fives = 0
    while denominator % 2 == 0 and twos <= _MAX_DECIMALS:
        denominator //= 2
        twos += 1
    while denominator % 5 == 0 and fives <= _MAX_DECIMALS:
        denominator //= 5
        fives += 1
    places = max(twos, fives)
    return places if denominator == 1 and places <= _MAX_DECIMALS else None
