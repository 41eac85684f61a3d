"""Several endpoints of one vendor: which is asked, and where a call goes on."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import errors
from providers.messages import Prompt
from providers.provider import Deadline
from providers.resilience.choosing import EXPLORED, Candidate, choose
from providers.resilience.circuit import State
from providers.resilience.endpoint import LEFT_OUT_S
from providers.resilience.front import ALONE_AT_ONCE
from providers.resilience.retries import RetryPolicy
from providers.resilience.terms import Terms
from tests.support.providers import Hangs, Raises, Says, ScriptedProvider
from tests.support.resilience import NO_HEDGES, resilient
from tests.support.virtual_time import in_virtual_time

PROMPT = Prompt.of("?")
DOWN = errors.ServerError("p", "down")
BEST, OTHER = 0.999, 0.0
"""Draws that ask the best endpoint, and one of the others."""


def place(*steps):
    return ScriptedProvider("p", tuple(Raises(s) if isinstance(s, Exception) else s for s in steps))


def soon(seconds=100.0):
    return Deadline(asyncio.get_running_loop().time() + seconds)


async def text_of(provider, **terms):
    return (await provider.complete(PROMPT, soon(), **terms)).text


@pytest.mark.parametrize(
    ("candidates", "uniform", "chosen"),
    [
        pytest.param([Candidate(0.5, 0), Candidate(0.3, 0)], BEST, 1, id="the faster"),
        pytest.param([Candidate(0.5, 0), Candidate(0.3, 1)], BEST, 0, id="the faster with its load"),
        pytest.param([Candidate(0.5, 0), Candidate(None, 0)], BEST, 0, id="the unknown is as fast as the fastest"),
        pytest.param([Candidate(0.5, 1), Candidate(None, 0)], BEST, 1, id="and asked where that is busy"),
        pytest.param([Candidate(2.0, 0, silent=True), Candidate(None, 0)], BEST, 1, id="and faster than one that never answered"),
        pytest.param([Candidate(2.0, 0, silent=True), Candidate(3.0, 0)], BEST, 0, id="which was only given less time"),
        pytest.param([Candidate(0.5, 0), Candidate(0.3, 0, fit=False)], BEST, 0, id="not one that refuses"),
        pytest.param([Candidate(0.5, 0, fit=False), Candidate(0.3, 0, fit=False)], BEST, 1, id="unless all do"),
        pytest.param([Candidate(0.5, 0), Candidate(0.3, 0)], OTHER, 0, id="now and then another"),
        pytest.param([Candidate(0.3, 0)], OTHER, 0, id="if there is one"),
    ],
)  # fmt: skip
def test_the_endpoint_whose_calls_end_soonest_is_asked(candidates, uniform, chosen):
    assert choose(candidates, uniform) == chosen


@given(
    st.lists(
        st.builds(Candidate, st.none() | st.floats(0.001, 60), st.integers(0, 9), st.booleans()),
        min_size=1,
        max_size=6,
    ),
    st.floats(0, 1, exclude_max=True),
)
def test_one_that_is_fit_is_chosen_wherever_there_is_one(candidates, uniform):
    chosen = candidates[choose(candidates, uniform)]
    assert chosen.fit or not any(c.fit for c in candidates)
    if uniform >= EXPLORED and None not in {c.recent_s for c in candidates}:
        score = chosen.recent_s * (chosen.under_way + 1)
        assert all(
            score <= c.recent_s * (c.under_way + 1) for c in candidates if c.fit == chosen.fit
        )


@in_virtual_time
async def test_a_failure_goes_on_at_another_endpoint_at_once():
    a, b = place(DOWN), place(Says("b", 1.0))
    assert await text_of(resilient(a, b)) == "b"
    assert [call.at for call in (*a.asked, *b.asked)] == [0.0, 0.0]


@in_virtual_time
async def test_the_faster_endpoint_gets_the_calls_and_one_that_recovers_is_found_again():
    draws = iter([BEST] * 100 + [OTHER] * 10 + [BEST] * 100)
    fast, slow = place(Says("fast", 0.1)), place(Says("slow", 0.5))
    provider = resilient(fast, slow, draw=lambda: next(draws))
    for _ in range(30):
        await text_of(provider)
    assert len(slow.asked) <= 2
    fast.steps, slow.steps = (Says("fast", 2.0),), (Says("slow", 0.2),)
    answers = [await text_of(provider) for _ in range(30)]
    assert answers[-10:] == ["slow"] * 10


async def ended(provider, seconds):
    """How a call of at most so many seconds ends."""
    try:
        return await provider.complete(PROMPT, soon(seconds))
    except errors.TimedOutError as error:
        return error


def in_time(place_):
    """Ends its calls at their deadline, as adapters do."""

    class InTime(ScriptedProvider):
        async def complete(self, prompt, deadline, *, repeat_billed=True):
            try:
                async with asyncio.timeout_at(deadline.at):
                    return await super().complete(prompt, deadline, repeat_billed=repeat_billed)
            except TimeoutError:
                raise errors.TimedOutError(self.name, "deadline") from None

    return InTime("p", place_.steps)


@in_virtual_time
async def test_an_endpoint_that_hangs_from_the_start_costs_no_request_its_answer():
    hanging = in_time(place(Hangs()))
    provider = resilient(
        hanging, place(Says("b", 0.5)), place(Says("c", 0.5)), terms=Terms(hedging_share=0.05)
    )
    answers = [(await ended(provider, 2.0)).text for _ in range(24)]
    assert set(answers) <= {"b", "c"}
    assert len(hanging.asked) == 1, "it is taken for as slow as it was"


@in_virtual_time
async def test_without_second_copies_it_costs_the_first_request_alone():
    provider = resilient(
        in_time(place(Hangs())), place(Says("b", 0.5)), policy=RetryPolicy(attempts=1)
    )
    ends = [await ended(provider, 2.0) for _ in range(24)]
    assert [isinstance(end, errors.TimedOutError) for end in ends] == [True] + [False] * 23


@in_virtual_time
async def test_of_many_calls_at_once_the_first_that_hang_are_answered_elsewhere():
    places = [in_time(place(Hangs())), place(Says("b", 0.5)), place(Says("c", 0.5))]
    provider = resilient(*places, terms=Terms(hedging_share=0.05))
    ends = await asyncio.gather(*(ended(provider, 2.0) for _ in range(15)))
    assert not any(isinstance(end, errors.TimedOutError) for end in ends)
    assert provider.hedging.asked == 5


@in_virtual_time
async def test_an_endpoint_nobody_knows_is_held_to_what_the_others_take():
    provider = resilient(
        place(Says("a", 0.5)), in_time(place(Hangs())), policy=RetryPolicy(attempts=1)
    )
    for n in range(20):
        provider.endpoints[0].whole.learn(0.5, float(n))
    await asyncio.gather(*(ended(provider, 2.0) for _ in range(12)))
    assert provider.endpoints[1].circuit.state is State.OPEN, "2 s are long where others take 0.5 s"


@pytest.mark.parametrize("at_once", [1, 24])
@pytest.mark.parametrize("share", [0.0, 0.05])
def test_an_endpoint_far_away_is_slower_and_not_ill(at_once, share):
    @in_virtual_time
    async def scenario():
        draws = iter([BEST] * 50 + [BEST, OTHER] * 400)
        far = place(Says("far", 2.0))
        provider = resilient(
            place(Says("near", 0.5)),
            far,
            draw=lambda: next(draws),
            terms=Terms(hedging_share=share),
        )
        for n in range(20):
            provider.endpoints[0].whole.learn(0.5, float(n))
        for _ in range(240 // at_once):
            said = await asyncio.gather(*(text_of(provider) for _ in range(at_once)))
            assert set(said) <= {"near", "far"}
        assert provider.endpoints[1].circuit.opens == 0
        assert provider.endpoints[1].whole.p95_s == pytest.approx(2.0, rel=0.05), "it is known now"

    scenario()


@in_virtual_time
async def test_one_whose_first_call_was_given_up_at_once_is_not_taken_for_the_fastest():
    provider = resilient(place(Says("a", 0.5)), place(Says("b", 0.5)))
    provider.endpoints[0].whole.learn(0.5, 0.0)
    provider.endpoints[1].whole.unanswered(0.003)
    await asyncio.gather(*(text_of(provider) for _ in range(100)))
    assert [e.asked for e in provider.endpoints] == [50, 50]


@in_virtual_time
async def test_an_endpoint_that_hung_and_is_well_again_is_back_in_use_within_ten_seconds():
    a, b = in_time(place(Says("a", 0.3))), place(Says("b", 0.5))
    provider = resilient(a, b)
    for _ in range(30):
        await text_of(provider)
    a.steps = (Hangs(),)
    for _ in range(40):
        await ended(provider, 10.0)
    a.steps = (Says("a", 0.3),)
    clock = asyncio.get_running_loop().time
    back_at, said = clock(), []
    while clock() - back_at < 10:
        said.append(await text_of(provider))
    assert said[-4:].count("a") >= 2


@in_virtual_time
async def test_a_key_that_one_endpoint_refuses_takes_that_endpoint_out_and_not_the_vendor():
    a, b = place(errors.AuthenticationFailedError("p", "401")), place(Says("b", 0.5))
    provider = resilient(a, b)
    assert [await text_of(provider) for _ in range(5)] == ["b"] * 5
    assert len(a.asked) == 1
    await asyncio.sleep(LEFT_OUT_S)
    assert await text_of(provider) == "b"
    assert len(a.asked) == 2, "its key may have been replaced"


@in_virtual_time
async def test_with_one_endpoint_a_refused_key_is_told_and_asked_again_the_next_time():
    a = place(errors.AuthenticationFailedError("p", "401"), Says("a"))
    provider = resilient(a)
    with pytest.raises(errors.AuthenticationFailedError):
        await text_of(provider)
    assert await text_of(provider) == "a"


@in_virtual_time
async def test_an_endpoint_that_fails_is_left_alone_and_back_in_use_within_ten_seconds():
    a, b = place(DOWN), place(Says("b", 0.5))
    provider = resilient(a, b)
    answers = [await text_of(provider) for _ in range(40)]
    assert answers == ["b"] * 40
    assert provider.endpoints[0].circuit.state is not State.CLOSED
    assert len(a.asked) < 12
    a.steps = (Says("a", 0.1),)
    back_at = asyncio.get_running_loop().time()
    while await text_of(provider) != "a":
        pass
    assert asyncio.get_running_loop().time() - back_at < 10


@in_virtual_time
async def test_a_provider_that_failed_lately_refuses_at_once_while_another_could_answer():
    a = place(DOWN)
    provider = resilient(a, others=lambda: True)
    for _ in range(2):
        with pytest.raises(errors.ServerError):
            await text_of(provider)
    asked = len(a.asked)
    with pytest.raises(errors.CircuitOpenError) as refused:
        await text_of(provider)
    assert len(a.asked) == asked
    assert 0 < refused.value.retry_after_s <= 5
    assert refused.value.down
    assert not provider.available(asyncio.get_running_loop().time())


@in_virtual_time
async def test_where_nobody_else_could_answer_it_is_asked_all_the_same():
    a = place(*[DOWN] * 9, Says("a"))
    provider = resilient(a, others=lambda: False)
    for _ in range(3):
        with pytest.raises(errors.ServerError):
            await text_of(provider)
    assert provider.endpoints[0].circuit.state is State.OPEN
    assert await text_of(provider) == "a"


async def made_slow(provider, place_, after_s):
    for _ in range(20):
        await text_of(provider)
    place_.steps = (Says("late", after_s),)
    for _ in range(5):
        await text_of(provider)


@in_virtual_time
async def test_a_vendor_ten_times_slower_than_usual_is_refused_in_company_and_asked_alone():
    a = place(Says("a", 0.5))
    provider = resilient(a)
    await made_slow(provider, a, 5.0)
    with pytest.raises(errors.CircuitOpenError, match="slow") as refused:
        await text_of(provider)
    assert not refused.value.down, "late is not away: no rollback is begun for it"
    assert await text_of(provider.alone()) == "late"
    assert provider.alone().endpoints is provider.endpoints


@in_virtual_time
async def test_asked_alone_a_vendor_that_failed_lately_is_asked_unless_many_calls_hang_there():
    a = place(*[DOWN] * 6, Says("a"), Says("a"), *[DOWN] * 6, Hangs())
    provider = resilient(a)
    for _ in range(2):
        with pytest.raises(errors.ServerError):
            await text_of(provider)
    with pytest.raises(errors.CircuitOpenError):
        await text_of(provider)
    assert [await text_of(provider.alone()) for _ in range(2)] == ["a", "a"]
    for _ in range(2):
        with pytest.raises(errors.ServerError):
            await text_of(provider)
    hanging = [asyncio.create_task(text_of(provider.alone())) for _ in range(ALONE_AT_ONCE)]
    await asyncio.sleep(0)
    with pytest.raises(errors.CircuitOpenError):
        await text_of(provider.alone())
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)


@in_virtual_time
async def test_calls_cut_while_they_are_overdue_count_as_slow_and_a_callers_haste_does_not():
    a = place(*[Says("a", 0.5)] * 20, Hangs())
    provider = resilient(a)
    for _ in range(20):
        await text_of(provider)
    for seconds in [1.0] * 10 + [1.6] * 5:
        assert provider.endpoints[0].circuit.state is State.CLOSED
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(seconds):
                await text_of(provider)
    assert provider.endpoints[0].circuit.state is State.OPEN


@in_virtual_time
async def test_without_circuits_nobody_is_ever_left_alone():
    a = place(DOWN)
    provider = resilient(a, terms=Terms(circuits=False, hedging_share=0.0))
    for _ in range(10):
        with pytest.raises(errors.ServerError):
            await text_of(provider)
    assert provider.available(asyncio.get_running_loop().time())


@in_virtual_time
async def test_the_vendors_own_error_is_told_when_its_circuit_opens_between_two_tries():
    a = place(DOWN)
    provider = resilient(a)
    with pytest.raises(errors.ServerError):
        await text_of(provider)  # three tries: the fifth, of the next call, opens it
    with pytest.raises(errors.ServerError) as told:
        await text_of(provider)
    assert told.value is DOWN


@in_virtual_time
async def test_endpoints_of_one_key_share_its_pause_and_those_of_another_are_asked_meanwhile():
    limited = errors.RateLimitedError("p", "429", retry_after_s=5.0)
    a, b = place(limited, Says("a")), place(Says("b", 0.5))
    assert await text_of(resilient(a, b)) == "b"
    assert asyncio.get_running_loop().time() == pytest.approx(0.5)
    a, b = place(limited, Says("a")), place(Says("b", 0.5))
    began = asyncio.get_running_loop().time()
    await text_of(resilient(a, b, one_key=True))
    assert asyncio.get_running_loop().time() - began >= 5.0


@in_virtual_time
async def test_a_vendor_that_bears_few_calls_gets_few_at_once_and_all_are_answered():
    most = 0

    class Frail(ScriptedProvider):
        now_here = 0

        async def complete(self, prompt, deadline, *, repeat_billed=True):
            nonlocal most
            self.now_here += 1
            most = max(most, self.now_here)
            try:
                if self.now_here > 10:
                    raise errors.RateLimitedError("p", "429")
                return await super().complete(prompt, deadline, repeat_billed=repeat_billed)
            finally:
                self.now_here -= 1

    frail = Frail("p", (Says("yes", 0.5),))
    provider = resilient(frail, terms=Terms(hedging_share=0.0, concurrency=40))
    first = await asyncio.gather(*(text_of(provider) for _ in range(40)), return_exceptions=True)
    assert "yes" in first
    most = 0
    again = await asyncio.gather(*(text_of(provider) for _ in range(30)))
    assert again == ["yes"] * 30
    assert most <= 28
    assert provider.endpoints[0].gate.limiter.in_flight == 0


@in_virtual_time
async def test_who_asks_a_vendor_alone_waits_longer_for_a_place_there_than_who_asks_others_beside():
    provider = resilient(place(Says("a", 30.0)), terms=Terms(hedging_share=0.0, concurrency=1))
    first = asyncio.create_task(text_of(provider))
    await asyncio.sleep(0)
    alone = asyncio.create_task(text_of(provider.alone()))
    with pytest.raises(errors.ConcurrencyLimitedError):
        await text_of(provider)
    assert await asyncio.gather(first, alone) == ["a", "a"]


@in_virtual_time
async def test_a_line_is_as_long_as_calls_are_short():
    provider = resilient(place(Says("a", 4.0)), terms=Terms(hedging_share=0.0, concurrency=1))
    for _ in range(50):
        await text_of(provider)
    asked = [asyncio.create_task(text_of(provider)) for _ in range(6)]
    await asyncio.sleep(0)
    began = asyncio.get_running_loop().time()
    with pytest.raises(errors.ConcurrencyLimitedError, match="too many"):
        await text_of(provider)
    assert asyncio.get_running_loop().time() == began
    ended = await asyncio.gather(*asked, return_exceptions=True)
    assert ended[:3] == ["a"] * 3


@in_virtual_time
async def test_however_calls_end_no_place_stays_taken():
    a = place(Says("a", 0.1), DOWN, ZeroDivisionError("bug"), Hangs())
    provider = resilient(a, terms=NO_HEDGES)
    await text_of(provider)
    with pytest.raises(ZeroDivisionError):
        await text_of(provider)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await text_of(provider)
    endpoint = provider.endpoints[0]
    assert (endpoint.under_way, endpoint.gate.limiter.in_flight) == (0, 0)
