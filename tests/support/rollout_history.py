"""Writes a rollout's history into a database, command by command, as gateways and operators do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from gateway.rollout.moves import move
from gateway.rollout.state import RolloutEvent
from gateway.storage.rollout_store import SqlRolloutStore
from gateway.storage.sql import Database

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.rollout.commands import Command
    from gateway.rollout.state import RolloutState

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


async def written(url: str, commands: Sequence[Command]) -> RolloutState:
    """Make the database at ``url`` and these moves, a minute apart from noon on; what then stands."""
    database = await Database.open(url)
    try:
        await database.migrate()
        store = SqlRolloutStore(database)
        for number, command in enumerate(commands):
            before = await store.load()
            at = NOON + timedelta(minutes=number)
            after = move(before, command, at)
            event = RolloutEvent(
                version=after.version,
                at=at,
                kind=command.kind,
                by=command.by,
                reason=command.reason,
                figures=getattr(command, "figures", {}),
                nonce=f"written-{before.version}",
            )
            assert await store.change(before, after, event)
        return await store.load()
    finally:
        await database.aclose()


async def standing(url: str) -> RolloutState:
    """What stands in the database at ``url``."""
    database = await Database.open(url)
    try:
        return await SqlRolloutStore(database).load()
    finally:
        await database.aclose()
