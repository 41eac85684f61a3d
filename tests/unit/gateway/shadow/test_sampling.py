"""Who is shadowed."""

from random import Random

import pytest

from gateway.rollout.buckets import bucket
from gateway.shadow.sampling import Sampling

CALLERS = [f"caller-{n}" for n in range(4_000)]


def picked(sampling, share, callers=CALLERS):
    return {caller for caller in callers if sampling.picks(caller, share)}


def test_the_same_callers_are_picked_in_every_process():
    one, other = (Sampling("exp", Random(seed)) for seed in (1, 2))
    assert picked(one, 0.2) == picked(other, 0.2)
    # Fixed: a deployment must not change who is shadowed.
    assert picked(one, 0.2, CALLERS[:12]) == {"caller-9"}


def test_who_is_picked_at_a_tenth_is_picked_at_a_half():
    sampling = Sampling("exp", Random(1))
    assert picked(sampling, 0.1) < picked(sampling, 0.5)


@pytest.mark.parametrize("stage", [0.0, 0.5, 0.9])
def test_at_every_stage_the_share_is_that_of_the_callers_the_rollout_left(stage):
    """Four standard deviations of a binomial: with one salt it would be none or all of them."""
    left = [caller for caller in CALLERS if bucket("exp", caller) >= stage]
    share = len(picked(Sampling("exp", Random(1)), 0.3, left)) / len(left)
    assert share == pytest.approx(0.3, abs=4 * (0.3 * 0.7 / len(left)) ** 0.5)


def test_callers_without_an_id_are_spread_evenly():
    sampling = Sampling("exp", Random(7))
    drawn = [sampling.picks(None, 0.25) for _ in range(1_000)]
    for start in range(0, 900, 50):
        assert 23 <= sum(drawn[start : start + 100]) <= 27


@pytest.mark.parametrize("caller", [None, "caller-1"])
def test_no_share_is_nobody_and_a_whole_one_is_everybody(caller):
    sampling = Sampling("exp", Random(1))
    assert not any(sampling.picks(caller, 0.0) for _ in range(100))
    assert all(sampling.picks(caller, 1.0) for _ in range(100))
