"""Final answers stated by letter or value at the end of two texts, whatever the question's type.

Where the prompt does not show its options, its type is not a choice, and yet "The answer is (C)" is
all an answer comes down to.
"""

from __future__ import annotations

import re
from typing import Final

CLOSING_CHARS: Final = 240
"""How much of the end of a text is read."""

_LETTER = re.compile(
    r"(?:\b(?:[Aa]nswer|ANSWER|[Oo]ption|[Cc]hoice)\b(?:\s+is)?|(?:答え|解答|回答|正解)は?)[\s:：*#]*(?:<answer>|\\boxed\{|\$)?[\s*「(（\[]*"
    r"(?P<letter>[A-J])(?=[\s*」]*(?:[)）\].:,;}<。、]|です|$|\n))"
)
_VALUE = re.compile(
    r"^[\s*#]*(?:the )?(?:final )?answer(?: is)?[\s*]*[::][\s*]*(?P<value>\S.{0,60}?)[\s*.]*$",
    re.IGNORECASE | re.MULTILINE,
)
_PLAIN_NUMBER = re.compile(r"[-−]?\$?\d[\d,]*(?:\.\d+)?%?")


def same_closing(a: str, b: str) -> bool | None:
    """Whether two texts close on the same letter or value; None where not both close on one."""
    tails = a[-CLOSING_CHARS:], b[-CLOSING_CHARS:]
    first, second = (_last(_LETTER, "letter", tail) for tail in tails)
    if first is not None and second is not None:
        return first == second
    first, second = (_last(_VALUE, "value", tail) for tail in tails)
    if first is None or second is None:
        return None
    if first.casefold() == second.casefold():
        return True
    numbers = _PLAIN_NUMBER.fullmatch(first) and _PLAIN_NUMBER.fullmatch(second)
    return _number(first) == _number(second) if numbers else None


def _last(pattern: re.Pattern[str], group: str, tail: str) -> str | None:
    found = None
    for match in pattern.finditer(tail):
        found = match[group]
    return found


def _number(text: str) -> float:
    return float(text.replace("−", "-").replace("$", "").replace(",", "").rstrip("%"))
