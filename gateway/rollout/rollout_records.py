"""The rollout's state as the JSON document that is kept of it, and back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gateway.rollout.state import Approval, RolloutState, Trip

if TYPE_CHECKING:
    from collections.abc import Mapping


def state_document(state: RolloutState) -> dict[str, object]:
    """The state as JSON has it."""
    if state.plan is not None:
        raise ValueError("a plan's codec is not here yet")
    kept = asdict(state)
    kept["since"] = _text(state.since)
    kept["approvals"] = [{"by": a.by, "at": _text(a.at)} for a in state.approvals]
    kept["closed"] = list(state.closed)
    if state.trip is not None:
        kept["trip"]["at"] = _text(state.trip.at)
    return kept


def state_of(document: Mapping[str, Any]) -> RolloutState:
    """The state a document tells of. Raises `ValueError` for one that is none."""
    trip = document.get("trip")
    if "stage" not in document:
        raise ValueError("no state of a rollout")
    return RolloutState(
        version=document["version"],
        stage=document["stage"],
        since=_moment(document["since"]),
        held=document["held"],
        approvals=tuple(
            Approval(a["by"], datetime.fromisoformat(a["at"])) for a in document["approvals"]
        ),
        closed=tuple(document["closed"]),
        trip=None
        if trip is None
        else Trip(trip["reason"], trip["figures"], trip["by"], datetime.fromisoformat(trip["at"])),
    )


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="microseconds")


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
