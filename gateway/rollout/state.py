"""What all instances share of the rollout: one value, changed by `gateway.rollout.moves` alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gateway.rollout.plan import RolloutPlan


@dataclass(frozen=True, slots=True)
class Trip:
    """A rollback. ``at`` is UTC; ``by`` a watcher or an operator; ``figures`` what was seen."""

    reason: str
    figures: Mapping[str, object]
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Approval:
    """An operator's consent to the next stage."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RolloutState:
    """Where the rollout stands, for all instances at once.

    ``version`` grows by one with each change: who knows a version knows the state. ``plan`` is the plan
    in force, None while the environment's share applies alone; ``stage`` the index of its stage.
    ``since`` (UTC) is when the stage began or the last rollback was acknowledged: evidence from before
    it does not count. ``held``: no automatic advance. ``closed`` are the arms taken out by harm.
    ``acknowledged`` is the version an operator last made by acknowledging, 0 before, at ``acknowledged_at``
    (UTC): harm decided before it on an older version is known and done with.
    """

    version: int = 0
    plan: RolloutPlan | None = None
    stage: int = 0
    since: datetime | None = None
    held: bool = False
    approvals: tuple[Approval, ...] = ()
    closed: tuple[str, ...] = ()
    trip: Trip | None = None
    acknowledged: int = 0
    acknowledged_at: datetime | None = None

    @property
    def tripped(self) -> bool:
        """Whether a rollback stands that nobody acknowledged."""
        return self.trip is not None


@dataclass(frozen=True, slots=True)
class RolloutEvent:
    """One change of the state: what led to ``version``, when (UTC), by whom, why and on what figures.

    ``kind``: adopt, advance, hold, resume, approve, abort, close, trip, acknowledge, drop. ``state`` is the state
    that followed, as JSON. ``previous`` and ``digest`` (hex SHA-256) chain the events: each digest covers
    the event and the digest before it. ``nonce`` is whatever its maker never gave to another event: by it
    a change that is tried again, because nobody knows whether it got through, is known for the same.
    """

    version: int
    at: datetime
    kind: str
    by: str
    reason: str | None
    figures: Mapping[str, object] = field(default_factory=dict)
    state: Mapping[str, object] = field(default_factory=dict)
    previous: str = ""
    digest: str = ""
    nonce: str = ""
