"""The final answer of a free text: its statements in order, or, without any, its prose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consensus.answers import polarity, unknowns
from consensus.answers.folding import bounded, first_sentence, folded, key, normalised, shown
from consensus.answers.kinds import AnswerKind, FinalAnswer
from consensus.answers.markers import statements
from consensus.answers.readers import UNKNOWN, read_prose, read_statement, yes_no
from consensus.answers.refusals import refuses
from consensus.answers.statement import Form

if TYPE_CHECKING:
    from consensus.answers.kinds import Question

MAX_STATEMENTS: Final = 32
"""How many of the last statements of an answer are read; honest answers have a handful."""

REFUSED: Final = FinalAnswer(AnswerKind.REFUSAL, "refusal", "refusal")


def read_answer_text(
    question: Question, answer_text: str
) -> tuple[FinalAnswer, tuple[FinalAnswer, ...]]:
    """`final_answer` and `stated_answers` of one text, read once."""
    text = bounded(answer_text)
    low = folded(text).lower()
    stated = _stated(question, text, low)
    if not stated:
        final = _unstated(question, text, low)
        return final, (() if final.kind is AnswerKind.FREE_TEXT else (final,))
    final = stated[-1]
    if question.asks is AnswerKind.YES_NO:
        opening = yes_no(polarity.polarity(low))
        stated = stated if opening is None else [opening, *stated]
    return final, tuple({(answer.kind, answer.value): answer for answer in stated}.values())


def final_answer(question: Question, answer_text: str) -> FinalAnswer:
    """The answer a text comes down to, typed as the question asks where it can be.

    The last explicit statement wins; without one, a refusal is a refusal, and prose is read by the
    kind the question asks for. What fits no kind is `FREE_TEXT`. This never raises, and reads only
    the start and the end of an overlong text.
    """
    return read_answer_text(question, answer_text)[0]


def stated_answers(question: Question, answer_text: str) -> tuple[FinalAnswer, ...]:
    """The distinct final answers a text commits to, in the order it first states them.

    More than one means that the text contradicts or corrects itself. Text that states nothing
    explicitly commits to its `final_answer` if that is typed, and to nothing otherwise.
    """
    return read_answer_text(question, answer_text)[1]


def _stated(question: Question, text: str, low: str) -> list[FinalAnswer]:
    marked = statements(text, low)[-MAX_STATEMENTS:]
    found = [(s, answer) for s in marked if (answer := read_statement(question, s)) is not None]
    enclosed = [answer for s, answer in found if s.form is Form.WHOLE]
    # A field or a box holds the very value of code; a sentence about it quotes and abridges.
    if question.asks is AnswerKind.CODE and enclosed:
        return enclosed
    return [answer for _, answer in found]


def _unstated(question: Question, text: str, low: str) -> FinalAnswer:
    if refuses(low):
        return REFUSED
    if unknowns.alone(low):
        return UNKNOWN
    answer = read_prose(question, text, low)
    if answer is not None:
        return answer
    if question.asks is not AnswerKind.FREE_TEXT and unknowns.withheld(low):
        return UNKNOWN
    short = shown(first_sentence(text.strip()))
    return FinalAnswer(AnswerKind.FREE_TEXT, key(normalised(text)), short)
