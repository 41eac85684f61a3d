"""A bet's factor is an e-variable: whatever the null's point, its expectation is at most 1."""

import math
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.rollout.statistics.betting import Bet, OneSample, TwoSample
from gateway.rollout.statistics.projection import project

RATES = st.floats(0.001, 0.9)
MARGINS = st.sampled_from([0.0, 0.005, 0.05, 0.3])
SIZES = st.integers(1, 3)


def bet(margin, excess, control):
    return Bet(margin, (excess,), (1.0,), guess=control, guess_count=1e9)


def factor(a_bet, arm, control):
    test = TwoSample(a_bet)
    test.add(arm, control)
    return math.exp(test.detector.start)


def expected(a_bet, arm_law, control_law, n_arm, n_control):
    """The factor's expectation by going through every block; a law is ((outcome, chance), ...)."""
    total = 0.0
    for arm in product(arm_law, repeat=n_arm):
        for control in product(control_law, repeat=n_control):
            chance = math.prod(p for _, p in (*arm, *control))
            total += chance * factor(a_bet, [y for y, _ in arm], [y for y, _ in control])
    return total


def coin(mean):
    return ((1.0, mean), (0.0, 1 - mean))


def dice(mean):
    """Outcomes between the ends too, of the given mean."""
    low = min(mean, 1 - mean)
    return ((1.0, mean - low / 2), (0.5, low), (0.0, 1 - mean - low / 2))


@given(
    bets=st.builds(bet, MARGINS, st.floats(0.01, 0.5), RATES),
    sizes=st.tuples(SIZES, SIZES),
    control=st.floats(0, 1),
    below=st.floats(0, 1),
)
@settings(max_examples=150, deadline=None)
@pytest.mark.parametrize("law", [coin, dice])
def test_at_no_point_of_the_null_is_a_factor_above_1_expected(law, bets, sizes, control, below):
    arm = min(1.0, control + bets.margin) * below
    assert expected(bets, law(arm), law(control), *sizes) <= 1 + 1e-9


@given(RATES, MARGINS, st.floats(0.01, 0.5), SIZES, SIZES)
@settings(max_examples=50, deadline=None)
def test_the_arm_exactly_at_its_margin_is_within_the_null(guess, margin, excess, n_arm, n_control):
    for step in range(21):
        control = step / 20 * (1 - margin)
        laws = coin(control + margin), coin(control)
        assert expected(bet(margin, excess, guess), *laws, n_arm, n_control) <= 1 + 1e-9


def test_the_nearest_point_of_the_null_is_met_with_equality():
    margin, guess, excess = 0.005, 0.01, 0.045
    p_arm, p_control = project(guess + margin + excess, guess, 2, 3, margin)
    fair = expected(bet(margin, excess, guess), coin(p_arm), coin(p_control), 2, 3)
    assert fair == pytest.approx(1, abs=1e-9)


def test_drift_within_a_block_costs_nothing_but_power():
    """Arms 1 % and 5 % beside controls 5 % and 1 %: their means are equal, the order is not."""
    a_bet = bet(0.0, 0.05, 0.03)
    total = 0.0
    for outcomes in product((0.0, 1.0), repeat=4):
        rates = (0.01, 0.05, 0.05, 0.01)
        chance = math.prod(r if y else 1 - r for y, r in zip(outcomes, rates, strict=True))
        total += chance * factor(a_bet, outcomes[:2], outcomes[2:])
    assert total <= 1 + 1e-9


def test_6_percent_beside_1_percent_gains_0_035_nats_a_request_of_the_arm():
    margin, q_control, q_arm = 0.005, 0.01, 0.06
    p_arm, p_control = project(q_arm, q_control, 1, 9, margin)

    def divergence(q, p):
        return q * math.log(q / p) + (1 - q) * math.log((1 - q) / (1 - p))

    gain = divergence(q_arm, p_arm) + 9 * divergence(q_control, p_control)
    assert gain == pytest.approx(0.0345, abs=0.0005)


@given(RATES, MARGINS, st.floats(0.001, 0.5), st.integers(1, 64), st.integers(1, 64))
@settings(deadline=None)
def test_the_projection_lies_on_the_edge_between_both_sides_of_the_alternative(
    q_control, margin, excess, n_arm, n_control
):
    q_arm = q_control + margin + excess
    if q_arm >= 1:
        return
    p_arm, p_control = project(q_arm, q_control, n_arm, n_control, margin)
    assert p_arm == pytest.approx(p_control + margin)
    assert q_control < p_control < q_arm - margin
    slope_arm = (q_arm - p_arm) / (p_arm * (1 - p_arm))
    slope = (q_control - p_control) / (p_control * (1 - p_control))
    assert n_arm * slope_arm + n_control * slope == pytest.approx(
        0, abs=1e-5 * (1 + n_arm * slope_arm)
    )


@pytest.mark.parametrize(
    ("q_arm", "q_control", "margin"),
    [
        pytest.param(0.05, 0.05, 0.0, id="no difference"),
        pytest.param(0.05, 0.01, 0.04, id="just the margin"),
        pytest.param(1.0, 0.01, 0.0, id="certain failure: one success would end all evidence"),
        pytest.param(0.5, 0.0, 0.0, id="a control that never fails"),
    ],
)
def test_what_is_no_alternative_is_refused(q_arm, q_control, margin):
    with pytest.raises(ValueError, match="no alternative"):
        project(q_arm, q_control, 1, 1, margin)


def test_where_nothing_can_be_worse_nothing_is_bet():
    test = TwoSample(Bet(0.9, (0.05,), (1.0,), guess=0.2, guess_count=100))
    test.add([1.0], [0.0])
    assert test.detector.steps == 0


@pytest.mark.parametrize("block", [([], [0.0]), ([1.0], [])])
def test_a_side_alone_says_nothing(block):
    test = TwoSample(bet(0.0, 0.05, 0.1))
    test.add(*block)
    assert test.detector.steps == 0


def test_the_guess_used_for_a_block_is_from_before_it():
    """Two tests that differ only in the block's control outcomes bet on the same alternative."""
    a_bet = Bet(0.0, (0.1,), (1.0,), guess=0.1, guess_count=5)
    outcomes = [factor(a_bet, [1.0], [control]) for control in (0.0, 1.0)]
    p_arm, p = project(0.2, 0.1, 1, 1, 0.0)
    for control, seen in zip((0.0, 1.0), outcomes, strict=True):
        bad = 0.2 / p_arm
        assert seen == pytest.approx(bad * (0.1 / p if control else 0.9 / (1 - p)))


@given(
    st.floats(0.01, 0.9), st.floats(0, 1), st.lists(st.floats(0.001, 0.09), min_size=1, max_size=3)
)
@settings(deadline=None)
def test_a_one_sample_bet_expects_at_most_1_below_its_bound(bound, below, excesses):
    mean = bound * below
    means = [min(bound + e, 0.995) for e in excesses]
    weights = [1 / len(means)] * len(means)
    total = 0.0
    for y, chance in coin(mean):
        test = OneSample(bound, means, weights)
        test.add(y)
        total += chance * math.exp(test.detector.start)
    assert total <= 1 + 1e-9


def test_a_bet_against_a_bound_must_lie_above_it():
    with pytest.raises(ValueError, match="no bet"):
        OneSample(0.5, [0.4], [1.0])
