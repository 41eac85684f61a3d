"""The one record every request leaves, and the readings all its readers share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from providers.messages import Usage
from providers.values import value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from consensus.ballot import Ballot

IMPATIENT_DEADLINE_MS = 5_000
"""A deadline below this is the caller's impatience, not our failure (API.md, Environment)."""

PANEL = 2
"""Vendors that must be asked before "every vendor" means more than "this one"."""

HTTP_GATEWAY_TIMEOUT = 504
HTTP_SERVER_ERROR = 500
HTTP_CLIENT_CLOSED_REQUEST = 499
"""nginx's word for a caller who hung up before the answer."""

SHUTTING_DOWN = "shutting_down"
"""Code of a request that the end of the process cut short."""

LEGACY_ARM = "legacy"
"""The arm of requests that the old path answers; every other arm takes the new path."""

SHADOW_ARM = "shadow"
"""The arm of requests that took the new path beside the old one and whose answer nobody was given."""

SINGLE = "single"
"""The mode of requests that asked one provider alone, past both paths and the split: they have no arm."""

SHADOW_OF = "shadow_of"
"""In a shadow's metadata: the id of the request it ran beside."""

AGREES = "agrees"
"""In a shadow's metadata: ``true`` or ``false``, whether it answers as the returned answer does."""


@value(frozen=True, slots=True)
class VoteRecord:
    """One attempt of one provider, as it is kept. ``error_code`` is None for an answer."""

    provider: str
    vendor: str
    model: str
    round: int
    latency_ms: float
    cost_usd: float | None
    usage: Usage
    final_answer: str | None = None
    agreement_score: float | None = None
    weight: float = 0.0
    error_code: str | None = None
    down: bool = False


@dataclass(frozen=True, slots=True)
class FlipRecord:
    """A provider that gave another answer than it stood by (`consensus.flips.Flip`).

    ``before`` and ``after`` are the short forms of the two final answers. ``evidence`` names the kinds
    of new evidence the new answer brought, in order; ``conformed``: it joined more than it left and
    brought none. ``independence`` in [0, 1]: how far the new answer supports on its own.
    """

    provider: str
    before: str | None
    after: str | None
    evidence: tuple[str, ...] = ()
    conformed: bool = False
    independence: float = 1.0


@value(frozen=True, slots=True)
class RoundRecord:
    """What came of one round, as it is kept (`consensus.round_results.RoundResult`).

    ``agreement``, ``confidence`` and ``support`` in [0, 1] are those of all answers standing after it,
    None while nobody had answered; the gains, in [-1, 1], are their differences to the round before,
    None where there is nothing to compare. ``cost_usd`` is None when it is unknown. ``escalated``: who of the
    ``providers`` was asked only because the others' answers were not enough.
    """

    round: int
    providers: tuple[str, ...]
    latency_ms: float
    cost_usd: float | None = None
    agreement: float | None = None
    confidence: float | None = None
    support: float | None = None
    agreement_gain: float | None = None
    confidence_gain: float | None = None
    support_gain: float | None = None
    flips: tuple[FlipRecord, ...] = ()
    escalated: tuple[str, ...] = ()


