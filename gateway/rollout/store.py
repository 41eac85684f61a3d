"""Where the rollout's state is kept: the port, and the store in memory for a process of its own.

A change is a compare-and-set on the state's version, kept together with its event: of instances that
decide the same at once exactly one makes the transition. The events are chained by digests
(`gateway.rollout.audit`). In the database: `gateway.storage.rollout_store`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from gateway.rollout.audit import GENESIS, Chain, Head, sealed
from gateway.rollout.state import RolloutState
from gateway.rollout.state_codec import state_document, state_of
from gateway.storage_errors import DataRefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.rollout.audit import Verification
    from gateway.rollout.state import RolloutEvent


class RolloutStore(Protocol):
    """Where the rollout's state is kept.

    Every method may raise `DatabaseAwayError` when it cannot be reached now, and those that read
    `DatabaseDamagedError` when what is kept is not what was written.
    """

    async def load(self) -> RolloutState:
        """The state that stands."""
        ...

    async def version(self) -> int:
        """The state's version alone: cheap enough for every process to ask four times a second."""
        ...

    async def change(self, before: RolloutState, after: RolloutState, event: RolloutEvent) -> bool:
        """Make the transition if ``before`` still stands, and keep what led to it.

        Of the event the caller gives ``at``, ``kind``, ``by``, ``reason``, ``figures`` and a ``nonce``
        of its own; the rest follows from ``after`` and the history.

        The same call may be repeated when it is unknown whether a commit went through: an event that
        is there already, by its nonce, is not made twice.

        Returns:
            Whether the event is in the history by this caller's doing. After a repeated call others
            may have moved on since: load. False: somebody else was quicker, nothing was changed.

        Raises:
            ValueError: ``after`` is not the version next to ``before``, or the nonce is empty.
            DataRefusedError: The values cannot be stored, now or later.
        """
        ...

    async def history(self, limit: int, before: int | None = None) -> list[RolloutEvent]:
        """The latest events, or those before a version; newest first."""
        ...

    def all_events(self) -> AsyncIterator[RolloutEvent]:
        """Every event, oldest first, read a page at a time."""
        ...

    async def verify(self) -> Verification:
        """Check the whole history against its digests and against the state."""
        ...


class InMemoryRolloutStore:
    """The state of one process; gone when it ends. Instances share it by sharing the object."""

    def __init__(self) -> None:
        self._state = RolloutState()
        self._events: list[RolloutEvent] = []

    async def load(self) -> RolloutState:
        """The state that stands."""
        return self._state

    async def version(self) -> int:
        """The state's version."""
        return self._state.version

    async def change(self, before: RolloutState, after: RolloutState, event: RolloutEvent) -> bool:
        """Make the transition, as the protocol says."""
        check(before, after, event)
        if any(kept.nonce == event.nonce for kept in self._events):
            return True
        if self._state.version != before.version:
            return False
        previous = self._events[-1].digest if self._events else GENESIS
        kept = seal(after, event, previous)
        self._state = state_of(kept.state)
        self._events.append(kept)
        return True

    async def history(self, limit: int, before: int | None = None) -> list[RolloutEvent]:
        """The latest events, newest first."""
        known = self._events if before is None else self._events[: max(0, before - 1)]
        return known[::-1][:limit]

    async def all_events(self) -> AsyncIterator[RolloutEvent]:
        """Every event, oldest first."""
        for event in list(self._events):
            yield event

    async def verify(self) -> Verification:
        """Check the whole history."""
        chain = Chain()
        for event in self._events:
            chain.add(event)
        last = self._events[-1] if self._events else None
        state = state_document(self._state) if last else {}
        return chain.end(Head(self._state.version, last.digest if last else GENESIS, state))


def check(before: RolloutState, after: RolloutState, event: RolloutEvent) -> None:
    """What every store asks of a change. Raises `ValueError`."""
    if after.version != before.version + 1:
        raise ValueError(f"after version {before.version} comes no version {after.version}")
    if not event.nonce:
        raise ValueError("an event without a nonce could not be known again")


def seal(after: RolloutState, event: RolloutEvent, previous: str) -> RolloutEvent:
    """The event as it is kept of a change to ``after``. Raises `DataRefusedError`."""
    whole = replace(event, version=after.version, state=state_document(after))
    try:
        return sealed(whole, previous)
    except ValueError as error:
        raise DataRefusedError(f"the event cannot be kept: {error}") from error
