"""The wire shape of an answer (API.md): dataclasses that orjson writes as they stand."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - OpenAPI reads the fields' types when it runs
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from consensus.verdict import Vote

if TYPE_CHECKING:
    from consensus.transcript import Attempt
    from consensus.verdict import Consensus
    from gateway.answer import Answer
    from providers.messages import Usage


@dataclass(slots=True)
class WireUsage:
    """Tokens; cached and cache-write tokens are parts of the input, reasoning of the output."""

    input_tokens: int
    cached_input_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int


@dataclass(slots=True)
class WireError:
    """Why a vote failed."""

    code: str
    message: str
    retryable: bool


@dataclass(slots=True)
class WireVote:
    """One provider's part; `content` is null and `error` set when it failed."""

    provider: str
    vendor: str
    model: str
    round: int
    content: str | None
    final_answer: str | None
    agreement_score: float | None
    weight: float
    latency_ms: float
    cost_usd: float | None
    usage: WireUsage
    error: WireError | None


@dataclass(slots=True)
class WireConsensus:
    """How the answers stand to each other; figures in [0, 1]."""

    confidence: float
    confidence_source: str
    agreement: float
    coherence: float
    relevance: float
    status: str
    below: list[str]
    below_minimum: bool
    rounds: int
    reasoning: str
    dissent: list[str]


@dataclass(slots=True)
class WireRollout:
    """Where the request fell."""

    stage: str
    bucket: float
    variant: str


@dataclass(slots=True)
class GenerateResponse:
    """The body of a 200. `history` holds the attempts a later round replaced.

    `cache` and `safety` are null: this version has neither.
    """

    request_id: str
    content: str
    answer_source: str
    srp_processed: bool
    path: str
    consensus: WireConsensus | None
    votes: list[WireVote]
    history: list[WireVote]
    providers_used: list[str]
    usage: WireUsage
    cost_usd: float | None
    processing_time_ms: float
    overhead_ms: float
    rollout: WireRollout
    metadata: Mapping[str, str]
    note: str | None
    cache: None = None
    safety: None = None


def to_wire(answer: Answer) -> GenerateResponse:
    """The answer as the contract words it."""
    consensus = answer.consensus
    votes = (
        consensus.votes
        if consensus is not None
        else tuple(Vote(a, None, None, 0.0) for a in answer.attempts)
    )
    shown = {id(vote.attempt) for vote in votes}
    return GenerateResponse(
        request_id=answer.request_id,
        content=answer.content,
        answer_source=answer.answer_source,
        srp_processed=answer.path == "wall_bounce",
        path=answer.path,
        consensus=wire_consensus(consensus) if consensus is not None else None,
        votes=[wire_vote(vote) for vote in votes],
        history=[
            wire_vote(Vote(a, None, None, 0.0)) for a in answer.attempts if id(a) not in shown
        ],
        providers_used=list(answer.providers_used),
        usage=_usage(answer.usage),
        cost_usd=answer.cost_usd,
        processing_time_ms=round(answer.processing_time_ms, 3),
        overhead_ms=round(answer.overhead_ms, 3),
        rollout=WireRollout(
            answer.rollout.stage, round(answer.rollout.bucket, 6), answer.rollout.variant
        ),
        metadata=answer.metadata,
        note=answer.note,
    )


def wire_vote(vote: Vote) -> WireVote:
    """One vote as the contract words it."""
    attempt: Attempt = vote.attempt
    failure = attempt.failure
    return WireVote(
        provider=attempt.provider,
        vendor=attempt.vendor,
        model=attempt.model,
        round=attempt.round,
        content=attempt.text,
        final_answer=vote.final_answer.text if vote.final_answer else None,
        agreement_score=_rounded(vote.agreement_score),
        weight=round(vote.weight, 4),
        latency_ms=round(attempt.latency_ms, 3),
        cost_usd=attempt.cost_usd,
        usage=_usage(attempt.usage),
        error=WireError(failure.code, failure.message, failure.retryable) if failure else None,
    )


def encode(value: Any) -> bytes:
    """A wire value as JSON."""
    return orjson.dumps(value)


def headers(answer: Answer) -> dict[str, str]:
    """The headers that say the most of an answer without reading its body."""
    lines = {"x-request-id": answer.request_id, "x-wallbounce-path": answer.path}
    if answer.consensus is not None:
        lines["x-wallbounce-confidence"] = f"{answer.consensus.confidence:.4f}"
    if answer.cost_usd is not None:
        lines["x-wallbounce-cost-usd"] = f"{answer.cost_usd:.8f}"
    return lines


def wire_consensus(consensus: Consensus) -> WireConsensus:
    """How the answers stand to each other, as the contract words it."""
    return WireConsensus(
        confidence=round(consensus.confidence, 4),
        confidence_source=str(consensus.confidence_source),
        agreement=round(consensus.agreement, 4),
        coherence=round(consensus.coherence, 4),
        relevance=round(consensus.relevance, 4),
        status=str(consensus.status),
        below=list(consensus.below),
        below_minimum=consensus.below_minimum,
        rounds=consensus.rounds,
        reasoning=consensus.reasoning,
        dissent=list(consensus.dissent),
    )


def _usage(usage: Usage) -> WireUsage:
    return WireUsage(
        usage.input_tokens,
        usage.cached_input_tokens,
        usage.cache_write_tokens,
        usage.output_tokens,
        usage.reasoning_tokens,
    )


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 4)
