"""What the rollout says of itself: where a request goes, and the snapshot operators read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.rollout.trips import Trip
    from gateway.rollout.watcher import Limits, Verdict
    from gateway.rollout.window import Figures
    from gateway.storage.rollout_records import RolloutEvent

Arm = Literal["wall_bounce", "legacy"]


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where one request goes. ``bucket`` is below ``share`` exactly if the arm is wall_bounce."""

    arm: Arm
    bucket: float
    share: float
    stage: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What is in force: told to whoever listens, whenever it changes.

    ``share`` is the effective one, ``ceiling`` what the environment asks for, both in [0, 1].
    ``trip`` is the rollback that stands, None without; ``delivered`` is False while it is in effect
    here and not stored yet. ``known`` is False until the stored state was read for the first time.
    """

    share: float
    stage: str
    ceiling: float
    enabled: bool
    known: bool
    trip: Trip | None
    delivered: bool

    @property
    def tripped(self) -> bool:
        """Whether a rollback stands that no operator acknowledged."""
        return self.trip is not None


@dataclass(frozen=True, slots=True)
class RolloutStatus:
    """One process's view for `GET /api/v1/rollout`.

    ``arms`` and ``verdict`` are this process's window; ``history`` is shared, newest first, and
    None when the store cannot be read now.
    """

    instance: str
    standing: Standing
    arms: Mapping[Arm, Figures]
    verdict: Verdict
    limits: Limits
    history: tuple[RolloutEvent, ...] | None
