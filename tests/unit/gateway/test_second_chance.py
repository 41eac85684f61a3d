"""Whom a circuit refused is asked after all where nobody else answers."""

import pytest

from consensus.asking import Panelist
from consensus.rounds import Plan
from consensus.wall_bounce import WallBounce
from gateway.errors import BudgetTooSmallError
from gateway.second_chance import asked_after_all, refused
from providers.errors import CircuitOpenError, ServerError
from providers.messages import Prompt
from providers.provider import Deadline
from tests.support.deciding import decide_by_text
from tests.support.providers import raises, says
from tests.support.virtual_time import in_virtual_time

PROMPT = Prompt.of("2 + 2?")
DOWN = ServerError("p", "down")
OPEN = CircuitOpenError("p", "failed lately")


def bounce(*providers):
    return WallBounce(
        {p.name: Panelist(p) for p in providers},
        input_bound=lambda prompt: 1,
        on_crash=lambda name, crash: None,
        patience_s=None,
    )


async def deliberated(first, second):
    """What comes of asking ``first``, and after all those of ``second`` that were refused."""
    plan = Plan(tuple(p.name for p in first))

    async def run(panel, planned):
        return await bounce(*panel).run(PROMPT, planned, Deadline(60.0), decide=decide_by_text)

    begun = await run(first, plan)
    assert begun.consensus is None
    return begun, await asked_after_all(begun, plan, decide_by_text, lambda p: run(second, p))


def outcome(deliberation):
    return {
        a.provider: a.text if a.failure is None else a.failure.code
        for a in deliberation.transcript.attempts
    }


@in_virtual_time
async def test_who_was_refused_answers_for_those_who_failed():
    first = raises("a", OPEN), raises("b", DOWN), raises("c", OPEN)
    second = says("a", "4", after_s=1), says("b", "?"), says("c", "4", after_s=2)
    _, done = await deliberated(first, second)
    assert outcome(done) == {"a": "4", "b": "server_error", "c": "4"}
    assert done.consensus.winner == "a"
    assert done.waited_s == pytest.approx(2.0)
    assert not second[1].asked, "who was asked is not asked again"


@in_virtual_time
async def test_one_that_fails_after_all_is_told_by_its_own_error():
    _, done = await deliberated((raises("a", OPEN), raises("b", DOWN)), (raises("a", DOWN),))
    assert outcome(done) == {"a": "server_error", "b": "server_error"}
    assert done.consensus is None


@in_virtual_time
async def test_where_nobody_was_refused_nothing_is_asked_again():
    second = says("a", "4")
    begun, done = await deliberated((raises("a", DOWN), raises("b", DOWN)), (second,))
    assert done is begun
    assert not second.asked


@in_virtual_time
async def test_a_budget_that_is_spent_buys_no_second_chance():
    begun, _ = await deliberated((raises("a", OPEN),), (says("a", "4"),))
    plan = Plan(("a",), budget_usd=1.0)

    async def too_small(planned):
        assert planned.budget_usd == 1.0
        raise BudgetTooSmallError("it buys nothing", field="budget_usd")

    assert await asked_after_all(begun, plan, decide_by_text, too_small) is begun


@in_virtual_time
async def test_only_the_last_attempt_of_each_says_whether_it_was_refused():
    begun, done = await deliberated((raises("a", OPEN),), (says("a", "4"),))
    assert refused(begun.transcript.attempts) == ("a",)
    assert refused(done.transcript.attempts) == ()
    both = (*begun.transcript.attempts, *done.transcript.attempts)
    assert refused(both) == ()
