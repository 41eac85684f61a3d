"""Estimates of another policy: exact where theory says so, and as wide as their errors are."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.backtest.off_policy.estimators import difference, doubly_robust, ips, mean, snips
from learning.backtest.off_policy.weights import weights

QUESTIONS, CHOICES = 3, 3
rates = st.floats(0, 1, allow_subnormal=False)


@st.composite
def worlds(draw):
    """How often each choice was made on each kind of question, what it earns, what is judged."""
    counts = [[draw(st.integers(1, 9)) for _ in range(CHOICES)] for _ in range(QUESTIONS)]
    earns = [[draw(rates) for _ in range(CHOICES)] for _ in range(QUESTIONS)]
    raw = [[draw(st.integers(0, 9)) for _ in range(CHOICES - 1)] + [1] for _ in range(QUESTIONS)]
    judged = [[part / sum(row) for part in row] for row in raw]
    model = [[draw(rates) for _ in range(CHOICES)] for _ in range(QUESTIONS)]
    return np.array(counts), np.array(earns), np.array(judged), np.array(model)


def log(counts):
    """A log in which every choice is there exactly as often as its propensity says."""
    cells = product(range(QUESTIONS), range(CHOICES))
    questions, choices = np.array([cell for cell in cells for _ in range(counts[cell])]).T
    return questions, choices, (counts / counts.sum(axis=1, keepdims=True))[questions, choices]


def worth(counts, earns, judged):
    """What the judged policy earns on the questions of the log, by definition."""
    return float((counts.sum(axis=1) @ (judged * earns).sum(axis=1)) / counts.sum())


@given(worlds())
def test_inverse_propensity_scoring_is_exact_on_a_log_that_is_as_its_propensities_say(world):
    counts, earns, judged, _ = world
    questions, choices, propensities = log(counts)
    weighed = weights(judged[questions, choices], propensities, clip=np.inf)
    found = ips(earns[questions, choices], weighed.used)
    assert found.value == pytest.approx(worth(counts, earns, judged), abs=1e-9)
    assert weighed.mean == pytest.approx(1)


@given(worlds())
def test_the_doubly_robust_estimate_is_right_with_any_model_where_propensities_are(world):
    counts, earns, judged, model = world
    questions, choices, propensities = log(counts)
    weighed = weights(judged[questions, choices], propensities, clip=np.inf)
    found = doubly_robust(
        earns[questions, choices],
        weighed.used,
        model[questions, choices],
        (judged * model).sum(axis=1)[questions],
    )
    assert found.value == pytest.approx(worth(counts, earns, judged), abs=1e-9)


@given(worlds(), st.floats(0.1, 1))
def test_and_with_any_propensities_where_the_model_is(world, wrong):
    counts, earns, judged, _ = world
    questions, choices, propensities = log(counts)
    weighed = weights(judged[questions, choices], propensities * wrong, clip=np.inf)
    found = doubly_robust(
        earns[questions, choices],
        weighed.used,
        earns[questions, choices],
        (judged * earns).sum(axis=1)[questions],
    )
    assert found.value == pytest.approx(worth(counts, earns, judged), abs=1e-9)


def test_inverse_propensity_scoring_alone_does_not_forgive_wrong_propensities():
    weighed = weights([1, 1, 0, 0], [0.25] * 4)
    assert ips([1, 1, 1, 1], weighed.used).value == 2


logs = st.lists(
    st.tuples(rates, st.floats(0, 1), st.floats(0.05, 1)), min_size=2, max_size=40
).filter(lambda rows: any(chance > 0 for _, chance, _ in rows))


@given(logs, st.floats(-5, 5))
def test_self_normalised_moves_by_a_constant_as_the_rewards_do_and_stays_among_them(rows, constant):
    rewards, chances, propensities = np.array(rows).T
    often = weights(chances, propensities).used
    found = snips(rewards, often).value
    assert snips(rewards + constant, often).value == pytest.approx(found + constant, abs=1e-6)
    seen = rewards[often > 0]
    assert seen.min() - 1e-9 <= found <= seen.max() + 1e-9


@given(logs, st.floats(0.1, 10))
def test_self_normalised_knows_no_scale_of_weights(rows, factor):
    rewards, chances, propensities = np.array(rows).T
    often = weights(chances, propensities).used
    one, other = snips(rewards, often), snips(rewards, factor * often)
    assert other.value == pytest.approx(one.value, abs=1e-9)
    assert other.high == pytest.approx(one.high, rel=1e-6, abs=1e-9)


@given(logs)
def test_the_policy_that_chose_is_worth_what_it_earned_by_every_estimate(rows):
    rewards = np.array(rows)[:, 0]
    often = weights(np.ones(len(rows)), np.ones(len(rows))).used
    for found in (
        ips(rewards, often),
        snips(rewards, often),
        doubly_robust(rewards, often, rewards * 0, rewards * 0),
    ):
        assert found.value == pytest.approx(rewards.mean())
        assert found.value - found.low == pytest.approx(found.high - found.value)


@given(logs)
def test_a_policy_differs_from_itself_by_nothing(rows):
    rewards, chances, propensities = np.array(rows).T
    found = snips(rewards, weights(chances, propensities).used)
    apart = difference(found, found)
    assert (apart.value, apart.low, apart.high) == (0, 0, 0)


def test_what_two_policies_share_narrows_the_interval_of_their_difference():
    dice = np.random.default_rng(3)
    rewards = dice.random(500)
    one, other = mean(rewards), mean(rewards * 0.9)
    apart = difference(one, other)
    assert apart.high - apart.low < (one.high - one.low) / 5


ESTIMATES = {
    "ips": lambda r, w, *_: ips(r, w),
    "snips": lambda r, w, *_: snips(r, w),
    "doubly robust": doubly_robust,
}


@pytest.mark.parametrize("estimate", ESTIMATES.values(), ids=ESTIMATES)
def test_intervals_hold_the_truth_about_as_often_as_they_say(estimate):
    """400 logs of 600 choices, two questions, two choices; of 95 in 100, 92 are asked for."""
    dice = np.random.default_rng(11)
    propensity, right = np.array([[0.8, 0.2], [0.5, 0.5]]), np.array([[0.7, 0.9], [0.6, 0.2]])
    truth = right[:, 1].mean()
    held, logs, choices = 0, 400, 600
    for _ in range(logs):
        question = dice.integers(0, 2, choices)
        choice = (dice.random(choices) < propensity[question, 1]).astype(int)
        reward = (dice.random(choices) < right[question, choice]).astype(float)
        often = weights(choice == 1, propensity[question, choice]).used
        found = estimate(reward, often, np.full(choices, 0.6), np.full(choices, 0.6))
        held += found.low <= truth <= found.high
    assert held / logs >= 0.92


def test_nothing_is_made_of_nothing():
    with pytest.raises(ValueError, match="at least one choice"):
        ips([], [])
    with pytest.raises(ValueError, match="one value a choice"):
        ips([1, 0], [1])
    with pytest.raises(ValueError, match="nothing that was logged"):
        snips([1, 0], [0, 0])
    with pytest.raises(ValueError, match="one prediction"):
        doubly_robust([1, 0], [1, 1], [1], [1])
