"""Traffic by quarters of an hour for the performance monitor, and the figures it makes of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import BigInteger, Text, cast, extract, func, select, tuple_

from gateway.storage.daily_pages import REQUEST_COLUMNS, VOTE_COLUMNS, LabelRow, Page
from gateway.storage.daily_schema import daily_figures, figure_slices
from gateway.storage.schema import feedback, requests, votes
from gateway.storage.upsert import upsert
from learning.monitor.calendar import SLICE
from learning.monitor.tally import tallies_as_json, tallies_from_json

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import date

    from sqlalchemy import Column, ColumnElement

    from gateway.storage.sql import Database
    from learning.monitor.figures import Figures
    from learning.monitor.tally import Key, Tallies

PAGE = 500
"""Requests read at once: some 10 ms of the event loop, which serves requests between two pages."""

_SLICE_S = int(SLICE.total_seconds())


class DailyStore:
    """The monitor's tables, and the journal's as it reads them. Raises what `Database` raises."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def first(self) -> datetime | None:
        """When the first request that is kept came in."""
        async with self._database.read() as connection:
            found: datetime | None = (
                await connection.execute(select(func.min(requests.c.at)))
            ).scalar_one()
            return found

    async def grown(self, since: datetime) -> set[datetime]:
        """Slices from ``since`` on with more requests than were counted.

        With fewer, some were deleted since: what was counted of them stays.
        """
        number = self._slice_number(requests.c.at)
        there = select(number, func.count()).where(requests.c.at >= since).group_by(number)
        counted = select(figure_slices.c.at, figure_slices.c.requests).where(
            figure_slices.c.at >= since
        )
        async with self._database.read() as connection:
            known = {row.at: row.requests for row in await connection.execute(counted)}
            found = {_moment(n): count for n, count in await connection.execute(there)}
        return {at for at, count in found.items() if count > known.get(at, 0)}

    async def said_since(self, since: datetime) -> set[datetime]:
        """Slices of the requests that feedback given from ``since`` on speaks of."""
        query = (
            select(self._slice_number(requests.c.at))
            .distinct()
            .select_from(requests)
            .join(feedback, feedback.c.request_id == requests.c.request_id)
            .where(feedback.c.at >= since)
        )
        async with self._database.read() as connection:
            return {_moment(n) for (n,) in await connection.execute(query)}

    async def active(self, since: datetime, until: datetime) -> list[datetime]:
        """Slices in [since, until) in which requests or feedback came in, oldest first."""
        found: set[datetime] = set()
        async with self._database.read() as connection:
            for moment in (requests.c.at, feedback.c.at):
                number = self._slice_number(moment)
                query = select(number).where(moment >= since, moment < until).distinct()
                found |= {_moment(n) for (n,) in await connection.execute(query)}
        return sorted(found)

    async def traffic(self, start: datetime) -> AsyncIterator[Page]:
        """The requests of the slice that begins at ``start``, in the order in which they came in."""
        place = requests.c.at, requests.c.request_id
        query = (
            select(*REQUEST_COLUMNS, cast(requests.c.ballot, Text).label("ballot_text"))
            .where(requests.c.at >= start, requests.c.at < start + SLICE)
            .order_by(*place)
            .limit(PAGE)
        )
        after = None
        while True:
            page = query if after is None else query.where(tuple_(*place) > after)
            async with self._database.read() as connection:
                rows = (await connection.execute(page)).mappings().all()
                ids = [row["request_id"] for row in rows]
                cast_votes = await connection.execute(
                    select(*VOTE_COLUMNS)
                    .where(votes.c.request_id.in_(ids))
                    .order_by(votes.c.request_id, votes.c.position)
                )
                said = await connection.execute(
                    select(feedback.c.request_id, feedback.c.correct, feedback.c.rating)
                    .where(feedback.c.request_id.in_(ids))
                    .order_by(feedback.c.request_id, feedback.c.id)
                )
                found = Page(rows, cast_votes.mappings().all(), said.mappings().all())
            if rows:
                yield found
            if len(rows) < PAGE:
                return
            after = rows[-1]["at"], rows[-1]["request_id"]

    async def labels(self, start: datetime) -> list[LabelRow]:
        """Requests' first labels given in the slice that begins at ``start``, in their order."""
        earlier = feedback.alias("earlier")
        repeated = (
            select(earlier.c.id)
            .where(
                earlier.c.request_id == feedback.c.request_id,
                earlier.c.correct.is_not(None),
                earlier.c.id < feedback.c.id,
            )
            .exists()
        )
        query = (
            select(
                feedback.c.at,
                feedback.c.correct,
                cast(requests.c.ballot, Text),
                requests.c.returned_group,
            )
            .join(requests, requests.c.request_id == feedback.c.request_id)
            .where(feedback.c.at >= start, feedback.c.at < start + SLICE)
            .where(feedback.c.correct.is_not(None), ~repeated)
            .order_by(feedback.c.at, feedback.c.id)
        )
        async with self._database.read() as connection:
            return [LabelRow(*row) for row in await connection.execute(query)]

    async def keep_slice(self, start: datetime, counted: int, tallies: Tallies) -> None:
        """Write a slice's figures, over those it had unless they are of more requests."""
        document = orjson.dumps(tallies_as_json(tallies)).decode()
        row = {"at": start, "requests": counted, "document": document}
        written = upsert(figure_slices, self._database.dialect.name, only_if=_not_fewer)
        async with self._database.write() as connection:
            await connection.execute(written, row)

    async def slices(self, since: datetime, until: datetime) -> list[tuple[datetime, Tallies]]:
        """The figures of the slices that begin in [since, until), oldest first; some 4 MB a day."""
        query = (
            select(figure_slices.c.at, figure_slices.c.document)
            .where(figure_slices.c.at >= since, figure_slices.c.at < until)
            .order_by(figure_slices.c.at)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return await asyncio.to_thread(
            lambda: [(at, tallies_from_json(orjson.loads(document))) for at, document in rows]
        )

    async def keep_days(self, days: Sequence[tuple[date, Key, Figures]]) -> None:
        """Write the figures of UTC days, over those they had."""
        if not days:
            return
        written = upsert(daily_figures, self._database.dialect.name)
        async with self._database.write() as connection:
            await connection.execute(written, [_day_row(*day) for day in days])

    def _slice_number(self, moment: Column[datetime]) -> ColumnElement[int]:
        """Whole slices since 1970. SQLite's seconds are whole already, and it may have no floor()."""
        seconds: ColumnElement[Any] = extract("epoch", moment)
        if self._database.backend != "sqlite":
            seconds = func.floor(seconds)
        return cast(seconds, BigInteger) // _SLICE_S


def _not_fewer(excluded: Any) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = excluded.requests >= figure_slices.c.requests
    return condition


def _moment(number: int) -> datetime:
    return datetime.fromtimestamp(number * _SLICE_S, UTC)


def _day_row(day: date, key: Key, figures: Figures) -> dict[str, Any]:
    accuracy = figures.accuracy
    return {
        "day": day,
        "kind": key[0],
        "subject": key[1],
        "requests": figures.requests,
        "measured": figures.measured,
        "errors": figures.errors,
        "labelled": figures.labelled,
        "right": figures.right,
        "accuracy": accuracy and accuracy.value,
        "accuracy_low": accuracy and accuracy.lower,
        "accuracy_high": accuracy and accuracy.upper,
        "confidence": figures.confidence,
        "calibration_error": figures.calibration_error,
        "agreement": figures.agreement,
        "rating": figures.rating,
        "latency_p50_ms": figures.latency_p50_ms,
        "latency_p95_ms": figures.latency_p95_ms,
        "cost_usd": figures.cost_usd,
        "cost_per_request_usd": figures.cost_per_request_usd,
        "input_tokens": figures.input_tokens,
        "output_tokens": figures.output_tokens,
        "refusal_rate": figures.refusal_rate and figures.refusal_rate.value,
        "length_p50_tokens": figures.length_p50_tokens,
        "with_returned": figures.with_returned and figures.with_returned.value,
        "codes": orjson.dumps(dict(figures.codes)).decode(),
    }
