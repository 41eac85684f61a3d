"""The wall-bounce path: several vendors, their rounds, one answer with a confidence."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from consensus import wall_bounce
from consensus.answers import AnswerKind, final_answer, read_question, same_answer
from consensus.decision import decide, weighed
from consensus.entailment.remembered import remembering
from consensus.merging.account import account
from consensus.panel import read_panel
from consensus.rounds import Mode, Plan
from consensus.synthesis import Streaming, leaving_time
from consensus.transcript import Attempt, Transcript
from consensus.trust.shifting import shifted
from consensus.weighting import DEFAULT_WEIGHT
from gateway.events import Delta, RoundSeen, VoteSeen
from gateway.judging import joined, judge_open_pairs
from gateway.paths import Outcome
from gateway.refusals import broken_off, no_answer, spending_errors
from gateway.second_chance import asked_after_all

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from consensus.answers import Question
    from consensus.ballot import TrustModel
    from consensus.embedding.embedder import Embedder
    from consensus.entailment.judgement import Entailment
    from consensus.judging.judges import Judges
    from consensus.synthesis import Synthesizer
    from consensus.trust.topics import Topics
    from consensus.verdict import Floors
    from consensus.wall_bounce import Deliberation, WallBounce
    from gateway.events import Emit
    from gateway.judging import Judged
    from gateway.paths import Asked
    from gateway.requests import GenerateRequest
    from gateway.selection import Selection

SYNTHESIS = "synthesis"
"""The ``answer_source`` of a merged answer (API.md)."""

WARM_UP = (
    "Is it safe to eat? これは安全ですか。",
    "It can be eaten without any harm.",
    "Nobody should taste it. 食べないでください。",
    "That depends on how long it was cooked.",
)
"""A question and answers that types and rules leave open, so that all is loaded to compare them."""


class WallBouncePath:
    """Asks the panel, decides, and merges where that is wanted.

    ``floors`` may be replaced while requests run (SIGHUP), ``trust`` as feedback comes in: each
    request takes them once. ``insisting`` asks the same panel whatever its circuits say, where nobody else
    has answered; None leaves it at that.
    """

    def __init__(  # noqa: PLR0913 - what the decision needs, each by its name
        self,
        bounce: WallBounce,
        synthesizer: Synthesizer,
        *,
        weights: Mapping[str, float],
        floors: Floors,
        embedder: Embedder | None,
        trust: TrustModel,
        topics: Topics | None = None,
        entailment: Entailment | None,
        judges: Judges | None = None,
        insisting: WallBounce | None = None,
    ) -> None:
        self.floors = floors
        self._bounce = bounce
        self._synthesizer = synthesizer
        self._weights = weights
        self._embedder = embedder
        self.trust = trust
        self._topics = topics
        self._entailment = entailment
        self._judges = judges
        self._insisting = insisting

    def asks(self, request: GenerateRequest, selection: Selection) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's
        """The selection."""
        return selection.providers

    def warm_up(self) -> None:
        """Decide once on made-up answers: no caller waits for files that are read on first use."""
        decide(
            read_question(WARM_UP[0]),
            Transcript(
                tuple(
                    Attempt(str(n), str(n), "", 1, 0.0, text=text)
                    for n, text in enumerate(WARM_UP[1:])
                )
            ),
            weights={},
            floors=self.floors,
            min_providers=1,
            embedder=self._embedder,
            trust=self.trust,
            topics=self._topics,
            entailment=self._entailment,
        )

    async def answer(self, asked: Asked) -> Outcome:
        """See `gateway.paths.AnsweringPath`."""
        request = asked.request
        question = read_question(asked.prompt.question)
        merging = request.aggregation == "synthesize"
        now = asyncio.get_running_loop().time()
        trust = shifted(self.trust, asked.offsets, asked.harder)
        asked_of = asked.selection.providers
        counted = _multiplied(
            self._weights if asked.weights is None else asked.weights, asked.factors
        )
        plan = Plan(
            providers=asked_of,
            mode=Mode(request.mode),
            depth=request.depth,
            weights=weighed(trust, str(question.asks), asked_of, counted),
            budget_usd=request.budget_usd,
            opening=asked.selection.opening,
            enough=asked.selection.enough,
        )
        entailment = remembering(self._entailment)
        decided = partial(
            decide,
            question,
            weights=counted,
            floors=self.floors,
            min_providers=request.minimum,
            embedder=self._embedder,
            trust=trust,
            topics=self._topics,
            entailment=entailment,
        )

        async def deliberate(bounce: WallBounce, planned: Plan) -> Deliberation:
            with spending_errors():
                return await bounce.run(
                    asked.prompt,
                    planned,
                    leaving_time(asked.deadline, now) if merging else asked.deadline,
                    decide=decided,
                    on_event=_translated(asked.emit),
                )

        deliberation = await deliberate(self._bounce, plan)
        if deliberation.consensus is None and self._insisting is not None:
            insist = partial(deliberate, self._insisting)
            deliberation = await asked_after_all(deliberation, plan, decided, insist)
        if deliberation.consensus is None:
            raise no_answer(deliberation.transcript, time_is_up=True)
        now = asyncio.get_running_loop().time()
        judged = await judge_open_pairs(
            self._judges,
            asked,
            leaving_time(asked.deadline, now) if merging else asked.deadline,
            deliberation,
            deliberation.consensus,
            language=question.language,
            read=lambda transcript: read_panel(
                question, transcript.answers, counted, self._embedder, entailment
            ),
            decide=decided,
        )
        if merging:
            return await self._merged(asked, question, judged)
        return Outcome(
            _text_of(judged.deliberation, judged.consensus.winner),
            judged.consensus.winner,
            judged.consensus,
            judged.deliberation.transcript.attempts + judged.attempts,
            judged.deliberation.waited_s,
            asked.selection.note,
            judged.deliberation.rounds,
        )

    async def _merged(self, asked: Asked, question: Question, judged: Judged) -> Outcome:
        deliberation, consensus = judged.deliberation, judged.consensus
        # The confidence is that of the winner's answer: a merged text that gives another has none.
        settled = final_answer(question, _text_of(deliberation, consensus.winner))
        streaming = None
        if asked.request.stream:
            streaming = Streaming(
                lambda text: asked.emit(Delta(text)),
                typed=settled.kind is not AnswerKind.FREE_TEXT,
            )
        synthesis = await self._synthesizer.run(
            asked.prompt,
            deliberation,
            asked.deadline,
            agrees=lambda text: same_answer(settled, final_answer(question, text)),
            budget_usd=asked.request.budget_usd,
            streaming=streaming,
        )
        attempts = deliberation.transcript.attempts + judged.attempts + synthesis.attempts
        if synthesis.broken is not None and synthesis.aggregator is not None:
            raise broken_off(attempts, synthesis.aggregator, synthesis.broken)
        told = account(
            synthesis.aggregator,
            synthesis.removed,
            repaired=synthesis.repaired,
            language=question.language,
        )
        return Outcome(
            synthesis.text,
            SYNTHESIS if synthesis.aggregator is not None else consensus.winner,
            replace(consensus, reasoning=joined(question.language, consensus.reasoning, told)),
            attempts,
            deliberation.waited_s + synthesis.waited_s,
            "; ".join(filter(None, (asked.selection.note, synthesis.note))) or None,
            deliberation.rounds,
        )


def _multiplied(weights: Mapping[str, float], factors: Mapping[str, float]) -> Mapping[str, float]:
    """What each vote counts; who is not named anywhere weighs 1."""
    if not factors:
        return weights
    named = dict(weights) | dict.fromkeys(factors.keys() - weights.keys(), DEFAULT_WEIGHT)
    return {name: weight * factors.get(name, DEFAULT_WEIGHT) for name, weight in named.items()}


def _text_of(deliberation: Deliberation, provider: str) -> str:
    return next(a.text or "" for a in deliberation.transcript.answers if a.provider == provider)


def _translated(emit: Emit) -> Callable[[wall_bounce.Event], None]:
    """The deliberation's events in the gateway's words."""

    def tell(event: wall_bounce.Event) -> None:
        match event:
            case wall_bounce.VoteArrived():
                emit(VoteSeen(event.attempt))
            case wall_bounce.RoundEnded():
                emit(RoundSeen(event.round, event.consensus, event.result))

    return tell
