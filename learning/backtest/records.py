"""Recorded answers and labelled pairs, row by row: what a line of a file says, or what is wrong with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

AGREE = "agree"
CONTRADICT = "contradict"


class EvaluationDataError(ValueError):
    """Recorded data cannot be used. The message says which, and why; it is fit to be shown."""


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """What a model once said. ``text`` None: it said nothing, or its call failed.

    ``extracted``: the final answer in the benchmark's own format, equal strings within a record being
    the same answer. ``correct``: None where nobody can tell. ``truncated``: the reply lacks its end.
    """

    model: str
    text: str | None
    extracted: str | None
    correct: bool | None
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One prompt and what several models said to it. ``order``: its position in time."""

    dataset: str
    id: str
    order: int
    prompt: str
    answers: tuple[RecordedAnswer, ...]
    requires_image: bool = False

    def by(self, model: str) -> tuple[RecordedAnswer, ...]:
        """All answers of ``model``, samples of the same call included."""
        return tuple(answer for answer in self.answers if answer.model == model)


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two answers to one question that agree or contradict. ``strict``: the label is a safe one."""

    dataset: str
    question: str
    a: str
    b: str
    agrees: bool
    strict: bool | None = None


def parse(line: str) -> RecordedRequest | LabelledPair:
    """One line of a file.

    Raises:
        EvaluationDataError: It is not JSON, or not a row of either kind.
    """
    try:
        row = json.loads(line)
    except ValueError as e:
        raise EvaluationDataError(f"not JSON: {e}") from e
    except RecursionError as e:
        raise EvaluationDataError("not JSON that can be read: nested too deeply") from e
    if not isinstance(row, dict):
        raise EvaluationDataError("not a JSON object")
    if "answers" in row:
        return _request(row)
    if "label" in row:
        return _pair(row)
    raise EvaluationDataError("neither a record (with `answers`) nor a pair (with `label`)")


def _request(row: Mapping[str, Any]) -> RecordedRequest:
    answers = row["answers"]
    if not isinstance(answers, list) or not answers:
        raise EvaluationDataError("`answers` must be a list of at least one answer")
    order = row.get("order")
    if not isinstance(order, int) or isinstance(order, bool):
        raise EvaluationDataError("`order` must be a whole number, the position in time")
    return RecordedRequest(
        dataset=_text(row, "dataset"),
        id=str(row.get("id", order)),
        order=order,
        prompt=_text(row, "prompt"),
        answers=tuple(part for answer in answers for part in _answers(answer)),
        requires_image=_flag(row, "requires_image"),
    )


def _answers(answer: object) -> list[RecordedAnswer]:
    """The answer, and behind it further judged samples of the same model."""
    if not isinstance(answer, dict):
        raise EvaluationDataError("an answer must be an object")
    model = _text(answer, "model")
    samples = answer.get("samples") or []
    if not isinstance(samples, list):
        raise EvaluationDataError("`samples` must be a list")
    judged = [sample for sample in samples if isinstance(sample, dict)]
    return [_answer(model, part) for part in (answer, *judged)]


def _answer(model: str, answer: Mapping[str, Any]) -> RecordedAnswer:
    correct = answer.get("correct")
    if correct is not None and not isinstance(correct, bool):
        raise EvaluationDataError(f"`correct` of {model} must be true, false or null")
    text = answer.get("text")
    if text is not None and not isinstance(text, str):
        raise EvaluationDataError(f"`text` of {model} must be a text or null")
    extracted = answer.get("extracted")
    if isinstance(extracted, dict | list):
        raise EvaluationDataError(f"`extracted` of {model} must be a text or null")
    return RecordedAnswer(
        model=model,
        text=text if text and text.strip() and not answer.get("error") else None,
        extracted=None if extracted is None else str(extracted),
        correct=correct,
        truncated=_flag(answer, "truncated"),
    )


def _pair(row: Mapping[str, Any]) -> LabelledPair:
    label = row["label"]
    if not isinstance(label, str) or label not in {AGREE, CONTRADICT}:
        raise EvaluationDataError(f"`label` must be {AGREE} or {CONTRADICT}, not {label!r:.40}")
    choices = row.get("choices") or []
    if not isinstance(choices, list) or not all(isinstance(choice, str) for choice in choices):
        raise EvaluationDataError("`choices` must be a list of texts")
    return LabelledPair(
        dataset=_text(row, "dataset"),
        question="\n".join([_text(row, "question"), *_lettered(choices)]),
        a=_text(row, "a"),
        b=_text(row, "b"),
        agrees=label == AGREE,
        strict=_flag(row, "strict") if "strict" in row else None,
    )


def _lettered(choices: list[str]) -> list[str]:
    """The options as a prompt shows them: those that come without their letters get them."""
    letters = [chr(ord("A") + i) for i in range(len(choices))]
    if all(
        c[:1].upper() == x and c[1:2] in set(".):") for c, x in zip(choices, letters, strict=True)
    ):
        return choices
    return [f"{letter}. {choice}" for letter, choice in zip(letters, choices, strict=True)]


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        raise EvaluationDataError(f"`{name}` must be a text that is not empty")
    return value


def _flag(row: Mapping[str, Any], name: str) -> bool:
    value = row.get(name)
    if value is not None and not isinstance(value, bool):
        raise EvaluationDataError(f"`{name}` must be true or false")
    return bool(value)
