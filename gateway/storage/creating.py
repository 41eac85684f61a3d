"""Makes the tables of an empty database at once, as all migrations together would.

Alembic is not needed for it, and its import is a tenth of a first start. A test holds what is made
here and what the migrations make together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, MetaData, PrimaryKeyConstraint, String, Table, insert

from gateway.rollout.audit import GENESIS
from gateway.storage.daily_schema import metadata  # with all tables, not those of `schema` alone
from gateway.storage.locking import one_at_a_time
from gateway.storage.schema import HEAD, rollout_state

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

VERSION_TABLE = "alembic_version"

_version = Table(
    VERSION_TABLE,
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Alembic's own table, as Alembic makes it."""


def create_if_empty(connection: Connection) -> bool:
    """Make the tables inside the connection's open transaction, unless the database has a version.

    Returns:
        Whether they were made.
    """
    one_at_a_time(connection)
    if has_version(connection):
        return False
    metadata.create_all(connection, checkfirst=False)
    connection.execute(insert(rollout_state).values(id=1, version=0, document="{}", digest=GENESIS))
    _version.create(connection, checkfirst=False)
    connection.execute(insert(_version).values(version_num=HEAD))
    return True


def has_version(connection: Connection) -> bool:
    """Whether any version of our schema is there."""
    return connection.dialect.has_table(connection, VERSION_TABLE)
