"""The final answer of a free text: its statements in order, or, without any, its prose."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Final

from consensus.answers import code, dates, numbers, phrases, picks, polarity
from consensus.answers.folding import (
    bounded,
    first_sentence,
    folded,
    key,
    normalised,
    sentences,
    shown,
    unwrapped,
)
from consensus.answers.kinds import AnswerKind, FinalAnswer, Question
from consensus.answers.latex import plain
from consensus.answers.markers import Form, Statement, statements
from consensus.answers.refusals import refuses
from consensus.answers.structured import json_value

REFUSED: Final = FinalAnswer(AnswerKind.REFUSAL, "refusal", "refusal")


def final_answer(question: Question, answer_text: str) -> FinalAnswer:
    """The answer a text comes down to, typed as the question asks where it can be.

    The last explicit statement wins; without one, a refusal is a refusal, and prose is read by the
    kind the question asks for. What fits no kind is `FREE_TEXT`. This never raises, and reads only
    the start and the end of an overlong text.
    """
    text = bounded(answer_text)
    low = folded(text).lower()
    stated = _stated(question, text, low)
    if stated:
        return stated[-1]
    if refuses(low):
        return REFUSED
    return _in_prose(question, text, low) or _free(text)


def stated_answers(question: Question, answer_text: str) -> tuple[FinalAnswer, ...]:
    """The distinct final answers a text commits to, in the order it first states them.

    More than one means that the text contradicts or corrects itself. Text that states nothing
    explicitly commits to its `final_answer` if that is typed, and to nothing otherwise.
    """
    text = bounded(answer_text)
    low = folded(text).lower()
    stated = _stated(question, text, low)
    if not stated:
        final = final_answer(question, answer_text)
        return () if final.kind is AnswerKind.FREE_TEXT else (final,)
    if question.asks is AnswerKind.YES_NO:
        opening = polarity.polarity(low)
        if opening is not None:
            stated.insert(0, _yes_no(opening))
    return tuple({(a.kind, a.value): a for a in stated}.values())


def _stated(question: Question, text: str, low: str) -> list[FinalAnswer]:
    found: list[FinalAnswer] = []
    if question.asks is AnswerKind.JSON:
        return found
    for statement in statements(text, low):
        answer = _read(question, statement)
        if answer is not None and not (
            question.asks is AnswerKind.CODE and statement.form not in {Form.WHOLE, Form.LINE}
        ):
            found.append(answer)
    return found


def _read(question: Question, statement: Statement) -> FinalAnswer | None:
    """The typed answer of a statement; where it is of no such type, a short phrase of its own."""
    reader = _READERS.get(question.asks, _inferred)
    answer = reader(question, statement)
    if answer is not None or statement.form not in {Form.WHOLE, Form.LINE}:
        return answer
    if question.asks in {AnswerKind.CHOICE, AnswerKind.CODE} or statement.form is Form.LINE:
        return None
    return _inferred(question, statement)


def _number(question: Question, statement: Statement) -> FinalAnswer | None:
    content = plain(folded(statement.text)).strip()
    if statement.form is Form.EXACT and len(content) > 40:  # noqa: PLR2004 - figures and a unit
        return None
    return number_in(
        content,
        question.unit,
        last=statement.form is Form.BEFORE,
        only=statement.form in {Form.EXACT, Form.CORRECTION},
    )


_INFINITE = re.compile(r"(?:there (?:are|is) )?(-|negative )?(?:∞|infinit|無限)", re.IGNORECASE)
_EQUALS = re.compile(r"[=≈]\s*(?=[^=≈]*$)")
_ENUMERATED = re.compile(r"(?:,\s|\band\b|;|、)(?=[^,;、]*=)")
_SYMBOLIC = re.compile(r"[-\w\s+*/^().,√π|{}\[\]<>=≤≥∪∞%!:$±]{1,120}$")
_LONG_WORD = re.compile(r"(?!sqrt|pi|log|ln|sin|cos|tan|cot|exp)[A-Za-z]{2,}|[^\x00-\x7f√π≤≥∪∞±]")
_OPERATOR = re.compile(r"[-+*/^(\[√π±]|sqrt|pi|[a-z]|\d\s?:\s?\d", re.IGNORECASE)
_NUMBER_AND_UNIT = re.compile(
    r"[^\d\-+]{0,4}[-+]?[^\d\-+]?\d[\d.,]*\s?(?:[%°a-zA-Z]{0,12})(?:\^?[23])?\.?$"
)
_BRACKETED = re.compile(r"^[(\[]\s?-?[\w.]{1,12}\s?[,、]")


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
        value = numbers.expression(said.strip(" $"))
        if value is not None:
            return _quantity(value)
        if not last and _is_symbolic(said):
            return FinalAnswer(
                AnswerKind.PHRASE, key(re.sub(r"[\s*$]", "", said.lower())), shown(said)
            )
    found = numbers.quantities(said)
    if not found or (only and len(said) > (found[-1].end - found[0].start) + 24):
        return None
    if last:
        return _quantity(numbers.number_asked(found[-1:], unit))
    return _quantity(numbers.number_asked(found, unit))


def _is_symbolic(said: str) -> bool:
    return bool(
        _BRACKETED.match(said) or re.search(r"[a-z√π∞]|\d\s?:\s?\d|sqrt", said, re.IGNORECASE)
    )


def _quantity(value: object) -> FinalAnswer:
    number = value if isinstance(value, Fraction | float) else str(value)
    return FinalAnswer(AnswerKind.NUMBER, number, shown(numbers.display(number)))


def _choice(question: Question, statement: Statement) -> FinalAnswer | None:
    match statement.form:
        case Form.EXACT:
            labels = picks.picked_exactly(question.choices, statement.text)
        case Form.BEFORE:
            labels = picks.picked_last(question.choices, statement.text)
        case Form.CORRECTION:
            labels = picks.picked(question.choices, first_sentence(statement.text))
        case Form.WHOLE | Form.LINE:
            labels = picks.picked(question.choices, statement.text)
    return _labels(labels)


def _labels(labels: picks.Labels | None) -> FinalAnswer | None:
    return FinalAnswer(AnswerKind.CHOICE, labels, ", ".join(labels)) if labels else None


def _polarity(_question: Question, statement: Statement) -> FinalAnswer | None:
    if statement.form is Form.BEFORE:
        said = polarity.polarity(unwrapped(folded(statement.text).lower().rsplit(" ", 1)[-1]))
    else:
        said = polarity.polarity(folded(plain(statement.text)).lower())
    return None if said is None else _yes_no(said)


def _yes_no(said: bool) -> FinalAnswer:
    return FinalAnswer(AnswerKind.YES_NO, said, "yes" if said else "no")


def _date(question: Question, statement: Statement) -> FinalAnswer | None:
    return _date_in(question, folded(statement.text).lower())


def _date_in(question: Question, low: str) -> FinalAnswer | None:
    found = dates.dates(low)
    if not found and (question.unit == "year" or len(low) <= 40):  # noqa: PLR2004 - a year and little else
        found = dates.years(low)
    if not found:
        return None
    reading = dates.year_of(found[0]) if question.unit == "year" else found[0]
    return FinalAnswer(AnswerKind.DATE, reading, dates.display(reading))


def _phrase(question: Question, statement: Statement) -> FinalAnswer | None:
    if statement.form is Form.EXACT:
        return None
    if statement.form is Form.CORRECTION and len(statement.text.split()) > 4:  # noqa: PLR2004 - a name, not a remark
        return None
    content = plain(folded(statement.text)).strip(" *_`\"'")
    if _NUMBER_ALONE.match(content):
        return number_in(content, question.unit)
    return _short_phrase(phrases.phrase(folded(question.text).lower(), content))


def _short_phrase(short: str | None) -> FinalAnswer | None:
    return (
        None
        if short is None
        else FinalAnswer(AnswerKind.PHRASE, phrases.canonical(short), shown(short))
    )


def _code(question: Question, statement: Statement) -> FinalAnswer | None:
    blocks = code.fenced(statement.text)
    if blocks:
        return _code_in(question, blocks[-1][1])
    if statement.form is Form.WHOLE:
        return _code_in(question, statement.text)
    return _code_in(question, statement.text) if statement.text.strip() else None


def _code_in(question: Question, text: str) -> FinalAnswer | None:
    """A value or a program. Where a value is asked for, text without quotes is a string."""
    said = text.strip()
    if len(said) > 1 and said.startswith("`") and said.endswith("`"):
        said = text = said.strip("`")
    if said.startswith("assert ") and "==" in said:
        said = text = said.rsplit("==", 1)[1].strip()
    value = code.literal(said)
    if value is None and question.wants_value:
        value = code.text_literal(text)
    if value is not None:
        return FinalAnswer(AnswerKind.CODE, ("literal", key(value)), shown(said) or value)
    if code.parses(said) or "\n" in said:
        return FinalAnswer(AnswerKind.CODE, ("program", code.program(said)), shown(said))
    return None


_NUMBER_ALONE = re.compile(
    r"[^\w]{0,4}[-+]?[^\w]{0,3}\d[\d.,]*(?:\s?/\s?\d+)?\s?(?:%|°|[A-Za-z]{1,12}|[^\x00-\x7f]{1,4})?[.。]?$"
)
_YES_NO_ALONE = re.compile(r"\W*(?:yes|no|true|false|はい|いいえ)\W*$")


def _inferred(question: Question, statement: Statement) -> FinalAnswer | None:
    """The type an answer shows by itself, where the question does not tell one."""
    content = unwrapped(plain(folded(statement.text)))
    low = content.lower()
    if _YES_NO_ALONE.match(low) or (
        statement.form is Form.LINE and polarity.polarity(low) is not None
    ):
        return _polarity(question, statement)
    if dated := dates.dates(low):
        return (
            FinalAnswer(AnswerKind.DATE, dated[0], dates.display(dated[0]))
            if len(low) <= 40
            else None
        )
    if len(content) <= 60 and (
        _NUMBER_ALONE.match(content) or numbers.expression(content) is not None
    ):
        return number_in(content, question.unit)
    if statement.form in {Form.EXACT, Form.CORRECTION}:
        return None
    return _short_phrase(phrases.phrase(folded(question.text).lower(), content))


def _in_prose(question: Question, text: str, low: str) -> FinalAnswer | None:
    if not normalised(low[:2_000]) and question.asks is not AnswerKind.CODE:
        return None
    match question.asks:
        case AnswerKind.CHOICE:
            return _labels(picks.picked_in_prose(question.choices, folded(text)))
        case AnswerKind.YES_NO:
            said = polarity.polarity(low)
            if said is None:
                said = polarity.affirmed(folded(question.text).lower(), low)
            return None if said is None else _yes_no(said)
        case AnswerKind.NUMBER:
            return _number_in_prose(question, text)
        case AnswerKind.DATE:
            return _date_in(question, low)
        case AnswerKind.PHRASE:
            return _short_phrase(phrases.phrase(folded(question.text).lower(), text))
        case AnswerKind.CODE:
            return _code_in_prose(question, text)
        case AnswerKind.JSON:
            value = json_value(text)
            return None if value is None else FinalAnswer(AnswerKind.JSON, value, shown(value))
        case _:
            short = text.strip()
            if len(short) > 60:  # noqa: PLR2004 - prose is free text
                return None
            return _inferred(question, Statement(short, 0, Form.WHOLE))


def _code_in_prose(question: Question, text: str) -> FinalAnswer | None:
    """The longest fenced block; a text without any must be a value, or parse, as a whole."""
    longest = max((content for _, content in code.fenced(text)), key=len, default=None)
    if longest is not None:
        return _code_in(question, longest)
    inline = [m[1] for m in _INLINE_CODE.finditer(text)]
    if question.wants_value and inline:
        return _code_in(question, inline[-1])
    if len(text) > 80 and not code.parses(text):  # noqa: PLR2004 - a value, not prose
        return None
    return _code_in(question, text.strip())


_PROSE_CHARS: Final = 1_500
"""How much of an answer's end is searched for an unmarked number."""

