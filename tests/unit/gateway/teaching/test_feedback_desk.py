"""Feedback is stored first, and then counted and learned from."""

import pytest
from prometheus_client import CollectorRegistry

from gateway.errors import NotFoundError, OverloadedError
from gateway.monitoring.metrics import Metrics
from gateway.teaching.feedback_desk import FeedbackDesk
from learning.records import Feedback
from tests.support.storage import NOON, record

ANSWERED = record("a", confidence=0.8)
SHADOW = record("a-shadow", arm="shadow", confidence=0.8)
KNOWN = {held.request_id: held for held in (ANSWERED, SHADOW)}


class Journal:
    """Knows a record and its shadow, and stores feedback unless it is away."""

    def __init__(self):
        self.stored = []
        self.away = False

    async def find(self, request_id):
        return KNOWN.get(request_id)

    async def feedback(self, said):
        if self.away:
            raise OverloadedError("away", retry_after_s=1.0)
        self.stored.append(said)
        return len(self.stored)


class Teacher:
    """Holds the labels it was told."""

    def __init__(self):
        self.told = []

    def knows(self, request_id):
        return any(said.request_id == request_id for _, said, _ in self.told)

    def learn(self, number, said, record):
        self.told.append((number, said, record))


class Rollout:
    """Holds the labels it was told."""

    def __init__(self):
        self.told = []

    def label(self, record, *, correct):
        self.told.append((record.request_id, correct))


@pytest.fixture
def metrics():
    return Metrics(CollectorRegistry(), monotonic=lambda: 0.0)


@pytest.fixture
def desk(metrics):
    return FeedbackDesk(Journal(), metrics, Rollout(), Teacher())


def counted(metrics, sample):
    body, _ = metrics.render()
    return [line.split()[-1] for line in body.decode().splitlines() if line.startswith(sample)]


async def test_what_is_stored_is_learned_from_by_the_number_it_was_stored_under(desk):
    said = Feedback("a", NOON, correct=True)
    await desk.take(said)
    assert desk.journal.stored == [said]
    assert desk.teacher.told == [(1, said, ANSWERED)]


@pytest.mark.parametrize("request_id", ["b", "a-shadow"], ids=["unknown", "seen by nobody"])
async def test_feedback_on_what_no_caller_got_is_neither_stored_nor_learned_from(desk, request_id):
    with pytest.raises(NotFoundError):
        await desk.take(Feedback(request_id, NOON, correct=True))
    assert (desk.journal.stored, desk.teacher.told) == ([], [])


async def test_feedback_that_could_not_be_stored_is_not_learned_from(desk):
    """A restart would forget it, and the other instances would never hear of it."""
    desk.journal.away = True
    with pytest.raises(OverloadedError):
        await desk.take(Feedback("a", NOON, correct=True))
    assert desk.teacher.told == []


async def test_the_confidence_given_out_is_held_against_the_first_label_alone(desk, metrics):
    for correct in (None, False, True):
        await desk.take(Feedback("a", NOON, correct, rating=3))
        if correct is None:
            desk.teacher.told.clear()
    assert counted(metrics, "consensus_confidence_outcomes_total") == ["1.0"]
    assert counted(metrics, 'consensus_confidence_outcomes_total{bin="0.8",correct="false"}')


async def test_the_rollout_hears_whether_an_answer_was_right_and_no_rating(desk):
    await desk.take(Feedback("a", NOON, correct=None, rating=5))
    await desk.take(Feedback("a", NOON, correct=False))
    assert desk.rollout.told == [("a", False)]


async def test_with_learning_switched_off_outcomes_are_counted_all_the_same(metrics):
    desk = FeedbackDesk(Journal(), metrics, Rollout(), None)
    await desk.take(Feedback("a", NOON, correct=True))
    assert counted(metrics, 'consensus_confidence_outcomes_total{bin="0.8",correct="true"}')
