"""The pattern store's statements, compiled once for its database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam, delete, func, select, text, update

from gateway.storage.bulk_insert import BulkInsert
from gateway.storage.learning_schema import pattern_changes, pattern_members, patterns
from gateway.storage.pattern_rows import PATTERN_COLUMNS
from gateway.storage.prepared import Prepared, among, listed
from gateway.storage.schema import feedback, requests

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Column, Table
    from sqlalchemy.engine import Dialect

    from gateway.storage.prepared import Step

WRITERS = 0x5041_5454
"""Any number nobody else locks in this PostgreSQL database: "PATT"."""

_MOVED = (
    *("vendors", "first_at", "last_at", "count", "right", "wrong", "confidence", "confident"),
    *("cost_usd", "latency_ms", "failure", "lesson"),
)
_MEMBER = ("request_id", "pattern_id", "at", "correct", "vendors", "advised")


class PatternStatements:
    """What is done to the tables of patterns, each in the words of one database."""

    def __init__(self, dialect: Dialect) -> None:
        def prepared(statement: Any) -> Prepared:
            return Prepared(statement, dialect)

        self._dialect = dialect
        self._columns = [patterns.c[name] for name in PATTERN_COLUMNS]
        self.insert_patterns = BulkInsert(patterns, dialect)
        self.insert_members = BulkInsert(pattern_members, dialect)
        self.insert_changes = BulkInsert(pattern_changes, dialect)
        self.patterns = prepared(
            select(*self._columns).where(among(patterns.c.id, dialect, "these"))
        )
        self.page = prepared(
            select(*self._columns)
            .where(patterns.c.id > bindparam("after"))
            .where(patterns.c.embedder == bindparam("embedder_"))
            .order_by(patterns.c.id)
            .limit(bindparam("most"))
        )
        members = [pattern_members.c[name] for name in _MEMBER]
        self.members = prepared(
            select(*members).where(among(pattern_members.c.request_id, dialect, "these"))
        )
        self.last_members = prepared(
            select(*members)
            .where(pattern_members.c.pattern_id == bindparam("pattern"))
            .order_by(pattern_members.c.at.desc(), pattern_members.c.request_id.desc())
            .limit(bindparam("most"))
        )
        self.labels = prepared(
            select(feedback.c.request_id, feedback.c.correct)
            .where(among(feedback.c.request_id, dialect, "these"))
            .where(feedback.c.correct.is_not(None))
            .order_by(feedback.c.id)
        )
        self.unsettled = prepared(_unsettled())
        self.whereabouts = prepared(
            select(
                pattern_members.c.request_id,
                patterns.c.id,
                patterns.c.embedding,
                requests.c.cost_usd,
                requests.c.latency_ms,
            )
            .join(patterns, patterns.c.id == pattern_members.c.pattern_id)
            .join(requests, requests.c.request_id == pattern_members.c.request_id)
            .where(among(pattern_members.c.request_id, dialect, "these"))
            .where(patterns.c.embedder == bindparam("embedder_"))
        )
        self.outcomes = prepared(
            select(patterns.c.id, patterns.c.right, patterns.c.wrong).where(
                among(patterns.c.id, dialect, "these")
            )
        )
        changed = pattern_changes.c
        self.changes = prepared(
            select(changed.number, changed.pattern_id)
            .where(changed.number > bindparam("after"))
            .where(changed.number <= bindparam("until"))
            .order_by(changed.number)
            .limit(bindparam("most"))
        )
        self.ends = prepared(select(func.min(changed.number), func.max(changed.number)))
        self.count = prepared(select(func.count()).select_from(patterns))
        self.move_pattern = prepared(_by_id(patterns, patterns.c.id, _MOVED))
        self.move_member = prepared(
            _by_id(pattern_members, pattern_members.c.request_id, ("correct", "advised"))
        )
        self.reuse = prepared(
            update(patterns)
            .where(patterns.c.id == bindparam("id_"))
            .values(reused=patterns.c.reused + bindparam("new_more"))
        )
        self.predict = prepared(
            update(patterns)
            .where(patterns.c.id == bindparam("id_"))
            .values(predictive=patterns.c.predictive + bindparam("new_more"))
        )
        self.remove = prepared(
            delete(patterns).where(among(patterns.c.id, dialect, "these")).returning(patterns.c.id)
        )
        self.prune = prepared(
            delete(pattern_changes)
            .where(changed.number < bindparam("before"))
            .where(changed.number < select(func.max(changed.number)).scalar_subquery())
        )
        self.forget = prepared(
            delete(pattern_members).where(pattern_members.c.at < bindparam("before"))
        )
        self._lock = None
        if dialect.name == "postgresql":
            self._lock = prepared(select(func.pg_advisory_xact_lock(text(str(WRITERS))).cast(Text)))
        self._numbers = {
            table.name: prepared(_reserving(table, dialect))
            for table in (patterns, pattern_changes)
        }

    def lock(self, step: Step) -> None:
        """Let nobody else write patterns until the transaction ends.

        PostgreSQL gives numbers out before it commits. One writer at a time commits them in order, so
        who has read up to a number has missed none below it; and a label finds its pattern, or is found
        by it. SQLite's write lock, which the transaction holds, does the same.
        """
        if self._lock is not None:
            step.fetch(self._lock)

    def reserve(self, step: Step, table: Table, count: int) -> list[int]:
        """Numbers for so many new rows, above all that were ever given out. Only under `lock`."""
        if not count:
            return []
        found = [number for (number,) in step.fetch(self._numbers[table.name], count=count)]
        if self._lock is not None:
            return sorted(found)
        last = found[0] if found else 0
        return list(range(last + 1, last + 1 + count))

    def announce(self, step: Step, ids: Sequence[int]) -> list[int]:
        """Note that these patterns changed; the numbers of the changes, one each. Only under `lock`."""
        numbers = self.reserve(step, pattern_changes, len(ids))
        rows = [{"number": n, "pattern_id": id_} for n, id_ in zip(numbers, ids, strict=True)]
        step.run(*self.insert_changes.batch(rows))
        return numbers

    def rows_of(self, step: Step, ids: Iterable[int]) -> dict[int, tuple[Any, ...]]:
        """Rows of `PATTERN_COLUMNS` by number; of those that are there."""
        wanted = list(set(ids))
        found = step.fetch(self.patterns, these=self.listed(wanted)) if wanted else []
        return {row[0]: row for row in found}

    def run(self, step: Step, prepared: Prepared, rows: Iterable[Mapping[str, Any]]) -> None:
        """Execute a statement for each of the rows; an update's row names its columns and ``id``."""
        step.run(prepared.sql, [prepared.bound(_named(row)) for row in rows])

    def listed(self, values: Sequence[Any]) -> Any:
        """A list as a parameter ``these``."""
        return listed(values, self._dialect)


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    return {("id_" if name == "id" else f"new_{name}"): value for name, value in row.items()}


