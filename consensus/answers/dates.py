"""Dates in English and Japanese forms; an ambiguous one keeps both of its readings."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from consensus.answers import numerals

Day = tuple[int | None, int | None, int | None]
"""Year, month and day; None for what is not said. A year before Christ is negative."""

Reading = tuple[Day, ...]
"""The days a written date may mean, sorted: one, or two for forms such as 03/04/2024."""

MAX_DATES: Final = 48
"""How many of a text's last dates of each form are read; an answer names a handful."""

_MONTHS: Final = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH_NUMBER: Final = (
    {name: n for n, name in enumerate(_MONTHS, start=1)}
    | {name[:3]: n for n, name in enumerate(_MONTHS, start=1)}
    | {"sept": 9}
)
_MONTH = r"(?P<{0}>january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)\b\.?"
_ERAS: Final = {"明治": 1868, "大正": 1912, "昭和": 1926, "平成": 1989, "令和": 2019,
                "m": 1868, "t": 1912, "s": 1926, "h": 1989, "r": 2019}  # fmt: skip
_KANJI_NUMBER = r"[〇零一二三四五六七八九十百千]{1,8}"

_ISO = re.compile(r"(?<![\d/.-])(\d{4})([-/.])(\d{1,2})(?:\2(\d{1,2}))?(?![\d/]|[-.]\d)")
_JAPANESE = re.compile(
    rf"(?:(?P<era>明治|大正|昭和|平成|令和|(?<![a-z])[mtshr])\s?(?P<era_year>元|\d{{1,2}}|{_KANJI_NUMBER})年"
    rf"|(?P<bc>紀元前\s?)?(?P<year>\d{{1,4}}|{_KANJI_NUMBER})\s?年)"
    rf"(?:\s?(?:\([^()]{{1,12}}\)\s?)?(?P<month>\d{{1,2}}|{_KANJI_NUMBER})\s?月(?:\s?(?P<day>\d{{1,2}}|{_KANJI_NUMBER})\s?日)?)?"
)
_JAPANESE_DAY = re.compile(
    rf"(?P<month>\d{{1,2}}|{_KANJI_NUMBER})\s?月\s?(?P<day>\d{{1,2}}|{_KANJI_NUMBER})\s?日"
)
_MONTH_FIRST = re.compile(
    r"\b"
    + _MONTH.format("month")
    + r"\s{0,2}(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?(?!\d))?(?:,?\s{0,2}(?:of\s)?(?P<year>\d{4})(?!\d))?"
)
_DAY_FIRST = re.compile(
    r"\b(?P<day>\d{1,2})(?:st|nd|rd|th)?\s{1,2}(?:of\s)?"
    + _MONTH.format("month")
    + r"(?:,?\s{0,2}(?:of\s)?(?P<year>\d{4})(?!\d))?"
)
_NUMERIC = re.compile(r"(?<![\d/.-])(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)")
_NUMERAL = re.compile(r"[\d〇零一二三四五六七八九十元]")
_MONTH_SIGNS: Final = tuple(name[:3] for name in _MONTHS)
_YEAR = re.compile(
    r"(?<![\d.,/$€£¥-])(?:(?:ad|ce)\s?)?(\d{3,4})(?![\d/%]|[.,-]\d)(?P<bc>\s?(?:bce?|b\.c\.))?|(?P<bc_before>紀元前\s?)(?P<bc_year>\d{1,4})|(?P<small>\d{1,4})\s(?P<bc_small>bce?\b|b\.c\.)"
)


def dates(text: str) -> list[Reading]:
    """The dates of a text in order, years alone apart from Japanese ones (1945年) left out.

    Args:
        text: Folded, lower-case text.
    """
    found: list[tuple[int, int, Reading]] = []
    if _NUMERAL.search(text) is None:
        return []
    for pattern, read, signs in _READERS:
        if not any(sign in text for sign in signs):
            continue
        for match in list(pattern.finditer(text))[-MAX_DATES:]:
            reading = read(match)
            if reading and not any(s < match.end() and match.start() < e for s, e, _ in found):
                found.append((match.start(), match.end(), reading))
    return [reading for _, _, reading in sorted(found)]


def years(text: str) -> list[Reading]:
    """The bare years of a text in order (1945, 44 BC)."""
    found = list(_YEAR.finditer(text))[-MAX_DATES:]
    return [reading for match in found if (reading := _bare_year(match))]


