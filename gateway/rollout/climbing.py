"""When a stage may end: what the judge is told of it, and what its verdicts allow. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from gateway.rollout.moves import arms_of
from gateway.rollout.plan import WHOLE
from gateway.rollout.terms import StageTerms
from gateway.rollout.verdict import Decision, Health

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from gateway.rollout.plan import TrafficPlan
    from gateway.rollout.state import RolloutState
    from gateway.rollout.verdict import Verdict


def open_arms(state: RolloutState | None) -> tuple[str, ...]:
    """Names of the arms that harm has not closed; none while the state is unknown."""
    if state is None:
        return ()
    return tuple(arm.name for arm in arms_of(state) if arm.name not in state.closed)


def terms_at(
    state: RolloutState | None, environment: TrafficPlan, share: float, now: datetime
) -> StageTerms:
    """The stage in force as the judge needs it.

    There is no next share without a plan, at its last stage, and where the environment's ceiling would
    keep the share as it is: a stage that changes nothing would be judged on nothing.

    Args:
        state: What stands; None while it is unknown.
        environment: The ceiling.
        share: In force now, in [0, 1].
        now: UTC.
    """
    nothing = timedelta()
    if state is None or state.plan is None:
        since = state.since if state is not None else None
        return StageTerms(share, None, now - since if since else nothing, nothing, 0)
    stages, at = state.plan.stages, state.stage
    following = None
    if at + 1 < len(stages):
        reachable = min(stages[at + 1].percentage, environment.percentage) / WHOLE
        following = reachable if reachable > share else None
    return StageTerms(
        share=share,
        next_share=following,
        elapsed=max(nothing, now - state.since) if state.since else nothing,
        minimum_time=stages[at].minimum_time,
        minimum_sample=stages[at].minimum_sample,
    )


def advances_by_itself(state: RolloutState | None) -> bool:
    """Whether the plan in force may go on without an operator now."""
    return (
        state is not None
        and state.plan is not None
        and state.plan.advance == "automatic"
        and not state.held
        and not state.tripped
    )


def allow_advance(verdicts: Iterable[Verdict]) -> bool:
    """Whether every open arm's verdict is ADVANCE; without any arm nothing is allowed."""
    decisions = [verdict.decision for verdict in verdicts]
    return bool(decisions) and all(decision is Decision.ADVANCE for decision in decisions)


def obstacles(verdicts: Iterable[Verdict], *, forced: bool) -> tuple[str, ...]:
    """What speaks against advancing, a line an arm. Force overrides all but a CRITICAL health."""
    return tuple(
        f"{verdict.arm}: {verdict.decision} ({verdict.health}): {'; '.join(verdict.reasons)}"
        for verdict in verdicts
        if (
            verdict.health is Health.CRITICAL
            if forced
            else verdict.decision is not Decision.ADVANCE
        )
    )
