"""The database all instances share, opened by a command that works without a gateway."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import click

from gateway.storage.address import sqlite_file
from gateway.storage.errors import StorageError
from gateway.storage.sql import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.settings import Settings


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The database, at this program's version; closed at the end.

    Raises:
        click.ClickException: there is none, or it cannot be used.
    """
    file = sqlite_file(settings.database_url)
    if file is not None and not file.exists():
        # Made anew it would be empty, and no gateway would ever hear of it.
        raise click.ClickException(
            f"there is no database at {file}: run this in the gateway's folder, or set DATABASE_URL"
        )
    try:
        database = await Database.open(settings.database_url)
        try:
            await database.migrate()
            yield database
        finally:
            await database.aclose()
    except StorageError as error:
        raise click.ClickException(f"DATABASE_URL: {error}") from None
