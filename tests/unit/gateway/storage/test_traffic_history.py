"""Recorded traffic is read back as a judge saw it, in order, whatever the size of a page."""

from datetime import timedelta

import pytest

from gateway.rollout.observation import Label, observation_of
from gateway.storage import traffic_history
from gateway.storage.journal_tables import JournalTables
from gateway.storage.traffic_history import TrafficHistory
from learning.records import Feedback
from tests.support.records import NOON, all_down, answered, failed, filtered, impatient


def at(seconds):
    return NOON + timedelta(seconds=seconds)


KINDS = (answered, failed, all_down, impatient, filtered)


@pytest.fixture(params=[1, 2, 5, 2_000], ids="page of {}".format)
def page(request, monkeypatch):
    monkeypatch.setattr(traffic_history, "PAGE", request.param)


async def read_all(history):
    return [seen async for seen in history.observations()]


async def test_every_request_comes_back_as_it_was_observed_oldest_first(database, page):
    records = [
        KINDS[n % len(KINDS)](
            request_id=f"r-{n}",
            at=at(n // 2),  # two at the same moment each
            arm=("legacy", "wall_bounce", "shadow")[n % 3],
            caller=f"c-{n % 4}" if n % 4 else None,
            share=0.5,
            confidence=0.9 if n % 2 else None,
            cost_usd=0.01 * n if n % 3 else None,
        )
        for n in range(12)
    ]
    await JournalTables(database).add(records[::-1])
    history = TrafficHistory(database)
    expected = sorted((observation_of(r) for r in records), key=lambda o: (o.at, o.request_id))
    assert await read_all(history) == expected
    assert await history.count() == len(records)


async def test_a_request_that_never_got_an_arm_is_none_of_the_traffic(database):
    await JournalTables(database).add([answered(arm=None), answered(request_id="with")])
    history = TrafficHistory(database)
    assert [o.request_id for o in await read_all(history)] == ["with"]
    assert await history.count() == 1


async def test_labels_come_in_the_order_of_the_feedback_and_speak_of_their_request(database, page):
    tables = JournalTables(database)
    await tables.add([answered(request_id=f"r-{n}", at=at(n), arm="legacy") for n in range(3)])
    for request_id, seconds, correct in [
        ("r-2", 10, True),
        ("r-0", 9, False),
        ("r-0", 10, True),
        ("r-1", 11, None),  # a rating alone is no label
        ("unknown", 12, True),
    ]:
        rating = 3 if correct is None else None
        await tables.add_feedback(Feedback(request_id, at(seconds), correct, rating))
    labels = [said async for said in TrafficHistory(database).labels()]
    assert labels == [
        (at(9), Label("r-0", "legacy", at(0), correct=False)),
        (at(10), Label("r-2", "legacy", at(2), correct=True)),
        (at(10), Label("r-0", "legacy", at(0), correct=True)),
    ]
