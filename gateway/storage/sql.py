"""The door to SQL: one engine, transactions that say whether they write, errors in our words."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import orjson
from sqlalchemy import event, text
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    SQLAlchemyError,
    StatementError,
)
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from gateway.storage.address import address, connect_arguments, in_memory, shown, sqlite_file
from gateway.storage.creating import create_if_empty, has_version
from gateway.storage.errors import (
    DatabaseAwayError,
    DataRefusedError,
    UnsupportedDatabaseError,
    one_line,
)
from gateway.storage.prepared import ConnectionStep, SqliteStep
from gateway.storage.schema import HEAD
from gateway.storage.sqlite_writer import SqliteWriter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from sqlalchemy.engine import URL, Connection, Dialect
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from gateway.storage.prepared import Step
    from gateway.storage.sqlite_writer import Batch

T = TypeVar("T")

BUSY_TIMEOUT_MS = 5_000
"""How long SQLite waits for another process's transaction; ours take milliseconds."""

WAL_PATIENCE_S = 5.0
"""How long an opening process tries to switch a new file to write-ahead logging."""

_REFUSED_SQLSTATES = ("22", "23")
"""PostgreSQL's classes "data exception" and "integrity constraint violation"."""

_BAD_VALUES = (UnicodeError, OverflowError)
"""What drivers raise by themselves for text and numbers that do not fit."""

_READING = {"wallbounce_reading": True}


