"""Readers of dates, spans of dates, and clock times."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from consensus.answers import clauses, dates, lists, times
from consensus.answers.folding import folded, sentences
from consensus.answers.kinds import AnswerKind, FinalAnswer

if TYPE_CHECKING:
    from consensus.answers.kinds import Question
    from consensus.answers.statement import Statement

DATE_CHARS: Final = 40
"""A date or a year with little else."""

_SPAN_CHARS: Final = 80
"""A span of dates with little else."""

_BETWEEN = re.compile(r"\s(?:to|until|till|through|-)\s|\s?[~〜]\s?|から|(?<=\d)-(?=[a-z])")
_YEARS = re.compile(
    r"(?<!\d)(\d{4})\s?年?\s?(?:-|~|〜|to|until|through|から)\s?(\d{4}|\d{2})(?!\d)"
)


def date(question: Question, statement: Statement) -> FinalAnswer | None:
    """The date a statement gives, or the span from one to another."""
    return date_told(question, statement.text, folded(statement.text).lower())


def date_told(question: Question, _text: str, low: str) -> FinalAnswer | None:
    """The date a text tells: the most exact one, or the span it is nothing but."""
    if len(low) <= _SPAN_CHARS:
        span = _span(low)
        if span is not None:
            return span
    found = dates.dates(low)
    if not found and (question.unit == "year" or len(low) <= DATE_CHARS):
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
    return of_date(reading)


def of_date(reading: dates.Reading) -> FinalAnswer:
    """A date as a final answer."""
    return FinalAnswer(AnswerKind.DATE, reading, dates.display(reading))


def time(question: Question, statement: Statement) -> FinalAnswer | None:
    """The clock time a statement gives."""
    return time_told(question, statement.text, folded(statement.text).lower())


def time_told(_question: Question, _text: str, low: str) -> FinalAnswer | None:
    """The clock time a text tells: the only one, or the one of its last sentence that has any."""
    found = times.times(low)
    if len(set(found)) > 1:
        of_sentences = [t for s in sentences(low) if (t := times.times(clauses.told(s)))]
        found = of_sentences[-1][-1:] if of_sentences else found[-1:]
    if not found:
        return None
    return FinalAnswer(AnswerKind.TIME, found[0], times.display(found[0]))


def _span(low: str) -> FinalAnswer | None:
    """From one date to another: 1939-1945, March 3 to March 5, 5月3日から5月5日."""
    years = _YEARS.search(low)
    if years and "-" not in low[years.end() : years.end() + 1]:
        first, last = years[1], years[2] if len(years[2]) == len(years[1]) else years[1][:2] + years[2]  # fmt: skip
        ends = [*dates.years(first), *dates.years(last)]
        if len(ends) == 2 and int(first) < int(last) and len(years[2]) == 4:  # noqa: PLR2004 - two ends
            return lists.collected([of_date(end) for end in ends], ordered=True)
        return None
    halves = _BETWEEN.split(low)
    if len(halves) != 2:  # noqa: PLR2004 - from one to another
        return None
    found = [dates.dates(half) for half in halves]
    if any(len(half) != 1 for half in found):
        return None
    end = found[1][0]
    start = dates.in_year_of(found[0][0], [end])
    return lists.collected([of_date(start), of_date(end)], ordered=True) if start != end else None
