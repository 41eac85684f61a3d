"""Which share of the legacy path's requests is shadowed now, how many at once, and under which policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.rollout.plan import WHOLE

if TYPE_CHECKING:
    from gateway.rollout.plan import ArmPolicy
    from gateway.rollout.status import Standing


@dataclass(frozen=True, slots=True)
class ShadowLimits:
    """What the environment says.

    ``percentage`` (0 to 100) of the legacy path's requests, None leaves it to the plan;
    ``in_flight`` shadows at once at most, in one process.
    """

    percentage: float | None = None
    in_flight: int = 8


@dataclass(frozen=True, slots=True)
class ShadowTerms:
    """What is in force: a share in [0, 1] of the legacy path's requests, and the policy they run under."""

    share: float
    policy: ArmPolicy | None = None


def terms_in_force(limits: ShadowLimits, standing: Standing) -> ShadowTerms:
    """Join what the environment and the plan ask for with what stands against it.

    A rollback stops shadows as well: it is an emergency stop, and vendors that are down need no more
    load. So do a path switched off, and a state not read yet, in which a rollback may stand. A share
    of nought does not: a shadow is how a rollout begins.

    The policy is that of the plan's first arm that is still open.
    """
    if not standing.enabled or not standing.known or standing.tripped:
        return ShadowTerms(0.0)
    state = standing.state
    plan = None if state is None else state.plan
    if state is None or plan is None:
        return ShadowTerms((limits.percentage or 0.0) / WHOLE)
    percentage = plan.shadow if limits.percentage is None else limits.percentage
    policy = next((arm for arm in plan.arms if arm.name not in state.closed), None)
    return ShadowTerms(percentage / WHOLE, policy)