def year_of(reading: Reading) -> Reading:
    """The reading with nothing but its year; the same when it says none."""
    return tuple(sorted({(day[0], None, None) for day in reading})) if reading[0][0] else reading


def most_exact(readings: list[Reading]) -> Reading:
    """The first of the readings that tell most of year, month and day."""
    return max(readings, key=lambda reading: sum(_precision(reading[0])))


def in_year_of(reading: Reading, asked: list[Reading]) -> Reading:
    """A reading without its year in the one year the question names, if it names one."""
    years_asked = {day[0] for other in asked for day in other if day[0] is not None}
    if len(reading) != 1 or reading[0][0] is not None or len(years_asked) != 1:
        return reading
    return _reading(_valid(years_asked.pop(), reading[0][1], reading[0][2])) or reading


def display(reading: Reading) -> str:
    """ISO 8601 as far as known: 2024-02-29, 2024-02, --02-29; "or" between two readings."""
    return " or ".join(_shown(day) for day in reading)


def agree(a: Reading, b: Reading) -> bool | None:
    """Whether two readings mean one day; None where they may (ambiguous, or told less exactly)."""
    if a == b:
        return True
    if len(a) == len(b) == 1 and _precision(a[0]) == _precision(b[0]):
        return False
    possible = any(
        all(x is None or y is None or x == y for x, y in zip(left, right, strict=True))
        for left in a
        for right in b
    )
    return None if possible else False


def _precision(day: Day) -> tuple[bool, bool, bool]:
    return (day[0] is not None, day[1] is not None, day[2] is not None)


def _shown(day: Day) -> str:
    year, month, date = day
    parts = [("-" if year is None else f"{year:04d}")]
    parts += [f"{part:02d}" for part in (month, date) if part is not None]
    return "-".join(parts)


def _valid(year: int | None, month: int | None, day: int | None) -> Day | None:
    if year is None and month is None:
        return None
    try:
        # 2000 is a leap year: without a year, 29 February stands.
        dt.date(year if year is not None and year > 0 else 2000, month or 1, day or 1)
    except ValueError:
        return None
    return (year, month, day)


def _reading(*days: Day | None) -> Reading | None:
    return tuple(sorted({day for day in days if day is not None}, key=str)) or None


def _iso(match: re.Match[str]) -> Reading | None:
    if match[4] is None and match[2] != "-":
        return None
    return _reading(_valid(int(match[1]), int(match[3]), int(match[4]) if match[4] else None))


def _japanese(match: re.Match[str]) -> Reading | None:
    if match["era"]:
        told = match["era_year"]
        in_era = 1 if told == "元" else _integer(told)
        year = None if in_era is None else _ERAS[match["era"]] + in_era - 1
    else:
        year = _integer(match["year"])
        if year is not None and match["bc"]:
            year = -year
    if year is None:
        return None
    return _reading(_valid(year, _integer(match["month"]), _integer(match["day"])))


def _japanese_day(match: re.Match[str]) -> Reading | None:
    return _reading(_valid(None, _integer(match["month"]), _integer(match["day"])))


def _english(match: re.Match[str]) -> Reading | None:
    if match["day"] is None and match["year"] is None:
        return None
    year = int(match["year"]) if match["year"] else None
    day = int(match["day"]) if match["day"] else None
    return _reading(_valid(year, _MONTH_NUMBER[match["month"]], day))


def _numeric(match: re.Match[str]) -> Reading | None:
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    return _reading(_valid(year, second, first), _valid(year, first, second))


def _bare_year(match: re.Match[str]) -> Reading | None:
    year = int(match[1] or match["bc_year"] or match["small"])
    before_christ = match["bc"] or match["bc_before"] or match["bc_small"]
    return _reading(_valid(-year if before_christ else year, None, None)) if year else None


def _integer(text: str | None) -> int | None:
    if text is None:
        return None
    return int(text) if text.isdecimal() else numerals.kanji(text)


_READERS: Final = (
    (_ISO, _iso, "-/."),
    (_JAPANESE, _japanese, "年"),
    (_JAPANESE_DAY, _japanese_day, "月"),
    (_DAY_FIRST, _english, _MONTH_SIGNS),
    (_MONTH_FIRST, _english, _MONTH_SIGNS),
    (_NUMERIC, _numeric, "-/."),
)
"""Each form with its reader and the signs one of which it needs."""
