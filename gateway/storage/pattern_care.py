"""What tending the patterns reads: how each is used, and all tables of learning as they stood at once."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from gateway.storage.learning_schema import pattern_members, patterns
from gateway.storage.pattern_rows import PATTERN_COLUMNS, moment, pattern_of
from gateway.storage.prepared import Prepared
from learning.lifetime import Use

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gateway.storage.sql import Database
    from learning.patterns.pattern import Pattern

PAGE = 500
"""Rows read at once: half a millisecond of the event loop, which serves requests between two pages."""


async def uses(database: Database) -> AsyncIterator[list[Use]]:
    """How every pattern is used, in pages, ascending by number; of whatever embedder.

    Raises:
        DatabaseAwayError: The database cannot be used now.
    """
    p = patterns.c
    wanted = Prepared(
        select(p.id, p.last_at, p.count, p.right + p.wrong, p.reused, p.predictive)
        .where(p.id > bindparam("after"))
        .order_by(p.id)
        .limit(PAGE),
        database.dialect,
    )
    after = 0
    while True:
        async with database.read() as connection:
            found = await connection.exec_driver_sql(wanted.sql, wanted.bound({"after": after}))
            rows = found.all()
        page = await asyncio.to_thread(_uses, rows)
        if page:
            yield page
        if len(page) < PAGE:
            return
        after = page[-1].id


def _uses(rows: Sequence[Sequence[Any]]) -> list[Use]:
    return [Use(row[0], moment(row[1]), *row[2:]) for row in rows]


async def last_use(database: Database) -> datetime | None:
    """When the last request came in that any pattern stands for; None for no pattern.

    Raises:
        DatabaseAwayError: The database cannot be used now.
    """
    async with database.read() as connection:
        found = await connection.execute(select(func.max(patterns.c.last_at)))
        newest: datetime | None = found.scalar_one()
        return newest


async def oldest_member(database: Database) -> datetime | None:
    """When the oldest request came in that a pattern is known to stand for; None for none.

    Raises:
        DatabaseAwayError: The database cannot be used now.
    """
    async with database.read() as connection:
        found: datetime | None = (
            await connection.execute(select(func.min(pattern_members.c.at)))
        ).scalar_one()
        return found


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which patterns to look at; None for any."""

    task: str | None = None
    kind: str | None = None
    language: str | None = None
    outcome: str | None = None
    provider: str | None = None


async def newest(database: Database, embedder: str, wanted: Wanted, limit: int) -> list[Pattern]:
    """The patterns used last of those wanted, the newest first.

    Raises:
        DatabaseAwayError: The database cannot be used now.
    """
    p = patterns.c
    query = select(*(p[name] for name in PATTERN_COLUMNS)).where(p.embedder == embedder)
    for name in ("task", "kind", "language"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(p[name] == value)
    if wanted.provider is not None:
        query = query.where(p.vendors.contains(f'"{wanted.provider}":', autoescape=True))
    if wanted.outcome is not None:
        query = query.where(_band(wanted.outcome))
    query = query.order_by(p.last_at.desc(), p.id.desc()).limit(limit)
    async with database.read() as connection:
        return [pattern_of(tuple(row)) for row in await connection.execute(query)]


def _band(outcome: str) -> ColumnElement[bool]:
    """As `learning.patterns.pattern.Pattern.outcome` has it."""
    p = patterns.c
    right, wrong, failed = p.right > 0, p.wrong > 0, p.failure.is_not(None)
    return {
        "mixed": right & wrong,
        "right": right & ~wrong,
        "wrong": wrong & ~right,
        "failed": ~right & ~wrong & failed,
        "open": ~right & ~wrong & ~failed,
    }[outcome]


@asynccontextmanager
async def snapshot(database: Database) -> AsyncIterator[AsyncConnection]:
    """A connection that sees everything as it stood when it began, whatever is written meanwhile.

    Nobody is held up by it. Raises as `Database.read`.
    """
    sqlite = database.backend == "sqlite"
    async with database.read() as connection:
        begin = "BEGIN" if sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        await connection.exec_driver_sql(begin)
        try:
            yield connection
        finally:
            await connection.exec_driver_sql("ROLLBACK")
