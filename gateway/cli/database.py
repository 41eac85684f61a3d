"""The database all instances share, opened by a command that works without a gateway."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import click

from gateway.storage.address import sqlite_file
from gateway.storage.errors import StorageError
from gateway.storage.schema import HEAD
from gateway.storage.sql import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.settings import Settings


@asynccontextmanager
async def opened(settings: Settings, *, migrate: bool = True) -> AsyncIterator[Database]:
    """The database, at this program's version; closed at the end.

    ``migrate``: it is brought to that version; else one that is not there yet is refused.

    Raises:
        click.ClickException: there is none, or it cannot be used.
    """
    try:
        file = sqlite_file(settings.database_url)
        if file is not None and not file.exists():
            # Made anew it would be empty, and no gateway would ever hear of it.
            raise click.ClickException(
                f"there is no database at {file}: run this in the gateway's folder, or set DATABASE_URL"
            )
        database = await Database.open(settings.database_url)
        try:
            if migrate:
                await database.migrate()
            elif await database.version() != HEAD:
                raise click.ClickException(
                    f"the database {database.shown} is of another version than this program, which "
                    "only reads it here; a gateway's start brings it up to date"
                )
            yield database
        finally:
            await database.aclose()
    except StorageError as error:
        raise click.ClickException(f"DATABASE_URL: {error}") from None
