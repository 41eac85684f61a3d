"""Where a database lives: the URLs operators write, turned into the one form SQLAlchemy takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from gateway.storage.errors import UnsupportedDatabaseError

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}

_IN_MEMORY = {None, "", ":memory:"}


def address(url: str) -> URL:
    """The URL with the driver that is used.

    ``sslmode``, libpq's word in the plain forms, becomes asyncpg's ``ssl`` (the same values).

    Raises:
        UnsupportedDatabaseError: It is no URL, or not of SQLite or PostgreSQL.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The library's message quotes the URL, password and all.
        raise UnsupportedDatabaseError(
            "the database URL cannot be read; expected for example "
            "sqlite:///folder/file.sqlite3 or postgresql://user:password@host:5432/name"
        ) from None
    driver = _DRIVERS.get(parsed.drivername)
    if driver is None:
        raise UnsupportedDatabaseError(
            f"databases of the kind {parsed.drivername}:// are not supported; "
            "expected sqlite:// or postgresql:// (drivers: aiosqlite, asyncpg)"
        )
    if driver.startswith("sqlite") and parsed.host:
        raise UnsupportedDatabaseError(
            "a SQLite URL has three slashes before a relative path and four before an absolute one"
        )
    parsed = parsed.set(drivername=driver)
    if driver.startswith("postgresql") and "sslmode" in parsed.query:
        ssl = parsed.query["sslmode"]
        parsed = parsed.difference_update_query(["sslmode"]).update_query_dict({"ssl": ssl})
    return parsed


def sqlite_file(url: str | URL) -> Path | None:
    """The file a SQLite URL names; None for other databases, for one in memory and for a URI.

    Raises:
        UnsupportedDatabaseError: As `address`.
    """
    parsed = address(url) if isinstance(url, str) else url
    database = parsed.database or ""
    if parsed.get_backend_name() != "sqlite" or in_memory(parsed) or database.startswith("file:"):
        return None
    return Path(database)


def shown(url: URL) -> str:
    """The URL as it may be printed: no password, and no query, which may hold one too."""
    return url.set(query={}).render_as_string(hide_password=True)


def in_memory(url: URL) -> bool:
    """Whether it is a SQLite database that ends with its connection."""
    return url.get_backend_name() == "sqlite" and url.database in _IN_MEMORY


def connect_arguments(url: URL) -> dict[str, Any]:
    """What the driver is told on connecting, times in seconds."""
    if url.get_backend_name() == "sqlite":
        return {}
    # asyncpg waits a minute for a connection, and without end for a reply.
    return {
        "timeout": 5,
        "command_timeout": 10,
        "server_settings": {"application_name": "wallbounce"},
    }
