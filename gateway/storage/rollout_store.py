"""The rollout's state that all instances share, and its history, in the database."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from gateway.rollout.audit import Chain, Head, canonical, document_of, event_of
from gateway.rollout.state import RolloutState
from gateway.rollout.state_codec import UnreadableStateError, state_of
from gateway.rollout.store import InMemoryRolloutStore, RolloutStore, check, seal
from gateway.storage.errors import DatabaseDamagedError
from gateway.storage.schema import rollout_events, rollout_state

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gateway.rollout.audit import Verification
    from gateway.rollout.state import RolloutEvent
    from gateway.storage.sql import Database

__all__ = ["InMemoryRolloutStore", "RolloutStore", "SqlRolloutStore"]

PAGE = 500
"""Events read at once where all of them are: each is a few KB with its plan."""


class SqlRolloutStore:
    """The state in the database: shared by all processes that use it, and kept over restarts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> RolloutState:
        """The state that stands."""
        async with self._database.read() as connection:
            head = await _head(connection)
        if head.version == 0:
            return RolloutState()
        try:
            return replace(state_of(head.state), version=head.version)
        except UnreadableStateError as error:
            raise DatabaseDamagedError(f"the rollout's state cannot be read: {error}") from error

    async def version(self) -> int:
        """The state's version."""
        async with self._database.read() as connection:
            found = await connection.execute(select(rollout_state.c.version))
            version: int = found.scalar_one()
            return version

    async def change(self, before: RolloutState, after: RolloutState, event: RolloutEvent) -> bool:
        """Make the transition, as the protocol says."""
        check(before, after, event)
        async with self._database.write() as connection:
            if await _is_there(connection, event.nonce):
                return True
            columns = rollout_state.c.version, rollout_state.c.digest
            version, digest = (await connection.execute(select(*columns))).one()
            if version != before.version:
                return False
            kept = seal(after, event, digest)
            changed = await connection.execute(
                update(rollout_state)
                .where(rollout_state.c.version == before.version)
                .values(version=kept.version, document=canonical(kept.state), digest=kept.digest)
            )
            if changed.rowcount == 0:
                # Somebody committed since the version was read: perhaps this very call's first try,
                # which the connection did not outlive and the server still carried through.
                return await _is_there(connection, event.nonce)
            await connection.execute(insert(rollout_events).values(_row(kept)))
            return True

    async def history(self, limit: int, before: int | None = None) -> list[RolloutEvent]:
        """The latest events, newest first."""
        query = select(rollout_events).order_by(rollout_events.c.version.desc()).limit(limit)
        if before is not None:
            query = query.where(rollout_events.c.version < before)
        async with self._database.read() as connection:
            return [_event(row) for row in await connection.execute(query)]

    async def all_events(self) -> AsyncIterator[RolloutEvent]:
        """Every event, oldest first, a page at a time."""
        async for row in self._rows(after=0):
            yield _event(row)

    async def verify(self) -> Verification:
        """Check the whole history."""
        chain = Chain()
        while True:
            seen = chain.version
            async for row in self._rows(after=seen):
                try:
                    chain.add(_read(row))
                except ValueError as error:
                    chain.tear(row.version, str(error))
            # Read after the events: what was beyond it then nobody's change has put there. What came
            # since the last page is read in another turn.
            async with self._database.read() as connection:
                head = await _head(connection)
            if chain.broken or head.version <= chain.version or chain.version == seen:
                return chain.end(head)

    async def _rows(self, *, after: int) -> AsyncIterator[Row[Any]]:
        version = rollout_events.c.version
        query = select(rollout_events).order_by(version).limit(PAGE)
        while True:
            async with self._database.read() as connection:
                found = (await connection.execute(query.where(version > after))).all()
            for row in found:
                yield row
            if len(found) < PAGE:
                return
            after = found[-1].version


async def _head(connection: AsyncConnection) -> Head:
    row = (await connection.execute(select(rollout_state))).one()
    try:
        state = json.loads(row.document)
    except ValueError:
        state = None
    # Something else than an object is no state of ours; as text it is told apart from all of them.
    return Head(
        row.version, row.digest, state if isinstance(state, dict) else {"unreadable": row.document}
    )


async def _is_there(connection: AsyncConnection, nonce: str) -> bool:
    query = select(rollout_events.c.version).where(rollout_events.c.nonce == nonce)
    return (await connection.execute(query)).first() is not None


def _row(event: RolloutEvent) -> dict[str, Any]:
    return {
        "version": event.version,
        "nonce": event.nonce,
        "document": document_of(event),
        "digest": event.digest,
    }


def _read(row: Row[Any]) -> RolloutEvent:
    """The event of a row. Raises `ValueError` where the columns and the text differ."""
    event = event_of(row.document, row.digest)
    if (row.version, row.nonce) != (event.version, event.nonce) or row.document != document_of(
        event
    ):
        raise ValueError("its columns and its text differ")
    return event


def _event(row: Row[Any]) -> RolloutEvent:
    try:
        return _read(row)
    except ValueError as error:
        raise DatabaseDamagedError(
            f"event {row.version} of the rollout cannot be read ({error}); "
            "see `wallbounce rollout verify`"
        ) from error
