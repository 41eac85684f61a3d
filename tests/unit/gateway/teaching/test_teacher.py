"""A process learns from its own feedback at once, from others' when it looks, and never in the way."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from gateway.storage.errors import DatabaseAwayError
from gateway.storage.journal_tables import JournalTables
from gateway.storage.lesson_store import SqlLessonStore
from gateway.teaching.teacher import Teacher
from learning.records import Feedback
from tests.support.ballots import BALLOT, TallyLearner
from tests.support.storage import NOON, record, until

ANSWERED = record("a", ballot=BALLOT, returned_group=0)


@asynccontextmanager
async def teaching(store, learner=None, *, started=False):
    """A teacher whose own looks are the test's, and the models it put in service."""
    models = []

    async def at_once(_):
        await asyncio.sleep(0)

    teacher = Teacher(
        store,
        learner or TallyLearner(),
        window=5,
        monotonic=lambda: 1_000.0,
        on_model=models.append,
        on_fit=lambda _: None,
        pause=at_once,
    )
    if started:
        await teacher.start()
    else:
        teacher._tasks = [asyncio.create_task(teacher._fits.run())]
    yield teacher, models
    await teacher.aclose()


@pytest.fixture
def store(database):
    return SqlLessonStore(database)


@pytest.fixture
def tables(database):
    return JournalTables(database)


def said(correct=True, **more):
    return Feedback("a", NOON, correct, **more)


async def test_own_feedback_is_in_the_model_without_a_look_into_the_database(store):
    async with teaching(store) as (teacher, models):
        teacher.learn(1, said(correct=False), ANSWERED)
        await teacher.settled()
    assert models[-1].heard["gpt"] == 1
    assert models[-1].right["gpt"] == 0


async def test_feedback_on_a_record_that_is_not_written_yet_counts_at_once(store, tables):
    """Its record is still in the journal's memory; the database knows the label alone."""
    number = await tables.add_feedback(said())
    async with teaching(store) as (teacher, models):
        teacher.learn(number, said(), ANSWERED)
        await teacher.settled()
        await tables.add([ANSWERED])
        await teacher.look()
        await teacher.settled()
        assert teacher.lessons == 1
    assert models[-1].heard["gpt"] == 1


@pytest.mark.parametrize(
    ("feedback", "about"),
    [
        pytest.param(said(correct=None, rating=1), ANSWERED, id="a rating alone"),
        pytest.param(said(), record("a"), id="a request without a ballot"),
        pytest.param(said(), record("a", ballot=BALLOT), id="a text no group said"),
    ],
)
async def test_what_teaches_nothing_is_not_learned_from(store, feedback, about):
    async with teaching(store) as (teacher, models):
        teacher.learn(1, feedback, about)
        await teacher.settled()
        assert teacher.lessons == 0
    assert models == []


async def test_feedback_without_a_label_leaves_the_earlier_label(store, tables):
    await tables.add([ANSWERED])
    async with teaching(store) as (teacher, models):
        for feedback in (said(correct=False), said(correct=None, comment="hm")):
            teacher.learn(await tables.add_feedback(feedback), feedback, ANSWERED)
        await teacher.look()
        await teacher.settled()
        assert teacher.lessons == 1
    assert models[-1].heard["gpt"] == 1


async def test_two_processes_over_one_database_come_to_the_same_model(store, tables):
    await tables.add([ANSWERED])
    async with teaching(store) as (one, _), teaching(store) as (two, models):
        await two.look()
        one.learn(await tables.add_feedback(said()), said(), ANSWERED)
        assert not two.knows("a")
        await two.look()
        await two.settled()
        assert two.knows("a")
    assert models[-1].right["gpt"] == 1


async def test_what_was_learned_is_there_after_a_restart(store, tables):
    await tables.add([ANSWERED])
    async with teaching(store) as (teacher, _):
        teacher.learn(await tables.add_feedback(said()), said(), ANSWERED)
    async with teaching(store, started=True) as (after, models):
        await until(lambda: after.lessons == 1)
        await until(lambda: bool(models))
    assert models[-1].right["gpt"] == 1


class Away:
    """A store out of reach while ``away``."""

    def __init__(self, store):
        self.store = store
        self.away = True

    async def labels(self, **which):
        if self.away:
            raise DatabaseAwayError("gone")
        return await self.store.labels(**which)

    async def ballots(self, request_ids):
        return await self.store.ballots(request_ids)


async def test_while_the_database_is_away_learning_waits_and_says_so_once(store, tables):
    await tables.add([ANSWERED])
    await tables.add_feedback(said())
    away = Away(store)
    async with teaching(away) as (teacher, models):
        with capture_logs() as logs:
            await teacher.look()
            await teacher.look()
        assert [entry["event"] for entry in logs] == ["learning_store_failed"]
        assert (teacher.lessons, models) == (0, [])
        away.away = False
        await teacher.look()
        await teacher.settled()
        assert models[-1].right["gpt"] == 1
        away.away = True
        await teacher.look()
        assert teacher.lessons == 1


async def test_a_fit_that_fails_leaves_the_model_in_service(store):
    class Fails(TallyLearner):
        def fit(self, lessons):
            if len(lessons) > 1:
                raise ArithmeticError("singular")
            return super().fit(lessons)

    async with teaching(store, Fails()) as (teacher, models):
        teacher.learn(1, said(), ANSWERED)
        await teacher.settled()
        teacher.learn(2, Feedback("b", NOON, correct=True), ANSWERED)
        await teacher.settled()
    assert len(models) == 1
