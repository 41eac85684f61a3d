"""`wallbounce rollout simulate`: what a plan would have done, on made-up and on recorded traffic."""

import asyncio
import json
import sqlite3
from datetime import timedelta

import pytest
from rich.cells import cell_len

from gateway.storage.journal_tables import JournalTables
from gateway.storage.sql import Database
from learning.records import Feedback
from tests.support.records import NOON, answered, failed

PLAN = """
name: two-steps
stages:
  - {percentage: 20, minimum_time: 2m, minimum_sample: 200}
  - {percentage: 100, minimum_time: 1m, minimum_sample: 100, approvals: 1}
"""
MADE_UP = ("--rate", "20", "--onset", "1000", "--requests", "30000")


@pytest.fixture
def simulate(call, tmp_path):
    """Simulates the plan of this file."""
    (tmp_path / "plan.yaml").write_text(PLAN)
    return lambda *options: call("rollout", "simulate", "plan.yaml", *options)


def at(seconds):
    return NOON + timedelta(seconds=seconds)


def recorded(count=3_000, *, harm_from=None):
    """Requests of both paths in turn, four a second; the new path's fail from one on."""
    for n in range(count):
        arm = ("legacy", "wall_bounce")[n % 2]
        harmed = arm == "wall_bounce" and harm_from is not None and n >= harm_from
        make = failed if harmed else answered
        yield make(
            request_id=f"r-{n:05}",
            at=at(n / 4),
            arm=arm,
            share=0.5,
            caller=f"c-{n}",
            cost_usd=0.001,
        )


def as_line(record):
    body = {"at": record.at.isoformat(), "arm": record.arm, "latency_ms": record.latency_ms}
    return json.dumps(body | {"share": 0.5, "error": record.is_error, "caller": record.caller})


def test_a_healthy_scenario_goes_through_and_says_so_in_80_columns(simulate):
    done = simulate(*MADE_UP)
    assert done.exit_code == 0, done.output
    assert "would have gone through to 100 %" in done.output
    assert "approvals are taken as given" in done.output
    assert max(cell_len(line) for line in done.output.splitlines()) <= 80


def test_a_harmful_scenario_says_when_it_would_have_rolled_back_and_why(simulate):
    done = simulate("--scenario", "outage", *MADE_UP)
    assert done.exit_code == 0, done.output
    assert "would have rolled back at 20 %" in " ".join(done.output.split())
    assert "every vendor is down" in " ".join(done.output.split())


def test_as_json_each_stage_is_told_with_its_verdicts(simulate):
    body = json.loads(simulate("--scenario", "errors", *MADE_UP, "--json").output)
    assert body["plan"]["name"] == "two-steps"
    stage = body["stages"][-1]
    assert stage["outcome"] == "rolled back"
    assert stage["verdicts"]["wall_bounce"]["health"] == "CRITICAL"
    assert stage["lasted_s"] > 0
    assert stage["requests"]["legacy"] > 0
    assert body["rolled_back"]["figures"]["errors"] >= 3
    assert body["requests"] > 1_000


def test_the_same_seed_gives_the_same_json(simulate):
    runs = [simulate("--scenario", "errors", *MADE_UP, "--seed", s, "--json").output for s in "778"]
    assert runs[0] == runs[1] != runs[2]


def test_recorded_requests_of_a_file_are_replayed_as_they_were_split(simulate, tmp_path):
    lines = [as_line(record) for record in recorded(harm_from=2_000)]
    (tmp_path / "traffic.jsonl").write_text("\n".join(lines[::-1]) + "\n\n")
    body = json.loads(simulate("--records", "traffic.jsonl", "--json").output)
    assert body["began"] == "2026-01-01T12:00:00+00:00"
    assert body["rolled_back"] is not None
    assert 2_000 < body["requests"] < 2_100
    assert any("as they were recorded" in note for note in body["traffic"]["notes"])


def test_what_was_said_of_recorded_answers_counts_as_feedback(simulate, tmp_path):
    line = {"arm": "legacy", "latency_ms": 5}
    told = [json.dumps(line | {"at": at(n).isoformat(), "correct": bool(n % 2)}) for n in range(10)]
    (tmp_path / "traffic.jsonl").write_text("\n".join(told))
    assert json.loads(simulate("--records", "traffic.jsonl", "--json").output)["labels"] == 10


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "line 2"),
        ('{"at": "2026-01-01T12:00:00", "arm": "legacy", "latency_ms": 1}', "at"),
        ('{"at": "2026-01-01T12:00:00Z", "arm": "legacy", "latency_ms": -1}', "latency_ms"),
        ('{"at": "2026-01-01T12:00:00Z", "arm": "legacy", "latency_ms": 1, "a": 2}', "a"),
    ],
)
def test_a_line_that_is_no_request_is_named(simulate, tmp_path, line, words):
    good = as_line(next(recorded(1)))
    (tmp_path / "traffic.jsonl").write_text(f"{good}\n{line}\n")
    done = simulate("--records", "traffic.jsonl")
    assert done.exit_code == 1
    assert "line 2" in done.output
    assert words in done.output


def test_a_file_without_requests_is_no_traffic(simulate, tmp_path):
    (tmp_path / "traffic.jsonl").write_text("\n")
    done = simulate("--records", "traffic.jsonl")
    assert (done.exit_code, "no request" in done.output) == (1, True)


@pytest.fixture
def journal(tmp_path):
    """This folder's database with traffic that was harmed at the end, and feedback on some; its file."""

    async def fill(url):
        database = await Database.open(url)
        try:
            await database.migrate()
            tables = JournalTables(database)
            records = list(recorded(harm_from=2_500))
            await tables.add(records)
            for record in (*records[:10], *records[1_000:1_010]):
                await tables.add_feedback(Feedback(record.request_id, record.at, correct=True))
        finally:
            await database.aclose()

    file = tmp_path / ".wallbounce" / "wallbounce.sqlite3"
    asyncio.run(fill(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.mark.parametrize("named", [True, False], ids=["by its URL", "the one in use here"])
def test_the_journal_of_a_database_is_replayed_and_nothing_in_it_changes(simulate, journal, named):
    def rows():
        with sqlite3.connect(journal) as connection:
            return list(connection.iterdump())

    before = rows()
    url = [f"sqlite:///{journal}"] if named else []
    done = simulate("--json", "--database", *url)
    assert done.exit_code == 0, done.output
    body = json.loads(done.output)
    assert body["labels"] == 20
    assert 2_500 < body["requests"] < 2_600
    assert body["rolled_back"] is not None
    assert rows() == before


def test_the_oldest_requests_alone_are_replayed_on_request(simulate, journal):
    body = json.loads(simulate("--database", "--requests", "500", "--json").output)
    assert (body["requests"], body["rolled_back"]) == (500, None)
    assert body["labels"] == 10  # of the twenty the other half speaks of requests beyond
    assert "the oldest 500 of 3,000" in body["traffic"]["told"]


def test_a_database_of_another_version_is_not_migrated_by_looking_at_it(simulate, journal):
    with sqlite3.connect(journal) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0002'")
    connection.close()
    done = simulate("--database")
    assert done.exit_code == 1
    assert "another version" in done.output


def test_a_database_that_is_not_there_is_not_made(simulate, tmp_path):
    done = simulate("--database", "sqlite:///nowhere.sqlite3")
    assert done.exit_code == 1
    assert "there is no database" in done.output
    assert not (tmp_path / "nowhere.sqlite3").exists()


def test_two_sources_of_traffic_are_one_too_many(simulate):
    assert simulate("--scenario", "slow", "--database").exit_code == 2
