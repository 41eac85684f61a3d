"""Whether two final answers to one question are the same."""

from __future__ import annotations

from typing import cast

from consensus.answers import dates, phrases
from consensus.answers.kinds import AnswerKind, FinalAnswer


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
        return a.kind is b.kind
    if AnswerKind.FREE_TEXT in kinds:
        return None
    if a.kind is not b.kind:
        return None if kinds & {AnswerKind.PHRASE, AnswerKind.CODE, AnswerKind.JSON} else False
    if a.kind is AnswerKind.PHRASE:
        differ = phrases.differ(str(a.value), str(b.value))
        return None if differ is None else not differ
    if a.kind is AnswerKind.DATE:
        return dates.agree(cast("dates.Reading", a.value), cast("dates.Reading", b.value))
    if a.kind is AnswerKind.CODE and "program" in {
        cast("tuple[str, str]", a.value)[0],
        cast("tuple[str, str]", b.value)[0],
    }:
        return None  # two programs may do the same
    return False
