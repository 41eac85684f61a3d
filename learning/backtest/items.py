"""What came of each request of a replay, for a look by hand: no prompt and no answer is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from learning.backtest.figures import DIGITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from learning.backtest.replay import Replay
    from learning.backtest.seating import Asked
    from learning.backtest.walk_forward import Outcome


def items(replay: Replay) -> Iterator[dict[str, Any]]:
    """One plain value a request, in the order of time.

    ``returned`` is the provider whose answer was given out, None where all failed; ``lessons`` how
    many labels had been learned from; ``vote`` how right the plain vote is, of a tie the mean.
    """
    for request, step, voted in zip(replay.requests, replay.steps, replay.votes, strict=True):
        providers = [attempt.provider for attempt in request.attempts]
        yield {
            "row": replay.role.name,
            "id": request.record.id,
            "order": request.record.order,
            "correct": dict(zip(providers, request.correct, strict=True)),
            "vote": round(voted.right, DIGITS),
            **_told(request, step.with_feedback),
            "lessons": step.with_feedback.lessons,
            "cold": _told(request, step.cold),
            "cpu_ms": round(step.cpu_ms, 3),
        }


def _told(request: Asked, outcome: Outcome) -> dict[str, Any]:
    return {
        "returned": None if outcome.seat is None else request.attempts[outcome.seat].provider,
        "right": outcome.correct,
        "confidence": round(outcome.confidence, DIGITS),
        "learned": outcome.learned,
    }
