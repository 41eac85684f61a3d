"""Runs the migrations on an open connection. Imports Alembic, so it is itself imported only when needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from gateway.storage.errors import DatabaseTooNewError
from gateway.storage.locking import one_at_a_time

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


def upgrade(connection: Connection, shown: str) -> None:
    """Bring the schema to the head, inside the connection's open transaction.

    One process at a time does so (`gateway.storage.locking`). A failure leaves the schema as it was.
    ``shown`` names the database in errors.

    Raises:
        DatabaseTooNewError: The schema's version is not among this program's migrations.
    """
    one_at_a_time(connection)
    config = configuration()
    known = ScriptDirectory.from_config(config)
    version = MigrationContext.configure(connection).get_current_revision()
    if version is not None:
        try:
            known.get_revision(version)
        except CommandError as error:
            raise DatabaseTooNewError(
                f"the database {shown} has schema version {version}, this program knows them up to "
                f"{known.get_current_head()}: a newer wallbounce migrated it; run that one, or use "
                "another database"
            ) from error
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def configuration() -> Config:
    """Alembic's configuration of the migrations inside this package."""
    config = Config()
    folder = Path(__file__).with_name("migrations")
    # Alembic interpolates % in values.
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config
