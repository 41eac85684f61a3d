"""Final answers stated by letter or value at the end of two texts, whatever the question's type.

Where the prompt does not show its options, its type is not a choice, and yet "The answer is (C)" is
all an answer comes down to.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

CLOSING_CHARS: Final = 240
"""How much of the end of a text is read."""

_MARKERS: Final = ("answer", "option", "choice", "答", "正解")
"""One of these is in whatever the patterns below find."""

_LETTER = re.compile(
    # One class at the head lets the engine skip all places where none of these words can begin.
    r"[AaOoCc答解回正](?:(?:(?<=\b[Aa])nswer|(?<=\bA)NSWER|(?<=\b[Oo])ption|(?<=\b[Cc])hoice)\b(?:\s+is)?"
    r"|(?:(?<=答)え|(?<=[解回])答|(?<=正)解)は?)[\s:：*#]*(?:<answer>|\\boxed\{|\$)?[\s*「(（\[]*"
    r"(?P<letter>[A-J])(?=[\s*」]*(?:[)）\].:,;}<。、]|です|$|\n))"
)
_LONE_LETTER = re.compile(r"[A-J](?=[\s*」]*(?:[)）\].:,;}<。、]|です|$|\n))")
"""What `_LETTER` ends with; most ends of texts have none."""

_VALUE = re.compile(
    r"^[\s*#]*(?:the )?(?:final )?answer(?: is)?[\s*]*[::][\s*]*(?P<value>\S.{0,60}?)[\s*.]*$",
    re.IGNORECASE | re.MULTILINE,
)
_PLAIN_NUMBER = re.compile(r"[-−]?\$?\d[\d,]*(?:\.\d+)?%?")


class Closing(NamedTuple):
    """What a text closes on: the letter of an option, and the value behind its last answer marker."""

    letter: str | None
    value: str | None


NO_CLOSING: Final = Closing(None, None)


def closing(text: str) -> Closing:
    """What ``text`` closes on; only its end is read."""
    tail = text[-CLOSING_CHARS:]
    low = tail.lower()
    if not any(map(low.__contains__, _MARKERS)):
        return NO_CLOSING
    letter = _last(_LETTER, "letter", tail) if _LONE_LETTER.search(tail) else None
    without_value = tail.isascii() and not (":" in tail and "answer" in low)
    return Closing(letter, None if without_value else _last(_VALUE, "value", tail))


def same_closing(a: Closing, b: Closing) -> bool | None:
    """Whether two texts close on the same letter or value; None where not both close on one."""
    if a.letter is not None and b.letter is not None:
        return a.letter == b.letter
    if a.value is None or b.value is None:
        return None
    if a.value.casefold() == b.value.casefold():
        return True
    numbers = _PLAIN_NUMBER.fullmatch(a.value) and _PLAIN_NUMBER.fullmatch(b.value)
    return _number(a.value) == _number(b.value) if numbers else None


def _last(pattern: re.Pattern[str], group: str, tail: str) -> str | None:
    found = None
    for match in pattern.finditer(tail):
        found = match[group]
    return found


def _number(text: str) -> float:
    return float(text.replace("−", "-").replace("$", "").replace(",", "").rstrip("%"))
