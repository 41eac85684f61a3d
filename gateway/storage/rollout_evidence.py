"""What was seen of the arms before this process started, read from the journal, newest first and bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, tuple_

from gateway.rollout.observation import Label
from gateway.storage.schema import feedback, requests
from gateway.storage.traffic_history import JUDGED, observed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import RowMapping

    from gateway.rollout.observation import Observation
    from gateway.storage.sql import Database

PAGE = 500
"""Requests read at once: some 15 ms of the event loop, which serves requests between two pages."""


class SqlRolloutEvidence:
    """`gateway.rollout.evidence_feed.PastEvidence` in the journal's tables. Raises what `Database` raises.

    What other processes have not written yet, the last 200 ms of their traffic, is missing.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def seen_since(
        self, since: datetime | None, limit: int
    ) -> tuple[Sequence[Observation], Sequence[Label]]:
        """The newest ``limit`` requests that came in from ``since`` on, oldest first, and their labels.

        Labels in the order of their feedback, so that a request's first is the first; of them too the
        newest ``limit``.
        """
        seen: list[Observation] = []
        last: RowMapping | None = None
        while len(seen) < limit:
            rows = await self._page(since, last, min(PAGE, limit - len(seen)))
            if not rows:
                break
            last = rows[-1]
            seen += await observed(self._database, rows)
        seen.reverse()
        labels = await self._labels(seen[0].at, limit) if seen else []
        return seen, labels

    async def _page(
        self, since: datetime | None, last: RowMapping | None, limit: int
    ) -> Sequence[RowMapping]:
        place = requests.c.at, requests.c.request_id
        query = select(*JUDGED).where(requests.c.arm.is_not(None))
        if since is not None:
            query = query.where(requests.c.at >= since)
        if last is not None:
            query = query.where(tuple_(*place) < (last["at"], last["request_id"]))
        latest = query.order_by(*(column.desc() for column in place)).limit(limit)
        async with self._database.read() as connection:
            return (await connection.execute(latest)).mappings().all()

    async def _labels(self, since: datetime, limit: int) -> list[Label]:
        said, asked = feedback.c, requests.c
        query = (
            select(asked.request_id, asked.arm, asked.at, said.correct, asked.caller)
            .join(requests, asked.request_id == said.request_id)
            # Feedback comes after its request: its own index on the time narrows it down.
            .where(said.correct.is_not(None), said.at >= since, asked.at >= since)
            .where(asked.arm.is_not(None))
            .order_by(said.id.desc())
            .limit(limit)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [Label(*row) for row in reversed(rows)]
