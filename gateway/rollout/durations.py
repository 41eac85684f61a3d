"""Durations as people write them, `30m` or `1h30m`, and back."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
_FORM = re.compile(
    r"(?:(?P<d>\d{1,6})d)?(?:(?P<h>\d{1,8})h)?(?:(?P<m>\d{1,9})m)?(?:(?P<s>\d{1,11}(?:\.\d{1,6})?)s)?",
    re.ASCII,
)

FORM = "a duration such as 30m, 2h, 90s or 1h30m"
"""What `duration_of` takes, in words."""


def duration_of(text: str) -> timedelta:
    """The duration a text names; days, hours, minutes and seconds, in this order, none of them needed.

    Raises:
        ValueError: The text names none. A bare number has no unit and is none either.
    """
    found = _FORM.fullmatch(text.strip())
    parts = {unit: number for unit, number in found.groupdict().items() if number} if found else {}
    if not parts:
        raise ValueError(f"expected {FORM}, found {text!r}")
    whole = timedelta()
    for unit, number in parts.items():
        seconds, _, fraction = number.partition(".")
        # In whole microseconds: a fraction as a float would not come back as it was written.
        whole += int(seconds) * _UNITS[unit]
        whole += timedelta(microseconds=int(fraction.ljust(6, "0") or 0))
    return whole


def duration_text(duration: timedelta) -> str:
    """The shortest text of a duration that is not negative, read back exactly by `duration_of`."""
    rest = duration
    text = ""
    for unit, length in _UNITS.items():
        count, rest = divmod(rest, length)
        if unit == "s" and rest:
            text += f"{count}.{rest.microseconds:06d}".rstrip("0") + unit
        elif count:
            text += f"{count}{unit}"
    return text or "0s"
