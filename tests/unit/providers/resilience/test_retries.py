"""Which calls are repeated, after what wait, and within which budget."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import errors
from providers.messages import Completion, FinishReason, Prompt, TextDelta
from providers.provider import Deadline
from providers.resilience import RetryBudget, RetryPolicy
from tests.support.providers import Hangs, Raises, Says, ScriptedProvider
from tests.support.resilience import resilient
from tests.support.virtual_time import in_virtual_time

FAR = Deadline(10_000.0)
PROMPT = Prompt.of("?")
LOST = errors.ConnectionLostError("p", "lost")
BUSY = errors.OverloadedError("p", "busy")
RETRYABLE = [
    errors.RateLimitedError,
    errors.OverloadedError,
    errors.ServerError,
    errors.ConnectionFailedError,
]
FINAL = [
    errors.TimedOutError,
    errors.MalformedReplyError,
    errors.EmptyReplyError,
    errors.CutReplyError,
    errors.TruncatedReplyError,
    errors.FilteredReplyError,
    errors.AuthenticationFailedError,
    errors.RejectedRequestError,
]


def plays(*steps):
    return ScriptedProvider("p", tuple(Raises(s) if isinstance(s, Exception) else s for s in steps))


def times(provider):
    return [call.at for call in provider.asked]


@pytest.mark.parametrize("kind", RETRYABLE)
def test_what_may_succeed_soon_is_asked_again(kind):
    @in_virtual_time
    async def scenario():
        provider = plays(kind("p", "no"), Says("yes"))
        assert (await resilient(provider).complete(PROMPT, FAR)).text == "yes"
        assert len(provider.asked) == 2

    scenario()


@pytest.mark.parametrize("kind", FINAL)
def test_what_will_not_succeed_is_asked_once(kind):
    @in_virtual_time
    async def scenario():
        error = kind("p", "no")
        provider = plays(error, Says("yes"))
        with pytest.raises(kind) as caught:
            await resilient(provider).complete(PROMPT, FAR)
        assert caught.value is error
        assert len(provider.asked) == 1

    scenario()


@in_virtual_time
async def test_a_call_that_may_be_billed_is_repeated_only_where_that_is_allowed():
    provider = plays(LOST, Says("yes"))
    with pytest.raises(errors.ConnectionLostError):
        await resilient(provider).complete(PROMPT, FAR, repeat_billed=False)
    provider = plays(LOST, Says("yes"))
    assert (await resilient(provider).complete(PROMPT, FAR, repeat_billed=True)).text == "yes"


@in_virtual_time
async def test_attempts_are_bounded_and_the_last_error_is_raised_as_it_is():
    last = errors.ServerError("p", "third")
    provider = plays(BUSY, BUSY, last, Says("too late"))
    with pytest.raises(errors.ServerError) as caught:
        await resilient(provider, policy=RetryPolicy(attempts=3)).complete(PROMPT, FAR)
    assert caught.value is last
    assert len(provider.asked) == 3


@in_virtual_time
async def test_waits_double_up_to_a_ceiling():
    provider = plays(BUSY)
    policy = RetryPolicy(attempts=6, first_wait_s=1.0, max_wait_s=4.0)
    with pytest.raises(errors.OverloadedError):
        await resilient(provider, policy=policy).complete(PROMPT, FAR)
    assert times(provider) == pytest.approx(
        [0.0, 1.0, 3.0, 7.0, 11.0, 15.0], abs=0.02
    )  # waits of 1, 2, 4, 4, 4


@given(failed=st.integers(1, 50), uniform=st.floats(0, 1, exclude_max=True))
def test_the_wait_is_anything_between_nothing_and_the_doubled_ceiling(failed, uniform):
    wait = RetryPolicy(first_wait_s=0.5, max_wait_s=8.0).wait_s(failed, uniform, None)
    assert wait == uniform * min(8.0, 0.5 * 2 ** (failed - 1))


@in_virtual_time
async def test_a_vendor_is_not_asked_again_before_it_wants_to_be():
    provider = plays(errors.RateLimitedError("p", "slow", retry_after_s=7.0), Says("yes"))
    await resilient(provider).complete(PROMPT, FAR)
    assert times(provider) == [0.0, 7.0]


@pytest.mark.parametrize("seconds", [5.0, 7.0])
def test_a_wait_past_the_deadline_fails_at_once(seconds):
    @in_virtual_time
    async def scenario():
        error = errors.RateLimitedError("p", "slow", retry_after_s=7.0)
        provider, budget = plays(error, Says("yes")), RetryBudget()
        before = budget.tokens
        with pytest.raises(errors.RateLimitedError) as caught:
            await resilient(provider, budget=budget).complete(PROMPT, Deadline(seconds))
        assert caught.value is error
        assert times(provider) == [0.0]
        assert budget.tokens >= before, "a repetition that never happens costs no budget"

    scenario()


@in_virtual_time
async def test_cancelling_while_a_call_runs_or_waits_ends_it():
    import asyncio

    for step, asked in (
        (Hangs(), 1),
        (Raises(errors.OverloadedError("p", "x", retry_after_s=60)), 1),
    ):
        provider = ScriptedProvider("p", (step,))
        task = asyncio.create_task(resilient(provider).complete(PROMPT, FAR))
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(provider.asked) == asked


@in_virtual_time
async def test_an_error_that_is_no_providers_is_not_hidden_by_repeating_it():
    provider = plays(ZeroDivisionError("bug"), Says("yes"))
    with pytest.raises(ZeroDivisionError):
        await resilient(provider).complete(PROMPT, FAR)


def test_repetitions_are_at_most_a_share_of_the_calls_plus_what_was_saved():
    budget = RetryBudget(share=0.2, floor_per_s=0.0, capacity=20.0)
    granted = 0
    for _ in range(10_000):
        budget.deposit()
        granted += budget.try_withdraw(now=0.0)
        granted += budget.try_withdraw(now=0.0)
    assert 2_000 <= granted <= 2_000 + 20


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 10)), max_size=200))
def test_no_sequence_of_calls_is_granted_more_than_the_rule_allows(steps):
    budget = RetryBudget(share=0.2, floor_per_s=1.0, capacity=20.0)
    now, calls, granted = 0.0, 0, 0
    for is_call, seconds in steps:
        now += seconds
        if is_call:
            budget.deposit()
            calls += 1
        else:
            granted += budget.try_withdraw(now)
    assert granted <= 10 + 0.2 * calls + now + 1e-6


def test_a_quiet_service_may_repeat_again_after_a_while():
    budget = RetryBudget(share=0.2, floor_per_s=1.0, capacity=2.0)
    while budget.try_withdraw(now=0.0):
        pass
    assert not budget.try_withdraw(now=0.5)
    assert budget.try_withdraw(now=1.5)


@in_virtual_time
async def test_one_budget_holds_for_all_providers_together():
    budget = RetryBudget(share=0.0, floor_per_s=0.0, capacity=4.0)  # two tokens to begin with
    providers = [plays(BUSY) for _ in range(3)]
    for provider in providers:
        with pytest.raises(errors.OverloadedError):
            await resilient(provider, budget=budget).complete(PROMPT, FAR)
    assert [len(provider.asked) for provider in providers] == [3, 1, 1]


@in_virtual_time
async def test_every_call_whole_or_streamed_earns_its_share_of_a_repetition():
    budget = RetryBudget(share=0.25, capacity=20.0)
    before = budget.tokens
    await resilient(plays(Says("yes")), budget=budget).complete(PROMPT, FAR)
    assert budget.tokens == before + 0.25
    streaming = resilient(Streaming((["a"], None)), budget=budget)
    assert [item async for item in streaming.stream(PROMPT, FAR)]
    assert budget.tokens == before + 0.5


class Streaming:
    """Streams its plays in turn: texts, then an error or an end. Notes how each stream was left."""

    name, vendor, model = "p", "scripted", "m"

    def __init__(self, *plays):
        self.plays = list(plays)
        self.closed = 0

    async def complete(self, prompt, deadline, *, repeat_billed=True):
        raise NotImplementedError

    async def stream(self, prompt, deadline, *, repeat_billed=False):
        texts, error = self.plays.pop(0)
        try:
            for text in texts:
                yield TextDelta(text)
            if error is not None:
                raise error
            yield Completion("".join(texts), "m", FinishReason.STOP)
        finally:
            self.closed += 1


async def collect(provider, into):
    async for item in resilient(provider).stream(PROMPT, FAR):
        into.append(item)


@in_virtual_time
async def test_a_stream_is_begun_again_while_nothing_of_it_was_seen():
    provider, items = Streaming(([], BUSY), (["a", "b"], None)), []
    await collect(provider, items)
    assert items == [TextDelta("a"), TextDelta("b"), Completion("ab", "m", FinishReason.STOP)]
    assert provider.closed == 2


@in_virtual_time
async def test_a_stream_is_not_begun_again_once_a_piece_was_seen():
    provider, items = Streaming((["a"], BUSY), (["a", "b"], None)), []
    with pytest.raises(errors.OverloadedError):
        await collect(provider, items)
    assert items == [TextDelta("a")]


@in_virtual_time
async def test_a_stream_that_may_be_billed_is_never_begun_again():
    provider, items = Streaming(([], LOST), (["a"], None)), []
    with pytest.raises(errors.ConnectionLostError):
        await collect(provider, items)
    assert items == []


@in_virtual_time
async def test_leaving_a_stream_leaves_the_one_beneath():
    provider = Streaming((["a", "b"], None))
    async with contextlib.aclosing(resilient(provider).stream(PROMPT, FAR)) as items:
        await anext(items)
        assert provider.closed == 0
    assert provider.closed == 1


def test_it_goes_by_the_name_of_what_it_wraps():
    wrapped = resilient(ScriptedProvider("gpt", (Says("x"),), vendor="openai", model="gpt-5"))
    assert (wrapped.name, wrapped.vendor, wrapped.model) == ("gpt", "openai", "gpt-5")
