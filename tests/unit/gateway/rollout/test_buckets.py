"""Sticky buckets."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rollout import buckets
from gateway.rollout.buckets import bucket

CALLERS = [f"caller-{n}" for n in range(100_000)]
MANY = 1_000_000

GOLDEN = [
    # First 53 bits of SHA-256 of "<characters of experiment>:<experiment>:<caller>", over 2**53.
    ("srp-wall-bounce", "alice", 0.4082573532651005),
    ("srp-wall-bounce", "利用者7", 0.6203405779984555),
    ("srp-wall-bounce", "が", 0.3872662845505078),
    ("srp-wall-bounce", "か\u3099", 0.322967825185246),  # the same letter in two characters
    ("srp-wall-bounce", "👩\u200d💻", 0.6536512984987634),
    ("srp-wall-bounce", " Alice ", 0.8266785152263882),
    ("srp-wall-bounce", "", 0.22740832215977835),
    ("srp-wall-bounce", "x" * 256, 0.049701757996349016),
    ("srp-wall-bounce/arms", "alice", 0.493660446941382),
    ("実験", "東京の利用者", 0.8044295202983012),
    ("another", "alice", 0.374453716829786),
    ("", "", 0.813974159994924),
]


def places(experiment, count):
    return np.array([bucket(experiment, f"caller-{n}") for n in range(count)])


def chi_square(counts):
    expected = counts.sum() / counts.size
    return float(((counts - expected) ** 2 / expected).sum())


@pytest.mark.parametrize(("experiment", "caller", "place"), GOLDEN)
def test_a_bucket_is_the_same_today_as_in_every_release_before(experiment, caller, place):
    assert bucket(experiment, caller) == place


def golden_by(python, seed):
    """What another process makes of the golden ids, with that interpreter and that hash seed."""
    code = (
        "import json, sys; sys.path.append(sys.argv[1]); from buckets import bucket; "
        "print(json.dumps([bucket(e, c) for e, c in json.load(sys.stdin)]))"
    )
    done = subprocess.run(
        [python, "-c", code, str(Path(buckets.__file__).parent)],
        input=json.dumps([golden[:2] for golden in GOLDEN]),
        env={"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("seed", ["1", "2"])
def test_a_bucket_is_the_same_in_another_process_with_another_hash_seed(seed):
    assert golden_by(sys.executable, seed) == [golden[2] for golden in GOLDEN]


def interpreter(version):
    """An interpreter of that version on this machine, beside ours or on the path; None without."""
    beside = sorted(Path(sys.base_prefix).parent.glob(f"*{version}*/bin/python{version}"))
    found = shutil.which(f"python{version}")
    for python in [*map(str, beside), *([found] if found else [])]:
        tried = subprocess.run([python, "-c", ""], capture_output=True, check=False, timeout=60)
        if tried.returncode == 0:
            return python
    return None


@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13", "3.14"])
def test_a_bucket_is_the_same_in_another_version_of_python(version):
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} here")
    assert golden_by(python, "0") == [golden[2] for golden in GOLDEN]


@given(st.text(), st.text(alphabet=st.characters()))
def test_every_id_gets_a_place_from_0_to_below_1(experiment, caller):
    assert 0 <= bucket(experiment, caller) < 1


def test_a_lone_surrogate_gets_a_place_too():
    assert 0 <= bucket("e", "\ud800") < 1


def test_who_is_in_at_10_percent_is_in_at_50_percent():
    at_10 = {c for c in CALLERS if bucket("e", c) < 0.10}
    at_50 = {c for c in CALLERS if bucket("e", c) < 0.50}
    assert at_10 < at_50
    # Five standard errors each.
    assert abs(len(at_10) - 10_000) < 475
    assert abs(len(at_50) - 50_000) < 791


@pytest.mark.parametrize("experiment", ["srp-wall-bounce", "srp-wall-bounce/arms"])
def test_a_million_callers_spread_evenly(experiment):
    counts, _ = np.histogram(places(experiment, MANY), bins=1_000, range=(0, 1))
    assert chi_square(counts) < 1_142.85  # 999 degrees of freedom, p = 0.001


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("e", "f"),
        ("srp-wall-bounce", "srp-wall-bounce-2"),
        ("srp-wall-bounce", "srp-wall-bounce/arms"),
        ("srp-wall-bounce", "srp-wall-bounce/shadow"),
    ],
)
def test_another_experiment_places_callers_independently(one, other):
    counts, _, _ = np.histogram2d(
        places(one, 200_000), places(other, 200_000), bins=20, range=((0, 1), (0, 1))
    )
    assert chi_square(counts) < 492.0  # 399 degrees of freedom, p = 0.001


def test_the_first_tenth_of_one_experiment_is_no_more_in_the_first_tenth_of_another():
    one, other = places("e", 200_000) < 0.1, places("f", 200_000) < 0.1
    table = np.array([[(one & other).sum(), (one & ~other).sum()], [(~one & other).sum(), 0]])
    table[1, 1] = one.size - table.sum()
    expected = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / one.size
    # Fewer than 10.83: 1 degree of freedom, p = 0.001.
    assert float(((table - expected) ** 2 / expected).sum()) < 10.83


def test_where_the_experiment_ends_and_the_id_begins_counts():
    assert bucket("a", "b:c") != bucket("a:b", "c")
