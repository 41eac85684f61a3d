"""The answer to a question about a program, computed: evidence on the answers that vendors give.

It never stands in for an answer. Where it is known, each vendor's answer is confirmed or refuted by
`consensus.answers.same_answer`; where anything is in doubt there is none.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Final

from consensus.answers import AnswerKind, FinalAnswer, read_question
from consensus.answers.code import MAX_LITERAL_CHARS, code_answer, literal
from consensus.answers.numbers import is_number, number_in
from consensus.answers.readers import yes_no
from consensus.execution.asks import Ask, Wanted, asked
from consensus.execution.interpreter import run_parsed
from consensus.execution.outcomes import Completed
from consensus.execution.programs import MAX_PROMPT_CHARS, in_python, programs, prose

if TYPE_CHECKING:
    from consensus.answers import Question

_SIGNS: Final = ("def ", "print(", "assert ", "lambda", "ython")
"""A prompt without any of these holds no program: looking for them costs microseconds."""

_MAX_NESTING: Final = 24


def computed_answer(prompt: str) -> FinalAnswer | None:
    """What the program in a prompt yields, where the prompt asks for that and it can be computed.

    Returns:
        The answer typed as `consensus.answers` types answers to this prompt, so that `same_answer`
        compares them; None where the prompt asks no such thing, asks several, or the program is outside
        the subset, over a bound, or ends in an exception. This never raises.
    """
    if len(prompt) > MAX_PROMPT_CHARS:
        return None
    if not any(sign in prompt for sign in _SIGNS):
        return None
    found = programs(prompt)
    if found is None:
        return None
    told = prose(prompt, found)
    ask = asked(found, told)
    if ask is None or not in_python(prompt, told):
        return None
    written = _answered(ask)
    if written is None or len(written) > MAX_LITERAL_CHARS:
        return None
    return _typed(read_question(prompt), written)


def _answered(ask: Ask) -> str | None:
    """What was asked for, as Python writes it (a value) or as it is printed."""
    outcome = run_parsed(ask.body, ask.expression)
    if not isinstance(outcome, Completed):
        return None
    value, printed = outcome.value, outcome.printed.strip()
    match ask.wanted:
        case Wanted.PRINTED:
            return printed or None
        case Wanted.VALUE:
            return written_literal(value)
        case Wanted.EITHER:
            if printed:
                return printed if value is None else None
            return written_literal(value) if value is not None else None


def _typed(question: Question, written: str) -> FinalAnswer | None:
    match question.asks:
        case AnswerKind.CODE if question.wants_value:
            return code_answer(written, wants_value=True)
        case AnswerKind.CHOICE:
            return _chosen(question, written)
        case AnswerKind.NUMBER if is_number(written):
            return number_in(written, question.unit)
        case AnswerKind.YES_NO if written in {"True", "False"}:
            return yes_no(written == "True")
        case _:
            return None


def _chosen(question: Question, written: str) -> FinalAnswer | None:
    """The only option that is this value, written as a literal or as printed."""
    value = literal(written)
    labels = []
    for label, option in question.choices:
        text = option.strip().strip("`").strip()
        same = text == written or (value is not None and literal(text) == value)
        if same or repr(text) == written:
            labels.append(label)
    if len(labels) != 1:
        return None
    return FinalAnswer(AnswerKind.CHOICE, (labels[0],), labels[0])


def written_literal(value: Any, depth: int = 0) -> str | None:  # noqa: PLR0911 - one case a type
    """A value as a Python literal, None for what has no literal; sets in the order of their texts.

    Counters and dictionaries with defaults are written as the dictionaries they equal.
    """
    if depth > _MAX_NESTING:
        return None
    kind = type(value)
    if kind in {int, str, bytes, bool} or value is None:
        return repr(value)
    if kind is float:
        return repr(value) if math.isfinite(value) else None
    if kind in {dict, Counter, defaultdict}:
        pairs = [
            (written_literal(k, depth + 1), written_literal(v, depth + 1)) for k, v in value.items()
        ]
        inside = [f"{k}: {v}" for k, v in pairs if k is not None and v is not None]
        return "{" + ", ".join(inside) + "}" if len(inside) == len(value) else None
    if kind not in {list, tuple, set}:
        return None
    items = [written_literal(item, depth + 1) for item in value]
    known = [item for item in items if item is not None]
    if len(known) != len(items):
        return None
    if kind is set:
        return "{" + ", ".join(sorted(known)) + "}" if known else "set()"
    if kind is list:
        return "[" + ", ".join(known) + "]"
    return "(" + ", ".join(known) + (",)" if len(known) == 1 else ")")
