"""What of advice may take effect, and how it is kept."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from gateway.advice_terms import SteeringTerms, flaws, noted, within
from gateway.arrangement import arrange
from gateway.requests import GenerateRequest
from learning.advice.words import Advice, Expected

ADVICE = Advice(
    providers=("gpt", "claude", "gemini"),
    opening=2,
    enough=0.8,
    weights={"claude": 0.5},
    offsets={"gpt": -0.25},
    harder=0.125,
    depth=4,
    accuracy=Expected(0.9, 0.85, 0.94),
    cost_usd=Expected(0.01, 0.005, 0.02),
    propensity=0.95,
    family=7,
    neighbours=(11, 12),
    policy=3,
    why="gpt is right on these",
)
DRAWN = replace(ADVICE, explored=True, propensity=0.05)
ALL = SteeringTerms("full", escalation=True, exploration=0.1, exploration_budget_usd=1.0)
WEIGHTS = replace(ADVICE, providers=(), opening=0, enough=1.0, depth=None)
WHOLE = replace(ADVICE, opening=0, enough=1.0)


@pytest.mark.parametrize(
    ("terms", "left"),
    [
        pytest.param(SteeringTerms(), None, id="off unless turned on"),
        pytest.param(replace(ALL, mode="off"), None, id="off, whatever else is on"),
        pytest.param(replace(ALL, mode="weights"), WEIGHTS, id="weights alone"),
        pytest.param(replace(ALL, escalation=False), WHOLE, id="all at once without escalation"),
        pytest.param(ALL, ADVICE, id="everything"),
    ],
)
def test_advice_does_what_the_environment_turned_on(terms, left):
    assert within(ADVICE, terms) == left


@pytest.mark.parametrize(
    ("terms", "left"),
    [
        pytest.param(ALL, DRAWN, id="allowed"),
        pytest.param(replace(ALL, exploration=0.0), None, id="no share"),
        pytest.param(replace(ALL, exploration_budget_usd=0.0), None, id="no budget"),
        pytest.param(replace(ALL, mode="weights"), None, id="who is asked is not its to say"),
    ],
)
def test_what_was_drawn_falls_where_nothing_may_be_drawn(terms, left):
    assert within(DRAWN, terms) == left


@pytest.mark.parametrize(
    "wrong",
    [
        {"providers": ("gpt", "gpt")},
        {"opening": -1},
        {"enough": 1.01},
        {"enough": math.nan},
        {"weights": {"gpt": -1.0}},
        {"weights": {"gpt": math.inf}},
        {"offsets": {"gpt": math.nan}},
        {"harder": math.inf},
        {"depth": 0},
        {"depth": 6},
        {"propensity": 0.0},
        {"propensity": 1.5},
        {"accuracy": Expected(math.nan, 0.0, 1.0)},
        {"latency_ms": Expected(5.0, 1.0, math.inf)},
    ],
    ids=str,
)
def test_advice_that_makes_no_sense_is_found_out(wrong):
    assert len(list(flaws(replace(ADVICE, **wrong)))) == 1


@pytest.mark.parametrize("sound", [Advice(), ADVICE, DRAWN])
def test_advice_that_makes_sense_has_no_flaw(sound):
    assert list(flaws(sound)) == []


def test_the_record_keeps_what_was_advised_how_likely_and_what_came_of_it():
    came = GenerateRequest(prompt="Which?", depth=3)
    arranged = arrange(came, ("gemini", "gpt", "claude"), advice=DRAWN)
    kept = noted(DRAWN, arranged)
    assert (
        json.loads(json.dumps(kept, allow_nan=False))
        == kept
        == {
            "policy": 3,
            "family": 7,
            "providers": ["gpt", "claude", "gemini"],
            "opening": 2,
            "enough": 0.8,
            "weights": {"claude": 0.5},
            "offsets": {"gpt": -0.25},
            "harder": 0.125,
            "depth": 4,
            "explored": True,
            "propensity": 0.05,
            "expected_accuracy": [0.9, 0.85, 0.94],
            "expected_cost_usd": [0.01, 0.005, 0.02],
            "expected_latency_ms": None,
            "neighbours": [11, 12],
            "taken": ["providers", "opening", "weights", "offsets"],
            "panel": ["gpt", "claude", "gemini"],
            "opening_in_force": 2,
        }
    )
    assert noted(None, arranged) is None


def test_the_numbers_of_another_library_are_kept_as_plain_ones():
    odd = replace(
        ADVICE,
        opening=np.int64(2),
        enough=np.float32(0.5),
        weights={"claude": np.float32(0.25)},
        offsets={"gpt": np.float32(-0.25)},
        harder=np.float64(0.5),
        depth=np.int8(4),
        explored=np.bool_(0),
        propensity=np.float32(0.5),
        accuracy=Expected(*np.array([0.5, 0.25, 0.75], dtype=np.float32)),
        family=np.int32(7),
        neighbours=tuple(np.arange(2)),
        policy=np.int64(3),
    )
    arranged = arrange(GenerateRequest(prompt="Which?"), ("gemini", "gpt", "claude"), advice=odd)
    kept = noted(odd, arranged)
    assert json.loads(json.dumps(kept)) == kept
    assert (kept["neighbours"], kept["propensity"], kept["depth"]) == ([0, 1], 0.5, 4)
