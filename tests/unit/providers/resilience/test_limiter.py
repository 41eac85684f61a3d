"""How many calls at once an account bears, and who waits for a place."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import ConcurrencyLimitedError, RateLimitedError
from providers.provider import Deadline
from providers.resilience.gate import LONGEST_WAIT_S, WAITING_PER_PLACE, Gate
from providers.resilience.limiter import LEAST, LONGEST_PAUSE_S, Limiter
from tests.support.virtual_time import in_virtual_time

FAR = Deadline(1_000.0)


def busy(ceiling, calls, strain=1.0):
    limiter = Limiter(ceiling)
    limiter.strain = strain
    for _ in range(calls):
        assert limiter.enter(0.0)
    return limiter


def test_a_429_leaves_seven_tenths_of_what_was_under_way():
    limiter = busy(100, 20)
    limiter.was_refused(0.0, 1.0, None)
    assert limiter.limit == 14
    assert not limiter.enter(1.0)


@pytest.mark.parametrize("signal", ["refused", "slow"])
def test_a_few_refused_or_slow_calls_in_a_hundred_cut_nothing(signal):
    limiter = busy(100, 60, strain=0.0)
    for n in range(2_000):
        if n % 25:
            limiter.went_well()
        elif signal == "slow":
            limiter.was_slow(float(n), n + 0.5)
        else:
            limiter.was_refused(float(n), n + 0.5, None)
    assert limiter.limit == 100


def test_refusals_one_after_the_other_cut_with_the_sixth():
    limiter = busy(100, 60, strain=0.0)
    limits = []
    for n in range(6):
        limiter.was_refused(float(n), n + 0.5, None)
        limits.append(limiter.limit)
    assert limits == [100] * 5 + [42]


def test_only_one_cut_a_round():
    limiter = busy(100, 20)
    limiter.was_refused(0.0, 1.0, None)
    limiter.was_refused(0.5, 1.1, None)  # sent before the cut
    assert limiter.limit == 14
    limiter.was_refused(1.0, 2.0, None)
    assert limiter.limit == 9


def test_it_never_falls_under_its_least_nor_under_a_ceiling_below_that():
    for ceiling, least in ((100, LEAST), (2, 2)):
        limiter = busy(ceiling, 1)
        for n in range(10):
            limiter.was_refused(float(n), n + 0.5, None)
        assert limiter.limit == least


def test_a_round_that_goes_well_adds_one_up_to_the_ceiling():
    limiter = busy(12, 12)
    limiter.was_refused(0.0, 1.0, None)
    assert limiter.limit == 8
    for _ in range(9):
        limiter.went_well()
    assert limiter.limit == 9
    for _ in range(1_000):
        limiter.went_well()
    assert limiter.limit == 12


def test_what_is_hardly_used_is_neither_raised_nor_blamed_for_slow_calls():
    limiter = busy(100, 20)
    limiter.was_refused(0.0, 1.0, None)
    for _ in range(18):
        limiter.leave()
    for _ in range(100):
        limiter.went_well()
    limiter.strain = 1.0
    limiter.was_slow(2.0, 3.0)
    assert limiter.limit == 14


def test_slow_calls_cut_a_limit_that_is_in_use():
    limiter = busy(20, 20)
    limiter.was_slow(0.0, 1.0)
    assert limiter.limit == 14


@pytest.mark.parametrize(("asked", "paused"), [(7.0, 7.0), (10_000.0, LONGEST_PAUSE_S)])
def test_retry_after_holds_for_the_whole_account(asked, paused):
    limiter = Limiter(10)
    limiter.was_refused(0.0, 1.0, asked)
    assert not limiter.enter(1.0 + paused - 0.1)
    assert limiter.enter(1.0 + paused)


@given(
    st.integers(1, 50),
    st.lists(st.sampled_from(["enter", "well", "slow", "refused", "leave"]), max_size=300),
)
def test_no_sequence_of_calls_goes_over_the_limit_or_the_ceiling(ceiling, steps):
    limiter, now = Limiter(ceiling), 0.0
    for step in steps:
        now += 0.1
        if step == "enter":
            before = limiter.in_flight
            entered = limiter.enter(now)
            assert entered == (before < limiter.limit)
        elif limiter.in_flight:
            taken = {"well": (), "slow": (now, now), "refused": (now, now, None), "leave": ()}
            limiter_steps = {
                "well": limiter.went_well,
                "slow": limiter.was_slow,
                "refused": limiter.was_refused,
                "leave": limiter.leave,
            }
            limiter_steps[step](*taken[step])
        assert min(LEAST, ceiling) <= limiter.limit <= ceiling


async def enter(gate, order, name, deadline=FAR):
    await gate.enter("p", deadline)
    order.append(name)


@in_virtual_time
async def test_who_waits_comes_in_in_the_order_of_coming():
    gate, order = Gate(busy(2, 2)), []
    tasks = [asyncio.create_task(enter(gate, order, n)) for n in range(3)]
    await asyncio.sleep(1)
    assert (order, gate.waiting) == ([], 3)
    assert not gate.enter_at_once(1.0), "nobody goes past the line"
    for n in range(3):
        gate.leave()
        await asyncio.sleep(0)
        assert order == list(range(n + 1))
    await asyncio.gather(*tasks)
    assert gate.limiter.in_flight == 2


@pytest.mark.parametrize(("deadline", "waited"), [(6.0, 3.0), (1_000.0, LONGEST_WAIT_S)])
def test_a_wait_ends_with_half_of_the_time_or_after_ten_seconds(deadline, waited):
    @in_virtual_time
    async def scenario():
        gate = Gate(busy(1, 1))
        with pytest.raises(ConcurrencyLimitedError):
            await gate.enter("p", Deadline(deadline))
        assert asyncio.get_running_loop().time() == pytest.approx(waited)
        assert gate.waiting == 0
        gate.leave()
        assert gate.enter_at_once(waited), "the place of who is gone is free"

    scenario()


@in_virtual_time
async def test_a_line_that_is_too_long_refuses_at_once():
    gate, order = Gate(busy(1, 1)), []
    tasks = [asyncio.create_task(enter(gate, order, n)) for n in range(WAITING_PER_PLACE)]
    await asyncio.sleep(0)
    with pytest.raises(ConcurrencyLimitedError):
        await gate.enter("p", FAR)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert gate.waiting == 0


@in_virtual_time
async def test_who_is_cancelled_leaves_no_place_taken():
    gate, order = Gate(busy(1, 1)), []
    first, second = (asyncio.create_task(enter(gate, order, n)) for n in range(2))
    await asyncio.sleep(0)
    gate.leave()  # the place is the first one's now, who is cancelled before it knows
    first.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    assert order == [1]
    gate.leave()
    assert gate.limiter.in_flight == 0


@in_virtual_time
async def test_a_short_pause_is_waited_for_and_a_long_one_is_told():
    gate, order = Gate(Limiter(1)), []
    gate.limiter.paused_until = 4.0
    await enter(gate, order, "a")
    assert asyncio.get_running_loop().time() == pytest.approx(4.0)
    gate.limiter.paused_until = 4.0 + LONGEST_WAIT_S + 1
    with pytest.raises(RateLimitedError) as told:
        await gate.enter("p", FAR)
    assert told.value.retry_after_s == pytest.approx(LONGEST_WAIT_S + 1)


@in_virtual_time
async def test_a_line_that_waits_through_a_pause_is_let_in_after_it_although_no_call_ends_then():
    gate, order = Gate(busy(1, 1)), []
    waiting = asyncio.create_task(enter(gate, order, "a"))
    await asyncio.sleep(1)
    gate.limiter.was_refused(0.0, 1.0, 3.0)
    gate.leave()
    await waiting
    assert asyncio.get_running_loop().time() == pytest.approx(4.0)
