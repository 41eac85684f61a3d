"""Sticky buckets."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rollout.buckets import bucket

CALLERS = [f"caller-{n}" for n in range(100_000)]


@pytest.mark.parametrize(
    ("experiment", "caller", "place"),
    [
        # First 53 bits of SHA-256 of "<characters of experiment>:<experiment>:<caller>", over 2**53.
        ("srp-wall-bounce", "alice", 0.4082573532651005),
        ("srp-wall-bounce", "利用者7", 0.6203405779984555),
        ("another", "alice", 0.374453716829786),
        ("", "", 0.813974159994924),
    ],
)
def test_a_bucket_is_the_same_today_as_in_every_release_before(experiment, caller, place):
    assert bucket(experiment, caller) == place


def test_a_bucket_is_the_same_in_another_process_with_another_hash_seed():
    code = "from gateway.rollout.buckets import bucket; print(bucket('e', 'alice').hex())"
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert seen == {bucket("e", "alice").hex()}


@given(st.text(), st.text(alphabet=st.characters()))
def test_every_id_gets_a_place_from_0_to_below_1(experiment, caller):
    assert 0 <= bucket(experiment, caller) < 1


def test_a_lone_surrogate_gets_a_place_too():
    assert 0 <= bucket("e", "\ud800") < 1


def test_who_is_in_at_10_percent_is_in_at_50_percent():
    at_10 = {c for c in CALLERS[:5_000] if bucket("e", c) < 0.10}
    at_50 = {c for c in CALLERS[:5_000] if bucket("e", c) < 0.50}
    assert at_10 < at_50


def test_callers_spread_evenly():
    counts = [0] * 100
    for caller in CALLERS:
        counts[int(bucket("e", caller) * 100)] += 1
    expected = len(CALLERS) / 100
    chi_square = sum((n - expected) ** 2 / expected for n in counts)
    assert chi_square < 148.23  # 99 degrees of freedom, p = 0.001


def test_another_experiment_places_callers_independently():
    counts = [[0] * 10 for _ in range(10)]
    for caller in CALLERS[:20_000]:
        counts[int(bucket("e", caller) * 10)][int(bucket("f", caller) * 10)] += 1
    expected = 200
    chi_square = sum((n - expected) ** 2 / expected for row in counts for n in row)
    assert chi_square < 148.23  # 99 degrees of freedom, p = 0.001


def test_where_the_experiment_ends_and_the_id_begins_counts():
    assert bucket("a", "b:c") != bucket("a:b", "c")
