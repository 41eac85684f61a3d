"""Whether two final answers to one question are the same."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final, cast

from consensus.answers import dates, phrases, symbols, times, trials
from consensus.answers.kinds import AnswerKind, FinalAnswer
from consensus.answers.units import in_unit

if TYPE_CHECKING:
    from collections.abc import Iterable

_OPEN_KINDS: Final = {AnswerKind.PHRASE, AnswerKind.CODE, AnswerKind.JSON, AnswerKind.LIST}
"""Kinds that may word what another kind says as well."""

_MATHEMATICAL: Final = {AnswerKind.NUMBER, AnswerKind.EXPRESSION, AnswerKind.LIST}

_List = tuple[bool, tuple[FinalAnswer, ...]]
"""The value of a list: whether its order counts, and its items."""


def same_answer(a: FinalAnswer, b: FinalAnswer) -> bool | None:
    """Whether two final answers to the same question agree.

    Returns:
        True or False where their types decide; None where they cannot: free text, phrases one of
        which may be the other's short form, dates told less exactly. A refusal equals a refusal and
        differs from every answer; owning not to know differs from every typed one.
    """
    if (a.kind, a.value) == (b.kind, b.value):
        return True
    kinds = {a.kind, b.kind}
    if AnswerKind.REFUSAL in kinds:
        return False
    if AnswerKind.FREE_TEXT in kinds:
        return None
    if AnswerKind.UNKNOWN in kinds:
        return False
    if kinds <= _MATHEMATICAL and kinds != {AnswerKind.NUMBER}:
        return _same_mathematics(a, b)
    across = None if kinds & _OPEN_KINDS else False
    return _same_of_kind(a, b) if a.kind is b.kind else across


def _same_mathematics(a: FinalAnswer, b: FinalAnswer) -> bool | None:
    if a.kind is b.kind is AnswerKind.LIST:
        return _same_list(cast("_List", a.value), cast("_List", b.value))
    written = [_written(answer) for answer in (a, b)]
    return symbols.agree(written[0], written[1]) if all(written) else None


def _written(answer: FinalAnswer) -> str:
    """A number, an expression or a list of them in mathematical signs, empty where it is none."""
    if answer.kind is not AnswerKind.LIST:
        return str(answer.value) if answer.kind is AnswerKind.EXPRESSION else answer.text
    _, items = cast("_List", answer.value)
    return ", ".join(item.text for item in items) if _figures(items) else ""


def _figures(items: tuple[FinalAnswer, ...]) -> bool:
    return all(item.kind in {AnswerKind.NUMBER, AnswerKind.EXPRESSION} for item in items)


def _same_list(a: _List, b: _List) -> bool | None:
    """Item by item where their order counts; else each must have its like in the other."""
    if len(a[1]) != len(b[1]):
        return None if not (_figures(a[1]) and _figures(b[1])) else False
    if a[0] and b[0]:
        return _all(same_answer(x, y) for x, y in zip(a[1], b[1], strict=True))
    rest = list(b[1])
    undecided = False
    for item in a[1]:
        found = [same_answer(item, other) for other in rest]
        if True in found:
            rest.pop(found.index(True))
        elif None in found:
            undecided = True
        else:
            return False
    return None if undecided else True


def _all(found: Iterable[bool | None]) -> bool | None:
    answers = set(found)
    return False if False in answers else None if None in answers else True


def _same_of_kind(a: FinalAnswer, b: FinalAnswer) -> bool | None:
    match a.kind:
        case AnswerKind.NUMBER:
            return _same_measure(a, b)
        case AnswerKind.PHRASE:
            return _same_phrase(cast("str", a.value), cast("str", b.value))
        case AnswerKind.DATE:
            return dates.agree(cast("dates.Reading", a.value), cast("dates.Reading", b.value))
        case AnswerKind.TIME:
            return times.agree(cast("times.Reading", a.value), cast("times.Reading", b.value))
        case AnswerKind.CODE:
            return _same_code(cast("tuple[str, str]", a.value), cast("tuple[str, str]", b.value))
        case _:
            return False


def _same_phrase(a: str, b: str) -> bool | None:
    """Phrases by their words; the letter of an option says nothing about what words say."""
    if (len(a) == 1 and a.isascii()) is not (len(b) == 1 and b.isascii()):
        return None
    differ = phrases.differ(a, b)
    return None if differ is None else not differ


def _same_measure(a: FinalAnswer, b: FinalAnswer) -> bool:
    """Whether unequal numbers are the same in one unit: 2 hours and 120 minutes."""
    if not a.unit or not b.unit or a.unit == b.unit:
        return False
    if not isinstance(a.value, Fraction) or not isinstance(b.value, Fraction):
        return False
    return in_unit(a.value, a.unit, b.unit) == b.value


def _same_code(a: tuple[str, str], b: tuple[str, str]) -> bool | None:
    """Literals by value, expressions by what they yield; two programs may do the same."""
    forms = {a[0], b[0]}
    if forms == {"expression"}:
        return trials.yield_same(a[1], b[1])
    return False if forms == {"literal"} else None
