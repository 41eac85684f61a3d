"""Orders that are drawn, and how likely they were."""

import numpy as np
import pytest

from learning.advice.drawing import drawn
from learning.advice.openings import Standing

ORDER = ("gpt", "claude", "gemini")


def draws(seed, n=4000):
    return np.random.default_rng(seed).standard_normal((n, 3))


def test_who_is_believed_to_be_best_leads_most_often():
    known = {"gpt": Standing(0.9, 40), "claude": Standing(0.7, 40)}
    known["gemini"] = Standing(0.5, 40)
    leads = [drawn(known, ORDER, 1, draws(seed, 1)).order[0] for seed in range(300)]
    assert leads.count("gpt") > leads.count("claude") >= leads.count("gemini")
    assert leads.count("gpt") < 300


def test_propensities_are_how_often_each_opening_is_drawn():
    known = {"gpt": Standing(0.8, 30), "claude": Standing(0.75, 30)}
    told = {}
    leads = []
    for seed in range(400):
        order, propensity = drawn(known, ORDER, 1, draws(seed))
        told[order[0]] = propensity
        leads.append(order[0])
    for name, propensity in told.items():
        assert leads.count(name) / 400 == pytest.approx(propensity, abs=0.08)


def test_two_who_open_are_as_likely_in_either_order():
    rows = np.array([[3.0, 2.0, -9.0], [2.0, 3.0, -9.0], [-9.0, 2.0, 3.0], [-9.0, 3.0, 2.0]])
    assert drawn({}, ORDER, 2, rows).propensity == 0.5


def test_what_was_drawn_is_never_impossible():
    assert drawn({"gpt": Standing(0.99, 9999)}, ORDER, 2, draws(1, 1)).propensity > 0.0


def test_one_of_whom_nothing_is_known_is_tried():
    known = {"gpt": Standing(0.6, 40), "claude": Standing(0.6, 40)}
    leads = {drawn(known, ORDER, 1, draws(seed, 1)).order[0] for seed in range(50)}
    assert "gemini" in leads


@pytest.mark.parametrize("shape", [(0, 3), (4, 2), (3,)])
def test_draws_have_to_be_of_each_provider(shape):
    with pytest.raises(ValueError, match="draws must be"):
        drawn({}, ORDER, 1, np.zeros(shape))