@value(frozen=True, slots=True)
class RequestRecord:
    """One request, answered or not. Rollback, daily figures, learning and backtests read it.

    ``arm`` is ``legacy``, an arm of the new path (``wall_bounce`` by default), ``shadow``, or None
    when the request ended before it got one, or was to get none (`is_single`).
    ``caller`` is a salted hash of the caller's id, None for callers without. Prompts and answers are
    not kept: ``prompt_sha256`` tells repeats. ``at`` is UTC, the moment the request came in.
    ``ballot`` is how the answers fell, None without a consensus; ``returned_group`` the group of it
    whose answer was given out, None when the returned text is not known to say what any group says.
    ``advice``: what the learning engine advised and with what propensity, as plain JSON; None for none.
    """

    request_id: str
    at: datetime
    instance: str
    arm: str | None
    status: int
    code: str | None
    latency_ms: float
    overhead_ms: float = 0.0
    caller: str | None = None
    task_type: str = "basic"
    mode: str = "parallel"
    aggregation: str = "select"
    streamed: bool = False
    timeout_ms: int = 60_000
    share: float = 0.0
    bucket: float | None = None
    prompt_sha256: str = ""
    prompt_chars: int = 0
    answer_source: str | None = None
    confidence: float | None = None
    confidence_source: str | None = None
    agreement: float | None = None
    coherence: float | None = None
    relevance: float | None = None
    consensus_status: str | None = None
    rounds: int = 0
    cost_usd: float | None = None
    usage: Usage = field(default_factory=Usage)
    votes: tuple[VoteRecord, ...] = ()
    round_details: tuple[RoundRecord, ...] = ()
    ballot: Ballot | None = None
    returned_group: int | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    advice: Mapping[str, Any] | None = None

    @property
    def escalated(self) -> bool | None:
        """Whether a panel that opened with a part of it asked the rest too; None without an opening."""
        if not (self.advice and self.advice.get("opening_in_force") and self.round_details):
            return None
        return any(held.escalated for held in self.round_details)

    @property
    def is_single(self) -> bool:
        """True when one provider was asked alone: it counts for that vendor, and for no arm."""
        return self.mode == SINGLE

    @property
    def is_shadow(self) -> bool:
        """True when its answer was given to nobody: it counts in no figure of what callers met."""
        return self.arm == SHADOW_ARM

    @property
    def on_new_path(self) -> bool:
        """True when a caller's request took the new path, under whatever arm."""
        return self.arm is not None and self.arm not in {LEGACY_ARM, SHADOW_ARM}

    @property
    def agrees(self) -> bool | None:
        """Whether a shadow answers as the returned answer does; None where nobody can tell."""
        said = self.metadata.get(AGREES) if self.is_shadow else None
        return None if said is None else said == "true"

    @property
    def asked_in_vain(self) -> bool:
        """True when vendors were asked and none gave an answer."""
        return bool(self.votes) and all(v.error_code is not None for v in self.votes)

    @property
    def caller_caused(self) -> bool:
        """True when the failure is of the caller's making: its haste, or a prompt no vendor takes.

        Filtered, truncated and rejected votes are the vendors' verdict on this prompt and its
        limits; were they counted, one caller could roll production back.
        """
        if self.status == HTTP_GATEWAY_TIMEOUT and self.timeout_ms < IMPATIENT_DEADLINE_MS:
            return True
        return self.asked_in_vain and all(
            v.error_code in {"content_filtered", "truncated", "rejected"} for v in self.votes
        )

    @property
    def cut_short(self) -> bool:
        """True when the caller left or the process ended before the vendors were through.

        Its ``votes`` are those that had come by then: they say nothing of the vendors still silent.
        """
        return self.status == HTTP_CLIENT_CLOSED_REQUEST or self.code == SHUTTING_DOWN

    @property
    def is_error(self) -> bool:
        """An error for every rate (API.md): a 5xx answer of ours that the caller did not cause.

        Nor did an operator who stops the process: that says nothing of the arm.
        """
        if self.status < HTTP_SERVER_ERROR:
            return False
        return not (self.caller_caused or self.cut_short)

    @property
    def all_vendors_down(self) -> bool:
        """Every vendor failed by 5xx, connection, or a time-out the caller gave 5 s or more for.

        A request that asked one vendor alone says nothing of the others: two at least must fail.
        """
        if not self.asked_in_vain or self.cut_short:
            return False
        patient = self.timeout_ms >= IMPATIENT_DEADLINE_MS
        several = len({v.vendor for v in self.votes}) >= PANEL
        return several and all(
            v.down and (v.error_code != "timeout" or patient) for v in self.votes
        )


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a caller said of an answer. ``rating`` is 1 to 5; at least one field but ``at`` is set."""

    request_id: str
    at: datetime
    correct: bool | None = None
    rating: int | None = None
    comment: str | None = None
