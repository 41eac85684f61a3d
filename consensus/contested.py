"""What exactly the answers to one question disagree on: the positions, and the points that carry them.

A challenge that hands over whole answers has each model argue everything again, at the price of reading
it all, and shows how many say the same. This keeps what is in dispute: each distinct final answer once,
however many hold it, and of its holders' texts the few sentences that decide
(`consensus.decisive_points`). What every position says is left out: it is not in dispute.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consensus.answers import AnswerKind
from consensus.decisive_points import (
    CODE_BLOCK,
    MAX_POINT_CHARS,
    MAX_POINTS,
    UNSEEN,
    Argument,
    Side,
    one_line,
    points_of,
)
from consensus.reading import read_answer
from consensus.sameness import likeness_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from consensus.answers import FinalAnswer, Question
    from consensus.reading import Reading
    from consensus.transcript import Attempt

MAX_ANSWER_CHARS = 120
"""Length of a position's final answer, as `consensus.answers` shows it to people."""

MAX_CODE_CHARS = 1_500
"""Length of a program that is shown: some forty lines. Its sentences would say nothing of it."""

CODE_READ_CHARS = 50_000
"""Characters of an answer in which its program is looked for: no honest one is longer."""


@dataclass(frozen=True, slots=True)
class Position:
    """One of the answers in dispute.

    ``answer``: its final answer on one line; empty where the points tell it (free text, code, short
    answers that are shown whole).
    ``holders``: who stands by it; for our books, no model is told. ``points``: what it rests on, at
    most `consensus.decisive_points.MAX_POINTS`, each on one line, save for a program, which is one
    point of several lines. ``declines``: it refuses to answer.
    """

    answer: str
    holders: tuple[str, ...]
    points: tuple[str, ...]
    declines: bool = False


def positions_of(
    question: Question,
    answers: Sequence[Attempt],
    ranking: Sequence[str],
    dissent: Collection[str],
) -> tuple[Position, ...]:
    """The positions among the standing answers, the best supported first.

    Args:
        question: What was asked.
        answers: The standing answers.
        ranking: Who gave them, from best to least supported.
        dissent: Those of them whose answer is not the winner's, as it was decided.
    """
    by_name = {a.provider: a for a in answers}
    readings = {name: read_answer(question, a.text or "") for name, a in by_name.items()}
    groups = _groups(question, [name for name in ranking if name in readings], dissent, readings)
    read = [[Argument(by_name[name], readings[name]) for name in group] for group in groups]
    return tuple(
        _position(question, texts, [Side(other) for other in read if other is not texts])
        for texts in read
    )


def _groups(
    question: Question,
    ranking: Sequence[str],
    dissent: Collection[str],
    readings: dict[str, Reading],
) -> list[list[str]]:
    """The winner's side as it was decided, and the dissenters by what they say."""
    dissenters = [name for name in ranking if name in dissent]
    alike = likeness_of(question, [readings[name] for name in dissenters])
    groups: list[list[int]] = []
    for i in range(len(dissenters)):
        held = next((group for group in groups if alike[group[0]][i].same), None)
        if held is None:
            groups.append([i])
        else:
            held.append(i)
    sides = [[name for name in ranking if name not in dissent]]
    sides += [[dissenters[i] for i in group] for group in groups]
    return [side for side in sides if side]


def _position(question: Question, texts: list[Argument], others: list[Side]) -> Position:
    final = texts[0].final
    holders = tuple(text.provider for text in texts)
    if final.kind is AnswerKind.REFUSAL:
        return Position("", holders, (), declines=True)
    is_program = final.kind is AnswerKind.CODE and not question.wants_value
    if is_program and (program := _program(texts[0].text)):
        return Position("", holders, (program,))
    points = points_of(texts, others)
    if final.kind is AnswerKind.FREE_TEXT:
        return Position("", holders, points or (one_line(texts[0].text, MAX_POINT_CHARS),))
    answer = _answer(question, final)
    short = _whole_texts(texts)
    if points and short and sum(map(len, short)) <= len(answer) + sum(map(len, points)):
        return Position("", holders, short)
    return Position(answer, holders, points)


def _whole_texts(texts: Sequence[Argument]) -> tuple[str, ...]:
    """The answers themselves, where all are short enough to be points; else nothing."""
    if any(len(text.text) > MAX_POINT_CHARS or text.remarks for text in texts):
        return ()
    whole = tuple(dict.fromkeys(one_line(text.text, MAX_POINT_CHARS) for text in texts))
    return whole if len(whole) <= MAX_POINTS else ()


def _answer(question: Question, final: FinalAnswer) -> str:
    """The final answer on one line. Of a choice its letter: the options stand in the question."""
    text = final.text
    if final.kind is AnswerKind.YES_NO and question.language == "ja":
        text = {"yes": "はい", "no": "いいえ"}.get(text, text)
    return one_line(text, MAX_ANSWER_CHARS)


def _program(text: str) -> str:
    """The code of an answer, its middle left out where it is long; empty without a code block."""
    blocks = CODE_BLOCK.findall(text[:CODE_READ_CHARS])
    code = "\n".join(block.strip("\n") for block in blocks).strip("\n")
    seen = "".join(c for c in code if c in "\n\t" or unicodedata.category(c) not in UNSEEN)
    if len(seen) <= MAX_CODE_CHARS:
        return seen
    half = MAX_CODE_CHARS // 2
    return f"{seen[:half]}\n…\n{seen[-half:]}"
