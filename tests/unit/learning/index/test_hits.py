"""A neighbour predicted well where labels say the same of most vendors there and here."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.index.hits import predicted

GOOD, BAD, UNTOLD = (3.0, 1.0), (0.0, 2.0), (1.0, 1.0)

tellings = st.dictionaries(
    st.sampled_from(["gpt", "claude", "gemini"]),
    st.tuples(st.integers(0, 3), st.integers(0, 3)),
)


@pytest.mark.parametrize(
    ("there", "here", "hit"),
    [
        pytest.param({"gpt": GOOD}, {"gpt": GOOD}, True, id="right in both places"),
        pytest.param({"gpt": BAD}, {"gpt": BAD}, True, id="wrong in both places"),
        pytest.param({"gpt": GOOD}, {"gpt": BAD}, False, id="right there, wrong here"),
        pytest.param({"gpt": GOOD}, {"claude": GOOD}, None, id="of no vendor in both places"),
        pytest.param({"gpt": UNTOLD}, {"gpt": GOOD}, None, id="as often right as wrong there"),
        pytest.param({}, {"gpt": GOOD}, None, id="no label there"),
        pytest.param(
            {"gpt": GOOD, "claude": GOOD, "gemini": BAD},
            {"gpt": GOOD, "claude": GOOD, "gemini": GOOD},
            True,
            id="most alike",
        ),
        pytest.param(
            {"gpt": GOOD, "claude": BAD}, {"gpt": GOOD, "claude": GOOD}, None, id="one each"
        ),
    ],
)
def test_most_vendors_must_have_done_alike(there, here, hit):
    assert predicted(there, here) is hit


@given(tellings, tellings)
def test_it_says_the_same_from_either_side(there, here):
    assert predicted(there, here) is predicted(here, there)


@given(tellings)
def test_whatever_labels_speak_of_predicts_itself_well(told):
    assert predicted(told, told) in {True, None}
