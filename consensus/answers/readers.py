"""One reader a kind: the typed answer in a marked statement, and in an answer without markers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from consensus.answers import (
    code,
    date_readers,
    dates,
    name_readers,
    number_readers,
    numbers,
    picks,
    polarity,
    unknowns,
)
from consensus.answers.folding import first_sentence, folded, shown, unwrapped
from consensus.answers.kinds import AnswerKind, FinalAnswer, Question
from consensus.answers.latex import plain
from consensus.answers.prose_picks import picked_in_prose
from consensus.answers.statement import Form, Statement
from consensus.answers.structured import json_value

if TYPE_CHECKING:
    from consensus.answers.picks import Labels

_SHORT_CHARS: Final = 60
"""An answer without marker to a question of unknown kind is typed only if it is this short."""

_TITLE_WORDS: Final = 2
_TITLE_CHARS: Final = 8
"""What may be a bare name, in words or in Japanese characters."""

UNKNOWN: Final = FinalAnswer(AnswerKind.UNKNOWN, "unknown", "unknown")

_LABEL = re.compile(
    r"[\s*_`$\"'}]{0,6}(?:\((?:\\text\{)?([A-J])\}?\)|([A-J])(?=\s*(?:[.*`\"']|$)))[\s.*_`$\"'}]{0,8}(?:\n|$)"
)
"""The letter of an option, alone, where the prompt that was read shows no options."""

_NONE_OF_THEM = re.compile(
    r"^[\W_]{0,6}(?:none|neither|no) of (?:the|these|those|them)\b|^[\W_]{0,6}no (?:correct )?(?:option|choice|answer) (?:is|matches|fits)|^[\W_]{0,6}(?:該当なし|(?:どれも|いずれも)[^。]{0,12}(?:ない|ません)|正解(?:は)?なし)"
)
_YES_NO_ALONE = re.compile(r"\W*(?:yes|no|true|false|はい|いいえ)\W*$")


def read_statement(question: Question, statement: Statement) -> FinalAnswer | None:
    """The answer a statement gives, of the kind asked for; if of no such kind, of its own."""
    if question.asks is AnswerKind.NUMBER:
        figures = number_readers.plain_number(question, statement)
        if figures is not None:
            return figures
    if statement.form in number_readers.WHOLE_ANSWERS and unknowns.admits(
        folded(statement.text).lower()
    ):
        return UNKNOWN
    if question.asks not in _CLOSED and statement.form in number_readers.WHOLE_ANSWERS:
        label = _LABEL.match(statement.text)
        if label is not None:
            letter = label[1] or label[2]
            return FinalAnswer(AnswerKind.PHRASE, letter.lower(), letter)
    reader = _STATED.get(question.asks, _inferred)
    answer = reader(question, statement)
    if answer is not None or statement.form is not Form.WHOLE or question.asks in _CLOSED:
        return answer
    return _inferred(question, statement)


def read_prose(question: Question, text: str, low: str) -> FinalAnswer | None:
    """The typed answer of a text without markers, None when it has none.

    Args:
        question: What is asked.
        text: The answer as written.
        low: The same, folded and in lower case.
    """
    reader = _PROSE.get(question.asks)
    if reader is not None:
        return reader(question, text, low)
    short = text.strip()
    if not short or len(short) > _SHORT_CHARS:
        return None
    answer = _inferred(question, Statement(short, 0, Form.WHOLE))
    # "Plants use light." is a sentence; only a name alone answers an open question by itself.
    named = len(short.split()) <= _TITLE_WORDS and (short.isascii() or len(short) <= _TITLE_CHARS)
    return None if answer and answer.kind is AnswerKind.PHRASE and not named else answer


def yes_no(said: bool | None) -> FinalAnswer | None:
    """The answer yes or no, None for neither."""
    return None if said is None else FinalAnswer(AnswerKind.YES_NO, said, "yes" if said else "no")


def _choice(question: Question, statement: Statement) -> FinalAnswer | None:
    match statement.form:
        case Form.EXACT:
            return _labels(picks.picked_exactly(question.choices, statement.text))
        case Form.BEFORE:
            return _labels(picks.picked_last(question.choices, statement.text))
        case Form.CORRECTION:
            return _labels(picks.picked(question.choices, first_sentence(statement.text)))
        case Form.WHOLE | Form.LINE:
            # "\\text{The answer is } (\\text{G})": the command closes behind the marker.
            said = statement.text
            said = plain(said[1:]).strip(" $") if said.startswith("}") else said
            return _labels(picks.picked(question.choices, said)) or _none_of_them(said)


def _none_of_them(said: str) -> FinalAnswer | None:
    """The statement that no option is right, where none of the options says so."""
    none = _NONE_OF_THEM.match(folded(said).lower())
    return FinalAnswer(AnswerKind.CHOICE, (), "none of the options") if none else None


def _choice_in_prose(question: Question, text: str, _low: str) -> FinalAnswer | None:
    return _labels(picked_in_prose(question.choices, folded(text)))


def _labels(labels: Labels | None) -> FinalAnswer | None:
    return FinalAnswer(AnswerKind.CHOICE, labels, ", ".join(labels)) if labels else None


def _polarity(question: Question, statement: Statement) -> FinalAnswer | None:
    said = folded(plain(statement.text)).lower()
    if statement.form is Form.BEFORE:
        said = unwrapped(said.rsplit(" ", 1)[-1])
    if question.negated and question.language == "ja":
        return yes_no(polarity.to_denial(said))
    return yes_no(polarity.polarity(said))


def _polarity_in_prose(question: Question, _text: str, low: str) -> FinalAnswer | None:
    if question.negated and question.language == "ja":
        return yes_no(polarity.to_denial(low))
    said = polarity.polarity(low)
    if said is None:
        said = polarity.closing(low)
    if said is None:
        said = polarity.affirmed(folded(question.text).lower(), low)
    return yes_no(said)


def _code(question: Question, statement: Statement) -> FinalAnswer | None:
    if statement.form not in {Form.WHOLE, Form.LINE}:
        return None
    blocks = code.fenced(statement.text)
    content = blocks[-1][1] if blocks else statement.text
    if not content.strip() and statement.form is Form.LINE:
        return None
    if question.wants_value and statement.form is Form.LINE and not blocks:
        return code.value_told(content)
    return code.code_answer(content, wants_value=question.wants_value, fence=bool(blocks))


def _code_in_prose(question: Question, text: str, _low: str) -> FinalAnswer | None:
    return code.code_in_prose(text, wants_value=question.wants_value)


def _unmarked(_question: Question, _statement: Statement) -> FinalAnswer | None:
    """JSON is the answer itself: words and fields inside it mark nothing."""
    return None


def _json_in_prose(_question: Question, text: str, _low: str) -> FinalAnswer | None:
    value = json_value(text)
    return None if value is None else FinalAnswer(AnswerKind.JSON, value, shown(value))


def _inferred(question: Question, statement: Statement) -> FinalAnswer | None:
    """The kind an answer shows by itself, where the question does not tell one."""
    content = unwrapped(plain(folded(statement.text)))
    low = content.lower()
    in_line = statement.form is Form.LINE
    told = number_readers.mathematics(statement) or numbers.without_solution(content)
    if told is not None:
        return told
    if _YES_NO_ALONE.match(low) or (in_line and polarity.polarity(low) is not None):
        return _polarity(question, statement)
    dated = dates.dates(low) if len(low) <= date_readers.DATE_CHARS else []
    if dated:
        return date_readers.of_date(dated[0])
    if numbers.is_number(content):
        listed = number_readers.several(question, content)
        return listed or numbers.number_in(content, question.unit)
    if statement.form in {Form.EXACT, Form.CORRECTION}:
        return None
    return (
        number_readers.several(question, content)
        or numbers.formula(content)
        or name_readers.short_phrase(question, content)
    )


_StatedReader = Callable[[Question, Statement], FinalAnswer | None]
_ProseReader = Callable[[Question, str, str], FinalAnswer | None]

_CLOSED: Final = frozenset({AnswerKind.CHOICE, AnswerKind.CODE, AnswerKind.JSON})
"""Kinds whose questions leave no answer of another kind."""

_STATED: Final[dict[AnswerKind, _StatedReader]] = {
    AnswerKind.NUMBER: number_readers.number,
    AnswerKind.EXPRESSION: number_readers.expression,
    AnswerKind.LIST: name_readers.names,
    AnswerKind.CHOICE: _choice,
    AnswerKind.YES_NO: _polarity,
    AnswerKind.DATE: date_readers.date,
    AnswerKind.TIME: date_readers.time,
    AnswerKind.PHRASE: name_readers.phrase,
    AnswerKind.CODE: _code,
    AnswerKind.JSON: _unmarked,
}
_PROSE: Final[dict[AnswerKind, _ProseReader]] = {
    AnswerKind.NUMBER: number_readers.number_told,
    AnswerKind.EXPRESSION: number_readers.expression_told,
    AnswerKind.LIST: name_readers.names_told,
    AnswerKind.CHOICE: _choice_in_prose,
    AnswerKind.YES_NO: _polarity_in_prose,
    AnswerKind.DATE: date_readers.date_told,
    AnswerKind.TIME: date_readers.time_told,
    AnswerKind.PHRASE: name_readers.phrase_told,
    AnswerKind.CODE: _code_in_prose,
    AnswerKind.JSON: _json_in_prose,
}
