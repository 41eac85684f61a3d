"""Reads back requests that were answered by advice, with their labels: a page at a time, oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, null, or_, select, tuple_

from gateway.storage.schema import feedback, requests
from learning.records import SHADOW_ARM

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import datetime

    from gateway.storage.sql import Database

PAGE = 2_000
"""Requests read at once: a few hundred bytes each."""

_ADVISED = requests.c.advice.is_not(null())
# Nobody was given a shadow's answer, so nobody says how it was.
_GIVEN_OUT = or_(requests.c.arm.is_(None), requests.c.arm != SHADOW_ARM)


@dataclass(frozen=True, slots=True)
class AdvisedRequest:
    """``correct``: its newest label; None without one. The rest as in `learning.records`."""

    at: datetime
    task_type: str
    advice: Mapping[str, Any]
    correct: bool | None
    cost_usd: float | None


class AdviceHistory:
    """The journal of one database, as a backtest reads it. Raises what `Database` raises."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def counts(self) -> tuple[int, int]:
        """Requests with advice, and all requests; shadows count in neither."""
        query = select(func.count(), func.count(requests.c.advice)).where(_GIVEN_OUT)
        async with self._database.read() as connection:
            everything, advised = (await connection.execute(query)).one()
            return advised, everything

    async def requests(self) -> AsyncIterator[AdvisedRequest]:
        """Every request with advice, in the order in which they came in."""
        place = requests.c.at, requests.c.request_id
        query = (
            select(*place, requests.c.task_type, requests.c.advice, requests.c.cost_usd)
            .where(_ADVISED, _GIVEN_OUT)
            .order_by(*place)
            .limit(PAGE)
        )
        after = None
        while True:
            page = query if after is None else query.where(tuple_(*place) > after)
            async with self._database.read() as connection:
                rows = (await connection.execute(page)).all()
            labels = await self._labels([row.request_id for row in rows])
            for row in rows:
                yield AdvisedRequest(
                    row.at, row.task_type, row.advice, labels.get(row.request_id), row.cost_usd
                )
            if len(rows) < PAGE:
                return
            after = rows[-1].at, rows[-1].request_id

    async def _labels(self, request_ids: Sequence[str]) -> dict[str, bool]:
        """The newest of each, by the table's key."""
        if not request_ids:
            return {}
        query = (
            select(feedback.c.request_id, feedback.c.correct)
            .where(feedback.c.request_id.in_(request_ids), feedback.c.correct.is_not(None))
            .order_by(feedback.c.id)
        )
        async with self._database.read() as connection:
            found = (await connection.execute(query)).all()
        return {said.request_id: said.correct for said in found}
