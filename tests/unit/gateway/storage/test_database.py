"""A database is opened by any usual URL, or refused in one line that hides its password."""

import sqlite3

import pytest
from sqlalchemy import text

from gateway.storage.address import address, shown
from gateway.storage.errors import DatabaseAwayError, StorageError, UnsupportedDatabaseError
from gateway.storage.sql import Database
from tests.support.ports import free_port


@pytest.mark.parametrize(
    ("written", "used"),
    [
        ("sqlite:///a/b.db", "sqlite+aiosqlite:///a/b.db"),
        ("sqlite:////a/b.db", "sqlite+aiosqlite:////a/b.db"),
        ("sqlite+aiosqlite:///a/b.db", "sqlite+aiosqlite:///a/b.db"),
        ("postgres://u:p@h:5433/d", "postgresql+asyncpg://u:p@h:5433/d"),
        ("postgresql://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgresql+asyncpg://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgres://h/d?sslmode=require", "postgresql+asyncpg://h/d?ssl=require"),
        ("postgresql://u:p%40%2F@h/d", "postgresql+asyncpg://u:p%40%2F@h/d"),
    ],
)
def test_plain_and_async_urls_name_the_same_database(written, used):
    assert address(written).render_as_string(hide_password=False) == used


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:s3cret@h/d",
        "postgresql+psycopg://u:s3cret@h/d",
        "s3cret",
        "",
        "sqlite://s3cret",
        "postgresql://u:s3cret@h:port/d",
    ],
)
async def test_a_url_that_is_not_supported_is_refused_in_one_line_without_its_password(url):
    with pytest.raises(UnsupportedDatabaseError) as refused:
        await Database.open(url)
    assert "s3cret" not in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "sqlite" in str(refused.value).lower()


async def test_a_server_that_does_not_answer_is_named_without_password():
    port = free_port()
    with pytest.raises(DatabaseAwayError) as away:
        await Database.open(f"postgresql://user:s3cret@127.0.0.1:{port}/d?password=s3cret")
    message = str(away.value)
    assert f"127.0.0.1:{port}" in message
    assert "s3cret" not in message
    assert "\n" not in message


async def test_options_the_driver_does_not_know_are_refused(postgres_cluster):
    with pytest.raises(UnsupportedDatabaseError, match="options"):
        await Database.open(f"{postgres_cluster.new_database()}?nonsense=1")


async def test_a_postgresql_database_that_does_not_exist_is_said_so(postgres_cluster):
    url = postgres_cluster.new_database() + "_not"
    with pytest.raises(DatabaseAwayError, match="does not exist") as away:
        await Database.open(url)
    assert "not-checked" not in str(away.value)


async def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("not a database, but long enough to look at" * 100)
    with pytest.raises(DatabaseAwayError, match="not a database"):
        await Database.open(f"sqlite:///{tmp_path}/notes.txt")


async def test_a_folder_that_cannot_be_made_is_an_error_in_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError) as refused:
        await Database.open(f"sqlite:///{tmp_path}/file/deeper/j.sqlite3")
    assert "\n" not in str(refused.value)


async def test_sqlite_is_made_with_its_folder_and_logs_ahead(tmp_path):
    database = await Database.open(f"sqlite:///{tmp_path}/a/b/j.sqlite3")
    async with database.read() as connection:
        answers = [
            (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        ]
    await database.aclose()
    assert answers == ["wal", 1, 5000, 1]


async def test_a_sqlite_database_in_memory_keeps_its_tables_between_transactions():
    database = await Database.open("sqlite://")
    await database.migrate()
    assert await database.version() is not None
    await database.aclose()


async def test_a_transaction_that_fails_leaves_nothing(database):
    async def change_and_fail():
        async with database.write() as connection:
            await connection.execute(text("UPDATE rollout_state SET version = 7"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await change_and_fail()
    async with database.read() as connection:
        found = await connection.execute(text("SELECT version FROM rollout_state"))
        assert found.scalar_one() == 0


async def test_a_sqlite_transaction_holds_the_write_lock_from_its_beginning(tmp_path):
    path = tmp_path / "j.sqlite3"
    database = await Database.open(f"sqlite:///{path}")
    async with database.write():
        other = sqlite3.connect(path, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()
    await database.aclose()


def test_what_is_shown_hides_password_and_options():
    url = address("postgresql://u:s3cret@h/d?password=s3cret")
    assert shown(url) == "postgresql+asyncpg://u:***@h/d"
