"""The state all instances share, as one process knows it: in effect here at once, stored when it can be.

Theory of operation. ``stored`` is the newest state of the database this process knows of, read from it
or told by another process. Harm seen here, or told by a process that may die before it can store it,
is a *pending* command: it is in effect here from that moment, whether the database can be reached or
not, and is stored, oldest first, by the next `SharedState.sync` that can. What is in effect is
``stored`` with the pending commands applied by the same pure `move` that makes the stored change.

A change is a compare-and-set on the version. Who loses the race reads what now stands and asks the
stage machine anew: of two processes that see the same harm one trips, and the other finds a trip
standing, to which nothing is to be added.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.rollout.bus import ToldHarm
from gateway.rollout.commands import Close, RollBack
from gateway.rollout.moves import RefusedMoveError, move
from gateway.rollout.state import RolloutEvent, RolloutState, Trip
from gateway.storage_errors import DataRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from gateway.rollout.commands import Command
    from gateway.rollout.store import RolloutStore

WATCHER = "watcher@"
"""How the name of who decides by what was seen begins, an instance's name behind it."""

MOST_ANSWERS = 100
"""Events looked through for an answer to harm that waited: a wait of minutes makes a few."""

UNSTORABLE = "rolled back; the reason given cannot be stored"
"""Stands for a reason the database refuses, such as one with a NUL."""


