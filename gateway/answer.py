"""One request's outcome as the gateway knows it, and its reading as a record."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from learning.records import RequestRecord, VoteRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consensus.transcript import Attempt
    from consensus.verdict import Consensus, Vote
    from providers.messages import Usage

Path = Literal["wall_bounce", "legacy"]


@dataclass(frozen=True, slots=True)
class RolloutPlace:
    """Where a request fell: the stage then in force, its bucket in [0, 1), and the arm it got."""

    stage: str
    bucket: float
    variant: Path


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller gets. ``attempts`` holds every call made, in order; times are in ms.

    ``cost_usd`` is None when a model that answered has no known price. ``note`` says what was
    decided on the caller's behalf (a budget that left one vendor, a synthesis that fell back).
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

    @property
    def path(self) -> Path:
        """Which path answered."""
        return self.rollout.variant

    @property
    def providers_used(self) -> tuple[str, ...]:
        """Who gave an answer, in the order first asked."""
        return tuple(dict.fromkeys(a.provider for a in self.attempts if a.text is not None))

    def finish(self, record: RequestRecord) -> RequestRecord:
        """The record of the request, completed by its outcome."""
        consensus = self.consensus
        outcome: dict[str, Any] = {
            "arm": self.path,
            "bucket": self.rollout.bucket,
            "status": 200,
            "latency_ms": self.processing_time_ms,
            "overhead_ms": self.overhead_ms,
            "answer_source": self.answer_source,
            "cost_usd": self.cost_usd,
            "usage": self.usage,
            "votes": vote_records(self.attempts, consensus.votes if consensus else ()),
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
            }
        return replace(record, **outcome)


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