def _by_id(table: Table, key: Column[Any], names: Sequence[str]) -> Any:
    return (
        update(table)
        .where(key == bindparam("id_", type_=key.type))
        .values({name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names})
    )


def _unsettled() -> Any:
    """Requests whose last label is not the one their pattern counts, of the newest ``back`` labels."""
    said, member = feedback.c, pattern_members.c
    labels = (
        select(said.id, said.request_id)
        .where(said.correct.is_not(None))
        .order_by(said.id.desc())
        .limit(bindparam("back"))
        .subquery()
    )
    newest = select(func.max(labels.c.id).label("id")).group_by(labels.c.request_id).subquery()
    return (
        select(said.request_id)
        .join(newest, newest.c.id == said.id)
        .join(pattern_members, member.request_id == said.request_id)
        .where(member.correct.is_(None) | (member.correct != said.correct))
        .order_by(said.id)
    )


def _reserving(table: Table, dialect: Dialect) -> Any:
    if dialect.name == "sqlite":
        # AUTOINCREMENT's own count; a row put in with a number of its own moves it.
        return text("SELECT seq FROM sqlite_sequence WHERE name = :name").bindparams(
            bindparam("name", table.name)
        )
    sequence = f"{table.name}_{next(iter(table.primary_key.columns)).name}_seq"
    return text(
        "SELECT nextval(:name) FROM generate_series(1, CAST(:count AS integer))"
    ).bindparams(bindparam("name", sequence, type_=Text), bindparam("count", 1))
