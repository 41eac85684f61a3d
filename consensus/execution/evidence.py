"""What a computed answer says of an answer a vendor gave: confirmed, refuted, or nothing."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from consensus.answers import AnswerKind, same_answer
from consensus.answers.code import literal

if TYPE_CHECKING:
    from consensus.answers import FinalAnswer


def confirmed(computed: FinalAnswer, given: FinalAnswer) -> bool | None:
    """Whether an answer is the computed one.

    Quotes alone make no difference: a value that goes through prose or a JSON field often loses those of
    its text, or gains some (``123`` for ``'123'``).

    Returns:
        True where it is, False where it is another, None where their types cannot tell.
    """
    same = same_answer(computed, given)
    if same is False and computed.kind is given.kind is AnswerKind.CODE:
        return _same_but_for_quotes(computed.value, given.value)
    return same


def _same_but_for_quotes(computed: object, given: object) -> bool:
    match computed, given:
        case ("literal", str(one)), ("literal", str(other)):
            return _unquoted(one) == other or _unquoted(other) == one
        case _:
            return False


def _unquoted(canonical: str) -> str | None:
    """The literal that the text of a string literal is; None where it is none."""
    if canonical[:1] not in {"'", '"'}:
        return None
    try:
        text = ast.literal_eval(canonical)
    except (ValueError, SyntaxError):
        return None
    return literal(text) if isinstance(text, str) else None
