"""A budget holds whatever the vendors answer."""

import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.errors import BudgetTooSmallError, UnboundedPromptError, UnknownPriceError
from consensus.spending import (
    DEFAULT_MAX_TOKENS,
    MINIMUM_TOKENS,
    UNBILLED,
    PricedCall,
    may_be_billed,
    plan_spend,
    spent_usd,
)
from consensus.transcript import Attempt, Failure
from providers import errors
from providers.messages import Usage


@dataclass(frozen=True)
class PerToken:
    """So many USD a token, in and out."""

    input_usd: float
    output_usd: float
    max_output_tokens: int | None = None

    def worst_case_usd(self, input_tokens, max_tokens):
        return input_tokens * self.input_usd + max_tokens * self.output_usd

    def cost_usd(self, usage):
        return self.worst_case_usd(usage.input_tokens, usage.output_tokens)


class Unpriced:
    max_output_tokens = None

    def worst_case_usd(self, input_tokens, max_tokens):
        return None

    def cost_usd(self, usage):
        return None


CENT_A_TOKEN = PerToken(0.0, 0.01)


def call(name="gpt", price=CENT_A_TOKEN, input_tokens=100):
    return PricedCall(name, f"{name}-1", price, input_tokens)


def answer(name, usage, cost_usd):
    return Attempt(name, "v", "m", 1, 1.0, text="4", usage=usage, cost_usd=cost_usd)


def failed(name, code, usage=None, cost_usd=None):
    failure = Failure(code, "", retryable=False, usage=usage)
    told = usage or Usage()
    return Attempt(name, "v", "m", 1, 1.0, failure=failure, usage=told, cost_usd=cost_usd)


@pytest.mark.parametrize(
    ("budget_usd", "wanted", "bought"),
    [
        pytest.param(100.0, 1_000, 1_000, id="enough: what was wanted"),
        pytest.param(10.0, 1_000, 500, id="10 USD at 0.02 a token over two models"),
        pytest.param(10.019, 1_000, 500, id="no fraction of a token"),
        pytest.param(5.12, 1_000, 256, id="exactly the minimum"),
        pytest.param(1.0, 50, 50, id="a caller's own smaller bound is kept"),
        pytest.param(1e6, None, DEFAULT_MAX_TOKENS, id="no bound wanted: the default"),
    ],
)
def test_replies_are_shortened_to_what_the_budget_buys_over_all_models(budget_usd, wanted, bought):
    allotment = plan_spend([call("gpt"), call("claude")], budget_usd, wanted)
    assert allotment.max_tokens == bought
    assert allotment.total_usd == pytest.approx(bought * 0.02)


def test_without_a_bound_wanted_no_model_is_asked_for_more_than_it_can_give():
    short, shorter = PerToken(0.0, 0.01, 5_000), PerToken(0.0, 0.01, 4_096)
    calls = [call("gpt"), call("claude", short), call("gemini", shorter)]
    assert plan_spend(calls, 1e6, None).max_tokens == 4_096


@pytest.mark.parametrize(
    ("budget_usd", "wanted", "needed_usd"),
    [
        pytest.param(5.11, 1_000, 5.12, id="255 tokens"),
        pytest.param(0.99, 50, 1.0, id="less than the caller's own smaller bound"),
        pytest.param(math.nan, 1_000, 5.12, id="a budget that is no number buys nothing"),
    ],
)
def test_a_budget_that_buys_no_usable_answer_is_refused_and_told_what_is_needed(
    budget_usd, wanted, needed_usd
):
    with pytest.raises(BudgetTooSmallError) as refused:
        plan_spend([call("gpt"), call("claude")], budget_usd, wanted)
    assert refused.value.needed_usd == pytest.approx(needed_usd)


@pytest.mark.parametrize("price", [None, Unpriced()])
def test_an_unknown_price_under_a_budget_fails_closed_and_names_the_model(price):
    with pytest.raises(UnknownPriceError, match="claude-1"):
        plan_spend([call("gpt"), call("claude", price)], 1e6, 300)


