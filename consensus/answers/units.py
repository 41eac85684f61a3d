"""Units a number may be asked in, and what one is worth in another."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

_DAY = 86_400
_TABLE: Final[dict[str, dict[str, Fraction]]] = {
    "time": {
        "second": Fraction(1),
        "minute": Fraction(60),
        "hour": Fraction(3_600),
        "day": Fraction(_DAY),
        "week": Fraction(7 * _DAY),
    },
    "length": {
        "millimeter": Fraction(1, 1_000),
        "centimeter": Fraction(1, 100),
        "meter": Fraction(1),
        "kilometer": Fraction(1_000),
        # International yard and pound agreement, 1959.
        "inch": Fraction(254, 10_000),
        "foot": Fraction(3_048, 10_000),
        "yard": Fraction(9_144, 10_000),
        "mile": Fraction(1_609_344, 1_000),
    },
    "mass": {
        "milligram": Fraction(1, 1_000),
        "gram": Fraction(1),
        "kilogram": Fraction(1_000),
        "ounce": Fraction(45_359_237, 1_600_000),
        "pound": Fraction(45_359_237, 100_000),
    },
    "volume": {"milliliter": Fraction(1, 1_000), "liter": Fraction(1)},
    "dollar": {"cent": Fraction(1, 100), "dollar": Fraction(1)},
    "share": {"percent": Fraction(1, 100), "fraction": Fraction(1)},
}
_SPELLINGS: Final = {
    "second": "second seconds sec secs s 秒 秒間",
    "minute": "minute minutes min mins 分 分間",
    "hour": "hour hours hr hrs h 時間",
    "day": "day days 日 日間",
    "week": "week weeks 週 週間",
    "millimeter": "millimeter millimeters millimetre millimetres mm ミリ ミリメートル",
    "centimeter": "centimeter centimeters centimetre centimetres cm センチ センチメートル",
    "meter": "meter meters metre metres m メートル",
    "kilometer": "kilometer kilometers kilometre kilometres km キロメートル",
    "inch": "inch inches インチ",
    "foot": "foot feet ft フィート",
    "yard": "yard yards yd ヤード",
    "mile": "mile miles mi マイル",
    "milligram": "milligram milligrams mg ミリグラム",
    "gram": "gram grams g グラム",
    "kilogram": "kilogram kilograms kg キログラム",
    "ounce": "ounce ounces oz オンス",
    "pound": "pound pounds lb lbs ポンド",
    "milliliter": "milliliter milliliters millilitre millilitres ml ミリリットル",
    "liter": "liter liters litre litres l リットル",
    "cent": "cent cents ¢ セント",
    "dollar": "dollar dollars usd ドル",
    "percent": "percent percentage % パーセント 百分率",
    "fraction": "fraction probability 確率 分数",
}
_UNITS: Final = {
    spelling: unit for unit, spellings in _SPELLINGS.items() for spelling in spellings.split()
}
_DIMENSIONS: Final = {unit: name for name, units in _TABLE.items() for unit in units}

_ASKED_EN = re.compile(
    r"\b(?:how many (?:more |total |extra |additional |full )?|(?:what|which) (?:is the |was the )?|(?:compute|find|calculate|determine) the |in |nearest )"
    r"([a-z]{2,12})\b"
)
_ASKED_JA = re.compile(
    r"何\s?([a-z%]{1,2}|[^\x00-\x7f]{1,8})|(確率|百分率)(?:を|は)|([^\x00-\x7f]{1,6})単位で"
)
_AFTER = re.compile(r"[\s-]{0,2}(%|°|¢|[A-Za-z]{1,12}|[^\x00-\x7f]{1,8})")


def unit_after(text: str, at: int) -> tuple[str | None, int]:
    """The unit written at a position of a text, and where it ends; (None, at) without one."""
    match = _AFTER.match(text, at)
    if match is None:
        return None, at
    found = _unit(match[1].lower())
    return (found[0], match.start(1) + found[1]) if found else (None, at)


def asked_unit(question: str) -> str | None:
    """The unit a question asks its number in, None where it names none.

    Args:
        question: Folded, lower-case text.
    """
    found = None
    for match in _ASKED_EN.finditer(question):
        found = _UNITS.get(match[1]) or found
    if question.isascii():
        return found
    for match in _ASKED_JA.finditer(question):
        word = _unit(match[1] or match[2] or match[3])
        found = word[0] if word else found
    return found


def in_unit(value: Fraction, unit: str, asked: str) -> Fraction | None:
    """The value in the unit asked for, None where the two do not measure the same."""
    dimension = _DIMENSIONS[unit]
    if _DIMENSIONS.get(asked) != dimension:
        return None
    return value * _TABLE[dimension][unit] / _TABLE[dimension][asked]


def _unit(word: str) -> tuple[str, int] | None:
    """A unit and how long its spelling is; Japanese runs on, so its longest beginning counts."""
    if word.isascii():
        return (_UNITS[word], len(word)) if word in _UNITS else None
    for length in range(len(word), 0, -1):
        if word[:length] in _UNITS:
            return _UNITS[word[:length]], length
    return None
