"""A late call made a second time beside itself: the first success wins."""

import asyncio

import pytest

from providers import errors
from providers.messages import Prompt
from providers.provider import Deadline
from providers.resilience.circuit import CircuitTerms, Outcome, State
from providers.resilience.hedging import AT_FIRST, ENOUGH, SAVED_UP, Hedging
from providers.resilience.retries import RetryBudget
from providers.resilience.terms import Terms
from providers.resilience.yardstick import Yardstick
from tests.support.providers import Hangs, Raises, Says, ScriptedProvider
from tests.support.resilience import resilient
from tests.support.virtual_time import in_virtual_time

PROMPT = Prompt.of("?")
TERMS = Terms(hedging_share=0.1)


def now():
    return asyncio.get_running_loop().time()


async def text_of(provider, **terms):
    return (await provider.complete(PROMPT, Deadline(now() + 100.0), **terms)).text


async def learned(*places, taken_s=0.5, terms=TERMS, **kept):
    """A provider that knows its endpoints; the first is the one asked."""
    provider = resilient(*places, terms=terms, **kept)
    steps = [place.steps for place in places]
    for n, place in enumerate(places):
        place.steps = (Says("warm", taken_s * (n + 1)),)
    for endpoint in provider.endpoints:
        for n in range(ENOUGH):
            endpoint.whole.learn(taken_s, float(n))
    for _ in range(20):
        await text_of(provider)
    for place, own in zip(places, steps, strict=True):
        place.steps = own
        place.asked.clear()
    return provider


def place(*steps):
    return ScriptedProvider("p", steps)


@in_virtual_time
async def test_a_call_that_lasts_longer_than_usual_is_answered_by_another_endpoint():
    a, b = place(Hangs()), place(Says("b", 0.2))
    provider = await learned(a, b)
    began = now()
    assert await text_of(provider) == "b"
    assert now() - began == pytest.approx(0.5 + 0.2, rel=0.05)
    assert a.cancelled, "the loser's connection is closed"
    assert (provider.hedging.asked, provider.hedging.won) == (1, 1)


@in_virtual_time
async def test_the_first_call_wins_where_it_is_first_and_the_second_is_cancelled():
    a, b = place(Says("a", 0.6)), place(Hangs())
    provider = await learned(a, b)
    assert await text_of(provider) == "a"
    assert b.cancelled
    assert (provider.hedging.asked, provider.hedging.won) == (1, 0)
    assert [e.under_way for e in provider.endpoints] == [0, 0]
    assert [e.gate.limiter.in_flight for e in provider.endpoints] == [0, 0]


@in_virtual_time
async def test_with_one_endpoint_only_a_call_that_must_be_stuck_is_repeated():
    a = place(Hangs(), Says("again", 0.1))
    provider = await learned(a)
    a.asked.clear()
    began = now()
    assert await text_of(provider) == "again"
    assert now() - began == pytest.approx(2 * 0.5 + 0.1, rel=0.05)


@pytest.mark.parametrize(
    ("first", "second", "ended"),
    [
        pytest.param(Raises(errors.CutReplyError("p", ""), 0.7), Says("b", 1.0), "b", id="the second may still answer"),
        pytest.param(Says("a", 2.0), Raises(errors.CutReplyError("p", "")), "a", id="the second's failure is nobody's"),
    ],
)  # fmt: skip
def test_one_of_two_that_fails_leaves_the_other(first, second, ended):
    @in_virtual_time
    async def scenario():
        assert await text_of(await learned(place(first), place(second))) == ended

    scenario()


@in_virtual_time
async def test_where_both_fail_the_first_ones_error_is_told():
    first = errors.CutReplyError("p", "first")
    a, b = place(Raises(first, 1.0)), place(Raises(errors.EmptyReplyError("p", ""), 1.0))
    with pytest.raises(errors.CutReplyError) as told:
        await text_of(await learned(a, b))
    assert told.value is first


@in_virtual_time
async def test_under_a_budget_no_call_is_made_twice():
    a, b = place(Says("a", 3.0)), place(Says("b"))
    assert await text_of(await learned(a, b), repeat_billed=False) == "a"
    assert not b.asked


@pytest.mark.parametrize(
    ("terms", "budget"),
    [
        pytest.param(Terms(hedging_share=0.0), RetryBudget(), id="none wanted"),
        pytest.param(TERMS, RetryBudget(share=0.0, floor_per_s=0.0, capacity=0.0), id="no repetitions left"),
    ],
)  # fmt: skip
def test_without_leave_no_call_is_made_twice(terms, budget):
    @in_virtual_time
    async def scenario():
        a, b = place(Says("a", 3.0)), place(Says("b"))
        assert await text_of(await learned(a, b, terms=terms, budget=budget)) == "a"
        assert not b.asked

    scenario()