class SharedState:
    """What stands for all instances, and what this process adds to it; for one event loop.

    Args:
        store: The lasting truth.
        on_stored: Told each newer state this process has stored or read, so that it may tell the others.
        on_set_back: Told the store's state where it is older than one known before: somebody restored
            or replaced the database, and it is the truth all the same.
        on_effect: Called whenever something else is in effect here: at once, not when an exchange ends.
        on_event: Told each change this process has made, once it is stored; must not raise. Harm that two
            processes store under one name is told by both.
    """

    def __init__(
        self,
        store: RolloutStore,
        on_stored: Callable[[RolloutState], None] = lambda _: None,
        on_set_back: Callable[[RolloutState], None] = lambda _: None,
        on_event: Callable[[RolloutEvent], None] = lambda _: None,
        on_effect: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._on_stored = on_stored
        self._on_event = on_event
        self._on_effect = on_effect
        self._on_set_back = on_set_back
        self._stored: RolloutState | None = None
        self._pending: deque[ToldHarm] = deque()
        self._effective: RolloutState | None = None
        self._lock = asyncio.Lock()

    @property
    def state(self) -> RolloutState | None:
        """What is in effect here; None until the stored state was known for the first time."""
        return self._effective

    @property
    def stored(self) -> RolloutState | None:
        """The newest stored state this process knows of."""
        return self._stored

    @property
    def delivered(self) -> bool:
        """Whether everything decided here is stored."""
        return not self._pending

    @property
    def tripped_here(self) -> bool:
        """Whether a rollback is in effect that no known stored state shows."""
        return any(isinstance(p.command, RollBack) for p in self._pending)

    @property
    def trip(self) -> Trip | None:
        """The rollback in effect, None without; also while no state is known."""
        if self._effective is not None:
            return self._effective.trip
        for pending in self._pending:
            if isinstance(command := pending.command, RollBack):
                return Trip(command.reason or "", command.figures, command.by, pending.at)
        return None

    def decide(self, command: RollBack | Close, at: datetime) -> ToldHarm:
        """Put harm into effect now; it waits to be stored."""
        on_version = 0 if self._stored is None else self._stored.version
        harm = ToldHarm(command, at, secrets.token_hex(8), on_version)
        self._pending.append(harm)
        self._apply()
        return harm

    def hear_harm(self, harm: ToldHarm) -> bool:
        """Another process decided this; True if it is news and now in effect here.

        It is stored from here too, for its sender may die first. What was acknowledged since is old:
        who acknowledged knew of it.
        """
        stored = self._stored
        if any(held.nonce == harm.nonce for held in self._pending):
            return False
        if stored is not None and harm.is_answered_by(stored):
            return False
        self._pending.append(harm)
        self._apply()
        return True

    def hear(self, state: RolloutState) -> bool:
        """Another process stored this; True if it is newer than what is known here."""
        if self._stored is not None and state.version <= self._stored.version:
            return False
        self._know(state)
        return True

    async def sync(self) -> None:
        """Store what is pending, then read what others did. Raises what the store raises."""
        async with self._lock:
            while self._pending:
                await self._deliver(self._pending[0])
                self._pending.popleft()
                self._apply()
            await self._read()

    async def change(self, command: Command, at: datetime) -> RolloutState:
        """Make an operator's or the plan's move, for all instances; returns what then stands.

        Raises:
            RefusedMoveError: It does not fit what stands.
            Exception: What the store raises; it is then unknown whether the change was made.
        """
        async with self._lock:
            while self._pending:
                await self._deliver(self._pending[0])
                self._pending.popleft()
                self._apply()
            await self._read()
            return await self._store_move(command, at, secrets.token_hex(8))

    async def history(self, limit: int) -> tuple[RolloutEvent, ...]:
        """The latest changes, newest first. Raises what the store raises."""
        return tuple(await self._store.history(limit))

    async def _deliver(self, pending: ToldHarm) -> None:
        try:
            if await self._is_answered(pending):
                return
            await self._store_move(pending.command, pending.at, pending.nonce)
        except RefusedMoveError:
            return  # an arm of a plan that is no longer followed: there is nothing to take away
        except DataRefusedError:
            # It will never take these words; that the traffic is gone matters more than why.
            plain = RollBack(by="unknown", reason=UNSTORABLE)
            await self._store_move(plain, pending.at, pending.nonce)

    async def _is_answered(self, harm: ToldHarm) -> bool:
        """Whether harm that was seen has been stored by another process, and acknowledged, since.

        All processes judge what all have seen: it is the same harm, and stored again it would undo the
        acknowledgement. If it lasts, it is seen again. What an operator decides is never dropped.
        """
        await self._read()
        stored = self._stored
        if stored is None or stored.tripped or not harm.command.by.startswith(WATCHER):
            return False
        if not harm.is_answered_by(stored):
            return False
        since = min(stored.version - harm.on_version, MOST_ANSWERS)
        return any(_is_the_same(event, harm) for event in await self._store.history(since))

    async def _store_move(self, command: Command, at: datetime, nonce: str) -> RolloutState:
        while True:
            before = self._stored if self._stored is not None else await self._load()
            after = move(before, command, at)
            if after is before:
                self._know(before)
                return before
            event = RolloutEvent(
                version=after.version,
                at=at,
                kind="trip" if isinstance(command, Close) and after.tripped else command.kind,
                by=command.by,
                reason=command.reason,
                figures=getattr(command, "figures", {}),
                nonce=nonce,
            )
            made = await self._store.change(before, after, event)
            # Read back also what was made here: tried again, it may be older than what stands.
            stored = await self._load()
            if made:
                self._on_event(event)
                return stored

    async def _read(self) -> None:
        if self._stored is None or await self._store.version() != self._stored.version:
            await self._load()

    async def _load(self) -> RolloutState:
        known = self._stored
        state = await self._store.load()
        while self._stored is not known:
            # What was heard meanwhile may be newer than what was read: it must not be undone by that.
            known = self._stored
            state = await self._store.load()
        self._know(state)
        if known is None or state.version > known.version:
            self._on_stored(state)
        elif state.version < known.version:
            self._on_set_back(state)
        return state

    def _know(self, state: RolloutState) -> None:
        self._stored = state
        self._apply()

    def _apply(self) -> None:
        """Work out what is in effect: what is stored, and on it what is pending."""
        state = self._stored
        if state is not None:
            for pending in self._pending:
                try:
                    after = move(state, pending.command, pending.at)
                except RefusedMoveError:
                    continue
                # Not a version of the store's: the next stored change takes that number.
                state = replace(after, version=state.version)
        changed = state != self._effective
        self._effective = state
        if changed:
            self._on_effect()


def _is_the_same(event: RolloutEvent, harm: ToldHarm) -> bool:
    """Whether another process stored what ``harm`` is about: a trip, or the closing of the same arm."""
    if event.nonce == harm.nonce or not event.by.startswith(WATCHER):
        return False
    if event.kind == "close" and isinstance(harm.command, Close):
        closed = event.state.get("closed")
        return isinstance(closed, list) and harm.command.arm in closed
    return event.kind == "trip"
