"""The number an answer gives: a quantity in the unit asked for, or an expression's value."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from consensus.answers.expressions import evaluated
from consensus.answers.figures import display, number_asked, quantities
from consensus.answers.folding import first_sentence, folded, key, sentences, shown, unwrapped
from consensus.answers.kinds import AnswerKind, FinalAnswer
from consensus.answers.latex import plain

if TYPE_CHECKING:
    from consensus.answers.kinds import Question

_PROSE_CHARS: Final = 1_500
"""How much of an answer's end is searched for an unmarked number."""

SHORT_CHARS: Final = 60
"""Longer than this, a text says more than a number."""

_NUMBER_ALONE = re.compile(
    r"[^\w]{0,4}[-+]?[^\w]{0,3}\d[\d.,]{0,40}(?:\s\d{1,6}/\d{1,6}|\s?/\s?\d{1,12})?(?:st|nd|rd|th)?\s?(?:%|°|[A-Za-z]{1,12}|[^\x00-\x7f]{1,4})?[.。]?$"
)
_INFINITE = re.compile(r"(?:there (?:are|is) )?(-|negative )?(?:∞|infinit|無限)", re.IGNORECASE)
_EQUALS = re.compile(r"[=≈]\s*(?=[^=≈]*$)")
_ENUMERATED = re.compile(r"(?:,\s|\band\b|;|、)(?=[^,;、]*=)")
_SYMBOLIC = re.compile(r"[-\w\s+*/^().,√π|{}\[\]<>=≤≥∪∞%!:$±]{1,120}$")
_LONG_WORD = re.compile(
    r"(?<![A-Za-z])(?!(?:sqrt|pi|log|ln|sin|cos|tan|cot|exp)(?![A-Za-z]))[A-Za-z]{2,}|[^\x00-\x7f√π≤≥∪∞±]"
)
_THAN = re.compile(
    r"\s(?:is|are|was) (?:\w{1,20} ){0,3}than\b|(?<=[はが])\s?-?\d[\d.,]{0,20}よりも?"
)
_OPERATOR = re.compile(r"[-+*/^(\[√π±]|sqrt|pi|[a-z]|\d\s?:\s?\d", re.IGNORECASE)
_NUMBER_AND_UNIT = re.compile(
    r"[^\d\-+]{0,4}[-+]?[^\d\-+]?\d[\d.,]*(?:e[-+]?\d{1,4})?\s?(?:[%°a-zA-Z]{0,12})(?:\^?[23])?\.?$",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"^[(\[]\s?-?[\w.]{1,12}\s?[,、]")


_BOLD_NUMBER = re.compile(r"\*\*([^*\n]{1,60})\*\*")


def is_number(text: str) -> bool:
    """Whether a text is a number and nothing else: figures, perhaps with a unit, or arithmetic."""
    return len(text) <= SHORT_CHARS and (
        _NUMBER_ALONE.match(text) is not None or evaluated(text) is not None
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
    said = unwrapped(first_sentence(content.strip(" *_`\"'$\n"))).rstrip(".")
    if "=" in said or "≈" in said:
        equals = _EQUALS.search(_ENUMERATED.split(said, maxsplit=1)[0])
        if equals and any(c.isalnum() for c in said[equals.end() :]):
            said = _ENUMERATED.split(said, maxsplit=1)[0][equals.end() :].strip(" $*_`")
    infinite = _INFINITE.match(said)
    if infinite:
        return _quantity(-math.inf if infinite[1] else math.inf)
    simple = _NUMBER_AND_UNIT.match(said)
    if (
        not simple
        and _SYMBOLIC.match(said)
        and not _LONG_WORD.search(said)
        and _OPERATOR.search(said)
    ):
        value = evaluated(said.strip(" $"))
        if value is not None:
            return _quantity(value)
        if not last and _is_symbolic(said):
            return FinalAnswer(
                AnswerKind.PHRASE, key(re.sub(r"[\s*$]", "", said.lower())), shown(said)
            )
    found = quantities(said)
    if not found or (only and len(said) > (found[-1].end - found[0].start) + 24):
        return None
    if last:
        return _quantity(number_asked(found[-1:], unit))
    return _quantity(number_asked(found, unit))


def _is_symbolic(said: str) -> bool:
    return bool(
        _BRACKETED.match(said) or re.search(r"[a-z√π∞]|\d\s?:\s?\d|sqrt", said, re.IGNORECASE)
    )


def _quantity(value: object) -> FinalAnswer:
    number = value if isinstance(value, Fraction | float) else str(value)
    return FinalAnswer(AnswerKind.NUMBER, number, shown(display(number)))


def number_in_prose(question: Question, text: str) -> FinalAnswer | None:
    """The number of the last sentence that has one: bold, behind "=", or new to the question."""
    told = plain(folded(text[-_PROSE_CHARS:]))
    bare = _LONG_WORD.search(told) is None or _INFINITE.match(told) is not None
    if len(text) <= SHORT_CHARS and bare:
        answer = number_in(told, question.unit)
        if answer is not None:
            return answer
    for whole in reversed(sentences(told)):
        # "9.9 is bigger than 9.11", 9.9は9.11より大きい: the first is the answer.
        sentence = _THAN.split(whole, maxsplit=1)[0] or whole
        found = quantities(sentence)
        if not found:
            continue
        bold = [m[1] for m in _BOLD_NUMBER.finditer(sentence) if quantities(m[1])]
        if bold:
            return number_in(bold[-1], question.unit)
        if "=" in sentence or len(found) == 1:
            return number_in(sentence, question.unit)
        asked = {q.value for q in quantities(folded(question.text[-2_000:]))}
        new = [n for n, q in enumerate(found) if q.value not in asked]
        first = new[0] if new else len(found) - 1
        return _quantity(number_asked(found[first:], question.unit))
    return None
