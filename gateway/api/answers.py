"""The wire shape of an answer (API.md): dataclasses that orjson writes as they stand."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - OpenAPI reads the fields' types when it runs
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from pydantic import WithJsonSchema

from consensus.evidence import Evidence
from consensus.verdict import Vote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consensus.flips import Flip
    from consensus.round_results import RoundResult
    from consensus.transcript import Attempt
    from consensus.verdict import Consensus
    from gateway.answer import Answer
    from providers.messages import Usage


@dataclass(slots=True)
class WireUsage:
    """Tokens; cached and cache-write tokens are parts of the input, reasoning of the output.

    `cache_write_1h_tokens` are a part of the cache writes, `audio_*` parts of the two totals. `service_tier`: the
    price list the vendor says it billed by; null is the standard one, and a sum has none.
    """

    input_tokens: int
    cached_input_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cache_write_1h_tokens: int
    audio_input_tokens: int
    audio_output_tokens: int
    service_tier: str | None


@dataclass(slots=True)
class WireError:
    """Why a vote failed."""

    code: str
    message: str
    retryable: bool


@dataclass(slots=True)
class WireVote:
    """One provider's part; `content` is null and `error` set when it failed.

    `review`: what it remarked on the others' points when it was challenged; no part of its answer.
    `adjusted`: in words, which of the caller's wishes its vendor was not asked, or asked otherwise.
    """

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
    review: str | None
    adjusted: list[str]


WireFlip = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "title": "WireFlip",
            "description": "A provider that gave another answer than it stood by.",
            "properties": {
                "provider": {"type": "string"},
                "from": {"type": "string", "description": "Its final answer before."},
                "to": {"type": "string", "description": "Its final answer now."},
                "new_evidence": {
                    "type": "boolean",
                    "description": "Whether it brought anything that nobody had said.",
                },
                "evidence": {
                    "type": "array",
                    "items": {"type": "string", "enum": [str(kind) for kind in Evidence]},
                },
                "conformed": {
                    "type": "boolean",
                    "description": "It joined more than it left, and brought no new evidence.",
                },
            },
            "required": ["provider", "from", "to", "new_evidence", "evidence", "conformed"],
        }
    ),
]
"""A mapping, because `from` is no name a dataclass could have."""


@dataclass(slots=True)
class WireGain:
    """How much a round moved the figures of the returned answer, each in [-1, 1]."""

    agreement: float
    confidence: float
    support: float


@dataclass(slots=True)
class WireRound:
    """What came of one round; figures in [0, 1] of all answers standing after it.

    `support` is the weight of those who stand by the returned answer; `gain` is null in the first
    round; `latency_ms` until the last vendor had answered, failed or been cut. `escalated` names who of
    the `providers` was asked only because the answers of the others were not enough.
    """

    round: int
    providers: list[str]
    agreement: float | None
    confidence: float | None
    support: float | None
    gain: WireGain | None
    flips: list[WireFlip]
    cost_usd: float | None
    latency_ms: float
    escalated: list[str]


@dataclass(slots=True)
class WireComparison:
    """Two answers compared: `agreement` in [0, 1]."""

    providers: list[str]
    agreement: float
    same: bool
    reason: str


@dataclass(slots=True)
class WireConsensus:
    """How the answers stand to each other; figures in [0, 1].

    `round_details`: one entry a round held. `independence`: by provider, how far its answer supports
    on its own; below 1 where it took over another's without new evidence. `comparisons`: each two
    answers and what decided whether they say the same. `entailment`: `off`, `skipped` (not needed),
    `used`, or `budget` (its time was spent, rules decided the rest). `computed_answer`: what a program
    in the prompt yields, where the prompt asks for that; null elsewhere.
    """

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
    round_details: list[WireRound]
    independence: dict[str, float]
    comparisons: list[WireComparison]
    entailment: str
    computed_answer: str | None


@dataclass(slots=True)
class WireRollout:
    """Where the request fell; `variant` is its arm: `legacy`, or one of those on the new path."""

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
        consensus=wire_consensus(consensus, answer.rounds) if consensus is not None else None,
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
        review=attempt.review,
        adjusted=list(attempt.adjusted),
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


def wire_consensus(consensus: Consensus, rounds: Sequence[RoundResult]) -> WireConsensus:
    """How the answers stand to each other after these rounds, as the contract words it."""
    changed = {flip.provider: flip.independence for held in rounds for flip in held.flips}
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
        round_details=[wire_round(held) for held in rounds],
        independence={name: changed.get(name, 1.0) for name in consensus.ranking},
        comparisons=[
            WireComparison(list(c.providers), round(c.agreement, 4), c.same, c.reason)
            for c in consensus.comparisons
        ],
        entailment=consensus.entailment,
        computed_answer=None if consensus.computed is None else consensus.computed.text,
    )


def wire_round(held: RoundResult) -> WireRound:
    """What came of one round, as the contract words it."""
    gain = held.gain
    return WireRound(
        round=held.round,
        providers=list(held.providers),
        agreement=_rounded(held.agreement),
        confidence=_rounded(held.confidence),
        support=_rounded(held.support),
        gain=None
        if gain is None
        else WireGain(round(gain.agreement, 4), round(gain.confidence, 4), round(gain.support, 4)),
        flips=[_flip(flip) for flip in held.flips],
        cost_usd=held.cost_usd,
        latency_ms=round(held.latency_ms, 3),
        escalated=list(held.escalated),
    )


def _flip(flip: Flip) -> dict[str, Any]:
    return {
        "provider": flip.provider,
        "from": flip.before,
        "to": flip.after,
        "new_evidence": bool(flip.evidence),
        "evidence": [str(kind) for kind in flip.evidence],
        "conformed": flip.conformed,
    }


def _usage(usage: Usage) -> WireUsage:
    return WireUsage(
        usage.input_tokens,
        usage.cached_input_tokens,
        usage.cache_write_tokens,
        usage.output_tokens,
        usage.reasoning_tokens,
        usage.cache_write_1h_tokens,
        usage.audio_input_tokens,
        usage.audio_output_tokens,
        usage.service_tier,
    )


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 4)
