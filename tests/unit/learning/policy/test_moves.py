"""A revert goes back to what was in force before, and never forward to what a revert took away."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.policy.moves import PolicyMove, before


def moves(*versions):
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return [PolicyMove(n, at, "somebody", version) for n, version in enumerate(versions, 1)]


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ((), None),
        ((1,), None),
        ((1, 2), 1),
        ((1, 1), None),
        ((1, 2, 3), 2),
        pytest.param((1, 2, 3, 2), 1, id="after one revert the next goes a step further"),
        pytest.param((1, 2, 3, 2, 1), None, id="and so on to the first"),
        pytest.param((1, 2, 1, 3), 1, id="what was taken back is not on the way"),
        pytest.param((1, 2, 3, 1), 3, id="an older one put in force anew came after the last"),
    ],
)
def test_the_one_before(versions, expected):
    assert before(moves(*versions)) == expected


@given(st.lists(st.integers(1, 5), max_size=12))
def test_reverting_again_and_again_ends_and_meets_each_step_once(versions):
    way = list(versions)
    for _ in range(len(versions) + 1):
        back = before(moves(*way))
        if back is None:
            break
        assert back != way[-1]
        way.append(back)
    assert before(moves(*way)) is None
