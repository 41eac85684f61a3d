"""Requests become patterns behind the gateway's back: nothing waits for it, and nothing it does fails one."""

import asyncio
import time
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from gateway.monitoring.engine_metrics import EngineMetrics
from gateway.patterns.bringing_up import fits, follow, read_anew
from gateway.patterns.desk import PatternDesk, Rhythm
from gateway.patterns.folders import engine_in
from gateway.patterns.scenarios import ScenarioReader
from gateway.requests import GenerateRequest
from gateway.storage.errors import DatabaseAwayError, DataRefusedError
from gateway.storage.journal_tables import JournalTables
from gateway.storage.pattern_store import SqlPatternStore
from learning.records import Feedback
from tests.support.patterns import DIMENSIONS
from tests.support.records import NOON, PLAIN, answered, vote
from tests.support.storage import until

QUICK = Rhythm(gather_s=0.0, follow_s=0.02, flush_s=0.05, sweep_s=0.1, start_s=0.0, retry_s=0.05)


class Hashed:
    """An embedder: each text has a vector of its own."""

    def embed(self, texts):
        rows = [np.random.default_rng(abs(hash(t)) % 2**32).normal(size=DIMENSIONS) for t in texts]
        return np.stack([(r / np.linalg.norm(r)).astype(np.float32) for r in rows])


class Fussy(Hashed):
    """One that cannot read a certain text."""

    def embed(self, texts):
        if "unreadable" in texts:
            raise ValueError("unreadable")
        return super().embed(texts)


class Failing:
    """A store whose next writes fail as told, before it does what the real one does."""

    def __init__(self, store, *failures):
        self._store = store
        self.failures = list(failures)

    def __getattr__(self, name):
        return getattr(self._store, name)

    async def register(self, batch):
        if self.failures:
            raise self.failures.pop(0)
        if any(new.request_id == "refused" for new in batch):
            raise DataRefusedError("no")
        return await self._store.register(batch)


@pytest.fixture
async def open_desk(database, tmp_path):
    """Opens desks over one database; each is closed at the end."""
    desks = []

    async def open_(store=None, embedder=None, capacity=100, rhythm=QUICK, start=True):
        embedder = embedder or Hashed()
        desk = PatternDesk(
            store or SqlPatternStore(database),
            ScenarioReader(embedder),
            partial(
                engine_in,
                tmp_path / "learning",
                Hashed(),
                "static",
                cache_ttl_s=0.0,
                monotonic=time.monotonic,
            ),
            capacity=capacity,
            metrics=EngineMetrics(CollectorRegistry()),
            monotonic=time.monotonic,
            rhythm=rhythm,
        )
        desks.append(desk)
        if start:
            await desk.start()
        return desk

    yield open_
    for desk in desks:
        await desk.aclose()


def asked(text="What is a proof?"):
    return GenerateRequest(prompt=text)


def record(request_id="r-1", **changes):
    return answered(request_id=request_id, votes=(vote(), vote(provider="claude")), **changes)


async def ready(desk):
    await until(lambda: desk.engine is not None)
    return desk.engine


async def test_a_request_taken_in_is_committed_and_found(database, open_desk):
    desk = await open_desk()
    engine = await ready(desk)
    desk.learn(asked(), record())
    await desk.settled()
    assert [p.count for p in await SqlPatternStore(database).page(0, 10)] == [1]
    assert len(engine) == 1
    assert desk.figures.registered == 1


async def test_a_question_about_an_image_is_no_pattern_of_its_words(database, open_desk):
    desk = await open_desk()
    await ready(desk)
    image = {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}}
    text = {"type": "text", "text": "What is a proof?"}
    shown = {"messages": [{"role": "user", "content": [text, image]}]}
    desk.learn(GenerateRequest.model_validate(shown), record("r-1"))
    desk.learn(asked(), record("r-2"))
    await desk.settled()
    assert [p.count for p in await SqlPatternStore(database).page(0, 10)] == [1]


async def test_the_same_question_again_joins_its_pattern(database, open_desk):
    desk = await open_desk()
    await ready(desk)
    for number in range(3):
        desk.learn(asked(), record(f"r-{number}"))
        await desk.settled()
    assert [p.count for p in await SqlPatternStore(database).page(0, 10)] == [3]


async def test_before_the_engine_is_open_requests_wait_and_are_found_later(open_desk):
    slow = replace(QUICK, start_s=0.3)
    desk = await open_desk(rhythm=slow)
    desk.learn(asked(), record())
    assert (desk.engine, desk.figures.registered) == (None, 0)
    await desk.settled()
    assert (len(desk.engine), desk.figures.registered) == (1, 1)


async def test_a_label_stored_as_feedback_reaches_its_pattern_before_or_after_its_request(
    database, open_desk
):
    desk = await open_desk()
    journal, store = JournalTables(database), SqlPatternStore(database)
    await journal.add_feedback(Feedback("early", NOON, correct=True))
    desk.label("early")
    await desk.settled()
    desk.learn(asked(), record("early", answer_source="gpt"))
    desk.learn(asked("Another?"), record("late"))
    await desk.settled()
    await journal.add_feedback(Feedback("late", NOON, correct=False))
    desk.label("late")
    await desk.settled()
    assert [(p.right, p.wrong) for p in await store.page(0, 10)] == [(1, 0), (0, 1)]


async def test_a_label_nobody_told_it_of_is_found_by_looking(database, open_desk):
    desk = await open_desk()
    desk.learn(asked(), record())
    await desk.settled()
    await JournalTables(database).add_feedback(Feedback("r-1", NOON, correct=True))
    await until(lambda: desk.figures.labelled == 1)