@in_virtual_time
async def test_an_endpoint_that_is_ill_or_full_gets_no_second_call():
    a, b = place(Says("a", 3.0)), place(Says("b"))
    provider = await learned(a, b)
    provider.endpoints[1].circuit.state = State.OPEN
    provider.endpoints[1].circuit._until = now() + 100  # as after a failure
    a.steps = (Says("a", 0.8),)
    assert await text_of(provider) == "a"
    assert not b.asked


@in_virtual_time
async def test_a_second_call_that_finds_no_room_costs_nothing_of_the_share():
    a, b = place(Says("a", 0.8)), place(Says("b"))
    provider = await learned(a, b)
    while provider.hedging.allows():
        provider.hedging.take()
    provider.hedging.give_back()
    gate = provider.endpoints[1].gate
    while gate.enter_at_once(now()):
        pass
    assert await text_of(provider) == "a"
    assert provider.hedging.allows()


@in_virtual_time
async def test_no_more_than_its_share_of_calls_is_made_twice():
    a = place(Says("a", 1.2))
    provider = await learned(a, budget=RetryBudget(share=1.0, capacity=1_000.0))
    began = provider.hedging.asked
    for _ in range(100):
        await text_of(provider)
    assert provider.hedging.asked - began <= 0.1 * 100 + AT_FIRST
    began = provider.hedging.asked
    for _ in range(100):
        await text_of(provider)
    assert provider.hedging.asked - began <= 0.1 * 100 + SAVED_UP


@in_virtual_time
async def test_cancelling_cancels_both():
    a, b = place(Hangs()), place(Hangs())
    provider = await learned(a, b)
    task = asyncio.create_task(text_of(provider))
    await asyncio.sleep(2.0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert a.cancelled
    assert b.cancelled
    assert [e.gate.limiter.in_flight for e in provider.endpoints] == [0, 0]


@in_virtual_time
async def test_a_callers_own_time_out_is_no_victory_of_the_second():
    a, b = place(Hangs()), place(Hangs())
    provider = await learned(a, b)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(3.0):
            await text_of(provider)


@pytest.mark.parametrize(
    ("calls", "elsewhere", "delay_s"),
    [
        pytest.param(0, True, 5.0, id="nothing known, elsewhere after half of the time"),
        pytest.param(ENOUGH - 1, True, 5.0, id="too little known, the same"),
        pytest.param(ENOUGH - 1, False, None, id="and here not at all"),
        pytest.param(ENOUGH, True, 1.0, id="elsewhere after the p95"),
        pytest.param(ENOUGH, False, 2.0, id="here after twice that"),
    ],
)
def test_the_delay_is_learned(calls, elsewhere, delay_s):
    usual = Yardstick()
    for n in range(calls):
        usual.learn(1.0, float(n))
    assert Hedging(0.05).delay_s(usual, 10.0, elsewhere=elsewhere) == (
        delay_s and pytest.approx(delay_s, rel=0.05)
    )


@in_virtual_time
async def test_a_call_that_fails_counts_against_its_endpoint_although_a_second_one_answers():
    a, b = place(Raises(errors.ServerError("p", "down"), 0.6)), place(Says("b", 0.4))
    provider = await learned(a, b)
    for _ in range(CircuitTerms().run - 1):
        provider.endpoints[0].circuit.note(Outcome.FAILED, now())
    assert await text_of(provider) == "b"
    assert (provider.hedging.won, len(a.asked)) == (1, 1)
    assert provider.endpoints[0].circuit.state is State.OPEN


@in_virtual_time
async def test_long_prompts_among_short_ones_are_not_paid_twice_at_the_only_endpoint():
    class ByPrompt(ScriptedProvider):
        async def complete(self, prompt, deadline, *, repeat_billed=True):
            await asyncio.sleep(30.0 if prompt.question == "long" else 0.5)
            return await super().complete(prompt, deadline, repeat_billed=repeat_billed)

    provider = await learned(ByPrompt("p", (Says("a"),)))
    for n in range(600):
        asked = Prompt.of("short" if n % 30 else "long")
        await provider.complete(asked, Deadline(now() + 100.0))
    assert provider.hedging.asked <= 2, "the first ones, until it is known"
