"""What a search found is better only where it was not searched."""

import pytest

from learning.backtest.search.verdict import verdict


@pytest.mark.parametrize(
    ("found", "in_force", "better", "word"),
    [
        pytest.param([1.0] * 90 + [0.0] * 10, [0.0] * 100, True, "better on 100", id="better"),
        pytest.param([0.0] * 100, [1.0] * 90 + [0.0] * 10, False, "worse", id="worse"),
        pytest.param([0.5, 1.0], [0.5, 1.0], False, "no different", id="the same"),
        # 52 won, 48 lost.
        pytest.param(
            [1.0] * 52 + [0.0] * 48, [0.0] * 52 + [1.0] * 48, False, "not better", id="by chance"
        ),
    ],
)
def test_better_is_what_leaves_no_doubt(found, in_force, better, word):
    said = verdict(found, in_force, seed=0)
    assert said.better is better
    assert word in said.words
    assert said.low <= said.gain <= said.high


@pytest.mark.parametrize(("found", "in_force"), [([], []), ([1.0], [1.0, 0.0])])
def test_only_the_same_requests_are_compared(found, in_force):
    with pytest.raises(ValueError, match="the same requests"):
        verdict(found, in_force, seed=0)
