"""A long replay that is killed goes on where it was, and gives the figures of one that was not."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.backtest.checkpoints import (
    IDENTITY,
    PARTS,
    CheckpointError,
    Checkpoints,
    NothingKept,
)
from tests.support.command_line import ROOT, environment

WHAT = {"data": {"a.jsonl": "12ab"}, "options": {"seed": 0, "train": 100}}

REPLAY = """
import sys
from pathlib import Path
from learning.backtest.checkpoints import CheckpointError, Checkpoints

folder, counted = Path(sys.argv[1]), Path(sys.argv[2])
try:
    kept = Checkpoints.begin(folder, {"seed": 1})
except CheckpointError:
    kept = Checkpoints.resume(folder, {"seed": 1})

def step(n, before):
    with counted.open("a") as file:
        file.write(f"{n}\\n")
    return {"sum": before["sum"] + n, "text": "\\u2028 \\n ü" * 200}

state = {"sum": 0}
with kept:
    for n in range(400):
        state = kept.part(f"step {n}", lambda: step(n, state))
print(state["sum"])
"""


def whole(folder):
    """How many parts are whole in a folder, as bytes say it."""
    path = folder / PARTS
    return path.read_bytes().count(b"\n") if path.exists() else 0


def test_a_killed_replay_goes_on_and_its_figures_are_those_of_one_that_was_not(tmp_path):
    counted = tmp_path / "counted"
    command = [sys.executable, "-c", REPLAY, str(tmp_path / "parts"), str(counted)]
    for goal in (20, 150, 151, 300):
        running = subprocess.Popen(
            command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, start_new_session=True
        )
        deadline = time.monotonic() + 60
        while whole(tmp_path / "parts") < goal and running.poll() is None:
            assert time.monotonic() < deadline
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate(timeout=60)
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, check=True)
    assert int(done.stdout) == sum(range(400))
    steps = counted.read_text().split()
    assert sorted(set(map(int, steps))) == list(range(400))
    # What was kept was not done again: at most the step that each kill struck.
    assert len(steps) <= 400 + 4


def test_a_part_is_worked_out_once(tmp_path):
    with Checkpoints.begin(tmp_path, WHAT) as kept:
        assert kept.part("a", lambda: (1, {2: "x"})) == [1, {"2": "x"}]
        assert kept.part("a", lambda: pytest.fail("again")) == [1, {"2": "x"}]
    with Checkpoints.resume(tmp_path, WHAT) as kept:
        assert kept.found == 1
        assert kept.part("a", lambda: pytest.fail("again")) == [1, {"2": "x"}]


def test_who_keeps_nothing_sees_the_same_values():
    assert NothingKept().part("a", lambda: (1, {2: "x"})) == [1, {"2": "x"}]


@given(cut=st.integers(1, 200), garbage=st.binary(max_size=20))
def test_whatever_a_crash_leaves_of_the_last_part_the_parts_before_it_stand(
    tmp_path_factory, cut, garbage
):
    folder = tmp_path_factory.mktemp("parts")
    with Checkpoints.begin(folder, WHAT) as kept:
        for n in range(3):
            kept.part(str(n), lambda n=n: {"n": n, "text": "é" * 20})
    lines = (folder / PARTS).read_bytes()
    last = lines.rstrip(b"\n").rindex(b"\n") + 1
    end = max(last, len(lines) - cut)
    (folder / PARTS).write_bytes(lines[:end] + garbage)
    with Checkpoints.resume(folder, WHAT) as kept:
        assert kept.found == 2
        assert [kept.part(str(n), lambda: "anew") for n in range(3)][2] == "anew"
    with Checkpoints.resume(folder, WHAT) as kept:
        assert kept.part("2", lambda: pytest.fail("lost")) == "anew"


@pytest.mark.parametrize(
    ("other", "named"),
    [
        pytest.param(WHAT | {"options": {"seed": 1, "train": 100}}, "options.seed", id="an option"),
        pytest.param(WHAT | {"data": {"a.jsonl": "34cd"}}, "data.a.jsonl", id="the data"),
        pytest.param(WHAT | {"program": "x"}, "program", id="the program"),
    ],
)
def test_parts_of_another_run_are_refused_and_what_differs_is_named(tmp_path, other, named):
    Checkpoints.begin(tmp_path, WHAT).__exit__(None, None, None)
    with pytest.raises(CheckpointError, match=named):
        Checkpoints.resume(tmp_path, other)


def test_a_run_does_not_begin_over_the_parts_of_another(tmp_path):
    Checkpoints.begin(tmp_path, WHAT).__exit__(None, None, None)
    with pytest.raises(CheckpointError, match="resume it"):
        Checkpoints.begin(tmp_path, WHAT)


def test_nothing_can_be_resumed_where_nothing_was_kept(tmp_path):
    with pytest.raises(CheckpointError, match="no parts"):
        Checkpoints.resume(tmp_path, WHAT)


def test_a_broken_identity_is_told(tmp_path):
    (tmp_path / IDENTITY).write_text("{")
    with pytest.raises(CheckpointError, match="cannot be read"):
        Checkpoints.resume(tmp_path, WHAT)


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match="cannot be written"):
        Checkpoints.begin(tmp_path / "file" / "parts", WHAT)


def test_a_part_that_is_no_json_is_a_mistake_and_is_not_kept(tmp_path):
    with Checkpoints.begin(tmp_path, WHAT) as kept:
        with pytest.raises(ValueError, match="JSON"):
            kept.part("a", lambda: float("nan"))
        assert kept.part("a", lambda: 1) == 1
    assert json.loads((tmp_path / IDENTITY).read_text()) == WHAT
