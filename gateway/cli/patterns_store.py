"""The pattern store as commands open it: the database of the settings, and whose vectors are meant."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from gateway.storage.errors import StorageError
from gateway.storage.pattern_store import SqlPatternStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.settings import Settings
    from gateway.storage.sql import Database


@dataclass(frozen=True, slots=True)
class Held:
    """An open store: the database under it, and the embedder whose patterns it holds."""

    database: Database
    store: SqlPatternStore
    embedder: str


@asynccontextmanager
async def held(settings: Settings) -> AsyncIterator[Held]:
    """The patterns of these settings; closed at the end.

    Raises:
        click.ClickException: There is no database, it cannot be used, or there are no vectors.
    """
    from gateway.cli.database import opened  # noqa: PLC0415 - bad settings are told before SQL loads

    embedder = settings.consensus.embedding
    if embedder == "off":
        raise click.ClickException("WALLBOUNCE_EMBEDDING is off: there are no patterns without it")
    try:
        async with opened(settings) as database:
            yield Held(database, SqlPatternStore(database, embedder), embedder)
    except StorageError as error:
        raise click.ClickException(f"DATABASE_URL: {error}") from None
