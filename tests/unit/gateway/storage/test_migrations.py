"""The migrations make the tables the code expects, once, however many processes start."""

import asyncio
import subprocess
import sys

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from gateway.storage import schema
from gateway.storage.errors import DatabaseTooNewError
from gateway.storage.migrating import configuration, upgrade
from gateway.storage.rows import request_row
from gateway.storage.sql import Database
from tests.support.storage import ROOT, record

_START = """
import asyncio, sys
from gateway.storage.sql import Database

async def main():
    database = await Database.open(sys.argv[1])
    await database.migrate()
    await database.aclose()
    print("alembic" in sys.modules)

asyncio.run(main())
"""


def start(url: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", _START, url],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_head_named_in_the_code_is_the_newest_migration():
    assert ScriptDirectory.from_config(configuration()).get_current_head() == schema.HEAD


async def test_the_migrations_make_exactly_the_tables_of_the_schema(database):
    def differences(connection):
        return compare_metadata(
            MigrationContext.configure(connection, opts={"compare_server_default": True}),
            schema.metadata,
        )

    async with database.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_every_constraint_has_the_name_the_schema_gives_it(database):
    def names(connection):
        found = inspect(connection)
        return {
            table: (
                found.get_pk_constraint(table)["name"],
                {c["name"] for c in found.get_check_constraints(table)},
                {c["name"] for c in found.get_foreign_keys(table)},
            )
            for table in schema.metadata.tables
        }

    async with database.read() as connection:
        found = await connection.run_sync(names)
    # A key SQLite never gives out twice is declared with its column, where it can have no name.
    counted = database.backend == "sqlite"
    assert found == {
        "requests": ("pk_requests", set(), set()),
        "votes": ("pk_votes", set(), {"fk_votes_request_id_requests"}),
        "feedback": ("pk_feedback", set(), set()),
        "rollout_state": ("pk_rollout_state", {"ck_rollout_state_one_row"}, set()),
        "rollout_events": ("pk_rollout_events", set(), set()),
        "patterns": (None if counted else "pk_patterns", set(), set()),
        "pattern_members": (
            "pk_pattern_members",
            set(),
            {"fk_pattern_members_pattern_id_patterns"},
        ),
        "pattern_changes": (None if counted else "pk_pattern_changes", set(), set()),
        "policies": ("pk_policies", set(), set()),
        "policy_moves": ("pk_policy_moves", set(), {"fk_policy_moves_version_policies"}),
        "figure_slices": ("pk_figure_slices", set(), set()),
        "daily_figures": ("pk_daily_figures", set(), set()),
        "vendor_watch": ("pk_vendor_watch", {"ck_vendor_watch_one_row"}, set()),
        "vendor_changes": ("pk_vendor_changes", set(), set()),
    }


async def test_the_rollout_state_has_one_row_and_never_a_second(database):
    with pytest.raises(Exception, match="one_row"):
        async with database.write() as connection:
            await connection.execute(
                schema.rollout_state.insert().values(id=2, version=0, document="{}", digest="")
            )


async def test_migrating_again_keeps_what_is_there(database):
    from gateway.storage.journal_tables import JournalTables

    await JournalTables(database).add([record()])
    await database.migrate()
    assert await JournalTables(database).find("r-1") == record()


def test_neither_an_empty_nor_a_current_database_needs_alembic(database_url):
    outputs = [start(database_url).communicate(timeout=60) for _ in range(2)]
    assert [out.strip() for out, _ in outputs] == ["False", "False"], outputs


async def test_what_is_made_at_once_is_what_the_migrations_make(database):
    def described(connection):
        found = inspect(connection)
        return {
            name: (
                [{**c, "type": str(c["type"])} for c in found.get_columns(name)],
                found.get_pk_constraint(name),
                sorted(map(in_words, found.get_indexes(name)), key=str),
                found.get_foreign_keys(name),
                found.get_check_constraints(name),
                found.get_unique_constraints(name),
            )
            for name in found.get_table_names()
        }

    def in_words(index):
        # A partial index's condition is a clause, which equals only itself.
        options = {key: str(value) for key, value in index.get("dialect_options", {}).items()}
        return {**index, "dialect_options": options}

    def rows(connection):
        return [
            connection.execute(text(f"SELECT * FROM {table}")).all()
            for table in ("rollout_state", "alembic_version")
        ]

    async with database.read() as connection:
        at_once = await connection.run_sync(described), await connection.run_sync(rows)
    async with database.write() as connection:
        await connection.run_sync(_down)
        await connection.execute(text("DROP TABLE alembic_version"))
        await connection.run_sync(upgrade, "the test's")
    async with database.read() as connection:
        migrated = await connection.run_sync(described), await connection.run_sync(rows)
    assert at_once == migrated


def test_processes_that_start_at_once_migrate_an_empty_database_once(database_url):
    processes = [start(database_url) for _ in range(4)]
    ends = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, ends


async def test_opening_many_at_once_within_a_process_migrates_once(database_url):
    opened = await asyncio.gather(*(Database.open(database_url) for _ in range(3)))
    await asyncio.gather(*(database.migrate() for database in opened))
    assert {await database.version() for database in opened} == {schema.HEAD}
    for database in opened:
        await database.aclose()


async def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(database):
    async with database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseTooNewError, match="9999") as refused:
        await database.migrate()
    assert "\n" not in str(refused.value)
    assert schema.HEAD in str(refused.value)
    assert await database.version() == "9999"


async def test_a_record_written_before_rounds_and_ballots_were_kept_is_read_with_none(database):
    from gateway.storage.journal_tables import JournalTables

    async with database.write() as connection:
        await connection.run_sync(_to, "0001")
        later = {"round_details", "ballot", "returned_group", "advice"}
        columns = [c.name for c in schema.requests.columns if c.name not in later]
        older = schema.requests.insert().values(
            {name: value for name, value in request_row(record()).items() if name in columns}
        )
        await connection.execute(older)
    await database.migrate()
    assert await JournalTables(database).find("r-1") == record(votes=(), round_details=())


async def test_the_migrations_can_be_taken_back(database):
    async with database.write() as connection:
        assert await connection.run_sync(_down) == {"alembic_version"}


def _to(connection, version):
    config = configuration()
    config.attributes["connection"] = connection
    command.downgrade(config, version)


def _down(connection):
    _to(connection, "base")
    return set(inspect(connection).get_table_names())
