"""Reads what teaches: labels, newest first and bounded, and the ballots of the requests they speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import orjson
from sqlalchemy import Text, cast, select

from consensus.ballot import Ballot
from gateway.storage.schema import feedback, requests
from learning.lessons import Label, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.storage.sql import Database

KeptBallot = tuple[str | None, int | None]
"""A ballot as JSON, and the group returned; reading the JSON is left to whoever has the time."""

Outcomes = dict[str, Outcome | None]
"""What requests teach, by their id; None for nothing."""


class LessonStore(Protocol):
    """Where labels are read. Both may raise `gateway.storage.errors.DatabaseAwayError`."""

    async def labels(self, *, after: int, before: int | None, limit: int) -> list[Label]:
        """The newest labels with a number above ``after`` and below ``before``, newest first."""
        ...

    async def ballots(self, request_ids: Sequence[str]) -> Mapping[str, KeptBallot]:
        """The ballots of those of the requests whose record is written."""
        ...


class SqlLessonStore:
    """The journal's tables, as who learns reads them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def labels(self, *, after: int, before: int | None, limit: int) -> list[Label]:
        """By the table's key; feedback that says neither right nor wrong is passed over."""
        said = feedback.c
        query = select(said.id, said.request_id, said.correct).where(
            said.id > after, said.correct.is_not(None)
        )
        if before is not None:
            query = query.where(said.id < before)
        async with self._database.read() as connection:
            found = await connection.execute(query.order_by(said.id.desc()).limit(limit))
            return [Label(*row) for row in found]

    async def ballots(self, request_ids: Sequence[str]) -> Mapping[str, KeptBallot]:
        """Without SQLAlchemy's decoding, which would hold up the event loop."""
        query = select(
            requests.c.request_id, cast(requests.c.ballot, Text), requests.c.returned_group
        ).where(requests.c.request_id.in_(request_ids))
        async with self._database.read() as connection:
            found = await connection.execute(query)
            return {request_id: (ballot, group) for request_id, ballot, group in found}


def outcomes_of(kept: Mapping[str, KeptBallot]) -> Outcomes:
    """What each kept ballot teaches; None without one, or for one this program cannot read.

    Some 50 µs a ballot.
    """
    return {request_id: _outcome_of(*ballot) for request_id, ballot in kept.items()}


def _outcome_of(text: str | None, returned: int | None) -> Outcome | None:
    if text is None:
        return None
    try:
        read = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return Outcome.of(Ballot.from_json(read) if isinstance(read, dict) else None, returned)