class Database:
    """An open database. Made by `open`, closed by `aclose`; for one event loop.

    ``shown`` is its URL as it may be printed, ``backend`` is ``sqlite`` or ``postgresql``.
    """

    def __init__(self, engine: AsyncEngine, url: URL) -> None:
        self._engine = engine
        self._url = url
        # Statements that only read are not wrapped in a transaction: it would cost two round trips.
        autocommit: dict[str, Any] = (
            {} if self.backend == "sqlite" else {"isolation_level": "AUTOCOMMIT"}
        )
        self._reading = engine.execution_options(**_READING, **autocommit)
        file = sqlite_file(url)
        self._writer = None if file is None else SqliteWriter(file, BUSY_TIMEOUT_MS / 1000)

    @classmethod
    async def open(cls, url: str) -> Self:
        """Connect, and make SQLite's file and its folder if they are not there.

        ``url`` is SQLAlchemy's async form, or the plain ``sqlite:///``, ``postgres://``,
        ``postgresql://``.

        Raises:
            UnsupportedDatabaseError: The URL names no database that is supported.
            DatabaseAwayError: The database cannot be reached.
        """
        parsed = address(url)
        database = cls(_engine(parsed), parsed)
        try:
            await database._prepare()
        except TypeError as error:  # the driver does not know an argument from the URL's query
            await database.aclose()
            raise UnsupportedDatabaseError(
                f"the URL of the database {database.shown} has options the driver does not take"
            ) from error
        except (DatabaseAwayError, DataRefusedError, OSError) as error:
            await database.aclose()
            raise DatabaseAwayError(
                f"the database {database.shown} cannot be opened: {one_line(error)}"
            ) from error
        except BaseException:
            await database.aclose()
            raise
        return database

    @property
    def backend(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._url.get_backend_name()

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's way of speaking to this database."""
        return self._engine.dialect

    @property
    def shown(self) -> str:
        """The URL without password and options."""
        return shown(self._url)

    async def migrate(self) -> None:
        """Bring the schema to this program's version; several processes may do so at once.

        Raises:
            DatabaseTooNewError: A later program migrated it.
            DatabaseAwayError: The database cannot be used now.
        """
        version = await self.version()
        if version == HEAD:
            return
        if version is None:
            async with self.write() as connection:
                if await connection.run_sync(create_if_empty):
                    return
        # Imported here because a start on a current or an empty database must not pay for Alembic.
        from gateway.storage.migrating import upgrade  # noqa: PLC0415

        async with self.write() as connection:
            await connection.run_sync(upgrade, self.shown)

    async def version(self) -> str | None:
        """The schema's version, None for a database without one.

        Raises:
            DatabaseAwayError: The database cannot be used now.
        """
        async with self.read() as connection:
            if not await connection.run_sync(has_version):
                return None
            found = await connection.execute(text("SELECT version_num FROM alembic_version"))
            version: str | None = found.scalar_one_or_none()
            return version

    async def ping(self) -> None:
        """Ask for nothing, to see whether an answer comes.

        Raises:
            DatabaseAwayError: None came.
        """
        async with self.read() as connection:
            await connection.execute(text("SELECT 1"))

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection for statements that only read, each a transaction of its own.

        Raises:
            DatabaseAwayError: The database cannot be used now.
        """
        with in_our_words():
            async with self._reading.connect() as connection:
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes: committed at the end, rolled back by any exception.

        In SQLite it holds the one write lock from its beginning, so that what it reads cannot
        change before it writes.

        Raises:
            DatabaseAwayError: The database cannot be used now. A commit may or may not have
                happened, so what is done again must be idempotent.
            DataRefusedError: The database takes these values neither now nor later.
        """
        with in_our_words():
            async with self._engine.begin() as connection:
                yield connection

    async def insert(self, batches: Sequence[Batch]) -> None:
        """Execute each driver statement for each of its rows, in one transaction. Raises as `write`."""
        if self._writer is not None:
            await self._writer.write(batches)
            return
        async with self.write() as connection:
            for statement, rows in batches:
                if rows:
                    await connection.exec_driver_sql(statement, rows)

    async def step(self, work: Callable[[Step], T]) -> T:
        """Do ``work`` in one transaction that writes, its reads included. Raises as `write`.

        In SQLite on the writer's thread, as one step of the event loop; ``work`` must touch nothing
        that belongs to another thread.
        """
        if self._writer is not None:
            return await self._writer.transact(lambda connection: work(SqliteStep(connection)))
        async with self.write() as connection:
            return await connection.run_sync(lambda held: work(ConnectionStep(held)))

    async def aclose(self) -> None:
        """Close all connections."""
        if self._writer is not None:
            await self._writer.aclose()
        await self._engine.dispose()

    async def _prepare(self) -> None:
        if self.backend == "sqlite" and not in_memory(self._url):
            _make_folder(self._url)
            await self._write_ahead()
        await self.ping()

    async def _write_ahead(self) -> None:
        """Switch the file to write-ahead logging: readers do not wait, commits do not sync.

        The switch is kept in the file. SQLite does not apply its busy timeout to it, so of several
        processes on a new file all but one fail at first.
        """
        patience = asyncio.get_running_loop().time() + WAL_PATIENCE_S
        while True:
            try:
                async with self.read() as connection:
                    await connection.execute(text("PRAGMA journal_mode=WAL"))
            except DatabaseAwayError as error:
                late = asyncio.get_running_loop().time() > patience
                if late or "locked" not in one_line(error):
                    raise
                await asyncio.sleep(0.02)
            else:
                return


class in_our_words:  # noqa: N801 - used as a function; a class costs less than a generator
    """Turns what SQLAlchemy and the drivers raise into this room's errors."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        # Connection failures come as the operating system's errors, around SQLAlchemy.
        if isinstance(error, (SQLAlchemyError, OSError, *_BAD_VALUES)):
            meaning = DataRefusedError if _is_refusal(error) else DatabaseAwayError
            raise meaning(one_line(error)) from error


def _is_refusal(error: BaseException) -> bool:
    """Whether the values are at fault, and not the database."""
    if not isinstance(error, DBAPIError):
        # Raised while values were converted, before the database saw them.
        return isinstance(error, (StatementError, *_BAD_VALUES))
    state = getattr(error.orig, "sqlstate", None)
    if isinstance(state, str):
        return state.startswith(_REFUSED_SQLSTATES)
    # asyncpg's word for a value it cannot encode is an InterfaceError, and a ValueError.
    cause = error.orig.__cause__ if error.orig is not None else None
    return isinstance(error, (IntegrityError, DataError)) or isinstance(cause, ValueError)


def _engine(url: URL) -> AsyncEngine:
    # One connection keeps a database that ends with it alive, and its transactions apart.
    limits = {"pool_size": 1, "max_overflow": 0} if in_memory(url) else {"pool_size": 3}
    engine = create_async_engine(
        url,
        poolclass=AsyncAdaptedQueuePool,
        pool_timeout=5,
        pool_use_lifo=True,
        hide_parameters=True,
        connect_args=connect_arguments(url),
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        **limits,
    )
    if url.get_backend_name() == "sqlite":
        event.listen(engine.sync_engine, "connect", _on_sqlite_connect)
        event.listen(engine.sync_engine, "begin", _on_sqlite_begin)
    return engine


def _on_sqlite_connect(connection: Any, record: object) -> None:
    del record
    # sqlite3 would begin transactions by itself, late and without the write lock.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    # Safe with write-ahead logging: a lost power supply may cost the last commits, a killed process none.
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _on_sqlite_begin(connection: Connection) -> None:
    if not connection.get_execution_options().get("wallbounce_reading"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _make_folder(url: URL) -> None:
    database = url.database or ""
    if not database.startswith("file:"):
        Path(database).parent.mkdir(parents=True, exist_ok=True)
