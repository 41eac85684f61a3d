"""Fractions in words, ratios and Roman numerals: two thirds, one and a half, 三分の二, 3:2, XIV."""

from __future__ import annotations

import re
from fractions import Fraction
from math import gcd
from typing import Final

from consensus.answers import numerals

_PARTS: Final = {
    "half": 2, "halves": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "fifteenth": 15, "sixteenth": 16,
    "twentieth": 20, "hundredth": 100, "thousandth": 1000,
}  # fmt: skip
_ONE: Final = frozenset({"a", "an", "one"})
_PART_SIGNS: Final = (
    "half", "halves", "third", "quarter", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "eenth", "tieth", "dredth", "sandth",
)  # fmt: skip
"""One of these is in the name of every part."""

_PART = "|".join(sorted(_PARTS, key=len, reverse=True))
_SMALL = "|".join(sorted(numerals.WORDS - {"million", "billion", "trillion", "thousand"}, key=len, reverse=True))  # fmt: skip
_FRACTION = re.compile(
    rf"\b(?:(?P<whole>(?:{_SMALL})(?:[\s-](?:{_SMALL}))?)\s(?:and\s))?(?P<over>an?|{_SMALL})[\s-]{{1,2}}(?P<under>{_PART})(?P<plural>s?)\b(?!\s(?:of\s(?:july|may|june)|place|time\b))",
    re.IGNORECASE,
)
_KANJI = r"[〇零一二三四五六七八九十百千]{1,8}|\d{1,6}"
_JAPANESE = re.compile(
    rf"(?:(?P<whole>{_KANJI})と)?(?P<under>{_KANJI})分の(?P<over>{_KANJI})(?!\d)"
)
_HALF_ALONE = re.compile(
    r"^\W*(?:(?:one |a )?half|half of (?:it|them)|半分)\W*(?:です)?\W*$", re.IGNORECASE
)
_QUARTER_ALONE = re.compile(r"^\W*(?:a )?quarter\W*$", re.IGNORECASE)
_RATIO = re.compile(
    r"(?<![\d:.])(\d{1,9}(?:\.\d{1,6})?)\s?(?::|to|対|比)\s?(\d{1,9}(?:\.\d{1,6})?)(?![\d:]|\.\d)"
)
_AND_A_HALF = re.compile(
    rf"\b(?P<count>an?|\d{{1,6}}|{_SMALL})(?=\s[a-z]{{3,8}}\sand\sa\shalf\b)", re.IGNORECASE
)
_HALF_JA = re.compile(rf"(?P<count>{_KANJI})(?=(?:時間|分|年|日|週間|[かヶ]月)半)")
_ROMAN = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})$")
_ROMAN_VALUES: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def fractions(text: str) -> list[tuple[Fraction, int, int]]:
    """The fractions written in words, each with where it stands; a half or quarter only alone.

    Args:
        text: Folded text.
    """
    if _HALF_ALONE.match(text):
        return [(Fraction(1, 2), 0, len(text))]
    if _QUARTER_ALONE.match(text):
        return [(Fraction(1, 4), 0, len(text))]
    found = _halves(text)
    if not text.isascii() and "分の" in text:
        found += [(value, m.start(), m.end()) for m in _JAPANESE.finditer(text) if (value := _japanese(m)) is not None]  # fmt: skip
    if any(sign in text for sign in ("th", "hal", "ird", "fif", "quart")) and has_part(text):
        found += [(value, m.start(), m.end()) for m in _FRACTION.finditer(text) if (value := _english(m)) is not None]  # fmt: skip
    return found


def has_part(text: str) -> bool:
    """False where surely no part is named; every "the" has a sign of one."""
    if not text.isascii():
        return True
    low = text.lower()
    return any(sign in low for sign in _PART_SIGNS)


def _halves(text: str) -> list[tuple[Fraction, int, int]]:
    """Halves said behind the unit: "an hour and a half", 2時間半; each ends before its unit does."""
    found = []
    if " and a half" in text.lower():
        for match in _AND_A_HALF.finditer(text):
            word = match["count"].lower()
            count = 1 if word in _ONE else int(word) if word.isdecimal() else numerals.english(word)
            if count is not None:
                found.append((count + Fraction(1, 2), match.start(), match.end("count")))
    if not text.isascii() and "半" in text:
        for match in _HALF_JA.finditer(text):
            count = _integer(match["count"])
            if count is not None:
                found.append((count + Fraction(1, 2), match.start(), match.end("count")))
    return found


def ratio(text: str) -> Fraction | None:
    """The first ratio of a text as a fraction of its first part to its second: 3:2 is 3/2."""
    match = _RATIO.search(text)
    if match is None or not Fraction(match[2]):
        return None
    return Fraction(match[1]) / Fraction(match[2])


def proportion(text: str) -> str | None:
    """A proportion of three parts or more in lowest terms, 2:4:6 as 1:2:3; None for anything else."""
    parts = [part.strip() for part in text.split(":")]
    if not 2 < len(parts) <= 8 or not all(part.isdecimal() and len(part) <= 9 for part in parts):  # noqa: PLR2004 - more than a ratio
        return None
    divisor = gcd(*(int(part) for part in parts)) or 1
    return ":".join(str(int(part) // divisor) for part in parts)


def roman(text: str) -> int | None:
    """The value of a Roman numeral of capital letters, None for anything else."""
    if not text or len(text) > 15 or not _ROMAN.match(text):  # noqa: PLR2004 - MMMDCCCLXXXVIII
        return None
    values = [_ROMAN_VALUES[letter] for letter in text]
    return sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))


def _english(match: re.Match[str]) -> Fraction | None:
    over, under = match["over"].lower(), match["under"].lower()
    parts = _PARTS.get(under) or 0
    count = 1 if over in _ONE else numerals.english(over)
    whole = numerals.english(match["whole"]) if match["whole"] else 0
    if not count or not parts or whole is None:
        return None
    # "a third" of something is one, "two third" is a slip or an ordinal.
    plural = bool(match["plural"]) or under == "halves"
    if plural != (count != 1):
        return None
    return whole + Fraction(count, parts)


def _japanese(match: re.Match[str]) -> Fraction | None:
    whole, under, over = (_integer(match[name]) for name in ("whole", "under", "over"))
    if not under or over is None:
        return None
    return (whole or 0) + Fraction(over, under)


def _integer(text: str | None) -> int | None:
    if text is None:
        return None
    return int(text) if text.isdecimal() else numerals.kanji(text)
