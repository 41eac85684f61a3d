"""A process that starts knows what was seen of the arms before: the newest, oldest first, and its labels."""

from datetime import timedelta

import pytest

from gateway.rollout.observation import Label, observation_of
from gateway.storage import rollout_evidence
from gateway.storage.journal_tables import JournalTables
from gateway.storage.rollout_evidence import SqlRolloutEvidence
from learning.records import Feedback
from tests.support.records import NOON, all_down, answered, failed, filtered, impatient


def from_memory(**changes):
    """Answered, and no vendor was asked."""
    return answered(votes=(), **changes)


KINDS = (answered, failed, all_down, impatient, filtered, from_memory)


def at(seconds):
    return NOON + timedelta(seconds=seconds)


@pytest.fixture(params=[1, 2, 5, 500], ids="page of {}".format, autouse=True)
def page(request, monkeypatch):
    monkeypatch.setattr(rollout_evidence, "PAGE", request.param)


@pytest.fixture
async def records(database):
    """Twelve requests of all kinds, two at each moment, written in no order."""
    made = [
        KINDS[n % len(KINDS)](
            request_id=f"r-{n:02d}",
            at=at(n // 2),
            arm=("legacy", "wall_bounce", "shadow")[n % 3],
            caller=f"c-{n % 4}" if n % 4 else None,
            share=0.5,
            confidence=0.9 if n % 2 else None,
            cost_usd=0.01 * n if n % 3 else None,
        )
        for n in range(12)
    ]
    await JournalTables(database).add(made[::-1])
    return made


@pytest.fixture
def evidence(database):
    return SqlRolloutEvidence(database)


async def test_requests_come_back_as_they_were_observed_oldest_first(evidence, records):
    seen, labels = await evidence.seen_since(None, 100)
    assert list(seen) == [observation_of(record) for record in records]
    assert list(labels) == []


async def test_of_more_than_asked_for_the_newest_come_back(evidence, records):
    seen, _ = await evidence.seen_since(None, 5)
    assert [o.request_id for o in seen] == ["r-07", "r-08", "r-09", "r-10", "r-11"]


async def test_what_came_in_before_the_stage_began_is_left_out(evidence, records):
    seen, _ = await evidence.seen_since(at(4), 100)
    assert [o.request_id for o in seen] == ["r-08", "r-09", "r-10", "r-11"]


async def test_a_request_that_never_got_an_arm_is_no_evidence(database, evidence):
    await JournalTables(database).add([answered(arm=None), answered(request_id="with")])
    seen, _ = await evidence.seen_since(None, 100)
    assert [o.request_id for o in seen] == ["with"]


async def test_a_database_without_requests_has_no_evidence(evidence):
    assert await evidence.seen_since(None, 100) == ([], [])


async def say(database, request_id, second, **said):
    await JournalTables(database).add_feedback(Feedback(request_id, at(second), **said))


async def test_labels_speak_of_their_request_in_the_order_they_were_given(
    database, evidence, records
):
    await say(database, "r-09", 20, correct=False)
    await say(database, "r-08", 30, correct=True)
    await say(database, "r-09", 40, correct=True)
    _, labels = await evidence.seen_since(at(4), 100)
    assert list(labels) == [
        Label("r-09", "legacy", at(4), correct=False, caller="c-1"),
        Label("r-08", "shadow", at(4), correct=True),
        Label("r-09", "legacy", at(4), correct=True, caller="c-1"),
    ]


async def test_feedback_of_requests_before_of_unknown_ones_and_without_a_word_on_correctness_is_none(
    database, evidence, records
):
    await say(database, "r-01", 20, correct=False)
    await say(database, "nobody's", 20, correct=False)
    await say(database, "r-10", 20, rating=5)
    await say(database, "r-11", 20, correct=True)
    _, labels = await evidence.seen_since(at(4), 100)
    assert [label.request_id for label in labels] == ["r-11"]
