"""What the judgement of an arm needs to know of one request, and of what was later said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.rollout.window import is_measured
from providers.values import value

if TYPE_CHECKING:
    from datetime import datetime

    from learning.records import RequestRecord

CONTROL = "legacy"
"""The arm every other one is compared with."""

SHADOW = "shadow"
"""The arm of requests whose answer nobody was given."""

UNANSWERED = frozenset({"timeout", "cut_off"})
"""Error codes of votes that say nothing of whether the vendor lives."""


@value(frozen=True, slots=True)
class Observation:
    """One finished request, as far as a verdict needs it; small enough to be told to every process.

    ``measured``: it says something of its arm (answered, or failed by our doing). ``error`` as
    `RequestRecord.is_error`. ``latency_ms`` of the whole request. ``cost_usd`` is None when unknown,
    ``confidence`` in [0, 1] is None without a consensus, ``caller`` a salted hash, None without id.
    ``all_down``: every vendor was down; ``alive``: some vendor replied. ``share`` in [0, 1] is the share of
    traffic off the control arm in force when the request got its arm.
    """

    request_id: str
    at: datetime
    arm: str
    share: float
    measured: bool
    error: bool
    latency_ms: float
    cost_usd: float | None = None
    confidence: float | None = None
    caller: str | None = None
    all_down: bool = False
    alive: bool = True


@dataclass(frozen=True, slots=True)
class Label:
    """What feedback said of one answer; comes later than its request, in any order."""

    request_id: str
    arm: str
    at: datetime
    """When the request came in (UTC), not the feedback: an answer from before a stage is none of it."""
    correct: bool
    caller: str | None = None
    """As in `Observation`, where it is known: one caller's opinion must not roll back an arm."""


def shows_life(record: RequestRecord) -> bool:
    """Whether some vendor replied, with whatever."""
    return any(not v.down and v.error_code not in UNANSWERED for v in record.votes)


def observation_of(record: RequestRecord) -> Observation | None:
    """The record as an observation; None for a request that ended before it got an arm."""
    if record.arm is None:
        return None
    return Observation(
        request_id=record.request_id,
        at=record.at,
        arm=record.arm,
        share=record.share,
        measured=is_measured(record),
        error=record.is_error,
        latency_ms=record.latency_ms,
        cost_usd=record.cost_usd,
        confidence=record.confidence,
        caller=record.caller,
        all_down=record.all_vendors_down,
        alive=shows_life(record),
    )
