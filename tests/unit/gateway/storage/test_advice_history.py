"""Requests answered by advice are read back with their newest labels, whatever the size of a page."""

from datetime import timedelta

import pytest

from gateway.storage import advice_history
from gateway.storage.advice_history import AdviceHistory
from gateway.storage.journal_tables import JournalTables
from learning.records import Feedback
from tests.support.storage import NOON, record


@pytest.fixture(params=[1, 2, 3, 2_000], ids="page of {}".format, autouse=True)
def page(request, monkeypatch):
    monkeypatch.setattr(advice_history, "PAGE", request.param)


def said(request_id, correct, after_s=60.0, rating=None):
    at = NOON + timedelta(seconds=after_s)
    return Feedback(request_id, at, correct=correct, rating=rating)


async def read(database):
    history = AdviceHistory(database)
    return [row async for row in history.requests()], await history.counts()


async def test_advised_requests_come_oldest_first_with_their_newest_label(database):
    records = [
        record("b", after_s=1, advice={"propensity": 0.5}, task_type="premium", cost_usd=0.02),
        record("a", after_s=1, advice={"propensity": 0.25}),
        record("c", after_s=0, advice={"propensity": 1.0}),
        record("plain", after_s=2),
        record("shadow", after_s=3, arm="shadow", advice={"propensity": 0.1}),
    ]
    await JournalTables(database).add(records)
    for feedback in (
        said("a", True),
        said("b", False),
        said("b", True),
        said("b", None, rating=5),
        said("plain", True),
    ):
        await JournalTables(database).add_feedback(feedback)
    rows, counts = await read(database)
    assert [(row.advice["propensity"], row.correct) for row in rows] == [
        (1.0, None),
        (0.25, True),
        (0.5, True),
    ]
    assert (rows[2].task_type, rows[2].cost_usd) == ("premium", 0.02)
    assert rows[0].at == NOON
    assert counts == (3, 4)


async def test_an_empty_journal_holds_none(database):
    assert await read(database) == ([], (0, 0))
