"""One request's outcome as the gateway knows it, and its reading as a record."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal

from learning.records import (
    LEGACY_ARM,
    SHADOW_ARM,
    FlipRecord,
    RoundRecord,
    VoteRecord,
)
from providers.messages import Usage
from providers.values import value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consensus.flips import Flip
    from consensus.round_results import RoundResult
    from consensus.transcript import Attempt
    from consensus.verdict import Consensus, Vote
    from gateway.paths import Outcome

Path = Literal["wall_bounce", "legacy"]


@value(frozen=True, slots=True)
class RolloutPlace:
    """Where a request fell: the stage then in force, its bucket in [0, 1), and the arm it got.

    ``variant`` is the arm's name: ``legacy``, or one of those that share the wall-bounce path; ``shadow`` is one of them.
    """

    stage: str
    bucket: float
    variant: str

    @property
    def path(self) -> Path:
        """The path its arm takes."""
        return "legacy" if self.variant == LEGACY_ARM else "wall_bounce"


@value(frozen=True, slots=True)
class Answer:
    """What the caller gets. ``attempts`` holds every call made, in order; times are in ms.

    ``cost_usd`` is None when a model that answered has no known price. ``note`` says what was
    decided on the caller's behalf (a budget that left one vendor, a synthesis that fell back).
    ``rounds`` says what came of each round.
    """

    request_id: str
    content: str
    answer_source: str
    rollout: RolloutPlace
    consensus: Consensus | None
    attempts: tuple[Attempt, ...]
    usage: Usage
    cost_usd: float | None
    processing_time_ms: float
    overhead_ms: float
    metadata: Mapping[str, str] = field(default_factory=dict)
    note: str | None = None
    rounds: tuple[RoundResult, ...] = ()

    @classmethod
    def of(
        cls,
        request_id: str,
        place: RolloutPlace,
        outcome: Outcome,
        *,
        elapsed_ms: float,
        metadata: Mapping[str, str],
    ) -> Answer:
        """What a path brought back after ``elapsed_ms``, as the caller gets it."""
        return cls(
            request_id=request_id,
            content=outcome.content,
            answer_source=outcome.answer_source,
            rollout=place,
            consensus=outcome.consensus,
            attempts=outcome.attempts,
            usage=sum((a.usage for a in outcome.attempts), Usage()),
            cost_usd=outcome.cost_usd,
            processing_time_ms=elapsed_ms,
            overhead_ms=max(0.0, elapsed_ms - outcome.waited_s * 1000),
            metadata=metadata,
            note=outcome.note if outcome.cost_usd is not None else _with_unknown_cost(outcome),
            rounds=outcome.rounds,
        )

    @property
    def path(self) -> Path:
        """Which path answered."""
        return self.rollout.path

    @property
    def providers_used(self) -> tuple[str, ...]:
        """Who gave an answer, in the order first asked."""
        return tuple(dict.fromkeys(a.provider for a in self.attempts if a.text is not None))

    def outcome(self) -> dict[str, Any]:
        """What the request's record holds of it, by field."""
        consensus = self.consensus
        outcome: dict[str, Any] = {
            "arm": self.rollout.variant,
            "bucket": self.rollout.bucket,
            "status": 200,
            "latency_ms": self.processing_time_ms,
            "overhead_ms": self.overhead_ms,
            "answer_source": self.answer_source,
            "cost_usd": self.cost_usd,
            "usage": self.usage,
            "votes": vote_records(self.attempts, consensus.votes if consensus else ()),
            "round_details": round_records(self.rounds),
            "metadata": self.metadata,
        }
        if consensus is not None:
            outcome |= {
                "confidence": consensus.confidence,
                "confidence_source": str(consensus.confidence_source),
                "agreement": consensus.agreement,
                "coherence": consensus.coherence,
                "relevance": consensus.relevance,
                "consensus_status": str(consensus.status),
                "rounds": consensus.rounds,
                "ballot": consensus.ballot,
                "returned_group": self._returned_group(consensus),
            }
        return outcome

    def _returned_group(self, consensus: Consensus) -> int | None:
        """A shadow's answer was given to nobody, so no feedback ever speaks of it."""
        if self.rollout.variant == SHADOW_ARM:
            return None
        return returned_group(consensus, self.answer_source)


def _with_unknown_cost(outcome: Outcome) -> str | None:
    """The outcome's note, and whose cost nobody knows."""
    of = {
        a.provider: a.model for a in outcome.attempts if a.text is not None and a.cost_usd is None
    }
    unknown = [f"the cost of {name} ({model}) is unknown" for name, model in of.items()]
    return "; ".join(filter(None, (outcome.note, *unknown))) or None


def returned_group(consensus: Consensus, answer_source: str) -> int | None:
    """The group of the ballot whose answer was given out; None where that is not known.

    A merged text was held to the winner's answer where types tell what is the same. Of merged free
    text nobody knows whose it is, so nothing is learned from it.
    """
    ballot = consensus.ballot
    if ballot is None or not (ballot.typed or answer_source == consensus.winner):
        return None
    return ballot.group_of(consensus.winner)


def vote_records(attempts: tuple[Attempt, ...], votes: tuple[Vote, ...]) -> tuple[VoteRecord, ...]:
    """Each attempt as it is kept, with how its vote was read where it is the one that stands."""
    read = {id(vote.attempt): vote for vote in votes}
    records = []
    for attempt in attempts:
        vote = read.get(id(attempt))
        records.append(
            VoteRecord(
                provider=attempt.provider,
                vendor=attempt.vendor,
                model=attempt.model,
                round=attempt.round,
                latency_ms=attempt.latency_ms,
                cost_usd=attempt.cost_usd,
                usage=attempt.usage,
                final_answer=vote.final_answer.text if vote and vote.final_answer else None,
                agreement_score=vote.agreement_score if vote else None,
                weight=vote.weight if vote else 0.0,
                error_code=attempt.failure.code if attempt.failure else None,
                down=attempt.failure.down if attempt.failure else False,
            )
        )
    return tuple(records)


def round_records(rounds: Sequence[RoundResult]) -> tuple[RoundRecord, ...]:
    """Each round as it is kept."""
    return tuple(_round_record(held) for held in rounds)


def _round_record(held: RoundResult) -> RoundRecord:
    gain = held.gain
    return RoundRecord(
        round=held.round,
        providers=held.providers,
        latency_ms=held.latency_ms,
        cost_usd=held.cost_usd,
        agreement=held.agreement,
        confidence=held.confidence,
        support=held.support,
        agreement_gain=None if gain is None else gain.agreement,
        confidence_gain=None if gain is None else gain.confidence,
        support_gain=None if gain is None else gain.support,
        flips=tuple(_flip_record(flip) for flip in held.flips),
        escalated=held.escalated,
    )


def _flip_record(flip: Flip) -> FlipRecord:
    return FlipRecord(
        provider=flip.provider,
        before=flip.before,
        after=flip.after,
        evidence=tuple(map(str, flip.evidence)),
        conformed=flip.conformed,
        independence=flip.independence,
    )