_calls = st.lists(
    st.tuples(
        st.floats(1e-9, 1e-4),  # USD an input token
        st.floats(1e-9, 1e-3),  # USD an output token
        st.integers(1, 50_000),  # the bound of its input
    ),
    min_size=1,
    max_size=8,
).map(
    lambda drawn: [
        call(f"p{i}", PerToken(into, out), tokens) for i, (into, out, tokens) in enumerate(drawn)
    ]
)


@given(
    calls=_calls,
    budget_usd=st.floats(1e-6, 1e3),
    wanted=st.none() | st.integers(1, 20_000),
    data=st.data(),
)
def test_any_replies_within_their_bounds_stay_within_the_budget(calls, budget_usd, wanted, data):
    try:
        allotment = plan_spend(calls, budget_usd, wanted)
    except BudgetTooSmallError:
        return  # nothing is asked, nothing is spent
    limit = DEFAULT_MAX_TOKENS if wanted is None else wanted
    assert min(MINIMUM_TOKENS, limit) <= allotment.max_tokens <= limit
    attempts = []
    for made in calls:
        code = data.draw(st.none() | st.sampled_from(["timeout", "rate_limited", "cut_off"]))
        usage = Usage(
            input_tokens=data.draw(st.integers(0, made.input_tokens)),
            output_tokens=data.draw(st.integers(0, allotment.max_tokens)),
        )
        attempts.append(
            failed(made.provider, code)
            if code
            else answer(made.provider, usage, made.price.cost_usd(usage))
        )
    billed = math.fsum(a.cost_usd or 0.0 for a in attempts)
    spent = spent_usd(attempts, allotment)
    rounding = 1 + 1e-12
    assert billed <= spent * rounding
    assert spent <= allotment.total_usd * rounding
    assert allotment.total_usd <= budget_usd


@given(calls=_calls, budget_usd=st.floats(1e-6, 1e3), wanted=st.integers(2, 20_000))
def test_one_token_more_would_not_fit(calls, budget_usd, wanted):
    try:
        allotment = plan_spend(calls, budget_usd, wanted)
    except BudgetTooSmallError:
        return
    if allotment.max_tokens < wanted:
        more = allotment.max_tokens + 1
        assert math.fsum(c.price.worst_case_usd(c.input_tokens, more) for c in calls) > budget_usd


@pytest.mark.parametrize(
    ("attempt", "usd"),
    [
        pytest.param(answer("gpt", Usage(10, output_tokens=7), 0.07), 0.07, id="its real cost"),
        pytest.param(answer("gpt", Usage(), 0.0), 3.0, id="no tokens reported: the worst case"),
        pytest.param(
            answer("gpt", Usage(10, output_tokens=7), None), 3.0, id="no cost known: the worst case"
        ),
        pytest.param(failed("gpt", "timeout"), 3.0, id="may have been billed: the worst case"),
        pytest.param(failed("gpt", "cut_off"), 3.0, id="a straggler may be billed"),
        pytest.param(failed("gpt", "internal"), 3.0, id="an unknown end may be billed"),
        pytest.param(failed("gpt", "overloaded"), 0.0, id="never billed"),
        pytest.param(
            failed("gpt", "truncated", Usage(10, output_tokens=7), 0.07),
            0.07,
            id="no answer, but its tokens reported: its real cost",
        ),
        pytest.param(
            failed("gpt", "empty_reply", Usage(10), 0.0), 3.0, id="none written by its report"
        ),
    ],
)
def test_what_may_have_been_billed_counts_as_spent(attempt, usd):
    allotment = plan_spend([call("gpt")], 3.0, 300)
    assert spent_usd([attempt], allotment) == pytest.approx(usd)


def test_the_failures_that_cost_nothing_are_those_the_providers_call_unbilled():
    kinds = errors.ProviderError.__subclasses__()
    assert {kind.code for kind in kinds if not kind.billable} == UNBILLED
    for kind in kinds:
        failure = Failure(kind.code, "", retryable=kind.retryable)
        assert may_be_billed(failure) is kind.billable


def test_a_prompt_of_unknown_length_keeps_no_budget():
    with pytest.raises(UnboundedPromptError, match="images of unknown size"):
        plan_spend([call(), call("claude", input_tokens=None)], 1e9, 100)
