"""The stage machine: a state and a command in, the next state out, or a refusal in words.

Theory of operation. A state is rolled back (a trip stands, nobody takes the new path) or it is not;
apart from that it follows a plan at one of its stages, or none.

command      what it does                                       refused
Adopt        follow a plan: the first at its first stage, a     when no arm of it would be open
             changed one at its largest stage not above the
             share so far; the same plan: nothing
Drop         no plan; nothing where there is none
Advance      the next stage                                     tripped; no plan; last stage; approvals
                                                                missing; decided on an older state;
                                                                automatic while held or in a manual plan;
                                                                forced without a reason
Hold/Resume  (no) automatic advance; nothing where it is so     no plan
Approve      consent to the next stage; nothing the second      tripped; no plan; last stage; enough
             time by one operator                               approvals already
Abort        a trip, and the first stage                        never: safety needs no permission
Close        one arm goes to the control; the last one that     no such arm
             is open: a trip
RollBack     a trip; nothing where one stands                   never
Acknowledge  the trip ends: the first stage, or the same one    no trip stands (and nothing to reopen)
             if the plan says so

Only Acknowledge ends a trip. ``since`` is set to now by whatever makes older evidence worthless: another
stage, an acknowledgement, an arm closed or reopened, a plan that differs in what is measured. "Nothing" returns the
very state that came in; every other move makes the version one higher. Approvals are for one step,
and what follows a stage, a trip or a closed arm is another.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from gateway.errors import ConflictError
from gateway.rollout.commands import (
    Abort,
    Acknowledge,
    Adopt,
    Advance,
    Approve,
    Close,
    Command,
    Drop,
    Hold,
    Resume,
    RollBack,
)
from gateway.rollout.plan import MAIN_ARM, ArmPolicy, RolloutPlan
from gateway.rollout.state import Approval, Trip

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from gateway.rollout.plan import Stage
    from gateway.rollout.state import RolloutState

__all__ = [
    "Abort",
    "Acknowledge",
    "Adopt",
    "Advance",
    "Approve",
    "Close",
    "Command",
    "Drop",
    "Hold",
    "RefusedMoveError",
    "Resume",
    "RollBack",
    "arms_of",
    "move",
    "next_stage",
]


class RefusedMoveError(ConflictError):
    """The command does not fit the state. ``why`` names the reason for programs, `detail` says it.

    ``why``: tripped, no_plan, last_stage, approvals_missing, moved_on, held, manual, reason_missing,
    enough_approvals, unknown_arm, no_open_arm, nothing_to_acknowledge.
    """

    def __init__(self, why: str, detail: str) -> None:
        super().__init__(detail)
        self.why = why


def move(state: RolloutState, command: Command, now: datetime) -> RolloutState:
    """The state that follows; ``state`` itself where there is nothing to do. ``now`` is UTC.

    Raises:
        RefusedMoveError: The command does not fit the state.
    """
    if isinstance(command, (Abort, Close, RollBack, Acknowledge)):
        return _in_trouble(state, command, now)
    match command:
        case Adopt():
            return _adopt(state, command.plan, now)
        case Drop():
            return _drop(state, now)
        case Advance():
            return _advance(state, command, now)
        case Hold() | Resume():
            return _hold(state, held=isinstance(command, Hold))
        case Approve():
            return _approve(state, command, now)
        case _:
            assert_never(command)


def _in_trouble(
    state: RolloutState, command: Abort | Close | RollBack | Acknowledge, now: datetime
) -> RolloutState:
    match command:
        case Abort():
            return _abort(state, _trip(command, {}, "the rollout was aborted", now), now)
        case Close():
            return _close(state, command, now)
        case RollBack():
            if state.tripped:
                return state
            trip = _trip(command, command.figures, "rolled back", now)
            return _next(state, trip=trip, approvals=())
        case Acknowledge():
            return _acknowledge(state, now, reopen=command.reopen)
        case _:
            assert_never(command)


def next_stage(state: RolloutState) -> Stage | None:
    """The stage after the present one; None at the last, or without a plan."""
    if state.plan is None or state.stage + 1 == len(state.plan.stages):
        return None
    return state.plan.stages[state.stage + 1]


def arms_of(state: RolloutState) -> tuple[ArmPolicy, ...]:
    """The arms that share the new path, closed ones too; without a plan the one there is."""
    return (ArmPolicy(MAIN_ARM),) if state.plan is None else state.plan.arms


def _next(state: RolloutState, **changes: Any) -> RolloutState:
    return replace(state, version=state.version + 1, **changes)


def _adopt(state: RolloutState, plan: RolloutPlan, now: datetime) -> RolloutState:
    old = state.plan
    if plan == old:
        return state
    if old is None:
        return _next(state, plan=plan, stage=0, since=now, approvals=(), closed=())
    if _measures_alike(old, plan):
        return _next(state, plan=plan)
    # An arm that did harm stays out under its name; with another policy it is another arm.
    policies = {_policy(arm) for arm in old.arms if arm.name in state.closed}
    closed = tuple(arm.name for arm in plan.arms if _policy(arm) in policies)
    if len(closed) == len(plan.arms):
        raise RefusedMoveError(
            "no_open_arm",
            f"every arm of the plan {plan.name} was closed for harm: change its policy, or reopen it",
        )
    share = 0.0 if state.tripped else old.stages[state.stage].percentage
    reached = sum(stage.percentage <= share for stage in plan.stages)
    return _next(
        state, plan=plan, stage=max(0, reached - 1), since=now, approvals=(), closed=closed
    )


def _measures_alike(old: RolloutPlan, new: RolloutPlan) -> bool:
    """Whether what was seen under the one plan counts under the other."""
    told_by = [(p.stages, p.arms, p.margins, p.alpha) for p in (old, new)]
    return told_by[0] == told_by[1]


def _policy(arm: ArmPolicy) -> tuple[object, ...]:
    weights = None if arm.weights is None else tuple(sorted(arm.weights.items()))
    return (arm.name, arm.providers, weights, arm.mode, arm.depth)


def _drop(state: RolloutState, now: datetime) -> RolloutState:
    if state.plan is None:
        return state
    return _next(state, plan=None, stage=0, since=now, held=False, approvals=(), closed=())


def _advance(state: RolloutState, command: Advance, now: datetime) -> RolloutState:
    if command.on_version not in {None, state.version}:
        raise RefusedMoveError(
            "moved_on",
            f"this was decided on version {command.on_version} of the rollout, which is at "
            f"{state.version} now",
        )
    plan, following = _following(state)
    if command.automatic and state.held:
        raise RefusedMoveError("held", "the rollout is held: resume it, or advance it by hand")
    if command.automatic and plan.advance == "manual":
        raise RefusedMoveError("manual", f"the plan {plan.name} is advanced by hand")
    if command.forced and not (command.reason or "").strip():
        raise RefusedMoveError("reason_missing", "who advances against the verdict has to say why")
    if len(state.approvals) < following.approvals:
        given = ", ".join(approval.by for approval in state.approvals) or "nobody"
        raise RefusedMoveError(
            "approvals_missing",
            f"the stage of {following.percentage:g} % needs the approval of {following.approvals} "
            f"operators, so far it has that of {given}",
        )
    return _next(state, stage=state.stage + 1, since=now, approvals=())


def _following(state: RolloutState) -> tuple[RolloutPlan, Stage]:
    """The plan and its next stage, where there is a way on."""
    if state.trip is not None:
        raise RefusedMoveError("tripped", f"a rollback stands: {state.trip.reason}; acknowledge it")
    plan = _plan(state)
    following = next_stage(state)
    if following is None:
        raise RefusedMoveError("last_stage", f"the plan {plan.name} is at its last stage")
    return plan, following


def _plan(state: RolloutState) -> RolloutPlan:
    if state.plan is None:
        raise RefusedMoveError(
            "no_plan", "no plan is in force: SRP_TRAFFIC_PERCENTAGE alone sets the share"
        )
    return state.plan


def _hold(state: RolloutState, *, held: bool) -> RolloutState:
    _plan(state)
    return state if state.held is held else _next(state, held=held)


def _approve(state: RolloutState, command: Approve, now: datetime) -> RolloutState:
    _, following = _following(state)
    # One operator is one, however they write their name.
    who = command.by.strip().casefold()
    if any(approval.by.strip().casefold() == who for approval in state.approvals):
        return state
    if len(state.approvals) >= following.approvals:
        raise RefusedMoveError(
            "enough_approvals",
            f"the stage of {following.percentage:g} % needs {following.approvals} approvals and has "
            "them",
        )
    return _next(state, approvals=(*state.approvals, Approval(command.by, now)))


def _abort(state: RolloutState, trip: Trip, now: datetime) -> RolloutState:
    if state.tripped and state.stage == 0:
        return state
    return _next(state, trip=state.trip or trip, stage=0, since=now, approvals=())


def _close(state: RolloutState, command: Close, now: datetime) -> RolloutState:
    names = [arm.name for arm in arms_of(state)]
    if command.arm not in names:
        raise RefusedMoveError(
            "unknown_arm", f"there is no arm {command.arm}; there are {', '.join(names)}"
        )
    if command.arm in state.closed:
        return state
    if len(state.closed) + 1 < len(names):
        # Its callers join the control, whose make-up changes: what was seen before compares no more.
        return _next(state, closed=(*state.closed, command.arm), since=now, approvals=())
    if state.tripped:
        return state
    # The trip takes it out; were it closed as well, an acknowledgement would lead nowhere.
    words = f"the last open arm, {command.arm}, did harm"
    return _next(state, trip=_trip(command, command.figures, words, now), approvals=())


def _acknowledge(state: RolloutState, now: datetime, *, reopen: bool) -> RolloutState:
    closed = () if reopen else state.closed
    if not state.tripped:
        if closed == state.closed:
            raise RefusedMoveError(
                "nothing_to_acknowledge", "there is nothing to acknowledge: no rollback stands"
            )
        return _acknowledged(state, now, closed=closed)
    stays = state.plan is not None and state.plan.after_rollback == "same"
    stage = state.stage if stays else 0
    return _acknowledged(state, now, trip=None, stage=stage, closed=closed)


def _acknowledged(state: RolloutState, now: datetime, **changes: Any) -> RolloutState:
    version = state.version + 1
    return _next(
        state, **changes, since=now, approvals=(), acknowledged=version, acknowledged_at=now
    )


def _trip(command: Command, figures: Mapping[str, object], otherwise: str, now: datetime) -> Trip:
    return Trip(command.reason or otherwise, figures, command.by, now)
