"""Everything learned in one file and back: patterns, their requests, policies and their moves.

An archive is lines of JSON, packed by gzip: what it is, one line a row, and at the end how many rows there
were and the SHA-256 of all lines before. A file that was cut short or changed is refused before a single
row is touched. Putting it back replaces what is there, all or nothing.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
import zlib
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import DateTime, LargeBinary, func, select

from gateway.storage.bulk_insert import BulkInsert
from gateway.storage.column_types import UtcDateTime
from gateway.storage.learning_schema import (
    pattern_members,
    patterns,
    policies,
    policy_moves,
)
from gateway.storage.pattern_care import snapshot
from gateway.storage.pattern_statements import PatternStatements
from gateway.storage.prepared import Prepared
from gateway.storage.sql import in_our_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import IO

    from sqlalchemy import Table

    from gateway.storage.prepared import Step
    from gateway.storage.sql import Database

    Told = Callable[[int, int], None]
    """``done`` of ``of`` rows."""

FORMAT = 1
TABLES: tuple[Table, ...] = (patterns, pattern_members, policies, policy_moves)
"""In the order in which they can be filled."""

CHUNK = 1_000
"""Rows read and written at once."""


class _UnwrittenError(Exception):
    """What is wrong with the file; as `OSError` it would be taken for the database's."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


class ArchiveError(ValueError):
    """A file is no archive, not a whole one, or of another form. The message is fit to be shown."""


