"""What the rollout says of itself: where a request goes, and the snapshot operators read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.rollout.plan import ArmPolicy
    from gateway.rollout.state import RolloutState
    from gateway.rollout.trips import Trip
    from gateway.rollout.watcher import Limits, Verdict
    from gateway.rollout.window import Figures
    from gateway.storage.rollout_records import RolloutEvent

Arm: TypeAlias = str
"""``legacy``, or the name of an arm of the new path, ``wall_bounce`` by default."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where one request goes: to ``legacy`` if ``bucket`` is not below ``share``, or its arm is closed.

    ``policy`` is how the arm asks; None leaves everything as the request and the settings have it.
    """

    arm: Arm
    bucket: float
    share: float
    stage: str
    policy: ArmPolicy | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is in force: told to whoever listens, whenever it changes.

    ``share`` is the effective one, ``ceiling`` what the environment asks for, both in [0, 1].
    ``trip`` is the rollback that stands, None without; ``delivered`` is False while it is in effect
    here and not stored yet. ``known`` is False until the stored state was read for the first time.
    ``state`` is the state all instances share, None until it was read.
    """

    share: float
    stage: str
    ceiling: float
    enabled: bool
    known: bool
    trip: Trip | None
    delivered: bool
    state: RolloutState | None = None

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
