"""The words for what a prompt asks and what an answer says: AnswerKind, Question, FinalAnswer."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from providers.values import value

if TYPE_CHECKING:
    from collections.abc import Hashable

Language = Literal["en", "ja"]

Choice = tuple[str, str]
"""An option of a multiple-choice question: its label as the prompt writes it, and its text."""


class AnswerKind(StrEnum):
    """What type a final answer has; it decides how two answers are compared."""

    NUMBER = "number"
    EXPRESSION = "expression"
    LIST = "list"
    CHOICE = "choice"
    YES_NO = "yes_no"
    DATE = "date"
    TIME = "time"
    PHRASE = "phrase"
    CODE = "code"
    JSON = "json"
    UNKNOWN = "unknown"
    REFUSAL = "refusal"
    FREE_TEXT = "free_text"

    __hash__ = str.__hash__
    """Equal kinds are equal texts; the hash of other enumerations is computed in Python."""


@value(frozen=True, slots=True)
class FinalAnswer:
    """What an answer comes down to.

    ``value`` is canonical: within one kind, equal values are the same answer. ``text`` is a short
    form for people, such as ``42``, ``B``, ``yes``, ``2024-02-29`` or ``Paris``. ``unit``: the unit of
    a number, where it was written (`consensus.answers.units`); a value in another one may be the same.
    """

    kind: AnswerKind
    value: Hashable
    text: str
    unit: str | None = field(default=None, compare=False)


@value(frozen=True, slots=True)
class Question:
    """What a prompt asks for.

    ``asks`` is ``FREE_TEXT`` where the prompt does not tell. ``unit`` is the unit a number is asked
    in (``minute``, ``percent``; see `consensus.answers.units`), or ``year`` where a date is asked by
    its year alone. ``wants_value`` marks code questions whose answer is what the code yields, not code.
    ``several`` marks questions for more than one thing, ``ordered`` ones where their order counts.
    ``places``: decimal places a number is asked to be rounded to. ``negated``: the question itself
    denies ("Isn't it …?"). ``equation``: an equation is asked for, not one of its sides.
    """

    text: str
    asks: AnswerKind
    choices: tuple[Choice, ...] = ()
    language: Language = "en"
    unit: str | None = None
    wants_value: bool = False
    several: bool = False
    ordered: bool = False
    places: int | None = None
    negated: bool = False
    equation: bool = False
