"""Typed final answers taken from free text, and whether two of them are the same.

`read_question` tells what a prompt asks for, `final_answer` what a text answers, `same_answer`
whether two agree, `stated_answers` whether one contradicts itself, and
`read_answer_text` both of the last at once.
"""

from consensus.answers.comparison import same_answer
from consensus.answers.kinds import AnswerKind, FinalAnswer, Question
from consensus.answers.question import read_question
from consensus.answers.reading import final_answer, read_answer_text, stated_answers

__all__ = [
    "AnswerKind",
    "FinalAnswer",
    "Question",
    "final_answer",
    "read_answer_text",
    "read_question",
    "same_answer",
    "stated_answers",
]
