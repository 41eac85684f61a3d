"""Advice comes in time and makes sense, or the request goes on without it."""

import asyncio
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from gateway.advice_terms import SteeringTerms
from gateway.requests import GenerateRequest
from gateway.steering import ADVICE_S, Steering
from learning.advice.words import Advice
from tests.support.virtual_time import in_virtual_time

REQUEST = GenerateRequest(prompt="Which?")
FULL = SteeringTerms("full", escalation=True, exploration=0.1, exploration_budget_usd=1.0)
ADVICE = Advice(providers=("gpt",), weights={"gpt": 0.5})


@dataclass
class Engine:
    """Advises so, after so many seconds."""

    said: Advice | Exception | None = ADVICE
    after_s: float = 0.0
    asked: int = 0
    cancelled: int = 0

    async def advise(self, request):
        self.asked += 1
        try:
            await asyncio.sleep(self.after_s)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


@dataclass
class Counts:
    told: list = field(default_factory=list)

    def __call__(self, outcome, *, explored=False):
        self.told.append((outcome, explored))


def steering(engine, terms=FULL):
    counts = Counts()
    return Steering(engine, terms, counts), counts.told


@pytest.mark.parametrize(
    ("engine", "advice", "outcome"),
    [
        pytest.param(Engine(), ADVICE, "advised", id="in time"),
        pytest.param(Engine(after_s=ADVICE_S * 0.9), ADVICE, "advised", id="just in time"),
        pytest.param(Engine(after_s=ADVICE_S * 1.1), None, "late", id="too late"),
        pytest.param(Engine(None), None, "unknown", id="nothing known"),
        pytest.param(Engine(Advice(opening="two")), None, "flawed", id="of other values"),
        pytest.param(Engine(ValueError("a bug")), None, "failed", id="it raises"),
        pytest.param(Engine(TimeoutError()), None, "failed", id="a time-out of its own"),
        pytest.param(Engine(Advice(opening=-1)), None, "flawed", id="it makes no sense"),
    ],
)
@in_virtual_time
async def test_advice_is_taken_when_it_comes_in_time_and_makes_sense(engine, advice, outcome):
    asked, told = steering(engine)
    assert await asked.advise(REQUEST) == advice
    assert told == [(outcome, False)]
    assert asyncio.get_running_loop().time() <= ADVICE_S


@in_virtual_time
async def test_advice_that_is_late_is_cancelled():
    engine = Engine(after_s=60)
    asked, _ = steering(engine)
    await asked.advise(REQUEST)
    assert engine.cancelled == 1


@in_virtual_time
async def test_what_steering_may_not_do_is_taken_off():
    asked, told = steering(Engine(), SteeringTerms("weights"))
    assert await asked.advise(REQUEST) == Advice(weights={"gpt": 0.5})
    drawn, told_of_drawn = steering(Engine(Advice(explored=True)), SteeringTerms("full"))
    assert await drawn.advise(REQUEST) is None
    assert (told, told_of_drawn) == ([("advised", False)], [("not_allowed", False)])


@in_virtual_time
async def test_what_was_drawn_is_counted_as_such():
    asked, told = steering(Engine(Advice(explored=True, propensity=0.1)))
    assert (await asked.advise(REQUEST)).explored
    assert told == [("advised", True)]


@in_virtual_time
async def test_an_engine_that_may_change_nothing_is_not_asked():
    engine = Engine()
    asked, told = steering(engine, SteeringTerms("off"))
    assert await asked.advise(REQUEST) is None
    assert (engine.asked, told) == (0, [])


@in_virtual_time
async def test_each_cause_is_logged_once_and_counted_each_time():
    engine = Engine(ValueError("a bug"))
    asked, told = steering(engine)
    with capture_logs() as logs:
        for _ in range(3):
            await asked.advise(REQUEST)
        engine.said = KeyError("another")
        await asked.advise(REQUEST)
        engine.said = Advice(enough=2.0)
        await asked.advise(REQUEST)
    assert [(line["outcome"], line["cause"]) for line in logs] == [
        ("failed", "ValueError"),
        ("failed", "KeyError"),
        ("flawed", "enough is no confidence"),
    ]
    assert len(told) == 5


@in_virtual_time
async def test_a_caller_who_leaves_ends_the_asking_for_advice():
    engine = Engine(after_s=ADVICE_S / 2)
    asked, told = steering(engine)
    waiting = asyncio.create_task(asked.advise(REQUEST))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (engine.cancelled, told) == (1, [])
