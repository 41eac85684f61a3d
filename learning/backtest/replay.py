"""One row replayed, and held against its baselines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from learning.backtest.baselines import asked_thrice, oracle, vote, vote_first
from learning.backtest.discrimination import auroc
from learning.backtest.extraction import extraction_rate
from learning.backtest.figures import Run, best_single
from learning.backtest.roles import SEATS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from learning.backtest.baselines import Pick
    from learning.backtest.discrimination import FloatArray
    from learning.backtest.roles import Role
    from learning.backtest.seating import Asked
    from learning.backtest.walk_forward import Step


@dataclass(frozen=True)
class Replay:
    """A row after its replay, by request in the order of time: ``steps``, and the ``nearest`` answers."""

    role: Role
    requests: Sequence[Asked]
    steps: Sequence[Step]
    nearest: Sequence[Pick]

    @cached_property
    def _correct(self) -> FloatArray:
        return np.array([request.correct for request in self.requests], float)

    @cached_property
    def with_feedback(self) -> Run:
        """The run that learned."""
        return self._run([step.with_feedback for step in self.steps])

    @cached_property
    def cold(self) -> Run:
        """The run with the shipped prior all along."""
        return self._run([step.cold for step in self.steps])

    @property
    def cpu_ms(self) -> FloatArray:
        """Milliseconds of one thread's CPU to read and decide, by item."""
        return np.array([step.cpu_ms for step in self.steps], float)

    @property
    def failed_votes(self) -> int:
        """Replies that were no answers: empty or without their end."""
        return sum(a.failure is not None for r in self.requests for a in r.attempts)

    def extraction(self) -> float:
        """How often answers read from text are the same where the benchmark's format says so."""
        return extraction_rate(map(_as_mapping, self.requests), self.role.models).rate

    @cached_property
    def votes(self) -> Sequence[Pick]:
        """What the plain vote gives out."""
        return [vote(request) for request in self.requests]

    def baselines(self) -> dict[str, Any]:
        """What the consensus is held against, as plain values; fractions of 1."""
        providers = [provider for provider, _ in SEATS]
        accuracies = self._correct.mean(axis=0).tolist()
        thrice = {p: asked_thrice(self.requests, i) for i, p in enumerate(providers)}
        asked = {
            provider: accuracy for provider, accuracy in thrice.items() if accuracy is not None
        }
        return {
            "single": dict(zip(providers, accuracies, strict=True)),
            "best_single": max(accuracies),
            "best_single_provider": providers[best_single(self._correct)],
            "oracle": float(np.mean([oracle(request) for request in self.requests])),
            "vote": _judged(self.votes),
            "vote_first": _judged([vote_first(request) for request in self.requests]),
            "cosine": _judged(self.nearest),
        } | ({"asked_thrice": asked} if asked else {})

    def _run(self, outcomes: Sequence[Any]) -> Run:
        votes = np.array([pick.right for pick in self.votes], float)
        return Run.of(outcomes, votes, self._correct[:, best_single(self._correct)])


def _judged(picks: Sequence[Pick]) -> dict[str, float]:
    right = [pick.right for pick in picks]
    return {
        "accuracy": float(np.mean(right)),
        "auroc": float(auroc([pick.stated for pick in picks], right)[0]),
    }


def _as_mapping(request: Asked) -> dict[str, Any]:
    """As `extraction_rate` reads records; of several samples of a model it keeps the last it sees."""
    return {
        "id": request.record.id,
        "prompt": request.prompt,
        "answers": [
            {"model": a.model, "text": a.text or "", "extracted": a.extracted}
            for a in reversed(request.record.answers)
        ],
    }
