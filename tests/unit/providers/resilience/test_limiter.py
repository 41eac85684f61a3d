"""How many calls at once an account bears, and who waits for a place."""

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import ConcurrencyLimitedError, RateLimitedError
from providers.provider import Deadline
from providers.resilience.gate import HOPELESS, LONGEST_LINE, LONGEST_WAIT_S, Gate
from providers.resilience.limiter import (
    FORGOTTEN_S,
    IN_ROW,
    LEAST,
    LEAST_REFUSED,
    LONGEST_PAUSE_S,
    MEMORY,
    Limiter,
)
from tests.support.virtual_time import in_virtual_time

FAR = Deadline(1_000.0)


def busy(ceiling, calls):
    limiter = Limiter(ceiling)
    for _ in range(calls):
        assert limiter.enter(0.0)
    return limiter


def cut(limiter, now=1.0, retry_after_s=None):
    """Refused as often as it takes to be cut once. Returns how often that was."""
    before = limiter.limit
    for refused in range(1, 1_000):
        limiter.was_refused(now - 0.1, now, retry_after_s)
        if limiter.limit != before:
            return refused
    pytest.fail("never cut")


def test_refusals_leave_seven_tenths_of_what_was_under_way():
    limiter = busy(100, 20)
    assert cut(limiter) == LEAST_REFUSED
    assert limiter.limit == 14
    assert not limiter.enter(1.0)


@pytest.mark.parametrize("signal", ["refused", "slow"])
@pytest.mark.parametrize("one_in", [20, 10])
def test_noise_cuts_nothing(signal, one_in):
    draws = random.Random(one_in)
    limiter = busy(60, 30)
    for n in range(10_000):
        if draws.random() >= 1 / one_in:
            limiter.went_well()
        elif signal == "slow":
            limiter.was_slow(float(n), n + 0.5)
        else:
            limiter.was_refused(float(n), n + 0.5, None)
        assert limiter.limit == 60


def test_calls_sent_before_a_cut_say_nothing_of_the_new_limit():
    limiter = busy(100, 20)
    cut(limiter, 1.0)
    for _ in range(100):
        limiter.was_refused(0.9, 1.1, None)
    assert limiter.limit == 14
    cut(limiter, 2.0)
    assert limiter.limit == 9


def test_it_never_falls_under_its_least_nor_under_a_ceiling_below_that():
    for ceiling, least in ((100, LEAST), (2, 2)):
        limiter = busy(ceiling, 2)
        for n in range(1, 30):
            limiter.was_refused(float(n), n + 0.5, None)
        assert limiter.limit == least


