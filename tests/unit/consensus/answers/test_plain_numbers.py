"""Figures alone, which most statements of a number are, read the quick way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.answers.figures import quantities
from consensus.answers.numbers import plain_number, quantity

FIGURES = st.one_of(
    st.integers(0, 10**15 - 1).map(str),
    st.integers(1_000, 10**12).map("{:,}".format),
    st.tuples(st.integers(0, 10**9), st.integers(0, 10**6)).map(lambda n: f"{n[0]}.{n[1]:06}"),
    st.tuples(st.integers(0, 99), st.integers(0, 10**6)).map(lambda n: f"0{n[0]}.{n[1]}"),
)


@given(FIGURES, st.sampled_from(["{}", "{}.", " {} ", "{}**", "**{}**.", " {} . "]))
def test_figures_alone_are_the_number_that_is_found_in_them(figures, written):
    (found,) = quantities(figures)
    assert plain_number(written.format(figures)) == quantity(found.value)


@pytest.mark.parametrize(
    "text",
    ["42 km", "-5", "$5", "1,23", "0,123", "1.234,5", "1/2", "5!", "3 and 4", "2e5", "", "１２", "x", "1,0000"],
)  # fmt: skip
def test_whatever_is_more_than_figures_is_not_read_so(text):
    assert plain_number(text) is None
