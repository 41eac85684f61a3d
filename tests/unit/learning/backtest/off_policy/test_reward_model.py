"""What a choice is expected to earn where little was seen of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.backtest.off_policy.reward_model import PRIOR_REQUESTS, cross_fitted, fitted


def test_a_mean_of_few_lies_between_its_own_and_the_one_above():
    model = fitted(["sum"] * 20 + ["name"] * 20, ["a"] * 40, [1.0] * 20 + [0.0] * 20)
    assert model("sum", "a") == pytest.approx((20 + PRIOR_REQUESTS * 0.5) / (20 + PRIOR_REQUESTS))
    assert model("name", "a") == pytest.approx(1 - model("sum", "a"))


def test_what_was_never_seen_is_expected_to_earn_the_mean_above():
    model = fitted(["sum", "sum"], ["a", "b"], [1.0, 0.0])
    assert model("poem", "a") == model.by_choice["a"]
    assert model("sum", "c") == 0.5


rows = st.lists(
    st.tuples(st.sampled_from("xy"), st.sampled_from("ab"), st.floats(0, 1)), min_size=2
)


@given(rows, st.data())
def test_no_request_has_a_say_in_what_is_expected_of_it(logged, data):
    kinds, choices, rewards = map(list, zip(*logged, strict=True))
    place = data.draw(st.integers(0, len(logged) - 1))
    before = cross_fitted(kinds, choices, rewards)[place]
    rewards[place] = 1 - rewards[place]
    assert cross_fitted(kinds, choices, rewards)[place] == before
