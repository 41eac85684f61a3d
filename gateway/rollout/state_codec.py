"""The rollout's state as the JSON document that is kept of it, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gateway.rollout.moves import arms_of
from gateway.rollout.plan_codec import plan_document, plan_from
from gateway.rollout.state import Approval, RolloutState, Trip

if TYPE_CHECKING:
    from collections.abc import Mapping


class UnreadableStateError(ValueError):
    """A document is no state of a rollout, or one that makes no sense."""


def state_document(state: RolloutState) -> dict[str, object]:
    """The state as JSON has it; times in UTC to the microsecond."""
    trip = state.trip
    return {
        "version": state.version,
        "plan": None if state.plan is None else plan_document(state.plan),
        "stage": state.stage,
        "since": None if state.since is None else _text(state.since),
        "held": state.held,
        "approvals": [{"by": a.by, "at": _text(a.at)} for a in state.approvals],
        "closed": list(state.closed),
        "acknowledged": state.acknowledged,
        "acknowledged_at": None if state.acknowledged_at is None else _text(state.acknowledged_at),
        "trip": None
        if trip is None
        else {
            "reason": trip.reason,
            "figures": dict(trip.figures),
            "by": trip.by,
            "at": _text(trip.at),
        },
    }


def state_of(document: Mapping[str, Any]) -> RolloutState:
    """The state a document tells of. Fields this version does not know are passed over.

    A document that makes no sense is refused whole: who cannot read the state must not guess one,
    and without a known state all traffic takes the legacy path.

    Raises:
        UnreadableStateError: It tells of none.
    """
    try:
        state = _state(document)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise UnreadableStateError(f"this is no state of a rollout: {error!r}") from error
    if why := _senseless(state):
        raise UnreadableStateError(f"this state of a rollout makes no sense: {why}")
    return state


def _state(document: Mapping[str, Any]) -> RolloutState:
    plan, trip, since = document["plan"], document["trip"], document["since"]
    told = document["acknowledged_at"]
    return RolloutState(
        version=_whole(document["version"]),
        plan=None if plan is None else plan_from(plan),
        stage=_whole(document["stage"]),
        since=None if since is None else _moment(since),
        held=_truth(document["held"]),
        approvals=tuple(Approval(_word(a["by"]), _moment(a["at"])) for a in document["approvals"]),
        closed=tuple(_word(name) for name in document["closed"]),
        acknowledged=_whole(document["acknowledged"]),
        acknowledged_at=None if told is None else _moment(told),
        trip=None
        if trip is None
        else Trip(
            _word(trip["reason"]), dict(trip["figures"]), _word(trip["by"]), _moment(trip["at"])
        ),
    )


def _senseless(state: RolloutState) -> str | None:
    if state.version < 0:
        return f"its version is {state.version}"
    stages = 1 if state.plan is None else len(state.plan.stages)
    if not 0 <= state.stage < stages:
        return f"its stage is {state.stage} of {stages}"
    names = {arm.name for arm in arms_of(state)}
    closed = set(state.closed)
    if not closed < names or len(closed) != len(state.closed):
        return f"its closed arms are {list(state.closed)} of {sorted(names)}"
    return None


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _moment(text: object) -> datetime:
    at = datetime.fromisoformat(_word(text))
    if at.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return at.astimezone(UTC)


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is no truth")
    return value
