"""What drawn choices cost and how likely they are said to have been."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.patterns.advising import Purse, logged
from learning.advice.words import Advice
from tests.support.records import NOON

KNOWN = Advice(providers=("gpt", "claude", "gemini"), opening=2)


@pytest.mark.parametrize(
    ("first", "explores", "propensity"),
    [
        # Drawn in one request of ten; this set of two first is drawn in one of four.
        pytest.param(("claude", "gpt"), True, 0.1 * 0.25 + 0.9, id="drawn, and what is best known"),
        pytest.param(("gemini", "gpt"), True, 0.1 * 0.25, id="drawn, and something else"),
        pytest.param(("claude", "gpt"), False, 0.9 + 0.1 * 0.25, id="not drawn"),
        pytest.param(("gemini", "gpt"), False, 0.9, id="not drawn, and never would have been"),
    ],
)
def test_how_likely_a_choice_was_counts_both_ways_to_it(first, explores, propensity):
    rest = tuple(name for name in KNOWN.providers if name not in first)
    drawn = replace(KNOWN, providers=(*first, *rest), propensity=0.25, explored=True)
    found = logged(KNOWN, drawn, 0.1, explores)
    assert found.propensity == pytest.approx(propensity)
    assert found.providers == (drawn if explores else KNOWN).providers
    assert found.explored is explores


def test_exploration_stops_when_the_day_s_money_is_spent_and_goes_on_the_next_day():
    purse = Purse()
    assert [purse.pays(0.4, 1.0, NOON) for _ in range(3)] == [True, True, False]
    assert purse.pays(0.4, 1.0, NOON + timedelta(days=1))


def test_what_nobody_knows_the_price_of_is_not_explored():
    assert not Purse().pays(None, 100.0, NOON)
    assert not Purse().pays(0.01, 0.0, NOON)
