"""One process at a time changes the schema; the others wait, and then find nothing to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_ADVISORY_LOCK = 0x57414C4C
"""Any number nobody else locks in this PostgreSQL database: "WALL"."""


def one_at_a_time(connection: Connection) -> None:
    """Hold the lock until the connection's open transaction ends.

    In PostgreSQL it is an advisory lock, in SQLite the write lock the transaction already holds.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
