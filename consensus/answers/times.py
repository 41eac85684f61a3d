"""Clock times in English and Japanese: 3:30 p.m., 15:30, half past three, 午後3時半."""

from __future__ import annotations

import re
from typing import Final

from consensus.answers import numerals

Reading = tuple[int, ...]
"""The seconds since midnight a written time may mean, sorted: two where morning or evening is not told."""

MAX_TIMES: Final = 32
"""How many of a text's last times of each form are read."""

_HALF_DAY: Final = 12 * 3_600
_HOURS: Final = 12
_HOUR_WORDS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_HOUR_NUMBER: Final = {word: n for n, word in enumerate(_HOUR_WORDS.split("|"), start=1)}
_HALF = (
    r"(?:\s?(?:in the |at )?(?P<{0}>a\.?\s?m\b\.?|p\.?\s?m\b\.?|morning|afternoon|evening|night))"
)
_CLOCK = re.compile(
    r"(?<![\d:.])(?P<hour>[01]?\d|2[0-4])(?::(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?![\d:])"
    + _HALF.format("half1")
    + r"?|\s?o'?clock\b"
    + _HALF.format("half2")
    + "?|"
    + _HALF.format("half3")
    + ")"
)
_WORDS = re.compile(
    rf"\b(?P<rel>half|(?:a )?quarter|\d{{1,2}}|five|ten|twenty|twenty-five)(?: minutes?)? (?P<way>past|after|to|before|till) (?P<hour>(?:{_HOUR_WORDS}|1[0-2]|[1-9])\b)"
    + _HALF.format("half1")
    + rf"?|\b(?P<alone>{_HOUR_WORDS})(?:\s(?P<tens>thirty|fifteen|forty-five|twenty|ten|forty|fifty))?(?:\s?o'?clock\b"
    + _HALF.format("half2")
    + "?|"
    + _HALF.format("half3")
    + r")|\b(?P<fixed>noon|midday|midnight)\b"
)
_KANJI = r"[〇零一二三四五六七八九十]{1,3}"
_JAPANESE = re.compile(
    rf"(?P<part>午前|午後|朝の?|夜の?|夕方の?|深夜の?|昼の?)?\s?(?P<hour>\d{{1,2}}|{_KANJI})\s?時(?!間|代)(?:(?P<halfpast>半)|\s?(?P<minute>\d{{1,2}}|{_KANJI})\s?分)?|(?P<fixed>正午|真夜中)"
)
_RELATIVE: Final = {"half": 30, "quarter": 15, "a quarter": 15, "five": 5, "ten": 10, "twenty": 20, "twenty-five": 25}  # fmt: skip
_TENS: Final = {"thirty": 30, "fifteen": 15, "forty-five": 45, "twenty": 20, "ten": 10, "forty": 40, "fifty": 50}  # fmt: skip
_SIGN = re.compile(
    r"\d\s?:\s?\d|\b[ap]\.?\s?m\b|o'?clock|\bpast\b|\bto\b|noon|midday|midnight|時|正午"
)


def times(text: str) -> list[Reading]:
    """The clock times of a text in order.

    Args:
        text: Folded, lower-case text.
    """
    if not _SIGN.search(text):
        return []
    found: list[tuple[int, int, Reading]] = []
    for pattern, read in ((_WORDS, _words), (_CLOCK, _clock), (_JAPANESE, _japanese)):
        for match in list(pattern.finditer(text))[-MAX_TIMES:]:
            reading = read(match)
            if reading and not any(s < match.end() and match.start() < e for s, e, _ in found):
                found.append((match.start(), match.end(), reading))
    return [reading for _, _, reading in sorted(found)]


def agree(a: Reading, b: Reading) -> bool | None:
    """Whether two readings mean one time of day; None where they may."""
    if a == b:
        return True
    return None if set(a) & set(b) else False


def display(reading: Reading) -> str:
    """24-hour time: 15:30, 15:30:05; "or" between two readings."""
    shown = []
    for seconds in reading:
        minutes, second = divmod(seconds, 60)
        shown.append(
            f"{minutes // 60:02d}:{minutes % 60:02d}" + (f":{second:02d}" if second else "")
        )
    return " or ".join(shown)


def _clock(match: re.Match[str]) -> Reading | None:
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    exact = match["minute"] is not None and match["hour"].startswith("0")  # 03:30 counts to 24
    return _reading(hour, minute, int(match["second"] or 0), _half(match), exact=exact)


def _half(match: re.Match[str]) -> str | None:
    return next((match[name] for name in ("half1", "half2", "half3") if match[name]), None)


def _words(match: re.Match[str]) -> Reading | None:
    if match["fixed"]:
        return (0,) if match["fixed"] == "midnight" else (_HALF_DAY,)
    half = _half(match)
    if match["alone"]:
        return _reading(_HOUR_NUMBER[match["alone"]], _TENS.get(match["tens"] or "", 0), 0, half)
    written = match["hour"]
    hour = _HOUR_NUMBER.get(written) or int(written)
    offset = _RELATIVE.get(match["rel"]) or int(match["rel"])
    if match["way"] in {"to", "before", "till"}:
        hour, offset = (hour - 1) or _HOURS, 60 - offset
    return _reading(hour, offset, 0, half) if 0 <= offset < 60 else None  # noqa: PLR2004 - minutes


def _japanese(match: re.Match[str]) -> Reading | None:
    if match["fixed"]:
        return (_HALF_DAY,) if match["fixed"] == "正午" else (0,)
    hour, minute = (
        _integer(match["hour"]),
        30 if match["halfpast"] else _integer(match["minute"] or "0"),
    )
    if hour is None or minute is None:
        return None
    part = (match["part"] or "").rstrip("の")
    half = {
        "午前": "am",
        "朝": "am",
        "午後": "pm",
        "夜": "pm",
        "夕方": "pm",
        "昼": "pm",
        "深夜": "am",
    }.get(part)
    return _reading(hour, minute, 0, half)


def _reading(
    hour: int, minute: int, second: int, half: str | None, *, exact: bool = False
) -> Reading | None:
    if hour > 24 or minute > 59 or (hour == 24 and minute):  # noqa: PLR2004 - of a clock
        return None
    within = (hour % 24) * 3_600 + minute * 60 + second
    if half is None or hour > _HOURS:
        if exact or hour > _HOURS or hour == 0:
            return (within,)
        return tuple(sorted({within % _HALF_DAY, within % _HALF_DAY + _HALF_DAY}))
    morning = half == "morning" or (half[0] == "a" and half != "afternoon")
    if half == "night" and hour % _HOURS < 5:  # noqa: PLR2004 - two at night is before dawn
        morning = True
    return (within % _HALF_DAY + (0 if morning else _HALF_DAY),)


def _integer(text: str) -> int | None:
    return int(text) if text.isdecimal() else numerals.kanji(text)
