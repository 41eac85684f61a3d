"""Reads recorded traffic back as a judge saw it: requests and labels, a page at a time, oldest first."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, or_, select, tuple_

from gateway.rollout.observation import UNANSWERED, Label, Observation, observation_of
from gateway.rollout.window import HTTP_CLIENT_ERROR
from gateway.storage.schema import feedback, requests, votes
from learning.records import RequestRecord, VoteRecord
from providers.messages import Usage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import RowMapping, Select

    from gateway.storage.sql import Database

PAGE = 2_000
"""Requests read at once: some MB with their votes."""

JUDGED = (
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
    exists()
    .where(
        votes.c.request_id == requests.c.request_id,
        votes.c.down.is_(False),
        or_(votes.c.error_code.is_(None), votes.c.error_code.not_in(sorted(UNANSWERED))),
    )
    .correlate(requests)
    .label("alive"),
)
"""What is read of a request. ``alive``, worked out by the database, spares reading most votes."""

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
        query = select(*JUDGED).where(requests.c.arm.is_not(None)).order_by(*place).limit(PAGE)
        rows = await self._read(query)
        while rows:
            for seen in await observed(self._database, rows):
                yield seen
            last = rows[-1]["at"], rows[-1]["request_id"]
            rows = await self._read(query.where(tuple_(*place) > last)) if len(rows) == PAGE else []

    async def labels(self) -> AsyncIterator[tuple[datetime, Label]]:
        """Every label on such a request, with the moment (UTC) of the feedback, in that order."""
        place = feedback.c.at, feedback.c.id
        query = (
            select(
                *place,
                requests.c.request_id,
                requests.c.arm,
                requests.c.at,
                feedback.c.correct,
                requests.c.caller,
            )
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
            for said, _, *label in rows:
                yield said, Label(*label)
            if len(rows) < PAGE:
                return
            after = rows[-1][0], rows[-1][1]

    async def _read(self, query: Select[tuple[object, ...]]) -> Sequence[RowMapping]:
        async with self._database.read() as connection:
            return (await connection.execute(query)).mappings().all()


async def observed(database: Database, rows: Sequence[RowMapping]) -> list[Observation]:
    """The observations of requests read by their columns `JUDGED`, in their order."""
    doubtful = [row["request_id"] for row in rows if not _plain(row)]
    query = (
        select(*_CAST)
        .where(votes.c.request_id.in_(doubtful))
        .order_by(votes.c.request_id, votes.c.position)
    )
    found: Sequence[RowMapping] = ()
    if doubtful:
        async with database.read() as connection:
            found = (await connection.execute(query)).mappings().all()
    cast = {
        request_id: tuple(map(_vote, group))
        for request_id, group in groupby(found, lambda vote: vote["request_id"])
    }
    return [
        seen
        for row in rows
        if (seen := _answered(row) if _plain(row) else _whole(row, cast)) is not None
    ]


def _plain(row: RowMapping) -> bool:
    """Whether it was answered, by vendors of whom one at least replied: its votes tell nothing more."""
    return bool(row["alive"]) and row["status"] < HTTP_CLIENT_ERROR


def _answered(row: RowMapping) -> Observation:
    """What `observation_of` would make of it with its votes."""
    return Observation(
        request_id=row["request_id"],
        at=row["at"],
        arm=row["arm"],
        share=row["share"],
        measured=True,
        error=False,
        latency_ms=row["latency_ms"],
        cost_usd=row["cost_usd"],
        confidence=row["confidence"],
        caller=row["caller"],
        all_down=False,
        alive=True,
    )


def _whole(row: RowMapping, cast: Mapping[str, tuple[VoteRecord, ...]]) -> Observation | None:
    fields = {name: value for name, value in row.items() if name != "alive"}
    return observation_of(RequestRecord(**fields, votes=cast.get(row["request_id"], ())))


def _vote(row: RowMapping) -> VoteRecord:
    return VoteRecord(**{name: row[name] for name in row if name != "request_id"}, usage=Usage())
