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
    UNSEEN,
    Argument,
    Side,
    one_line,
    points_of,
)
from consensus.reading import read_answer
from consensus.sameness import likeness_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consensus.answers import FinalAnswer, Question
    from consensus.reading import Reading
    from consensus.transcript import Attempt
    from consensus.verdict import Consensus

MAX_ANSWER_CHARS = 120
"""Length of a position's final answer, as `consensus.answers` shows it to people."""

MAX_CODE_CHARS = 1_500
"""Length of a program that is shown: some forty lines. Its sentences would say nothing of it."""


@dataclass(frozen=True, slots=True)
class Position:
    """One of the answers in dispute.

    ``answer``: its final answer on one line; empty where only the points tell it (free text, code).
    ``holders``: who stands by it; for our books, no model is told. ``points``: what it rests on, at
    most `consensus.decisive_points.MAX_POINTS`, each on one line, save for a program, which is one
    point of several lines. ``declines``: it refuses to answer.
    """

    answer: str
    holders: tuple[str, ...]
    points: tuple[str, ...]
    declines: bool = False


def positions_of(
    question: Question, answers: Sequence[Attempt], consensus: Consensus
) -> tuple[Position, ...]:
    """The positions among the standing answers, the best supported first.

    Args:
        question: What was asked.
        answers: The standing answers.
        consensus: Of these answers; who dissents from the winner, it has decided.
    """
    by_name = {a.provider: a for a in answers}
    readings = {name: read_answer(question, a.text or "") for name, a in by_name.items()}
    groups = _groups(question, consensus, readings)
    read = [[Argument(by_name[name], readings[name]) for name in group] for group in groups]
    return tuple(
        _position(question, texts, [Side(other) for other in read if other is not texts])
        for texts in read
    )


def _groups(
    question: Question, consensus: Consensus, readings: dict[str, Reading]
) -> list[list[str]]:
    """The winner's side as it was decided, and the dissenters by what they say."""
    ranking = [name for name in consensus.ranking if name in readings]
    dissenters = [name for name in ranking if name in consensus.dissent]
    alike = likeness_of(question, [readings[name] for name in dissenters])
    groups: list[list[int]] = []
    for i in range(len(dissenters)):
        held = next((group for group in groups if alike[group[0]][i].same), None)
        if held is None:
            groups.append([i])
        else:
            held.append(i)
    sides = [[name for name in ranking if name not in consensus.dissent]]
    sides += [[dissenters[i] for i in group] for group in groups]
    return [side for side in sides if side]


def _position(question: Question, texts: list[Argument], others: list[Side]) -> Position:
    final = texts[0].final
    holders = tuple(text.provider for text in texts)
    if final.kind is AnswerKind.REFUSAL:
        return Position("", holders, (), declines=True)
    if final.kind is AnswerKind.CODE and (program := _program(texts[0].text)):
        return Position("", holders, (program,))
    points = points_of(texts, others)
    if final.kind in {AnswerKind.FREE_TEXT, AnswerKind.CODE}:
        return Position("", holders, points or (one_line(texts[0].text, MAX_POINT_CHARS),))
    return Position(_answer(question, final), holders, points)


def _answer(question: Question, final: FinalAnswer) -> str:
    text = final.text
    if final.kind is AnswerKind.CHOICE:
        options = dict(question.choices)
        text = f"{text}) {options[text]}" if text in options else text
    if final.kind is AnswerKind.YES_NO and question.language == "ja":
        text = {"yes": "はい", "no": "いいえ"}.get(text, text)
    return one_line(text, MAX_ANSWER_CHARS)


def _program(text: str) -> str:
    """The code of an answer, its middle left out where it is long; empty without a code block."""
    code = "\n".join(block.strip("\n") for block in CODE_BLOCK.findall(text)).strip("\n")
    seen = "".join(c for c in code if c in "\n\t" or unicodedata.category(c) not in UNSEEN)
    if len(seen) <= MAX_CODE_CHARS:
        return seen
    half = MAX_CODE_CHARS // 2
    return f"{seen[:half]}\n…\n{seen[-half:]}"
