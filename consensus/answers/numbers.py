"""The number an answer gives: a quantity in the unit asked for, or an expression's value."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from consensus.answers import algebra, symbols
from consensus.answers.expressions import evaluated
from consensus.answers.figures import display, number_asked, quantities
from consensus.answers.folding import first_sentence, key, shown, unwrapped
from consensus.answers.kinds import AnswerKind, FinalAnswer

if TYPE_CHECKING:
    from collections.abc import Hashable

_NUMBER: Final = (
    AnswerKind.NUMBER
)  # looked up on its class, a member costs half of making an answer

SHORT_CHARS: Final = 60
"""Longer than this, a text says more than a number."""

_PLAIN_NUMBER = re.compile(
    r"[ *]*([1-9][0-9]{0,2}(?:,[0-9]{3}){1,4}|[0-9]{1,15})(\.[0-9]{1,12})?[ *]*\.?[ *]*\Z"
)
_NUMBER_ALONE = re.compile(
    r"[^\w]{0,4}[-+]?[^\w]{0,3}\d[\d.,]{0,40}(?:\s\d{1,6}/\d{1,6}|\s?/\s?\d{1,12})?(?:st|nd|rd|th)?\s?(?:%|°|[A-Za-z]{1,12}|[^\x00-\x7f]{1,4})?[.。]?$"
)
_INFINITE = re.compile(r"(?:there (?:are|is) )?(-|negative )?(?:∞|infinit|無限)", re.IGNORECASE)
_INFINITE_ALONE = re.compile(
    r"(?:-|negative )?(?:∞|infinity|infinitely many|infinite|無限大?|無数)\W?$", re.IGNORECASE
)
_EQUALS = re.compile(r"[=≈]\s*(?=[^=≈]*$)")
_ENUMERATED = re.compile(r"(?:,\s|\band\b|;|、)(?=[^,;、]*=)")
_SYMBOLIC = re.compile(r"[-\w\s+*/^().,√π|{}\[\]<>=≤≥∪∞%!:$±]{1,300}$")
_LONG_WORD = re.compile(
    r"(?<![A-Za-z])(?!(?:sqrt|binom|pi|log|ln|sin|cos|tan|cot|exp)(?![A-Za-z]))[A-Za-z]{2,}|[^\x00-\x7f√π≤≥∪∞±]"
)
_OPERATOR = re.compile(r"[-+*/^(\[√π±]|sqrt|pi|[a-z]|\d\s?:\s?\d", re.IGNORECASE)
_NUMBER_AND_UNIT = re.compile(
    r"[^\d\-+]{0,4}[-+]?[^\d\-+]?\d[\d.,]*(?:e[-+]?\d{1,4})?\s?"
    r"(?:(?![xyznqieruw]\b)[%°a-zA-Z]{0,12}|(?:m|km|cm|mm|ft|mi|g|kg|mg|l|ml|j|kj|n|w|v|c)\s?/\s?(?:s|h|hr|min|m|l|ml|kg|g|mol|k|c|cm))(?:\^?[23])?\.?$",
    re.IGNORECASE,
)
_NO_SOLUTION = re.compile(
    r"(?:there (?:is|are|exists?) )?(?:no (?:such |real |integer |possible |valid |positive |rational |complex )*(?:solutions?|roots?|values?|numbers?|integers?|answers?)(?: exists?)?\W*$|none\W*$)|(?:it |this |the \w+ )?(?:is )?undefined\W*$|(?:it |this |the \w+ )?(?:does|do) not exist\W*$|dne\W*$|(?:the )?empty set|(?:\\emptyset|\\varnothing|∅)\W*$"
    r"|(?:実数)?解(?:は|が)?(?:なし|ない|ありません|存在しない|存在しません)|存在し(?:ない|ません)|定義され(?:ない|ません)|該当なし|空集合"
)
_FORMULA = re.compile(r"[\^=+*√±(]|\d\s?/|/\s?\d")
_DIGIT = re.compile(r"\d")
_PARTS = re.compile(r"[,;±∪{}\[\]]|\b(?:and|or)\b")
_AND = re.compile(r"\b(?:and|or)\b")
_BRACKETED = re.compile(r"^[(\[]\s?-?[\w.]{1,12}\s?[,、]")


def plain_number(text: str) -> FinalAnswer | None:
    """The number a text is, where it is figures alone; None where it is anything else, or may be."""
    match = _PLAIN_NUMBER.match(text)
    if match is None:
        return None
    whole, decimals = match.groups()
    whole = whole.replace(",", "")
    if decimals:
        return quantity(Fraction(whole + decimals))
    value = int(whole)
    return FinalAnswer(_NUMBER, Fraction(value), str(value))


def is_number(text: str) -> bool:
    """Whether a text is a number and nothing else: figures, perhaps with a unit, or arithmetic."""
    return len(text) <= SHORT_CHARS and (
        _NUMBER_ALONE.match(text) is not None
        or evaluated(text) is not None
        or _INFINITE_ALONE.match(text) is not None
    )


def number_in(
    content: str, unit: str | None, *, last: bool = False, only: bool = False
) -> FinalAnswer | None:
    """The number a text gives, in the unit asked for; an expression of symbols stays a phrase.

    Args:
        content: Folded text without LaTeX commands.
        unit: The unit asked for, if any.
        last: Read the last number instead of the first.
        only: The text must say little besides the number.
    """
    alone = plain_number(content)
    if alone is not None:
        return alone
    said = unwrapped(first_sentence(content.strip(" *_`\"'$\n"))).rstrip(".")
    if "=" in said or "≈" in said:
        equals = _EQUALS.search(_ENUMERATED.split(said, maxsplit=1)[0])
        if equals and any(c.isalnum() for c in said[equals.end() :]):
            said = _ENUMERATED.split(said, maxsplit=1)[0][equals.end() :].strip(" $*_`")
    infinite = _INFINITE.match(said)
    if infinite:
        return quantity(-math.inf if infinite[1] else math.inf)
    written = None if _NUMBER_AND_UNIT.match(said) else _in_signs(said, last=last)
    if written is not None:
        return written
    found = quantities(said)
    if not found or (only and len(said) > (found[-1].end - found[0].start) + 24):
        return None
    return quantity(*number_asked(found[-1:] if last else found, unit))


def _in_signs(said: str, *, last: bool) -> FinalAnswer | None:
    """What a text of figures and signs alone comes down to: a value, a formula, or a bare form."""
    if not _SYMBOLIC.match(said) or _LONG_WORD.search(said) or not _OPERATOR.search(said):
        return None
    value = evaluated(said.strip(" $"))
    if value is not None:
        return quantity(value)
    found = None if last else mathematical(said)
    if found is None and not last and _is_symbolic(said):
        bare = key(re.sub(r"[\s*$]", "", said.lower()))
        return FinalAnswer(AnswerKind.PHRASE, bare, shown(said))
    return found


def mathematical(said: str) -> FinalAnswer | None:
    """A mathematical answer that is no plain number, or the number it comes down to."""
    if "\\begin" in said:  # the rows of a matrix; plain LaTeX ends them with a line break
        said = said.strip().replace("\n", "\\\\")
    written = " ".join(said.split())
    if len(written) > algebra.MAX_CHARS or not symbols.is_symbolic(written):
        return None
    value = symbols.number(written)
    if value is not None:
        return quantity(value)
    return FinalAnswer(AnswerKind.EXPRESSION, key(written), shown(written))


def formula(content: str) -> FinalAnswer | None:
    """The mathematical answer a text is, told from a name by a figure beside an operator."""
    if (
        len(content) > algebra.MAX_CHARS
        or not _FORMULA.search(content)
        or not _DIGIT.search(content)
    ):
        return None
    return mathematical(content)


def several(said: str) -> FinalAnswer | None:
    """A mathematical answer of several parts, ±, a set or an interval; None for one value."""
    if (
        not _PARTS.search(said)
        or not _SYMBOLIC.match(said)
        or _LONG_WORD.search(_AND.sub(" ", said))
    ):
        return None
    found = mathematical(said.strip(" $*_`."))
    return found if found and found.kind is AnswerKind.EXPRESSION else None


def is_one_measure(said: str) -> bool:
    """Whether figures side by side are one quantity: 5 feet 10 inches, 1 hour and 30 minutes."""
    units = [quantity.unit for quantity in quantities(said)] if len(said) <= SHORT_CHARS else []
    return len(units) > 1 and all(units) and len(set(units)) == len(units)


def without_solution(content: str) -> FinalAnswer | None:
    """The answer that nothing fits: no solution, undefined, 解なし; None for any other."""
    if len(content) > SHORT_CHARS * 2 or not _NO_SOLUTION.match(
        content.strip(" *_`\"'$\n").lower()
    ):
        return None
    return FinalAnswer(AnswerKind.EXPRESSION, symbols.EMPTY, "no solution")


def exact(value: int) -> Fraction:
    """A whole number as the value of a number."""
    return Fraction(value)


def rounded(value: Hashable, places: int | None) -> Hashable:
    """A number rounded half up to the places asked for; others as they are."""
    if places is None or not isinstance(value, Fraction | float) or not math.isfinite(value):
        return value
    scale = 10**places
    steps = math.floor(abs(Fraction(value)) * scale + Fraction(1, 2))
    return Fraction(steps if value > 0 else -steps, scale)


def _is_symbolic(said: str) -> bool:
    return bool(
        _BRACKETED.match(said) or re.search(r"[a-z√π∞]|\d\s?:\s?\d|sqrt", said, re.IGNORECASE)
    )


def is_bare(text: str) -> bool:
    """Whether a text has no word of a sentence, only figures and symbols."""
    return _LONG_WORD.search(text) is None or _INFINITE.match(text) is not None


def quantity(value: object, unit: str | None = None) -> FinalAnswer:
    """A number as a final answer, in a unit where one was written."""
    number = value if isinstance(value, Fraction | float) else str(value)
    return FinalAnswer(AnswerKind.NUMBER, number, shown(display(number)), unit)