async def save(database: Database, path: Path, told: Told) -> dict[str, int]:
    """Write an archive of how everything stands at this moment; rows by table.

    The gateway may go on meanwhile. An old file of that name is replaced at the end, or not at all.

    Raises:
        DatabaseAwayError: The database cannot be used now.
        OSError: The file cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        with _writing(part) as write:
            async with snapshot(database) as connection:
                counts = {
                    str(table.name): (
                        await connection.execute(select(func.count()).select_from(table))
                    ).scalar_one()
                    for table in TABLES
                }
                done, of = 0, sum(counts.values())
                write({"archive": "wallbounce learning", "format": FORMAT, "rows": counts})
                for table in TABLES:
                    rows = await connection.stream(select(table).order_by(*table.primary_key))
                    async for chunk in rows.partitions(CHUNK):
                        for row in chunk:
                            write([str(table.name), [_plain(value) for value in row]])
                        done += len(chunk)
                        told(done, of)
        part.replace(path)
    except _UnwrittenError as error:
        raise error.error from None
    finally:
        part.unlink(missing_ok=True)
    return counts


def check(path: Path) -> dict[str, int]:
    """Read an archive through without using it; rows by table.

    Raises:
        ArchiveError: It cannot be put back.
        OSError: It cannot be read.
    """
    counts: dict[str, int] = {}
    for name, _ in _rows(path):
        counts[name] = counts.get(name, 0) + 1
    return {table.name: counts.get(table.name, 0) for table in TABLES}


async def restore(database: Database, path: Path, told: Told) -> dict[str, int]:
    """Put an archive in the place of everything that was learned; rows by table.

    One transaction: whoever reads meanwhile sees the old or the new. Gateways that run follow as they
    follow any change. The caller should have asked `check` before.

    Raises:
        ArchiveError: The file is no whole archive; nothing is changed.
        DatabaseAwayError: The database cannot be used now; nothing is changed.
        DataRefusedError: A row is none this database takes; nothing is changed.
    """
    of = sum(check(path).values())
    statements = PatternStatements(database.dialect)

    def work(step: Step) -> dict[str, int]:
        with in_our_words():
            return _replace(step, statements, database, path, lambda done: told(done, of))

    return await database.step(work)


def _replace(
    step: Step,
    statements: PatternStatements,
    database: Database,
    path: Path,
    told: Callable[[int], None],
) -> dict[str, int]:
    statements.lock(step)
    before = {row[0] for row in step.fetch(Prepared(select(patterns.c.id), database.dialect))}
    for table in reversed(TABLES):
        step.run(f"DELETE FROM {table.name}", [()])  # noqa: S608 - our own table's name
    inserts = {str(table.name): _Filling(step, table, database) for table in TABLES}
    for done, (name, row) in enumerate(_rows(path), start=1):
        inserts[name].add(row)
        if done % CHUNK == 0:
            told(done)
    for filling in inserts.values():
        filling.finish()
    there = {row[0] for row in step.fetch(Prepared(select(patterns.c.id), database.dialect))}
    statements.announce(step, sorted(before | there))
    return {name: filling.count for name, filling in inserts.items()}


class _Filling:
    """Rows on their way into one table; parents go before children as the archive has them."""

    def __init__(self, step: Step, table: Table, database: Database) -> None:
        self._step = step
        self._table = table
        self._insert = BulkInsert(table, database.dialect)
        self._sequence = database.backend == "postgresql"
        self._waiting: list[dict[str, Any]] = []
        self.count = 0

    def add(self, row: list[Any]) -> None:
        self._waiting.append(
            {c.name: _typed(c.type, v) for c, v in zip(self._table.columns, row, strict=True)}
        )
        self.count += 1
        if len(self._waiting) >= CHUNK:
            self._flush()

    def finish(self) -> None:
        self._flush()
        (key,) = self._table.primary_key.columns
        counted = key.autoincrement is not False and key.type.python_type is int
        if self._sequence and counted and self.count:
            name = self._table.name
            sql = (
                f"SELECT setval(pg_get_serial_sequence('{name}', '{key.name}'), "  # noqa: S608 - our own names
                f"GREATEST(nextval(pg_get_serial_sequence('{name}', '{key.name}')), "
                f"(SELECT max({key.name}) FROM {name})))"
            )
            self._step.run(sql, [()])

    def _flush(self) -> None:
        self._step.run(*self._insert.batch(self._waiting))
        self._waiting = []


def _rows(path: Path) -> Iterator[tuple[str, list[Any]]]:
    """The rows of an archive, in order; whether it is whole is known at the end."""
    digest, count, ended = hashlib.sha256(), 0, False
    widths = {table.name: len(table.columns) for table in TABLES}
    for number, line in enumerate(_lines(path)):
        read = _read(path, number, line)
        if number == 0:
            _check_head(path, read)
        elif isinstance(read, dict):
            ended = read == {"end": count, "sha256": digest.hexdigest()}
            if not ended:
                raise ArchiveError(f"{path}: its digest does not fit: it was changed or damaged")
        elif ended:
            raise ArchiveError(f"{path}: goes on behind its end")
        else:
            match read:
                case [str(name), list(row)] if widths.get(name) == len(row):
                    count += 1
                    yield name, row
                case _:
                    raise ArchiveError(f"{path}, line {number + 1}: not a row of a known table")
        digest.update(line)
    if not ended:
        raise ArchiveError(f"{path}: has no end: it was cut short")


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path) as packed:
            yield from packed
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ArchiveError(f"{path}: not a whole gzip file: {error}") from error


def _read(path: Path, number: int, line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ArchiveError(f"{path}, line {number + 1}: not JSON: {error}") from error


def _check_head(path: Path, head: Any) -> None:
    if not isinstance(head, dict) or head.get("archive") != "wallbounce learning":
        raise ArchiveError(f"{path}: no archive of what was learned")
    if head.get("format") != FORMAT:
        raise ArchiveError(f"{path}: of form {head.get('format')}, this program knows {FORMAT}")


@contextmanager
def _writing(path: Path) -> Iterator[Callable[[Any], None]]:
    """Writes lines, and at the end their number and digest."""
    digest, lines = hashlib.sha256(), 0
    # Words of prompts are in it: its owner's eyes only. `Path.open` knows no opener.
    with (
        open(path, "wb", opener=owners_only) as raw,
        gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=6) as packed,
    ):

        def write(value: Any) -> None:
            nonlocal lines
            line = orjson.dumps(value) + b"\n"
            digest.update(line)
            try:
                packed.write(line)
            except OSError as error:
                raise _UnwrittenError(error) from error
            lines += 1

        yield write
        write({"end": lines - 1, "sha256": digest.hexdigest()})
        packed.close()
        _settle(raw)


def owners_only(path: str, flags: int) -> int:
    """An ``opener`` of files that nobody but their owner may read."""
    return os.open(path, flags, 0o600)


def _settle(file: IO[bytes]) -> None:
    """On the disk before it takes the old one's place."""
    file.flush()
    os.fsync(file.fileno())


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value


def _typed(kind: Any, value: Any) -> Any:
    try:
        if value is None:
            return None
        if isinstance(kind, LargeBinary):
            return base64.b64decode(value, validate=True)
        if isinstance(kind, UtcDateTime | DateTime):
            return datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise ArchiveError(f"a value is not what its column holds: {error}") from error
    return value