async def test_where_no_room_is_left_requests_are_dropped_and_counted(open_desk):
    desk = await open_desk(capacity=2, start=False)
    for number in range(5):
        desk.learn(asked(), record(f"r-{number}"))
    assert (desk.figures.waiting, desk.figures.dropped) == (2, 3)


async def test_a_request_that_asked_nobody_takes_no_room(open_desk):
    desk = await open_desk(start=False)
    desk.learn(asked(), PLAIN)
    assert desk.figures.waiting == 0


async def test_while_the_database_is_away_requests_wait_and_are_registered_once_it_is_back(
    database, open_desk
):
    store = Failing(SqlPatternStore(database), *[DatabaseAwayError("away")] * 2)
    desk = await open_desk(store)
    for number in range(3):
        desk.learn(asked(f"Question {number}?"), record(f"r-{number}"))
    await desk.settled()
    assert (desk.figures.registered, desk.figures.dropped) == (3, 0)
    assert await store.count() == 3


async def test_a_request_the_database_refuses_does_not_take_the_others_with_it(database, open_desk):
    store = Failing(SqlPatternStore(database))
    desk = await open_desk(store)
    for name in ("r-1", "refused", "r-2"):
        desk.learn(asked(f"About {name}?"), record(name))
    await desk.settled()
    assert (await store.count(), desk.figures.dropped) == (2, 1)


async def test_a_text_that_cannot_be_read_does_not_take_the_others_with_it(database, open_desk):
    desk = await open_desk(embedder=Fussy())
    for text in ("One?", "unreadable", "Two?"):
        desk.learn(asked(text), record(text))
    await desk.settled()
    assert await SqlPatternStore(database).count() == 2


async def test_two_desks_follow_each_other_each_in_a_folder_of_its_own(open_desk, tmp_path):
    one, two = await open_desk(), await open_desk()
    first, second = await ready(one), await ready(two)
    for number in range(5):
        (one, two)[number % 2].learn(asked(f"Question {number}?"), record(f"r-{number}"))
        await asyncio.sleep(0)
    await one.settled()
    await two.settled()
    await until(lambda: len(first) == len(second) == 5)
    folders = {path.name for path in (tmp_path / "learning").iterdir()}
    assert folders == {"engine-0", "engine-1"}


async def test_what_is_left_when_it_closes_is_written_first(database, open_desk):
    desk = await open_desk()
    for number in range(50):
        desk.learn(asked(f"Question {number}?"), record(f"r-{number}"))
    await desk.aclose()
    assert await SqlPatternStore(database).count() == 50


async def test_an_engine_that_lags_follows_and_one_that_cannot_begins_anew(
    database, open_desk, tmp_path
):
    store = SqlPatternStore(database)
    desk = await open_desk()
    await ready(desk)
    for number in range(4):
        desk.learn(asked(f"Question {number}?"), record(f"r-{number}"))
    await desk.settled()
    await desk.aclose()
    opened = partial(
        engine_in,
        tmp_path / "learning",
        Hashed(),
        "static",
        cache_ttl_s=0.0,
        monotonic=time.monotonic,
    )
    engine = opened()
    try:
        assert await fits(engine, store)
        assert engine.applied == await store.last_change()
        (pattern, *_) = await store.page(0, 1)
        await store.remove([pattern.id])
        assert await fits(engine, store)
        assert await follow(engine, store) == 1
        assert len(engine) == 3
        engine.flush()
        for _ in range(3):
            await store.label("r-1", correct=True)
            await store.label("r-1", correct=False)
        await store.prune_changes(await store.last_change())
        assert not await fits(engine, store)  # changes in between are gone
        told = []
        await read_anew(engine, store, lambda done, of: told.append((done, of)))
        assert (len(engine), told) == (3, [(3, 3)])
        assert engine.watermark == await store.last_change()
        assert await fits(engine, store)
    finally:
        engine.close()


async def test_an_engine_of_another_database_does_not_fit(database, open_desk, tmp_path):
    desk = await open_desk()
    engine = await ready(desk)
    desk.learn(asked(), record())
    await desk.settled()
    engine.sample[1] = "1999-01-01T00:00:00+00:00"
    assert engine.applied == 1
    engine.flush()
    assert not await fits(engine, SqlPatternStore(database))


async def test_a_question_repeated_from_start_to_start_is_one_pattern(database, open_desk):
    for start in range(3):
        desk = await open_desk()
        for number in range(4):
            desk.learn(asked(), record(f"r-{start}-{number}"))
            await asyncio.sleep(0)
        await desk.settled()
        await desk.aclose()
    (pattern,) = await SqlPatternStore(database).page(0, 10)
    assert pattern.count == 12


async def test_while_the_engine_cannot_be_opened_requests_are_written_all_the_same(
    database, open_desk, monkeypatch
):
    desk = await open_desk(start=False)

    def broken():
        raise OSError("no folder")

    monkeypatch.setattr(desk, "_open_engine", broken)
    await desk.start()
    desk.learn(asked(), record())
    await desk.settled()
    assert await SqlPatternStore(database).count() == 1


async def test_what_waits_for_the_engine_is_written_when_the_gateway_ends(database, open_desk):
    desk = await open_desk(rhythm=replace(QUICK, start_s=3600.0))
    desk.learn(asked(), record())
    await desk.aclose()
    assert await SqlPatternStore(database).count() == 1
