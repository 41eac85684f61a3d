"""Keeps what is known of the vendors watched, whose turn it is to watch, and the changes found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import insert, or_, select, update

from gateway.storage.bulk_insert import BulkInsert
from gateway.storage.daily_schema import vendor_changes, vendor_watch
from gateway.storage.errors import DatabaseDamagedError
from learning.monitor.drift import Change, Direction, Measure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import RowMapping

    from gateway.storage.sql import Database

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

BEYOND_REASON = timedelta(hours=1)
"""Nobody claims work for so long ahead: such a claim is of a clock that was wrong, and binds nobody."""


@dataclass(frozen=True, slots=True)
class KeptWatch:
    """What is kept: ``document`` in its ``version``; ``rolled_up_at``: when figures were last complete."""

    version: int
    rolled_up_at: datetime | None
    document: Mapping[str, Any]


class VendorStore:
    """`vendor_watch` and `vendor_changes` of one database. Raises what `Database` raises."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def kept(self) -> KeptWatch:
        """What is known; version 0 and an empty document where nothing is.

        Raises:
            DatabaseDamagedError: The document is no JSON.
        """
        async with self._database.read() as connection:
            row = (await connection.execute(select(vendor_watch))).one_or_none()
        if row is None:
            return KeptWatch(0, None, {})
        try:
            document = orjson.loads(row.document)
        except orjson.JSONDecodeError as error:
            raise DatabaseDamagedError("what is known of the vendors is no JSON") from error
        return KeptWatch(row.version, row.rolled_up_at, document)

    async def claim(self, now: datetime, until: datetime) -> bool:
        """Whether nobody is at work; the work is ours then, until ``until``."""
        await self._make_sure()
        async with self._database.write() as connection:
            taken = await connection.execute(
                update(vendor_watch)
                .where(
                    or_(
                        vendor_watch.c.busy_until <= now,
                        vendor_watch.c.busy_until > now + BEYOND_REASON,
                    )
                )
                .values(busy_until=until)
            )
            return taken.rowcount == 1

    async def hold(self, until: datetime) -> None:
        """Go on with claimed work, or leave it to whoever comes after ``until``."""
        async with self._database.write() as connection:
            await connection.execute(update(vendor_watch).values(busy_until=until))

    async def advance(
        self, version: int, document: Mapping[str, Any], changes: Sequence[Change]
    ) -> bool:
        """Write what is known now and what was found, if ``version`` still stands; whether it did."""
        await self._make_sure()
        async with self._database.write() as connection:
            moved = await connection.execute(
                update(vendor_watch)
                .where(vendor_watch.c.version == version)
                .values(version=version + 1, document=orjson.dumps(document).decode())
            )
            if moved.rowcount != 1:
                return False
            if changes:
                await connection.execute(
                    insert(vendor_changes), [asdict(change) for change in changes]
                )
            return True

    async def rolled_up(self, at: datetime) -> None:
        """The figures are complete as of ``at``; of two who say so the last counts, an earlier time too."""
        await self._make_sure()
        async with self._database.write() as connection:
            await connection.execute(update(vendor_watch).values(rolled_up_at=at))

    async def changes(self, since: datetime) -> list[Change]:
        """The changes found from ``since`` on, oldest first."""
        query = (
            select(vendor_changes)
            .where(vendor_changes.c.at >= since)
            .order_by(vendor_changes.c.at, vendor_changes.c.number)
        )
        async with self._database.read() as connection:
            return [_change(row) for row in (await connection.execute(query)).mappings()]

    async def _make_sure(self) -> None:
        """The one row is there."""
        async with self._database.read() as connection:
            if (await connection.execute(select(vendor_watch.c.id))).first() is not None:
                return
        row = {
            "id": 1,
            "version": 0,
            "busy_until": _LONG_AGO,
            "rolled_up_at": None,
            "document": "{}",
        }
        batch = BulkInsert(vendor_watch, self._database.dialect).batch([row])
        await self._database.insert([batch])


def _change(row: RowMapping) -> Change:
    kept = {name: value for name, value in row.items() if name != "number"}
    kept["measure"], kept["direction"] = Measure(kept["measure"]), Direction(kept["direction"])
    return Change(**kept)
