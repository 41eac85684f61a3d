"""The journal's statements: records and feedback into their tables, and out again."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy import select

from gateway.storage.bulk_insert import BulkInsert
from gateway.storage.rows import record_of, request_row, vote_rows
from gateway.storage.schema import feedback, requests, votes
from gateway.storage.sql import in_our_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gateway.storage.sql import Database
    from learning.records import Feedback, RequestRecord


class JournalTables:
    """`requests`, `votes` and `feedback` of one database. Raises what `Database` raises."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert_requests = BulkInsert(requests, database.dialect)
        self._insert_votes = BulkInsert(votes, database.dialect)

    async def add(self, records: Sequence[RequestRecord]) -> None:
        """Write records, all or none; those already there are left as they are.

        So the same records may be written again when it is unknown whether a commit went through.
        """
        with in_our_words():
            batches = [
                self._insert_requests.batch(request_row(record) for record in records),
                self._insert_votes.batch(row for record in records for row in vote_rows(record)),
            ]
        await self._database.insert(batches)

    async def find(self, request_id: str) -> RequestRecord | None:
        """The record of that id."""
        async with self._database.read() as connection:
            found = await _select(connection, requests.c.request_id == request_id)
        return found[0] if found else None

    async def since(self, since: datetime, arm: str | None) -> list[RequestRecord]:
        """The records from ``since`` on, of one arm or of all."""
        condition: ColumnElement[bool] = requests.c.at >= since
        if arm is not None:
            condition &= requests.c.arm == arm
        async with self._database.read() as connection:
            return await _select(connection, condition)

    async def add_feedback(self, said: Feedback) -> int:
        """Write one caller's feedback. Returns its number, by which all readers order feedback."""
        row = {
            "request_id": said.request_id,
            "at": said.at,
            "correct": said.correct,
            "rating": said.rating,
            "comment": said.comment,
        }
        async with self._database.write() as connection:
            written = await connection.execute(feedback.insert().values(row))
            number: int = written.inserted_primary_key[0]  # type: ignore[index]  # its one column
            return number


async def _select(
    connection: AsyncConnection, condition: ColumnElement[bool]
) -> list[RequestRecord]:
    found = (await connection.execute(select(requests).where(condition))).mappings().all()
    if not found:
        return []
    cast = await connection.execute(
        select(votes)
        .join(requests, votes.c.request_id == requests.c.request_id)
        .where(condition)
        .order_by(votes.c.request_id, votes.c.position)
    )
    by_request = {
        request_id: list(rows)
        for request_id, rows in groupby(cast.mappings(), key=lambda row: row["request_id"])
    }
    return [record_of(row, by_request.get(row["request_id"], [])) for row in found]
