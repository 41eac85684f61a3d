"""What a move led to, in a sentence for the one who made it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.rollout.moves import next_stage

if TYPE_CHECKING:
    from gateway.rollout.commands import Command
    from gateway.rollout.state import RolloutState

UNTIL = "all traffic takes the legacy path until `wallbounce rollout acknowledge`"

DONE = {
    "trip": f"rolled back: {UNTIL}",
    "abort": f"aborted: the plan is back at its first stage, and {UNTIL}",
    "acknowledge": "acknowledged: traffic returns to {place}",
    "advance": "advanced to {place}",
    "hold": "held: no automatic advance until `wallbounce rollout resume`",
    "resume": "resumed at {place}",
    "approve": "approved by {who}: {given} of {needed} operators{then}",
}
"""By the kind of the command."""

IDLE = {
    "trip": "a rollback stands already, by {by}: {reason}",
    "abort": "a rollback stands already, by {by}: {reason}; the plan is at its first stage",
    "acknowledge": "no rollback stands: there is nothing to acknowledge",
    "hold": "held already",
    "resume": "it was not held",
    "approve": "{who} has approved already: {given} of {needed} operators{then}",
}
"""Where there was nothing to do."""


def said(command: Command, state: RolloutState, *, changed: bool) -> str:
    """The sentence on what now stands."""
    following = next_stage(state)
    needed = 0 if following is None else following.approvals
    enough = len(state.approvals) >= needed
    return (DONE if changed else IDLE)[command.kind].format(
        who=command.by,
        by=state.trip.by if state.trip else "",
        reason=state.trip.reason if state.trip else "",
        place=_place(state),
        given=len(state.approvals),
        needed=needed,
        then="; `wallbounce rollout advance` goes on" if enough else "",
    )


def _place(state: RolloutState) -> str:
    if state.plan is None:
        return "the share the environment says"
    stage = state.plan.stages[state.stage]
    of = f"stage {state.stage + 1} of {len(state.plan.stages)} of the plan {state.plan.name}"
    return f"{of}: {stage.percentage:g} %, SRP_TRAFFIC_PERCENTAGE allowing"
