"""The journal keeps every record, and never makes a request wait or fail."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from sqlalchemy import func, select, text

from consensus.ballot import BallotVoter
from gateway.errors import OverloadedError
from gateway.storage.journal import Journal
from gateway.storage.journal_tables import JournalTables
from gateway.storage.schema import feedback, requests, votes
from gateway.storage.sql import Database
from learning.records import Feedback, FlipRecord, RoundRecord
from providers.messages import Usage
from tests.support.ballots import BALLOT
from tests.support.storage import NOON, record, until, vote

FULL = record(
    "r-full",
    status=503,
    code="all_providers_failed",
    overhead_ms=4.25,
    caller="f" * 64,
    task_type="critical",
    mode="sequential",
    aggregation="synthesize",
    streamed=True,
    timeout_ms=600_000,
    share=0.35,
    bucket=0.123_456_789_012_345_67,
    prompt_sha256="a" * 64,
    prompt_chars=200_000,
    answer_source="synthesis",
    confidence=0.93,
    confidence_source="prior",
    agreement=0.88,
    coherence=0.91,
    relevance=0.95,
    consensus_status="contested",
    rounds=3,
    cost_usd=0.0061,
    usage=Usage(93, 24, 12, 360, 3_000_000_000),
    votes=(
        vote("gpt"),
        vote("claude", final_answer="四十二。", agreement_score=None, cost_usd=None),
        vote("gemini", final_answer=None, weight=0.0, error_code="timeout", down=True),
        vote("gpt", round=2),
    ),
    round_details=(
        RoundRecord(
            1,
            ("gpt", "claude", "gemini"),
            812.5,
            0.004,
            0.5,
            0.6,
            0.66,
            escalated=("claude", "gemini"),
        ),
        RoundRecord(
            2,
            ("gpt", "claude"),
            640.0,
            agreement=1.0,
            confidence=0.8,
            support=1.0,
            agreement_gain=0.5,
            confidence_gain=0.2,
            support_gain=0.34,
            flips=(
                FlipRecord("claude", "四十二", None, ("number", "step")),
                FlipRecord("gpt", "41", "42", conformed=True),
            ),
        ),
        RoundRecord(3, ("gpt",), 12.0),
    ),
    ballot=BALLOT,
    returned_group=1,
    advice={
        "policy": 3,
        "weights": {"gpt": 0.5},
        "propensity": 0.05,
        "expected_accuracy": [0.9, 0.8, 0.95],
        "family": None,
        "opening_in_force": 1,
    },
    metadata={"チーム": "決済", "empty": ""},
)


@asynccontextmanager
async def running(database, **options):
    """A journal that writes; closed afterwards."""
    journal = Journal(database, **options)
    await journal.start()
    try:
        yield journal
    finally:
        await journal.aclose()


async def count(database, table):
    async with database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


async def test_a_record_is_read_back_exactly_as_it_was_appended(database):
    async with running(database) as journal:
        journal.append(FULL)
        await journal.flush()
        assert journal.stats.pending == 0
        assert await journal.find("r-full") == FULL


async def test_times_of_any_zone_are_read_back_in_utc(database):
    tokyo = timezone(timedelta(hours=9))
    async with running(database) as journal:
        journal.append(record(at=NOON.astimezone(tokyo)))
        await journal.flush()
        found = await journal.find("r-1")
    assert found.at == NOON
    assert found.at.utcoffset() == timedelta(0)


async def test_records_are_written_without_being_asked_for(database):
    async with running(database) as journal:
        journal.append(record())
        await until(lambda: journal.stats.pending == 0)
        assert await JournalTables(database).find("r-1") == record()


async def test_a_full_batch_does_not_wait_for_the_interval(database):
    async with running(database, interval_s=3600, batch=3) as journal:
        for i in range(7):
            journal.append(record(f"r-{i}"))
        await until(lambda: journal.stats.written == 6)
        assert journal.stats.pending == 1


async def test_what_is_left_is_written_on_closing(database):
    journal = Journal(database, interval_s=3600)
    await journal.start()
    for i in range(10):
        journal.append(record(f"r-{i}"))
    await journal.aclose()
    assert await count(database, requests) == 10


async def test_what_was_appended_before_the_start_is_written(database):
    journal = Journal(database)
    journal.append(record())
    await journal.start()
    await journal.aclose()
    assert await count(database, requests) == 1


async def test_a_record_that_comes_after_closing_is_counted_as_dropped(database):
    journal = Journal(database)
    await journal.start()
    await journal.aclose()
    journal.append(record())
    assert journal.stats.dropped == 1


async def test_records_written_twice_are_kept_once(database):
    """As after a commit whose confirmation was lost with the connection."""
    tables = JournalTables(database)
    await tables.add([record("r-1"), record("r-2")])
    await tables.add([record("r-1"), record("r-2"), record("r-3")])
    assert (await count(database, requests), await count(database, votes)) == (3, 3)


async def test_a_record_is_found_before_it_is_written(database):
    async with running(database, interval_s=3600) as journal:
        journal.append(record())
        assert journal.stats.pending == 1
        assert await journal.find("r-1") == record()


async def test_a_record_another_worker_writes_meanwhile_is_found(database):
    async with running(database) as journal:
        looking = asyncio.create_task(journal.find("r-1"))
        await asyncio.sleep(0)
        await JournalTables(database).add([record()])
        assert await looking == record()


@pytest.mark.parametrize("unknown", ["never", "", "a\0b", "a\ud800b", "番号"])
async def test_an_unknown_id_is_not_found(database, unknown):
    async with running(database) as journal:
        assert await journal.find(unknown) is None


async def test_feedback_is_stored_when_the_call_returns_and_all_of_it_is_kept(database):
    said = Feedback("r-1", NOON, correct=False, rating=2, comment="違う\0")
    async with running(database) as journal:
        first = await journal.feedback(said)
        second = await journal.feedback(replace(said, correct=True, rating=None, comment=None))
        assert first < second
    async with database.read() as connection:
        rows = (await connection.execute(select(feedback).order_by(feedback.c.id))).all()
    assert [tuple(row)[1:] for row in rows] == [
        ("r-1", NOON, False, 2, "違う\ufffd"),
        ("r-1", NOON, True, None, None),
    ]


async def test_recent_records_are_those_of_the_arm_from_the_moment_on_oldest_first(database):
    async with running(database, interval_s=3600) as journal:
        await JournalTables(database).add(
            [
                record("r-3", after_s=3),
                record("r-1", after_s=1),
                record("r-2", after_s=2, arm="legacy"),
                record("r-0", after_s=0, votes=()),
            ]
        )
        journal.append(record("r-4", after_s=4))
        journal.append(record("r-5", after_s=0.5))
        since = NOON + timedelta(seconds=1)
        ids = [r.request_id for r in await journal.recent(since, "wall_bounce")]
        assert ids == ["r-1", "r-3", "r-4"]
        everything = await journal.recent(NOON)
        assert [r.request_id for r in everything] == ["r-0", "r-5", "r-1", "r-2", "r-3", "r-4"]
        assert everything[-2] == record("r-3", after_s=3)


async def test_subscribers_get_each_record_within_append_in_order(database):
    journal = Journal(database)
    seen = []
    journal.subscribe(lambda r: seen.append(("first", r.request_id)))
    journal.subscribe(lambda r: seen.append(("second", r.request_id)))
    journal.append(record("r-1"))
    assert seen == [("first", "r-1"), ("second", "r-1")]


async def test_a_subscriber_that_fails_harms_neither_the_request_nor_the_others(database):
    seen = []

    def fails(_):
        raise RuntimeError("a bug in a reader")

    async with running(database) as journal:
        journal.subscribe(fails)
        journal.subscribe(seen.append)
        journal.append(record())
        await journal.flush()
        assert seen == [record()]
        assert journal.stats.written == 1


@pytest.mark.parametrize(
    "text_from_outside",
    [
        pytest.param("a\0b", id="NUL"),
        pytest.param("四\0二", id="NUL in Japanese"),
        pytest.param("a\ud800b", id="lone surrogate"),
    ],
)
async def test_text_no_database_takes_is_kept_with_a_replacement(database, text_from_outside):
    strange = record(
        votes=(vote(final_answer=text_from_outside, model=text_from_outside),),
        round_details=(
            RoundRecord(2, ("gpt",), 1.0, flips=(FlipRecord("gpt", text_from_outside, "42"),)),
        ),
        ballot=replace(BALLOT, voters=(BallotVoter("gpt", "openai", text_from_outside),) * 3),
        metadata={text_from_outside: text_from_outside},
    )
    kept = text_from_outside.replace("\0", "\ufffd").replace("\ud800", "\ufffd")
    async with running(database) as journal:
        journal.append(strange)
        await journal.flush()
        found = await journal.find("r-1")
    assert found.votes[0].final_answer == found.votes[0].model == kept
    assert found.round_details[0].flips[0].before == kept
    assert found.ballot.voters[0].model == kept
    assert found.metadata == {kept: kept}


@pytest.mark.parametrize("kept", ['{"version": 99}', '{"version": 1}', "[]"])
async def test_a_ballot_that_cannot_be_read_leaves_the_rest_of_its_record_readable(database, kept):
    await JournalTables(database).add([record(ballot=BALLOT, returned_group=0)])
    async with database.write() as connection:
        await connection.execute(text(f"UPDATE requests SET ballot = '{kept}'".replace(":", r"\:")))
    found = await JournalTables(database).find("r-1")
    assert found == record(returned_group=0)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param({"usage": Usage(input_tokens=2**80)}, id="a number no column holds"),
        pytest.param({"at": NOON.replace(tzinfo=None)}, id="a moment without zone"),
        pytest.param({"latency_ms": None}, id="nothing where something must be"),
        pytest.param({"metadata": {"a": object()}}, id="no JSON"),
    ],
)
async def test_a_record_the_database_refuses_does_not_take_its_batch_with_it(database, bad):
    async with running(database, interval_s=3600) as journal:
        for i in range(5):
            journal.append(record(f"r-{i}", **(bad if i == 2 else {})))
        async with asyncio.timeout(20):
            await journal.flush()
        assert (journal.stats.written, journal.stats.dropped) == (4, 1)
        assert journal.stats.last_error
    place = {"sqlite": "rowid", "postgresql": "ctid"}[database.backend]
    async with database.read() as connection:
        found = await connection.execute(text(f"SELECT request_id FROM requests ORDER BY {place}"))
        assert found.scalars().all() == ["r-0", "r-1", "r-3", "r-4"]


async def test_a_database_that_is_locked_for_long_only_delays_records(tmp_path, monkeypatch):
    monkeypatch.setattr("gateway.storage.sql.BUSY_TIMEOUT_MS", 10)
    database = await Database.open(f"sqlite:///{tmp_path}/j.sqlite3")
    await database.migrate()
    async with running(database) as journal:
        async with database.write():
            journal.append(record())
            await until(lambda: not journal.stats.healthy)
            assert journal.stats.last_error == "OperationalError"
        await journal.flush()
        assert (journal.stats.written, journal.stats.dropped) == (1, 0)
        assert journal.stats.healthy
    await database.aclose()


async def test_closing_takes_no_longer_than_it_may_when_the_database_is_away(database):
    journal = Journal(database)
    await journal.start()
    async with database.write() as connection:
        await connection.execute(text("DROP TABLE votes"))
    journal.append(record())
    async with asyncio.timeout(10):
        await journal.aclose(0.05)
    assert journal.stats.pending == 1


async def test_readers_are_told_to_come_back_while_the_database_is_away(database):
    async with database.write() as connection:
        await connection.execute(text("DROP TABLE votes"))
        await connection.execute(text("DROP TABLE requests"))
        await connection.execute(text("DROP TABLE feedback"))
    journal = Journal(database)
    with pytest.raises(OverloadedError):
        await journal.find("r-1")
    with pytest.raises(OverloadedError):
        await journal.feedback(Feedback("r-1", NOON, correct=True))
    with pytest.raises(OverloadedError):
        await journal.recent(NOON)
