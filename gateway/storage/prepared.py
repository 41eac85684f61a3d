"""Statements compiled once, and transactions that run in one step: for stores that write many rows.

SQLAlchemy's general way of executing costs more than the databases take. Here a statement is compiled
once by dialect, and a whole transaction, its reads included, runs on SQLite as one call on the writer's
thread: on a busy event loop each exchange would wait its turn while the write lock is held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import ARRAY, BigInteger, Integer, Text, any_, bindparam, func, select

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Column, ColumnElement, Executable
    from sqlalchemy.engine import Connection, Dialect


class Prepared:
    """One statement as the driver takes it, parameters in order, each converted as its column wants.

    Args:
        statement: Of SQLAlchemy's core; its parameters are all `bindparam`s by name.
        dialect: Of the database it is for.
    """

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)  # type: ignore[attr-defined]  # every statement has it
        self.sql = str(compiled)
        self._names: list[str] = list(compiled.positiontup or ())
        # Constants of the statement, such as a name it was made with.
        self._fixed: Mapping[str, Any] = {
            name: bind.value for name, bind in compiled.binds.items() if not bind.required
        }
        self._processors: dict[str, Callable[[Any], Any]] = {}
        for name in self._names:
            convert = compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
            if convert is not None:
                self._processors[name] = convert

    def bound(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """The parameters, in the driver's order. What ``values`` does not name is the statement's own.

        Raises:
            KeyError: It has none of that name either.
        """
        found = []
        for name in self._names:
            value = values[name] if name in values else self._fixed[name]
            convert = self._processors.get(name)
            found.append(value if convert is None else convert(value))
        return tuple(found)


class Step(Protocol):
    """An open transaction, used by one thread; it commits when the work on it returns."""

    def fetch(self, prepared: Prepared, **values: Any) -> list[tuple[Any, ...]]:
        """All rows a statement gives."""

    def run(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Execute a driver's statement for each of the rows."""


class SqliteStep:
    """On `sqlite3`'s own connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def fetch(self, prepared: Prepared, **values: Any) -> list[tuple[Any, ...]]:
        """See `Step`."""
        return self._connection.execute(prepared.sql, prepared.bound(values)).fetchall()

    def run(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """See `Step`."""
        if rows:
            self._connection.executemany(sql, rows)


class ConnectionStep:
    """On SQLAlchemy's connection, inside `run_sync`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def fetch(self, prepared: Prepared, **values: Any) -> list[tuple[Any, ...]]:
        """See `Step`."""
        found = self._connection.exec_driver_sql(prepared.sql, prepared.bound(values))
        return [tuple(row) for row in found]

    def run(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """See `Step`."""
        if rows:
            self._connection.exec_driver_sql(sql, list(rows))


def among(column: Column[Any], dialect: Dialect, name: str) -> ColumnElement[bool]:
    """``column`` is one of a list of any length, given to the parameter ``name`` by `listed`."""
    if dialect.name == "sqlite":
        values = func.json_each(bindparam(name, type_=Text)).table_valued("value")
        return column.in_(select(values.c.value))
    kind = BigInteger if isinstance(column.type, Integer) else Text
    return column == any_(bindparam(name, type_=ARRAY(kind)))


def listed(values: Sequence[Any], dialect: Dialect) -> Any:
    """A list as the parameter of `among`."""
    if dialect.name == "sqlite":
        import orjson  # noqa: PLC0415 - a thing of this dialect

        return orjson.dumps(list(values)).decode()
    return list(values)
