"""Whether two final answers to one question are the same."""

from __future__ import annotations

from typing import Final, cast

from consensus.answers import dates, phrases, trials
from consensus.answers.kinds import AnswerKind, FinalAnswer

_OPEN_KINDS: Final = {AnswerKind.PHRASE, AnswerKind.CODE, AnswerKind.JSON}
"""Kinds that may word what another kind says as well."""


def same_answer(a: FinalAnswer, b: FinalAnswer) -> bool | None:
    """Whether two final answers to the same question agree.

    Returns:
        True or False where their types decide; None where they cannot: free text, phrases one of
        which may be the other's short form, dates told less exactly. A refusal equals a refusal and
        differs from every answer.
    """
    if (a.kind, a.value) == (b.kind, b.value):
        return True
    kinds = {a.kind, b.kind}
    if AnswerKind.REFUSAL in kinds:
        return False
    if AnswerKind.FREE_TEXT in kinds:
        return None
    if a.kind is not b.kind:
        return None if kinds & _OPEN_KINDS else False
    return _same_of_kind(a, b)


def _same_of_kind(a: FinalAnswer, b: FinalAnswer) -> bool | None:
    match a.kind:
        case AnswerKind.PHRASE:
            differ = phrases.differ(cast("str", a.value), cast("str", b.value))
            return None if differ is None else not differ
        case AnswerKind.DATE:
            return dates.agree(cast("dates.Reading", a.value), cast("dates.Reading", b.value))
        case AnswerKind.CODE:
            return _same_code(cast("tuple[str, str]", a.value), cast("tuple[str, str]", b.value))
        case _:
            return False


def _same_code(a: tuple[str, str], b: tuple[str, str]) -> bool | None:
    """Literals by value, expressions by what they yield; two programs may do the same."""
    forms = {a[0], b[0]}
    if forms == {"expression"}:
        return trials.yield_same(a[1], b[1])
    return False if forms == {"literal"} else None
