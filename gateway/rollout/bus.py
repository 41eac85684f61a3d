"""The fast way to every other process: the port. Whatever it loses, the database tells a moment later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gateway.rollout.commands import Close

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from gateway.rollout.commands import RollBack
    from gateway.rollout.observation import Label, Observation
    from gateway.rollout.state import RolloutState


@dataclass(frozen=True, slots=True)
class ToldHarm:
    """Harm that some process decided to end, perhaps before it could store it.

    ``at`` is UTC; ``nonce`` that of the event it becomes, so that it becomes one event whoever stores
    it; ``on_version`` the version of the state it was decided on, 0 where none was known.
    """

    command: RollBack | Close
    at: datetime
    nonce: str
    on_version: int

    def is_answered_by(self, state: RolloutState) -> bool:
        """Whether the state shows it: a rollback stands that came after, or was acknowledged after.

        An acknowledgement answers what was decided before it, by version and by time: who
        acknowledged did not know of later harm, nor of what an instance saw that was cut off.
        """
        if state.version <= self.on_version:
            return False
        if state.tripped or (isinstance(self.command, Close) and self.command.arm in state.closed):
            return True
        at = state.acknowledged_at
        return state.acknowledged > self.on_version and at is not None and self.at <= at


@dataclass(frozen=True, slots=True)
class BusHealth:
    """Whether the others are reached, and a sentence on it without addresses or secrets.

    Counts since the start: ``sent`` and ``heard`` messages, ``dropped`` observations and labels that
    waited in vain, ``refused`` messages nobody could read, ``losses`` of the connection.
    """

    reachable: bool
    words: str
    sent: int = 0
    heard: int = 0
    dropped: int = 0
    refused: int = 0
    losses: int = 0


class StateBus(Protocol):
    """Tells the other processes, and hears them. For one event loop.

    Publishing never waits and never raises. Of states only newer ones are told and heard; the newest
    known to any process is kept where a process that comes anew finds it. What waits to be told
    while the others cannot be reached is told once they can: the newest state, harm that no newer state
    has answered, and the latest of the evidence.
    """

    async def start(
        self,
        on_state: Callable[[RolloutState], None],
        on_harm: Callable[[ToldHarm], None],
        on_seen: Callable[[Sequence[Observation], Sequence[Label]], None],
    ) -> None:
        """Begin to listen and to tell, from now until closed. Does not wait for a connection."""
        ...

    def publish_state(self, state: RolloutState) -> None:
        """A state that is stored. Worth calling with every one that is read from the store, too."""
        ...

    def set_back(self, state: RolloutState) -> None:
        """The store holds this, older than what was told before: forget that, also for those to come."""
        ...

    def publish_harm(self, harm: ToldHarm) -> None:
        """Harm decided here; may be told several times."""
        ...

    def publish_seen(self, observations: Sequence[Observation], labels: Sequence[Label]) -> None:
        """What was seen here; gathered for a moment, and lost when too much waits."""
        ...

    @property
    def health(self) -> BusHealth:
        """How it stands now."""
        ...

    async def aclose(self) -> None:
        """Tell what is urgent, if that goes quickly, and end."""
        ...
