"""What drawn choices cost and how likely they are said to have been."""

from dataclasses import replace

import pytest

from gateway.patterns.advising import logged
from learning.advice.words import Advice

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
