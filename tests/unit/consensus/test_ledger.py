"""A budget holds whatever is asked, in whatever order it comes back."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.errors import BudgetTooSmallError
from consensus.ledger import Ledger
from consensus.spending import PricedCall
from consensus.transcript import Attempt, Failure
from providers.messages import Usage


@dataclass(frozen=True)
class Cent:
    """Output tokens cost a cent each."""

    max_output_tokens = 1_000

    def worst_case_usd(self, input_tokens, max_tokens):
        return max_tokens * 0.01

    def cost_usd(self, usage):
        return usage.output_tokens * 0.01


def calls(*names):
    return [PricedCall(name, "m", Cent(), 10) for name in names]


def replied(name, tokens):
    usage = Usage(output_tokens=tokens)
    return Attempt(name, "v", "m", 1, 1.0, text="4", usage=usage, cost_usd=tokens * 0.01)


def cut(name):
    return Attempt(name, "v", "m", 1, 1.0, failure=Failure("cut_off", "late", retryable=True))


def test_what_may_follow_is_paid_for_beforehand():
    ledger = Ledger(9.0)
    assert ledger.allot(calls("a"), None, kept_back=calls("b", "c")) == 300
    ledger.settle([cut("a")])
    assert ledger.spent_usd == pytest.approx(3.0)
    assert ledger.allot(calls("b", "c"), None) == 300


def test_where_the_budget_does_not_buy_all_it_buys_those_who_are_asked_first():
    ledger = Ledger(6.0)
    assert ledger.allot(calls("a"), None, kept_back=calls("b", "c")) == 600


def test_what_is_under_way_is_not_spent_twice():
    ledger = Ledger(6.0)
    ledger.allot(calls("a"), 300)
    with pytest.raises(BudgetTooSmallError):
        ledger.allot(calls("b", "c"), 300)
    assert ledger.allot(calls("b"), 300) == 300


def test_what_is_refused_holds_nothing_back():
    ledger = Ledger(4.0)
    with pytest.raises(BudgetTooSmallError):
        ledger.allot(calls("a", "b"), None)
    assert ledger.allot(calls("a"), None) == 400


@given(
    budget_usd=st.floats(0.0, 60.0),
    asks=st.lists(st.tuples(st.integers(1, 3), st.integers(0, 3)), min_size=1, max_size=5),
    data=st.data(),
)
def test_however_calls_end_the_budget_is_kept(budget_usd, asks, data):
    ledger, out, number = Ledger(budget_usd), [], 0
    for asked, kept_back in asks:
        names = [f"p{number + i}" for i in range(asked + kept_back)]
        number += len(names)
        try:
            bound = ledger.allot(calls(*names[:asked]), None, kept_back=calls(*names[asked:]))
        except BudgetTooSmallError:
            continue
        out += [(name, bound) for name in names[:asked]]
        back = [call for call in out if data.draw(st.booleans())]
        out = [call for call in out if call not in back]
        ledger.settle(
            [
                replied(name, data.draw(st.integers(0, most)))
                if data.draw(st.booleans())
                else cut(name)
                for name, most in back
            ]
        )
        at_worst = ledger.spent_usd + sum(most * 0.01 for _, most in out)
        assert at_worst <= budget_usd * (1 + 1e-9)
