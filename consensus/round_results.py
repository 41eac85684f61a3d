"""What came of each round: who was asked, what it gained, who changed sides, what it cost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consensus.conformity import evidence_of
from consensus.transcript import Transcript
from providers.values import value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consensus.answers import Question
    from consensus.flips import Flip
    from consensus.transcript import Attempt
    from consensus.verdict import Consensus


@dataclass(frozen=True, slots=True)
class Gain:
    """How much a round moved the figures of the returned answer: after it less before, in [-1, 1]."""

    agreement: float
    confidence: float
    support: float


@value(frozen=True, slots=True)
class RoundResult:
    """What came of one round.

    Attributes:
        round: its number, from 1.
        providers: who was asked, in order.
        latency_ms: until the last of them had answered, failed or been cut.
        cost_usd: USD of its attempts, as `consensus.transcript.Transcript.cost_usd` counts them.
        agreement: of all answers standing after it, in [0, 1]; None while nobody had answered.
        confidence: the same.
        support: the weight of those who stand by the returned answer, in [0, 1].
        gain: None where there was nothing before to compare with.
        flips: who changed its answer.
        news: who brought new evidence, whether it changed its answer or not.
        unheard: who was asked, failed, and may answer when asked again.
        arrived: who answered for the first time.
        escalated: who was asked only because the answers of the others, the plan's opening, were not
            enough.
    """

    round: int
    providers: tuple[str, ...]
    latency_ms: float
    cost_usd: float | None = None
    agreement: float | None = None
    confidence: float | None = None
    support: float | None = None
    gain: Gain | None = None
    flips: tuple[Flip, ...] = ()
    news: tuple[str, ...] = ()
    unheard: tuple[str, ...] = ()
    arrived: tuple[str, ...] = ()
    escalated: tuple[str, ...] = ()

    @property
    def fruitless(self) -> bool:
        """True when another round like it could only buy conformity.

        Everybody asked has been heard, nobody moved, nobody answered for the first time, and nobody
        brought anything that had not been said.
        """
        return not (self.flips or self.news or self.unheard or self.arrived)


@dataclass(frozen=True, slots=True)
class Escalation:
    """The second ask of a round: whom, and how long in ms after the round had begun."""

    providers: tuple[str, ...]
    after_ms: float


def round_result(  # noqa: PLR0913 - before and after, each with its decision
    question: Question | None,
    before: Transcript,
    after: Transcript,
    consensus_before: Consensus | None,
    consensus_after: Consensus | None,
    *,
    escalation: Escalation | None = None,
) -> RoundResult:
    """What the round that leads from ``before`` to ``after`` came to.

    Args:
        question: What was asked; None leaves out the news, of which a first round needs none.
        before: The transcript as it stood before the round.
        after: The same with the round's attempts and flips.
        consensus_before: Of the answers standing before it.
        consensus_after: Of those standing now.
        escalation: Who was asked later than the others; None for nobody.
    """
    held = after.attempts[len(before.attempts) :]
    known = {a.provider for a in before.answers}
    support = None if consensus_after is None else support_of(consensus_after)
    escalated = () if escalation is None else escalation.providers
    later_ms = 0.0 if escalation is None else escalation.after_ms
    return RoundResult(
        round=after.rounds,
        providers=tuple(a.provider for a in held),
        latency_ms=max(
            (a.latency_ms + (later_ms if a.provider in escalated else 0.0) for a in held),
            default=0.0,
        ),
        cost_usd=Transcript(held).cost_usd,
        agreement=None if consensus_after is None else consensus_after.agreement,
        confidence=None if consensus_after is None else consensus_after.confidence,
        support=support,
        gain=_gain(consensus_before, consensus_after),
        flips=after.flips[len(before.flips) :],
        news=() if question is None else _news(question, before, held),
        unheard=tuple(a.provider for a in held if a.failure is not None and a.failure.retryable),
        arrived=tuple(a.provider for a in held if a.text is not None and a.provider not in known),
        escalated=escalated,
    )


def support_of(consensus: Consensus) -> float:
    """The weight of those who stand by the returned answer, in [0, 1]."""
    held = math.fsum(
        vote.weight
        for vote in consensus.votes
        if vote.attempt.text is not None and vote.attempt.provider not in consensus.dissent
    )
    return min(1.0, held)


def _gain(before: Consensus | None, after: Consensus | None) -> Gain | None:
    if before is None or after is None:
        return None
    return Gain(
        agreement=after.agreement - before.agreement,
        confidence=after.confidence - before.confidence,
        support=support_of(after) - support_of(before),
    )


def _news(question: Question, before: Transcript, held: Sequence[Attempt]) -> tuple[str, ...]:
    return tuple(
        a.provider for a in held if a.text is not None and evidence_of(question, before, a)
    )
