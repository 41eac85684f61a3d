"""The plan of a rollout: stages, arms, margins. A plan that makes no sense cannot be made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from gateway.rollout.plan_checks import InvalidPlanError, plan_problems
from gateway.rollout.plan_parts import ArmPolicy, Stage
from gateway.rollout.rules import Margins

__all__ = [
    "MAIN_ARM",
    "NO_PLAN",
    "WHOLE",
    "Advance",
    "AfterRollback",
    "ArmPolicy",
    "InvalidPlanError",
    "RolloutPlan",
    "Stage",
    "TrafficPlan",
]

WHOLE = 100.0
"""Percent."""

MAIN_ARM = "wall_bounce"
"""The new path as it is without any policy of its own."""

NO_PLAN: Literal["none"] = "none"
"""What ends the plan in force, in SRP_ROLLOUT_PLAN."""

Advance = Literal["manual", "automatic"]

AfterRollback = Literal["restart", "same"]


@dataclass(frozen=True, slots=True)
class RolloutPlan:
    """All an operator decides beforehand.

    ``shadow`` (percent of the control's traffic) takes the new path too, unseen by the caller.
    ``alpha`` as in `gateway.rollout.rules.Rules`. ``after_rollback``: where an acknowledged rollback
    leads, to the first stage (``restart``) or to the one that was rolled back (``same``).

    Raises:
        InvalidPlanError: Something in it makes no sense; all of it is said at once.
    """

    name: str
    stages: tuple[Stage, ...]
    advance: Advance = "manual"
    arms: tuple[ArmPolicy, ...] = (ArmPolicy(MAIN_ARM),)
    margins: Margins = field(default_factory=Margins)
    alpha: float = 0.05
    shadow: float = 0.0
    after_rollback: AfterRollback = "restart"

    def __post_init__(self) -> None:
        if problems := tuple(
            plan_problems(
                name=self.name,
                stages=self.stages,
                arms=self.arms,
                margins=self.margins,
                alpha=self.alpha,
                shadow=self.shadow,
            )
        ):
            raise InvalidPlanError(problems)


@dataclass(frozen=True, slots=True)
class TrafficPlan:
    """What the environment asks for: USE_SRP_WALL_BOUNCE and SRP_TRAFFIC_PERCENTAGE (0 to 100)."""

    enabled: bool
    percentage: float

    def __post_init__(self) -> None:
        if not 0 <= self.percentage <= WHOLE:
            raise ValueError(f"a percentage lies in 0 to 100, not at {self.percentage}")
