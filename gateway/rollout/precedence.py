"""Which share is in force, and which rule decided it: the order is written down here alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from gateway.rollout.plan import WHOLE

if TYPE_CHECKING:
    from gateway.rollout.plan import RolloutPlan, TrafficPlan
    from gateway.rollout.state import RolloutState


class Rule(StrEnum):
    """What can decide the share; the first that applies does."""

    DISABLED = "disabled"
    ROLLBACK = "rollback"
    UNKNOWN = "unknown"
    CEILING = "ceiling"
    PLAN = "plan"
    ENVIRONMENT = "environment"


RULES: dict[Rule, str] = {
    Rule.DISABLED: "USE_SRP_WALL_BOUNCE is off: nobody takes the new path",
    Rule.ROLLBACK: "a rollback stands: nobody, until an operator acknowledges it",
    Rule.UNKNOWN: "the stored state was not read yet: nobody, as a rollback may stand in it",
    Rule.CEILING: "SRP_TRAFFIC_PERCENTAGE is below the plan's stage: no more than it allows",
    Rule.PLAN: "a plan is in force: the percentage of its stage",
    Rule.ENVIRONMENT: "no plan is in force: SRP_TRAFFIC_PERCENTAGE",
}
"""The rules in their order, in words, for `wallbounce rollout status`."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The share in force, in [0, 1], the stage's name (percent, or ``disabled``), and why.

    ``rule`` decided; ``because`` says so with its figures.
    """

    share: float
    stage: str
    rule: Rule
    because: str


def in_force(
    environment: TrafficPlan, state: RolloutState | None, *, local_trip: bool = False
) -> InForce:
    """Decide how much traffic takes the new path now, all its arms together.

    Args:
        environment: The ceiling; applied at once.
        state: What all instances share; None until it was read for the first time.
        local_trip: Whether a rollback was decided here that the shared state does not show yet.
    """
    if not environment.enabled:
        return InForce(0.0, "disabled", Rule.DISABLED, "USE_SRP_WALL_BOUNCE is off")
    if state is not None and state.trip is not None:
        return _nobody(Rule.ROLLBACK, f"a rollback stands: {state.trip.reason}")
    if local_trip:
        return _nobody(Rule.ROLLBACK, "a rollback was decided here and is not stored yet")
    if state is None:
        return _nobody(Rule.UNKNOWN, "the stored state was not read yet")
    return _open(environment.percentage, state.plan, state.stage)


def _open(ceiling: float, plan: RolloutPlan | None, index: int) -> InForce:
    if plan is None:
        words = f"no plan is in force, SRP_TRAFFIC_PERCENTAGE is {ceiling:g}"
        return _percent(ceiling, Rule.ENVIRONMENT, words)
    wanted = plan.stages[index].percentage
    place = f"stage {index + 1} of {len(plan.stages)} of the plan {plan.name}"
    if ceiling < wanted:
        words = f"SRP_TRAFFIC_PERCENTAGE is {ceiling:g}, below the {wanted:g} % of {place}"
        return _percent(ceiling, Rule.CEILING, words)
    return _percent(wanted, Rule.PLAN, f"{place} is {wanted:g} %")


def _nobody(rule: Rule, because: str) -> InForce:
    return InForce(0.0, "0", rule, because)


def _percent(percentage: float, rule: Rule, because: str) -> InForce:
    return InForce(percentage / WHOLE, f"{percentage:g}", rule, because)
