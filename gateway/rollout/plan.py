"""Decides the share in force: what the environment allows, unless a trip stands or may stand."""

from __future__ import annotations

from dataclasses import dataclass

WHOLE = 100.0
"""Percent."""


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
