"""Numbers that follow from others by one step of arithmetic."""

from fractions import Fraction

import pytest

from consensus.merging.derivation import derives


@pytest.mark.parametrize(
    ("value", "beside", "follows"),
    [
        pytest.param(7, (3, 4), True, id="sum"),
        pytest.param(-1, (3, 4), True, id="difference"),
        pytest.param(12, (3, 4), True, id="product"),
        pytest.param(Fraction(3, 4), (3, 4), True, id="quotient"),
        pytest.param(Fraction("0.33"), (1, 3), True, id="a quotient rounded"),
        pytest.param(75, (3, 4), True, id="percentage"),
        pytest.param(10, (1, 2, 3, 4), True, id="the sum of all"),
        pytest.param(13, (3, 4), False, id="something else"),
        pytest.param(3, (3,), False, id="one number gives none"),
        pytest.param("1e999", (3, 4), False, id="no number"),
        pytest.param(Fraction("0.3"), (3, 0), False, id="nothing by zero"),
    ],
)
def test_one_step(value, beside, follows):
    value = value if isinstance(value, str) else Fraction(value)
    assert derives(value, [Fraction(b) for b in beside]) is follows