def test_a_round_that_goes_well_adds_one_up_to_the_ceiling():
    limiter = busy(12, 12)
    cut(limiter)
    assert limiter.limit == 8
    for _ in range(MEMORY // 2 - 1):
        limiter.went_well()
    assert limiter.limit == 8, "so many tell that the cut has helped"
    for _ in range(9):
        limiter.went_well()
    assert limiter.limit == 9
    for _ in range(1_000):
        limiter.went_well()
    assert limiter.limit == 12


def test_cuts_that_do_not_help_are_undone_and_none_follow_for_a_minute():
    draws, limiter, limits = random.Random(1), busy(100, 30), []
    for n in range(2_000):
        now = n / 30
        if draws.random() < 0.3:  # whatever is under way
            limiter.was_refused(now, now, None)
        else:
            limiter.went_well()
        limits.append(limiter.limit)
        limiter.in_flight = min(30, limiter.limit)
    undone_at = next(n for n, limit in enumerate(limits) if n and limit == 100 != limits[n - 1])
    assert min(limits) >= LEAST
    assert undone_at < 1_000
    assert set(limits[undone_at : undone_at + 30 * int(FORGOTTEN_S) - 1]) == {100}


def test_a_vendor_that_bears_so_many_calls_and_no_more_is_found():
    """Closed loop: places that come free are taken at once, and over 20 refused at once."""
    limiter, now, begun, limits = Limiter(100), 0.0, [], []
    for _ in range(4_000):
        while len(begun) < 60 and limiter.enter(now):
            begun.append(now)
        if len(begun) > 20:
            now += 0.001
            limiter.was_refused(begun.pop(), now, None)
        else:
            now += 0.05
            begun.pop(0)
            limiter.went_well()
        limiter.leave()
        limits.append(limiter.limit)
    assert all(10 <= limit <= 30 for limit in limits[1_000:])
    assert sum(limits[1_000:]) / 3_000 > 15


def test_what_is_hardly_used_is_neither_raised_nor_blamed_for_slow_calls():
    limiter = busy(100, 20)
    cut(limiter)
    for _ in range(18):
        limiter.leave()
    for _ in range(100):
        limiter.went_well()
    for n in range(100):
        limiter.was_slow(2.0 + n, 3.0 + n)
    assert limiter.limit == 14


def test_slow_calls_cut_a_limit_that_is_in_use():
    limiter = busy(20, 20)
    for _ in range(LEAST_REFUSED):
        limiter.was_slow(0.0, 1.0)
    assert limiter.limit == 14


def test_after_a_minute_without_a_refusal_a_limit_is_forgotten():
    limiter = busy(100, 20)
    cut(limiter, 1.0)
    assert not limiter.enter(FORGOTTEN_S)
    assert limiter.enter(1.0 + FORGOTTEN_S)
    assert limiter.limit == 100


@pytest.mark.parametrize(("asked", "paused"), [(7.0, 7.0), (10_000.0, LONGEST_PAUSE_S)])
def test_retry_after_holds_for_the_whole_account_where_nobody_is_served(asked, paused):
    limiter = Limiter(10)
    for _ in range(IN_ROW):
        assert limiter.pause_s(1.0) == 0.0
        limiter.was_refused(0.0, 1.0, asked)
    assert not limiter.enter(1.0 + paused - 0.1)
    assert limiter.enter(1.0 + paused)


def test_retry_after_told_to_one_while_others_are_served_keeps_nobody_else_waiting():
    limiter = busy(100, 30)
    for n in range(1_000):
        if n % 20:
            limiter.went_well()
        else:
            limiter.was_refused(float(n), float(n), 60.0)
        assert limiter.pause_s(float(n)) == 0.0


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
async def test_who_asks_nobody_else_waits_for_half_of_its_time():
    gate = Gate(busy(1, 1))
    with pytest.raises(ConcurrencyLimitedError):
        await gate.enter("p", Deadline(200.0), alone=True)
    assert asyncio.get_running_loop().time() == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("held_s", "line"),
    [
        pytest.param(0.01, LONGEST_LINE, id="calls that are over soon: all would come in"),
        pytest.param(4.0, int(HOPELESS * LONGEST_WAIT_S / 4.0), id="long ones"),
    ],
)
def test_who_could_not_come_in_in_time_is_told_at_once(held_s, line):
    @in_virtual_time
    async def scenario():
        gate, order = Gate(busy(2, 2)), []
        for _ in range(100):  # what calls take is learned
            gate.leave(held_s)
            gate.limiter.enter(0.0)
        gate.leave()
        gate.limiter.ceiling = 1
        gate.limiter._limit = 1.0
        tasks = [asyncio.create_task(enter(gate, order, n)) for n in range(line)]
        await asyncio.sleep(0)
        assert gate.waiting == line
        with pytest.raises(ConcurrencyLimitedError, match="too many"):
            await gate.enter("p", FAR)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert gate.waiting == 0

    scenario()


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
    for _ in range(IN_ROW):
        gate.limiter.was_refused(0.0, 1.0, 3.0)
    gate.leave()
    await waiting
    assert asyncio.get_running_loop().time() == pytest.approx(4.0)
