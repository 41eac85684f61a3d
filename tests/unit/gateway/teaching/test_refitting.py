"""The model follows the lessons: one fit at a time, many changes in one, a failure harms nothing."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from gateway.teaching.refitting import LONGEST_REST_S, REST, SAVED_CPU_S, Refitter
from learning.lessons import Lesson
from tests.support.ballots import BALLOT, TallyLearner

LESSON = Lesson(BALLOT, 0, correct=True)


class Clock:
    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def thread():
    with ThreadPoolExecutor(1) as one:
        yield one


@asynccontextmanager
async def running(learner, lessons, thread, clock, pause=None):
    """A refitter that runs, and the fits it tells of; it never really pauses."""
    fits = []

    async def at_once(_):
        await asyncio.sleep(0)

    refitter = Refitter(
        learner,
        lambda: tuple(lessons),
        thread=thread,
        monotonic=clock,
        on_fit=fits.append,
        cpu=clock,
        pause=pause or at_once,
    )
    task = asyncio.create_task(refitter.run())
    yield refitter, fits
    task.cancel()
    await asyncio.wait([task])


async def test_a_change_is_in_the_model_once_it_has_settled(thread, clock):
    lessons, learner = [LESSON], TallyLearner()
    async with running(learner, lessons, thread, clock) as (refitter, fits):
        refitter.due()
        await refitter.settled()
        lessons.append(LESSON)
        refitter.due()
        await refitter.settled()
    assert [fit.lessons for fit in fits] == [1, 2]
    assert fits[-1].model.right["gpt"] == 2


async def test_where_nothing_is_due_there_is_nothing_to_wait_for(thread, clock):
    async with running(TallyLearner(), [], thread, clock) as (refitter, fits):
        await refitter.settled()
    assert fits == []


class Held(TallyLearner):
    """Fits when it is let."""

    def __init__(self):
        super().__init__()
        self.started = threading.Semaphore(0)
        self.let = threading.Semaphore(0)
        self.at_once = 0
        self.most_at_once = 0

    def fit(self, lessons):
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.started.release()
        assert self.let.acquire(timeout=30)
        self.at_once -= 1
        return super().fit(lessons)


async def test_changes_during_a_fit_come_to_one_more_fit_and_never_two_at_once(thread, clock):
    lessons, learner = [LESSON], Held()
    async with running(learner, lessons, thread, clock) as (refitter, fits):
        refitter.due()
        await asyncio.to_thread(learner.started.acquire)
        for _ in range(50):
            lessons.append(LESSON)
            refitter.due()
        learner.let.release(2)
        await refitter.settled()
    assert [fit.lessons for fit in fits] == [1, 51]
    assert learner.most_at_once == 1


async def test_the_loop_goes_on_during_a_fit(thread, clock):
    learner = Held()
    async with running(learner, [LESSON], thread, clock) as (refitter, fits):
        refitter.due()
        await asyncio.to_thread(learner.started.acquire)
        assert fits == []  # this line runs while the fit does
        learner.let.release()
        await refitter.settled()
    assert len(fits) == 1


@pytest.mark.parametrize(
    ("took_s", "rests_s"),
    [
        pytest.param(0.25, 0.0, id="a quick one, not at all while time is saved up"),
        pytest.param(SAVED_CPU_S + 0.25, REST * 0.25, id="beyond that in proportion"),
        pytest.param(60.0, LONGEST_REST_S, id="a slow one, no longer than bounded"),
    ],
)
async def test_after_a_fit_it_rests_so_that_learning_takes_no_more_than_its_share(
    thread, clock, took_s, rests_s
):
    rests = []

    class Slow(TallyLearner):
        def fit(self, lessons):
            clock.now += took_s
            return super().fit(lessons)

    async def pause(seconds):
        rests.append(seconds)

    async with running(Slow(), [LESSON], thread, clock, pause) as (refitter, fits):
        refitter.due()
        await refitter.settled()
        await asyncio.sleep(0)
    assert rests == [pytest.approx(rests_s)]
    assert fits[0].seconds == fits[0].cpu_seconds == took_s


class Failing(TallyLearner):
    """Fails while it has words for it."""

    def __init__(self, *words):
        super().__init__()
        self.words = list(words)

    def fit(self, lessons):
        if self.words:
            raise ArithmeticError(self.words.pop(0))
        return super().fit(lessons)


async def test_a_fit_that_fails_is_told_of_and_the_next_one_is_made(thread, clock):
    async with running(Failing("singular"), [LESSON], thread, clock) as (refitter, fits):
        for _ in range(2):
            refitter.due()
            await refitter.settled()
    assert fits[0].model is None
    assert fits[1].model.right["gpt"] == 1


async def test_a_fit_that_gives_no_probabilities_has_failed(thread, clock):
    class RunsAway(TallyLearner):
        def fit(self, lessons):
            model = super().fit(lessons)
            model.probabilities = lambda ballot, weights: (float("nan"), 0.5)
            return model

    async with running(RunsAway(), [LESSON], thread, clock) as (refitter, fits):
        refitter.due()
        await refitter.settled()
    assert fits[0].model is None


async def test_a_failure_is_logged_once_a_cause(thread, clock):
    learner = Failing("singular", "singular", "infinite", "infinite")
    with capture_logs() as logs:
        async with running(learner, [LESSON], thread, clock) as (refitter, _):
            for _ in range(4):
                refitter.due()
                await refitter.settled()
    failures = [entry["error"] for entry in logs if entry["event"] == "learning_fit_failed"]
    assert failures == ["ArithmeticError: singular", "ArithmeticError: infinite"]
