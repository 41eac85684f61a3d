"""Writes a row, or writes it over the one with its key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, Insert, Table


def upsert(
    table: Table,
    dialect_name: str,
    only_if: Callable[[Any], ColumnElement[bool]] | None = None,
) -> Insert:
    """The statement; executed with rows that have a value for every column.

    ``only_if`` makes of the new row's columns the condition on which the old one is written over.
    """
    insert: Any
    # Only the dialect in use is imported: the other one would cost a start some 50 ms.
    if dialect_name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert  # noqa: PLC0415 - see above
    else:
        from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415 - see above
    statement = insert(table)
    others = {c.name: statement.excluded[c.name] for c in table.columns if not c.primary_key}
    written: Insert = statement.on_conflict_do_update(
        index_elements=table.primary_key,
        set_=others,
        where=None if only_if is None else only_if(statement.excluded),
    )
    return written
