"""The rollout's trip as it is kept: the state all instances share, and the history of its changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

EventKind = Literal["trip", "acknowledge"]


@dataclass(frozen=True, slots=True)
class TripState:
    """Whether a rollback stands, for all instances at once.

    ``reason``, ``figures``, ``at`` (UTC) and ``by`` tell of the last change; before the first one
    they are empty. After an acknowledgement ``reason`` and ``figures`` still are the trip's.
    ``version`` grows by one with each change, so a reader that knows a version knows the state.
    """

    tripped: bool = False
    reason: str | None = None
    figures: Mapping[str, float | None] = field(default_factory=dict)
    at: datetime | None = None
    by: str | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class RolloutEvent:
    """One change of the state: what led to ``version``, when (UTC), by whom and why."""

    at: datetime
    kind: EventKind
    by: str
    reason: str | None
    figures: Mapping[str, float | None]
    version: int
