"""Writes a batch to SQLite in one step of the event loop, on a thread and a connection of its own.

Through the async driver a transaction takes six exchanges between loop and thread. On a loop that is
busy with requests each waits its turn, and together they took longer than the 200 ms of records a
kill may cost.
"""

from __future__ import annotations

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from gateway.storage.errors import DatabaseAwayError, DataRefusedError, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

T = TypeVar("T")

Batch = tuple[str, "list[tuple[Any, ...]]"]
"""A statement and its rows."""

_REFUSALS = (
    sqlite3.DataError,
    sqlite3.IntegrityError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
    OverflowError,
    UnicodeError,
)
"""The values are at fault, and not the database."""


class SqliteWriter:
    """One connection, used by one thread.

    Args:
        path: The database's file.
        busy_timeout_s: How long it waits for another writer.
    """

    def __init__(self, path: Path, busy_timeout_s: float) -> None:
        self._path = path
        self._busy_timeout_s = busy_timeout_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self._connection: sqlite3.Connection | None = None

    async def write(self, batches: Sequence[Batch]) -> None:
        """Execute each statement for each of its rows: all of it, or nothing.

        Raises:
            DatabaseAwayError: The database cannot be used now.
            DataRefusedError: It takes these values neither now nor later.
        """
        await self.transact(lambda connection: _execute(connection, batches))

    async def transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do ``work`` in one transaction, on the thread. Raises as `write`."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._do, work)

    async def aclose(self) -> None:
        """Close the connection, after what is being written."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown(wait=False)

    def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return self._transact(work)
        except _REFUSALS as error:
            raise DataRefusedError(one_line(error)) from error
        except (sqlite3.Error, OSError) as error:
            # The next write opens the file anew: it may have been replaced.
            self._close()
            raise DatabaseAwayError(one_line(error)) from error

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._connection or self._open()
        connection.execute("BEGIN IMMEDIATE")
        try:
            done = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return done

    def _open(self) -> sqlite3.Connection:
        self._connection = sqlite3.connect(
            self._path, timeout=self._busy_timeout_s, isolation_level=None
        )
        # As for the other connections (`gateway.storage.sql`).
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute("PRAGMA foreign_keys=ON")
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _execute(connection: sqlite3.Connection, batches: Sequence[Batch]) -> None:
    for statement, rows in batches:
        if rows:
            connection.executemany(statement, rows)