_INLINE_CODE = re.compile(r"(?<!`)`([^`\n]{1,400})`(?!`)")
_BOLD_NUMBER = re.compile(r"\*\*([^*\n]{1,60})\*\*")


def _number_in_prose(question: Question, text: str) -> FinalAnswer | None:
    """The number of the last sentence that has one: bold, behind "=", or new to the question."""
    told = plain(folded(text[-_PROSE_CHARS:]))
    for sentence in reversed(sentences(told)):
        found = numbers.quantities(sentence)
        if not found:
            continue
        bold = [m[1] for m in _BOLD_NUMBER.finditer(sentence) if numbers.quantities(m[1])]
        if bold:
            return number_in(bold[-1], question.unit)
        if "=" in sentence or len(found) == 1:
            return number_in(sentence, question.unit)
        asked = {q.value for q in numbers.quantities(folded(question.text[-2_000:]))}
        new = [n for n, q in enumerate(found) if q.value not in asked]
        first = new[0] if new else len(found) - 1
        return _quantity(numbers.number_asked(found[first:], question.unit))
    return None


def _free(text: str) -> FinalAnswer:
    return FinalAnswer(
        AnswerKind.FREE_TEXT, key(normalised(text)), shown(first_sentence(text.strip()))
    )


_Reader = Callable[[Question, Statement], FinalAnswer | None]
_READERS: Final[dict[AnswerKind, _Reader]] = {
    AnswerKind.NUMBER: _number,
    AnswerKind.CHOICE: _choice,
    AnswerKind.YES_NO: _polarity,
    AnswerKind.DATE: _date,
    AnswerKind.PHRASE: _phrase,
    AnswerKind.CODE: _code,
}
