"""Reads recorded traffic back as a judge saw it: requests and labels, a page at a time, oldest first."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy import func, select, tuple_

from gateway.rollout.observation import Label, observation_of
from gateway.storage.schema import feedback, requests, votes
from learning.records import RequestRecord, VoteRecord
from providers.messages import Usage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from sqlalchemy import RowMapping, Select

    from gateway.rollout.observation import Observation
    from gateway.storage.sql import Database

PAGE = 2_000
"""Requests read at once: some MB with their votes."""

_JUDGED = (
    requests.c.request_id,
    requests.c.at,
    requests.c.instance,
    requests.c.arm,
    requests.c.status,
    requests.c.code,
    requests.c.latency_ms,
    requests.c.caller,
    requests.c.timeout_ms,
    requests.c.share,
    requests.c.confidence,
    requests.c.cost_usd,
)
_CAST = (
    votes.c.request_id,
    votes.c.provider,
    votes.c.vendor,
    votes.c.model,
    votes.c.round,
    votes.c.latency_ms,
    votes.c.cost_usd,
    votes.c.error_code,
    votes.c.down,
)


class TrafficHistory:
    """The journal of one database, for replaying. Raises what `Database` raises."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self) -> int:
        """Requests that got an arm."""
        query = select(func.count()).select_from(requests).where(requests.c.arm.is_not(None))
        async with self._database.read() as connection:
            found: int = (await connection.execute(query)).scalar_one()
            return found

    async def observations(self) -> AsyncIterator[Observation]:
        """Every request that got an arm, in the order in which they came in."""
        place = requests.c.at, requests.c.request_id
        query = select(*_JUDGED).where(requests.c.arm.is_not(None)).order_by(*place).limit(PAGE)
        rows = await self._read(query)
        while rows:
            for seen in await self._seen(rows):
                yield seen
            last = rows[-1]["at"], rows[-1]["request_id"]
            rows = await self._read(query.where(tuple_(*place) > last)) if len(rows) == PAGE else []

    async def labels(self) -> AsyncIterator[tuple[datetime, Label]]:
        """Every label on such a request, with the moment (UTC) of the feedback, in that order."""
        place = feedback.c.at, feedback.c.id
        query = (
            select(*place, requests.c.request_id, requests.c.arm, requests.c.at, feedback.c.correct)
            .join(requests, requests.c.request_id == feedback.c.request_id)
            .where(feedback.c.correct.is_not(None), requests.c.arm.is_not(None))
            .order_by(*place)
            .limit(PAGE)
        )
        after = None
        while True:
            page = query if after is None else query.where(tuple_(*place) > after)
            async with self._database.read() as connection:
                rows = (await connection.execute(page)).all()
            for said, _, request_id, arm, at, correct in rows:
                yield said, Label(request_id, arm, at, correct)
            if len(rows) < PAGE:
                return
            after = rows[-1][0], rows[-1][1]

    async def _seen(self, rows: Sequence[RowMapping]) -> list[Observation]:
        query = (
            select(*_CAST)
            .where(votes.c.request_id.in_([row["request_id"] for row in rows]))
            .order_by(votes.c.request_id, votes.c.position)
        )
        cast = {
            request_id: tuple(map(_vote, group))
            for request_id, group in groupby(await self._read(query), lambda v: v["request_id"])
        }
        records = (RequestRecord(**row, votes=cast.get(row["request_id"], ())) for row in rows)
        return [seen for record in records if (seen := observation_of(record)) is not None]

    async def _read(self, query: Select[tuple[object, ...]]) -> Sequence[RowMapping]:
        async with self._database.read() as connection:
            return (await connection.execute(query)).mappings().all()


def _vote(row: RowMapping) -> VoteRecord:
    return VoteRecord(**{name: row[name] for name in row if name != "request_id"}, usage=Usage())
