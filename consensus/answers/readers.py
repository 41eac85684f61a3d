"""One reader a kind: the typed answer in a marked statement, and in an answer without markers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from consensus.answers import (
    clauses,
    code,
    dates,
    lists,
    numbers,
    phrases,
    picks,
    polarity,
    unknowns,
)
from consensus.answers.folding import first_sentence, folded, sentences, shown, unwrapped
from consensus.answers.kinds import AnswerKind, FinalAnswer, Question
from consensus.answers.latex import plain
from consensus.answers.markers import Form, Statement
from consensus.answers.prose_numbers import number_in_prose
from consensus.answers.prose_phrases import phrase_in_prose
from consensus.answers.prose_picks import picked_in_prose
from consensus.answers.structured import json_value

if TYPE_CHECKING:
    from consensus.answers.picks import Labels

_SHORT_CHARS: Final = 60
"""An answer without marker to a question of unknown kind is typed only if it is this short."""

_DATE_CHARS: Final = 40
"""A date or a year with little else."""

_TITLE_WORDS: Final = 2
_TITLE_CHARS: Final = 8
"""What may be a bare name, in words or in Japanese characters."""

_NAME_WORDS: Final = 4
"""A correction of more words is a remark, not a name."""

_UNKNOWABLE: Final = frozenset({Form.WHOLE, Form.LINE})
"""Forms behind which an answer may own not to be one, or be several."""

UNKNOWN: Final = FinalAnswer(AnswerKind.UNKNOWN, "unknown", "unknown")

_YES_NO_ALONE = re.compile(r"\W*(?:yes|no|true|false|はい|いいえ)\W*$")


def read_statement(question: Question, statement: Statement) -> FinalAnswer | None:
    """The answer a statement gives, of the kind asked for; if of no such kind, of its own."""
    if statement.form in _UNKNOWABLE and unknowns.admits(folded(statement.text).lower()):
        return UNKNOWN
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


def _number(question: Question, statement: Statement) -> FinalAnswer | None:
    content = plain(folded(statement.text)).strip()
    if statement.form in _UNKNOWABLE:
        whole = numbers.without_solution(content) or _listed(question, content)
        if whole is not None:
            return whole
    return _rounded(question, _one_number(question, statement, content))


def _listed(question: Question, content: str) -> FinalAnswer | None:
    """Several numbers, or a mathematical answer of several parts, where the text is nothing else."""

    def item(written: str) -> FinalAnswer | None:
        if not numbers.is_number(written):
            return None
        return _rounded(question, numbers.number_in(written, question.unit))

    said = content if len(content) <= lists.MAX_CHARS else content[: lists.MAX_CHARS]
    said = first_sentence(said.strip(" *_`\"'$\n"))
    if numbers.is_one_measure(said):
        return None
    return lists.numbers_listed(said, item, ordered=question.ordered) or numbers.several(said)


def _rounded(question: Question, answer: FinalAnswer | None) -> FinalAnswer | None:
    if answer is None or question.places is None or answer.kind is not AnswerKind.NUMBER:
        return answer
    return numbers.quantity(numbers.rounded(answer.value, question.places))


def _one_number(question: Question, statement: Statement, content: str) -> FinalAnswer | None:
    if statement.form is Form.EXACT and not numbers.is_number(content.strip("*_` ")):
        return None
    return numbers.number_in(
        content,
        question.unit,
        last=statement.form is Form.BEFORE,
        only=statement.form is Form.CORRECTION,
    )


def _number_in_prose(question: Question, text: str, _low: str) -> FinalAnswer | None:
    if len(text) <= _SHORT_CHARS * 2:
        content = plain(folded(text)).strip()
        whole = numbers.without_solution(content) or _listed(question, content)
        if whole is not None:
            return whole
    return _rounded(question, number_in_prose(question, text))


def _choice(question: Question, statement: Statement) -> FinalAnswer | None:
    match statement.form:
        case Form.EXACT:
            return _labels(picks.picked_exactly(question.choices, statement.text))
        case Form.BEFORE:
            return _labels(picks.picked_last(question.choices, statement.text))
        case Form.CORRECTION:
            return _labels(picks.picked(question.choices, first_sentence(statement.text)))
        case Form.WHOLE | Form.LINE:
            return _labels(picks.picked(question.choices, statement.text))


def _choice_in_prose(question: Question, text: str, _low: str) -> FinalAnswer | None:
    return _labels(picked_in_prose(question.choices, folded(text)))


def _labels(labels: Labels | None) -> FinalAnswer | None:
    return FinalAnswer(AnswerKind.CHOICE, labels, ", ".join(labels)) if labels else None


def _polarity(_question: Question, statement: Statement) -> FinalAnswer | None:
    said = folded(plain(statement.text)).lower()
    if statement.form is Form.BEFORE:
        said = unwrapped(said.rsplit(" ", 1)[-1])
    return yes_no(polarity.polarity(said))


def _polarity_in_prose(question: Question, _text: str, low: str) -> FinalAnswer | None:
    said = polarity.polarity(low)
    if said is None:
        said = polarity.closing(low)
    if said is None:
        said = polarity.affirmed(folded(question.text).lower(), low)
    return yes_no(said)


def _date(question: Question, statement: Statement) -> FinalAnswer | None:
    return _date_in_prose(question, statement.text, folded(statement.text).lower())


def _date_in_prose(question: Question, _text: str, low: str) -> FinalAnswer | None:
    found = dates.dates(low)
    if not found and (question.unit == "year" or len(low) <= _DATE_CHARS):
        found = dates.years(low)
    if not found:
        return None
    if len(set(found)) > 1:  # "many say the 14th, but it was the 15th"
        found = [d for s in sentences(low) for d in dates.dates(clauses.told(s))] or found
    told = dates.most_exact(found)
    if question.unit == "year":
        reading = dates.year_of(told)
    else:
        reading = dates.in_year_of(told, dates.dates(folded(question.text).lower()))
    return FinalAnswer(AnswerKind.DATE, reading, dates.display(reading))


def _phrase(question: Question, statement: Statement) -> FinalAnswer | None:
    if statement.form is Form.EXACT:
        return None
    if statement.form is Form.CORRECTION and len(statement.text.split()) > _NAME_WORDS:
        return None
    content = plain(folded(statement.text)).strip(" *_`\"'$\n")
    if numbers.is_number(content):
        return numbers.number_in(content, question.unit)
    return _short_phrase(question, content)


def _phrase_in_prose(question: Question, text: str, _low: str) -> FinalAnswer | None:
    content = plain(folded(text)).strip(" *_`\"'$\n")
    if numbers.is_number(content):
        return numbers.number_in(content, question.unit)
    told = phrase_in_prose(folded(question.text).lower(), plain(folded(text)).strip())
    if told is None:
        return None
    return FinalAnswer(AnswerKind.PHRASE, phrases.canonical(told), shown(told))


def _short_phrase(question: Question, content: str) -> FinalAnswer | None:
    short = phrases.phrase(folded(question.text).lower(), content)
    if short is None:
        return None
    if short[-1:].isdecimal() and numbers.is_number(short):
        return numbers.number_in(short, question.unit)
    return FinalAnswer(AnswerKind.PHRASE, phrases.canonical(short), shown(short))


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
    if _YES_NO_ALONE.match(low) or (in_line and polarity.polarity(low) is not None):
        return _polarity(question, statement)
    dated = dates.dates(low) if len(low) <= _DATE_CHARS else []
    if dated:
        return FinalAnswer(AnswerKind.DATE, dated[0], dates.display(dated[0]))
    if numbers.is_number(content):
        return numbers.number_in(content, question.unit)
    if statement.form in {Form.EXACT, Form.CORRECTION}:
        return None
    return _short_phrase(question, content)


_StatedReader = Callable[[Question, Statement], FinalAnswer | None]
_ProseReader = Callable[[Question, str, str], FinalAnswer | None]

_CLOSED: Final = frozenset({AnswerKind.CHOICE, AnswerKind.CODE, AnswerKind.JSON})
"""Kinds whose questions leave no answer of another kind."""

_STATED: Final[dict[AnswerKind, _StatedReader]] = {
    AnswerKind.NUMBER: _number,
    AnswerKind.CHOICE: _choice,
    AnswerKind.YES_NO: _polarity,
    AnswerKind.DATE: _date,
    AnswerKind.PHRASE: _phrase,
    AnswerKind.CODE: _code,
    AnswerKind.JSON: _unmarked,
}
_PROSE: Final[dict[AnswerKind, _ProseReader]] = {
    AnswerKind.NUMBER: _number_in_prose,
    AnswerKind.CHOICE: _choice_in_prose,
    AnswerKind.YES_NO: _polarity_in_prose,
    AnswerKind.DATE: _date_in_prose,
    AnswerKind.PHRASE: _phrase_in_prose,
    AnswerKind.CODE: _code_in_prose,
    AnswerKind.JSON: _json_in_prose,
}
