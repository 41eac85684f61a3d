"""The formula that plain prose ends with: "The derivative is $2x$.", 因数分解すると (x+1)(x-1) です."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from consensus.answers.folding import folded, sentences
from consensus.answers.latex import plain
from consensus.answers.numbers import formula, mathematical

if TYPE_CHECKING:
    from consensus.answers.kinds import FinalAnswer

_READ_CHARS: Final = 1_500
_SPANS: Final = 6
"""How many of the last formulas of a text are tried."""

_SPAN = re.compile(r"\$\$?([^$\n]{1,300})\$\$?|\\\(([^\n]{1,300}?)\\\)|\\\[(.{1,300}?)\\\]|`([^`\n]{1,200})`", re.DOTALL)  # fmt: skip
_TOLD = re.compile(
    r"(?:\b(?:is|are|to|as|equals?|becomes?|get|obtain|gives?|yields?|into|find)\b|:|は|を|すると|より)\s*(?=\S)"
)
_ENDING = re.compile(r"\s*(?:です|となります|になります|である|となる|になる|だ)?[\s.。*]*$")


def formula_in_prose(text: str, *, equation: bool) -> FinalAnswer | None:
    """The last formula of a text: set in mathematical signs, or behind the words that tell it.

    Args:
        text: The answer as written.
        equation: Whether an equation is asked for and not one of its sides.
    """
    said = text[-_READ_CHARS:]
    spans = [next(filter(None, match.groups()), "") for match in _SPAN.finditer(said)]
    tails = [tail for sentence in sentences(folded(plain(said)))[-2:] for tail in _tails(sentence)]
    for written in (text, *reversed(spans[-_SPANS:]), *reversed(tails)):
        found = stated_formula(written, equation=equation)
        if found is not None:
            return found
    return None


def stated_formula(written: str, *, equation: bool) -> FinalAnswer | None:
    """The formula a short text is, its left side left out unless an equation is asked for."""
    if len(written) > _READ_CHARS // 2:
        return None
    content = _ENDING.sub("", plain(folded(written)).strip(" *_`$\n")).strip(" *_`$")
    if equation and "=" in content:
        return mathematical(content)
    if content.count("=") and not any(sign in content for sign in ",;<>"):
        content = content.rpartition("=")[2].strip()
    if content.isalpha() and len(content) > 1:
        return None
    return formula(content) or (mathematical(content) if len(content) <= 40 else None)  # noqa: PLR2004 - a formula without figures


def _tails(sentence: str) -> list[str]:
    return [sentence[match.end() :] for match in _TOLD.finditer(sentence[-400:])][-4:] if len(sentence) <= 400 else []  # fmt: skip  # noqa: PLR2004 - as much as is read
