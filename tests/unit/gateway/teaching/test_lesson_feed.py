"""All processes over one database come to hold the same lessons."""

import asyncio

import pytest
from sqlalchemy import delete, event, select

from gateway.storage.journal_tables import JournalTables
from gateway.storage.lesson_store import SqlLessonStore, outcomes_of
from gateway.storage.schema import feedback, requests
from gateway.teaching import lesson_feed
from gateway.teaching.lesson_feed import OVERLAP_S, LessonFeed
from learning.lessons import Label, Lesson, Outcome
from learning.records import Feedback
from tests.support.ballots import BALLOT
from tests.support.storage import NOON, record


class Clock:
    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


async def decoded(kept):
    return outcomes_of(kept)


@pytest.fixture
def feed(database, clock):
    return LessonFeed(SqlLessonStore(database), 5, clock, decoded)


@pytest.fixture
def tables(database):
    return JournalTables(database)


def answered(request_id, **changes):
    return record(request_id, **{"ballot": BALLOT, "returned_group": 1, **changes})


async def say(tables, request_id, correct=True, **said):
    return await tables.add_feedback(Feedback(request_id, NOON, correct, **said))


def held(feed):
    return [(label.request_id, label.correct) for label in feed.book.labels()]


async def test_what_was_labelled_before_the_start_is_read(tables, feed):
    await tables.add([answered("a"), answered("b")])
    await say(tables, "b", correct=False)
    await say(tables, "a")
    assert await feed.read_all()
    assert held(feed) == [("b", False), ("a", True)]
    assert feed.lessons()[0] == Lesson(BALLOT, 1, correct=False)


async def test_labels_that_others_store_are_read_at_the_next_look(tables, feed):
    await feed.read_all()
    await tables.add([answered("a")])
    await say(tables, "a")
    assert await feed.read_new()
    assert held(feed) == [("a", True)]
    assert not await feed.read_new()


async def test_a_correction_is_read_at_the_next_look(tables, feed):
    await tables.add([answered("a")])
    await say(tables, "a")
    await feed.read_all()
    await say(tables, "a", correct=False)
    assert await feed.read_new()
    assert held(feed) == [("a", False)]


async def test_a_rating_without_a_label_takes_none_back(tables, feed):
    await tables.add([answered("a"), answered("b")])
    await say(tables, "a")
    await say(tables, "a", correct=None, rating=1)
    await say(tables, "b", correct=None, rating=5)
    await feed.read_all()
    assert held(feed) == [("a", True)]


async def test_of_more_labels_than_are_held_the_newest_are_read(tables, feed, monkeypatch):
    monkeypatch.setattr(lesson_feed, "PAGE", 3)
    monkeypatch.setattr(lesson_feed, "CHUNK", 2)
    await tables.add([answered(f"r-{n}") for n in range(12)])
    for n in range(12):
        await say(tables, f"r-{n}")
    await feed.read_all()
    assert [name for name, _ in held(feed)] == ["r-7", "r-8", "r-9", "r-10", "r-11"]


async def test_one_reading_is_bounded_however_many_labels_teach_nothing(
    tables, feed, database, monkeypatch
):
    monkeypatch.setattr(lesson_feed, "PAGE", 2)
    await tables.add([answered("a"), answered("legacy", ballot=None)])
    await say(tables, "a")
    for _ in range(40):
        await say(tables, "legacy")
    statements = []
    event.listen(
        database._engine.sync_engine,
        "before_cursor_execute",
        lambda _c, _u, statement, *_: statements.append(statement),
    )
    await feed.read_all()
    assert held(feed) == []
    assert len(statements) <= 2 * lesson_feed.PAGES + 2


async def test_a_label_stored_before_its_record_counts_once_the_record_is_there(tables, feed):
    await feed.read_all()
    await say(tables, "a")
    assert not await feed.read_new()
    await tables.add([answered("a")])
    assert await feed.read_new()
    assert held(feed) == [("a", True)]


async def test_a_label_committed_after_a_later_one_is_read(tables, feed, database, clock):
    """As in PostgreSQL, where the number is drawn before the commit."""
    await tables.add([answered("a"), answered("b")])
    await feed.read_all()
    late = await say(tables, "a")
    async with database.read() as connection:
        row = (await connection.execute(select(feedback))).mappings().one()
    async with database.write() as connection:
        await connection.execute(delete(feedback))
        await connection.execute(
            feedback.insert().values({**row, "id": late + 1, "request_id": "b"})
        )
    await feed.read_new()
    clock.now += OVERLAP_S - 1
    async with database.write() as connection:
        await connection.execute(feedback.insert().values({**row}))
    assert await feed.read_new()
    assert held(feed) == [("a", True), ("b", True)]


async def test_what_a_look_goes_back_over_stays_small(tables, feed, clock):
    await tables.add([answered(f"r-{n}") for n in range(3)])
    await feed.read_all()
    for n in range(3):
        await say(tables, f"r-{n}")
        clock.now += OVERLAP_S
        await feed.read_new()
    assert (
        feed._looked_back_to()
        >= (await feed._store.labels(after=-1, before=None, limit=1))[0].number - 1
    )


async def test_a_deleted_record_is_forgotten_with_the_next_whole_reading(tables, feed, database):
    await tables.add([answered("a"), answered("b")])
    await say(tables, "a")
    await say(tables, "b")
    await feed.read_all()
    async with database.write() as connection:
        await connection.execute(delete(requests).where(requests.c.request_id == "a"))
    assert await feed.read_all()
    assert held(feed) == [("b", True)]
    assert not await feed.read_all()


async def test_an_own_label_counts_at_once_and_is_not_read_twice(tables, feed):
    await tables.add([answered("a")])
    await feed.read_all()
    number = await say(tables, "a")
    assert feed.take(Label(number, "a", True), Outcome(BALLOT, 1))
    assert held(feed) == [("a", True)]
    assert not await feed.read_new()


async def test_an_own_label_taken_during_a_whole_reading_is_kept(tables, database, clock):
    going, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(kept):
        going.set()
        await go_on.wait()
        return outcomes_of(kept)

    feed = LessonFeed(SqlLessonStore(database), 5, clock, slowly)
    await tables.add([answered("a"), answered("b")])
    await say(tables, "a")
    reading = asyncio.create_task(feed.read_all())
    await going.wait()
    number = await say(tables, "b")
    feed.take(Label(number, "b", True), Outcome(BALLOT, 1))
    go_on.set()
    await reading
    assert held(feed) == [("a", True), ("b", True)]


async def test_two_feeds_that_heard_the_same_in_different_ways_hold_the_same(
    tables, feed, database, clock
):
    other = LessonFeed(SqlLessonStore(database), 5, clock, decoded)
    await other.read_all()
    await tables.add([answered(f"r-{n}") for n in range(8)])
    for n, correct in enumerate([True, False, True, True, False, True, False, True]):
        number = await say(tables, f"r-{n}", correct=correct)
        other.take(Label(number, f"r-{n}", correct), Outcome(BALLOT, 1))
        if n % 3 == 0:
            await other.read_new()
    await feed.read_all()
    assert feed.book.labels() == other.book.labels()
    assert feed.lessons() == other.lessons()


async def test_a_ballot_that_cannot_be_read_teaches_nothing(tables, feed, database):
    await tables.add([answered("a"), answered("b")])
    await say(tables, "a")
    await say(tables, "b")
    async with database.write() as connection:
        await connection.exec_driver_sql("UPDATE requests SET ballot = '[]' WHERE request_id = 'a'")
    await feed.read_all()
    assert held(feed) == [("b", True)]
