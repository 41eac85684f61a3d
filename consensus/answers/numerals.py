"""Numbers written in words: forty-two, 四十二, 1億2千万."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

_TEN: Final = 10
_HUNDRED: Final = 100
_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SMALL: Final = {
    **{word: value for value, word in enumerate(_UNITS)},
    **{word: 10 * value for value, word in enumerate(_TENS, start=2)},
}
SCALES: Final = {
    "hundred": 100,
    "thousand": 1_000,
    "million": 1_000_000,
    "billion": 1_000_000_000,
    "trillion": 1_000_000_000_000,
}
_WORD = "|".join(sorted((*_SMALL, *SCALES), key=len, reverse=True))
WORDS: Final = frozenset((*_SMALL, *SCALES))
"""The words an English number begins with."""

ENGLISH: Final = re.compile(
    rf"\b(?:{_WORD})(?:[\s-]{{1,3}}(?:and\s)?(?:{_WORD})){{0,24}}\b", re.IGNORECASE
)
"""A run of number words; bounded, so that a page of them costs no more than its length."""

_KANJI_DIGITS: Final = {c: v for v, c in enumerate("〇一二三四五六七八九")} | {
    "零": 0,
    "壱": 1,
    "弐": 2,
    "参": 3,
}
_KANJI_TENS: Final = {"十": 10, "百": 100, "千": 1_000}
_KANJI_MYRIADS: Final = {"万": 10**4, "億": 10**8, "兆": 10**12, "京": 10**16}

KANJI: Final = re.compile(r"[〇零一二三四五六七八九十百千万億兆京壱弐参]{1,40}")
MIXED: Final = re.compile(
    r"\d[\d,]{0,20}(?:\.\d{1,9})?[十百千万億兆京](?:[\d,.十百千万億兆京]{0,40}[\d十百千万億兆京])?"
)
"""Figures with Japanese scale characters: 3万5000, 1.5億, 1億2千万."""

_NO_SCALE: Final = 10**20
"""Above every scale there is a character for."""

_MIXED_TOKEN = re.compile(r"\d[\d,]*(?:\.\d+)?|.")


def english(words: str) -> int | None:
    """The number a run of English words means, or None where it means none ("five six").

    Args:
        words: A match of `ENGLISH`.
    """
    total = group = 0
    for word in re.split(r"[\s-]+", words.lower()):
        if word == "and":
            continue
        if word in _SMALL:
            if _SMALL[word] >= _room(group):
                return None
            group += _SMALL[word]
        elif word == "hundred":
            if group >= _HUNDRED:
                return None
            group = max(group, 1) * _HUNDRED
        else:
            total += max(group, 1) * SCALES[word]
            group = 0
    return total + group


def _room(group: int) -> int:
    """Below which number a word may still be added: anything to hundreds, ones to tens."""
    if group % _HUNDRED == 0:
        return _HUNDRED
    return _TEN if group % _TEN == 0 and group % _HUNDRED > _TEN else 0


def kanji(text: str) -> int | None:
    """The number a run of kanji numerals means: by place (二〇二四) or by scale (三百万)."""
    if all(c in _KANJI_DIGITS for c in text):
        return int("".join(str(_KANJI_DIGITS[c]) for c in text))
    value = japanese("".join(str(_KANJI_DIGITS.get(c, c)) for c in text))
    return None if value is None else int(value)


def japanese(text: str) -> Fraction | None:
    """The number meant by figures and scale characters together, such as 1億2千万 or 3.5万.

    Scales fall from left to right, within a myriad and from one to the next; 十千 means nothing.
    """
    total: int | Fraction = 0
    group: int | Fraction = 0
    figure: int | Fraction | None = None
    room = below = _NO_SCALE
    for token in _MIXED_TOKEN.findall(text):
        if token[0].isdecimal():
            if figure is not None:
                return None
            written = token.replace(",", "").rstrip(".")
            figure = Fraction(written) if "." in written else int(written)
        elif token in _KANJI_TENS and _KANJI_TENS[token] < room:
            room = _KANJI_TENS[token]
            group += (1 if figure is None else figure) * room
            figure = None
        elif token in _KANJI_MYRIADS and _KANJI_MYRIADS[token] < below:
            below = _KANJI_MYRIADS[token]
            group += figure or 0
            total += (group or 1) * below
            group, figure, room = 0, None, _NO_SCALE
        else:
            return None
    return Fraction(total + group + (figure or 0))
