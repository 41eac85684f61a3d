"""The wall-bounce path: several vendors, their rounds, one answer with a confidence."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from consensus import wall_bounce
from consensus.answers import final_answer, read_question, same_answer
from consensus.decision import decide
from consensus.rounds import Mode, Plan
from consensus.synthesis import leaving_time
from gateway.events import RoundSeen, VoteSeen
from gateway.paths import Outcome
from gateway.refusals import no_answer, spending_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from consensus.answers import Question
    from consensus.calibration import Calibrator
    from consensus.embedding.embedder import Embedder
    from consensus.synthesis import Synthesizer
    from consensus.verdict import Consensus, Floors
    from consensus.wall_bounce import Deliberation, WallBounce
    from gateway.events import Emit
    from gateway.paths import Asked
    from gateway.requests import GenerateRequest
    from gateway.selection import Selection

SYNTHESIS = "synthesis"
"""The ``answer_source`` of a merged answer (API.md)."""


class WallBouncePath:
    """Asks the panel, decides, and merges where that is wanted.

    ``floors`` may be replaced while requests run (SIGHUP): each request takes them once.
    """

    def __init__(  # noqa: PLR0913 - what the decision needs, each by its name
        self,
        bounce: WallBounce,
        synthesizer: Synthesizer,
        *,
        weights: Mapping[str, float],
        floors: Floors,
        embedder: Embedder | None,
        calibrator: Calibrator,
    ) -> None:
        self.floors = floors
        self._bounce = bounce
        self._synthesizer = synthesizer
        self._weights = weights
        self._embedder = embedder
        self._calibrator = calibrator

    def asks(self, request: GenerateRequest, selection: Selection) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's
        """The selection."""
        return selection.providers

    async def answer(self, asked: Asked) -> Outcome:
        """See `gateway.paths.AnsweringPath`."""
        request = asked.request
        question = read_question(asked.prompt.question)
        merging = request.aggregation == "synthesize"
        now = asyncio.get_running_loop().time()
        plan = Plan(
            providers=asked.selection.providers,
            mode=Mode(request.mode),
            depth=request.depth,
            weights=self._weights,
            budget_usd=request.budget_usd,
        )
        with spending_errors():
            deliberation = await self._bounce.run(
                asked.prompt,
                plan,
                leaving_time(asked.deadline, now) if merging else asked.deadline,
                decide=partial(
                    decide,
                    question,
                    weights=self._weights,
                    floors=self.floors,
                    min_providers=request.minimum,
                    embedder=self._embedder,
                    calibrator=self._calibrator,
                ),
                on_event=_translated(asked.emit),
            )
        if deliberation.consensus is None:
            raise no_answer(deliberation.transcript, time_is_up=True)
        if merging:
            return await self._merged(asked, question, deliberation, deliberation.consensus)
        return Outcome(
            _text_of(deliberation, deliberation.consensus.winner),
            deliberation.consensus.winner,
            deliberation.consensus,
            deliberation.transcript.attempts,
            deliberation.waited_s,
            asked.selection.note,
        )

    async def _merged(
        self, asked: Asked, question: Question, deliberation: Deliberation, consensus: Consensus
    ) -> Outcome:
        settled = final_answer(question, _text_of(deliberation, consensus.winner))
        # Where no two vendors agree nothing is settled that a merged text could contradict.
        agreed = len(consensus.ranking) - len(consensus.dissent) > 1
        synthesis = await self._synthesizer.run(
            asked.prompt,
            deliberation,
            asked.deadline,
            agrees=lambda text: (
                same_answer(settled, final_answer(question, text)) if agreed else None
            ),
            budget_usd=asked.request.budget_usd,
        )
        return Outcome(
            synthesis.text,
            SYNTHESIS if synthesis.aggregator is not None else consensus.winner,
            consensus,
            deliberation.transcript.attempts + synthesis.attempts,
            deliberation.waited_s + synthesis.waited_s,
            "; ".join(filter(None, (asked.selection.note, synthesis.note))) or None,
        )


def _text_of(deliberation: Deliberation, provider: str) -> str:
    return next(a.text or "" for a in deliberation.transcript.answers if a.provider == provider)


def _translated(emit: Emit) -> Callable[[wall_bounce.Event], None]:
    """The deliberation's events in the gateway's words."""

    def tell(event: wall_bounce.Event) -> None:
        match event:
            case wall_bounce.VoteArrived():
                emit(VoteSeen(event.attempt))
            case wall_bounce.RoundEnded():
                emit(RoundSeen(event.round, event.consensus))

    return tell
