"""From recorded answers to the requests of one row: who sits where, and what only judging may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from consensus.transcript import Attempt, Failure
from learning.backtest.records import EvaluationDataError
from learning.backtest.roles import SEATS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from learning.backtest.records import RecordedAnswer, RecordedRequest
    from learning.backtest.roles import Role

TRUNCATED = Failure("truncated", "the reply reached its limit and lacks its end", retryable=False)
"""As the gateway takes a reply that stopped at ``max_tokens`` (`providers.errors`)."""

EMPTY = Failure("empty_reply", "there is no reply on record", retryable=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of a row.

    ``prompt`` and ``attempts``, one a seat, are all that a consensus may see. ``correct`` and
    ``extracted``, by seat, are for judging and for baselines; ``record`` is where they come from.
    """

    prompt: str
    attempts: tuple[Attempt, ...]
    correct: tuple[bool, ...]
    extracted: tuple[str | None, ...]
    record: RecordedRequest


def seated(role: Role, records: Sequence[RecordedRequest]) -> tuple[Asked, ...]:
    """The requests of ``role`` in the order of time.

    Left out: requests that need an image, and such that one of the three models was not asked or
    nobody can judge.

    Raises:
        EvaluationDataError: A model is in no record of the set, or no request is left.
    """
    known = {answer.model for record in records for answer in record.answers}
    for model in role.models:
        if model not in known:
            raise EvaluationDataError(
                f"{role.name}: {model} is in no record of {role.dataset}; there are "
                + ", ".join(sorted(known))
            )
    asked = [_asked(record, role) for record in records if not record.requires_image]
    kept = tuple(request for request in asked if request is not None)
    if not kept:
        raise EvaluationDataError(f"{role.name}: no record has a judged answer of all its models")
    return kept


def _asked(record: RecordedRequest, role: Role) -> Asked | None:
    said = [record.by(model) for model in role.models]
    if not all(said):
        return None
    answers = [samples[0] for samples in said]
    correct = tuple(answer.correct for answer in answers if answer.correct is not None)
    if len(correct) < len(answers):
        return None
    return Asked(
        prompt=record.prompt,
        attempts=tuple(_attempt(i, answer) for i, answer in enumerate(answers)),
        correct=correct,
        extracted=tuple(answer.extracted for answer in answers),
        record=record,
    )


def _attempt(seat: int, answer: RecordedAnswer) -> Attempt:
    provider, vendor = SEATS[seat]
    failure = EMPTY if answer.text is None else TRUNCATED if answer.truncated else None
    return Attempt(
        provider=provider,
        vendor=vendor,
        model=answer.model,
        round=1,
        latency_ms=0.0,
        text=None if failure else answer.text,
        failure=failure,
    )
