"""What tending the patterns reads: how each is used, and all tables of learning as they stood at once."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sqlalchemy import select

from gateway.storage.learning_schema import patterns
from learning.lifetime import Use

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gateway.storage.sql import Database

PAGE = 5_000
"""Rows read at once: some milliseconds."""


async def uses(database: Database) -> AsyncIterator[list[Use]]:
    """How every pattern is used, in pages, ascending by number; of whatever embedder.

    Raises:
        DatabaseAwayError: The database cannot be used now.
    """
    p = patterns.c
    wanted = select(p.id, p.last_at, p.count, p.right + p.wrong, p.reused, p.predictive)
    after = 0
    while True:
        async with database.read() as connection:
            found = await connection.execute(wanted.where(p.id > after).order_by(p.id).limit(PAGE))
            page = [Use(*row) for row in found]
        if page:
            yield page
        if len(page) < PAGE:
            return
        after = page[-1].id


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
