"""How long who has not answered is waited for, by how long each usually takes."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.asking import Panelist
from consensus.rounds import Plan
from consensus.straggling import (
    SETTLED_FACTOR,
    UNSETTLED_FACTOR,
    hardness,
    settled_wait_s,
    unsettled_wait_s,
)
from consensus.wall_bounce import WallBounce
from providers.messages import Prompt
from providers.provider import Deadline
from tests.support.deciding import decide_by_text
from tests.support.providers import hangs, says
from tests.support.virtual_time import in_virtual_time

SECONDS = st.floats(0.001, 100)
USUAL = st.none() | SECONDS


@pytest.mark.parametrize(
    ("waiting", "answered", "wait_s"),
    [
        pytest.param([1.0], [(1.0, 1.0)], 3.3, id="three times what is usual for it, and a tenth"),
        pytest.param([1.0], [(2.0, 1.0)], 5.0, id="a prompt twice as hard: not over the patience"),
        pytest.param([0.2], [(0.3, 0.2)], 0.99, id="one half harder: half longer"),
        pytest.param([0.2], [(0.1, 0.2)], 0.66, id="an easy prompt shortens nothing"),
        pytest.param([0.01], [(0.01, 0.01)], 0.3, id="a busy processor is no straggler"),
        pytest.param([0.1, 0.4], [(0.1, 0.1)], 1.32, id="the slowest of several counts"),
        pytest.param([None], [(1.0, 1.0)], 5.0, id="nothing known of it: the patience"),
        pytest.param([None], [(4.0, 1.0)], 8.0, id="or twice the slowest answer"),
        pytest.param([9.0], [(4.0, 9.0)], 8.0, id="never longer than one of whom nothing is known"),
    ],
)
def test_once_settled_a_straggler_is_waited_for_by_its_own_measure(waiting, answered, wait_s):
    assert settled_wait_s(waiting, answered, 5.0) == pytest.approx(wait_s)


@pytest.mark.parametrize(
    ("waiting", "answered", "wait_s"),
    [
        pytest.param([0.1], [(0.1, 0.1)], 5.0, id="the patience at least"),
        pytest.param([2.0], [(0.1, 0.1)], 20.0, id="ten times what is usual"),
        pytest.param([2.0], [(0.2, 0.1)], 40.0, id="twice as long for a prompt twice as hard"),
        pytest.param([2.0, None], [(0.2, 0.1)], None, id="nothing known of one: to the deadline"),
    ],
)
def test_while_it_is_not_settled_the_wait_is_longer_but_ends(waiting, answered, wait_s):
    assert unsettled_wait_s(waiting, answered, 5.0) == (wait_s and pytest.approx(wait_s))


@given(
    st.lists(USUAL, min_size=1, max_size=4),
    st.lists(st.tuples(SECONDS, USUAL), min_size=1, max_size=4),
    st.floats(0, 60),
)
def test_no_wait_is_cut_within_what_is_usual_and_a_settled_matter_never_waits_longer(
    waiting, answered, patience_s
):
    settled = settled_wait_s(waiting, answered, patience_s)
    unsettled = unsettled_wait_s(waiting, answered, patience_s)
    assert hardness(answered) >= 1.0
    if unsettled is None:
        return
    rounded = 1 + 1e-9  # the products are taken in another order
    assert unsettled * rounded >= UNSETTLED_FACTOR * max(waiting)
    longest = SETTLED_FACTOR * max(waiting) * hardness(answered)
    assert settled <= max(0.3, longest) * rounded
    assert settled <= max(patience_s, 2 * max(took for took, _ in answered)) * rounded


def bounce(*providers, usual_s):
    return WallBounce(
        {p.name: Panelist(p) for p in providers},
        input_bound=lambda prompt: sum(len(m.content) for m in prompt.messages),
        on_crash=lambda name, crash: None,
        patience_s=5.0,
        usual_s=usual_s.get,
    )


async def ask(*providers, usual_s):
    panel = bounce(*providers, usual_s=usual_s)
    done = await panel.run(
        Prompt.of("2 + 2?"),
        Plan(tuple(p.name for p in providers)),
        Deadline(60.0),
        decide=decide_by_text,
    )
    return asyncio.get_running_loop().time(), done


@in_virtual_time
async def test_a_vendor_that_hangs_costs_a_settled_round_three_times_what_it_usually_takes():
    ended_at, done = await ask(
        says("a", "4", after_s=0.5), says("b", "4", after_s=0.5), hangs("c"),
        usual_s={"a": 0.5, "b": 0.5, "c": 0.4},
    )  # fmt: skip
    assert ended_at == pytest.approx(1.32)
    assert [a.failure.code for a in done.transcript.attempts if a.failure] == ["cut_off"]


@in_virtual_time
async def test_a_vendor_that_hangs_beside_a_lone_answer_costs_the_patience_and_not_the_deadline():
    ended_at, done = await ask(
        says("a", "4", after_s=0.5), hangs("b"), usual_s={"a": 0.5, "b": 0.5}
    )
    assert ended_at == pytest.approx(5.0)
    assert done.consensus.winner == "a"


@in_virtual_time
async def test_a_third_vote_between_two_that_differ_is_waited_for_ten_times_as_long_as_usual():
    contested = says("a", "4", after_s=0.5), says("b", "5", after_s=0.5)
    usual_s = {"a": 0.5, "b": 0.5, "c": 1.0}
    ended_at, done = await ask(*contested, says("c", "4", after_s=9.5), usual_s=usual_s)
    assert ended_at == pytest.approx(9.5)
    assert done.transcript.attempts[-1].text == "4"
    ended_at, _ = await ask(*contested, hangs("c"), usual_s=usual_s)
    assert ended_at == pytest.approx(9.5 + 10.0)


@in_virtual_time
async def test_nothing_known_of_a_straggler_waits_as_before():
    ended_at, _ = await ask(
        says("a", "4", after_s=0.5), says("b", "4", after_s=0.5), hangs("c"),
        usual_s={"a": 0.5, "b": 0.5},
    )  # fmt: skip
    assert ended_at == pytest.approx(5.0)
