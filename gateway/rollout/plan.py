"""The plan of a rollout: stages, arms, margins; and the share that follows from it and all else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from gateway.rollout.rules import Margins

if TYPE_CHECKING:
    from collections.abc import Mapping

WHOLE = 100.0
"""Percent."""

MAIN_ARM = "wall_bounce"
"""The new path as it is without any policy of its own."""

Advance = Literal["manual", "automatic"]


@dataclass(frozen=True, slots=True)
class Stage:
    """One step. ``percentage`` (0 to 100) of traffic on the new path, all its arms together.

    ``minimum_time`` and ``minimum_sample`` (requests of each arm) before it may end; ``approvals`` of
    different operators (0 to 2) before it may **begin**. ``error_rate_rollback`` and
    ``error_rate_warning`` are the absolute limits of its preset, in [0, 1].
    """

    percentage: float
    minimum_time: timedelta = timedelta(minutes=10)
    minimum_sample: int = 100
    approvals: int = 0
    error_rate_rollback: float = 0.03
    error_rate_warning: float = 0.015


@dataclass(frozen=True, slots=True)
class ArmPolicy:
    """A way of asking that is tried beside others. None leaves a thing as the request has it.

    ``split`` is its share of the new path's traffic, relative to the other arms'.
    """

    name: str
    split: float = 1.0
    providers: tuple[str, ...] | None = None
    weights: Mapping[str, float] | None = None
    mode: Literal["parallel", "sequential"] | None = None
    depth: int | None = None


@dataclass(frozen=True, slots=True)
class RolloutPlan:
    """All an operator decides beforehand. ``shadow`` (percent of the control's traffic) takes the new
    path too, unseen by the caller. ``alpha`` as in `gateway.rollout.rules.Rules`."""

    name: str
    stages: tuple[Stage, ...]
    advance: Advance = "manual"
    arms: tuple[ArmPolicy, ...] = (ArmPolicy(MAIN_ARM),)
    margins: Margins = field(default_factory=Margins)
    alpha: float = 0.05
    shadow: float = 0.0


@dataclass(frozen=True, slots=True)
class TrafficPlan:
    """What the environment asks for: USE_SRP_WALL_BOUNCE and SRP_TRAFFIC_PERCENTAGE (0 to 100)."""

    enabled: bool
    percentage: float

    def __post_init__(self) -> None:
        if not 0 <= self.percentage <= WHOLE:
            raise ValueError(f"a percentage lies in 0 to 100, not at {self.percentage}")


@dataclass(frozen=True, slots=True)
class Effect:
    """The share in force, in [0, 1], and the stage's name: percent, or ``disabled``."""

    share: float
    stage: str


def effect(plan: TrafficPlan, *, tripped: bool, known: bool) -> Effect:
    """Decide how much traffic takes the wall-bounce path now.

    Args:
        plan: The ceiling; applied at once when nothing stands against it.
        tripped: Whether a rollback stands that no operator acknowledged.
        known: Whether the stored state was read since this process started. Until then a trip may
            stand that we cannot see, so the path stays closed: the legacy path is the safe one.
    """
    if not plan.enabled:
        return Effect(0.0, "disabled")
    percentage = plan.percentage if known and not tripped else 0.0
    return Effect(percentage / WHOLE, f"{percentage:g}")
