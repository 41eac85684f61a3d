"""When the families are made anew, and what is in force meanwhile."""

import sys
from pathlib import Path

import numpy as np
import pytest

from learning.graph.edges import NeighbourEdges
from learning.graph.errors import RunFailedError
from learning.graph.family_file import FAMILIES
from learning.graph.recompute import recompute
from learning.graph.runner import GraphRunner, command


@pytest.fixture
def folder(tmp_path):
    edges = NeighbourEdges(tmp_path)
    edges.append(np.array([1, 2]), np.array([[0], [1]]), np.array([[0.0], [0.5]]))
    edges.close()
    return tmp_path


@pytest.fixture
def runner(folder):
    return GraphRunner(folder, interval_s=900, timeout_s=60)


def test_the_first_run_is_due_at_once_and_the_next_after_the_interval(runner):
    assert runner.due(1000.0)
    runner.started(1000.0)
    runner.ended(*ran(runner))
    assert not runner.due(1899.0)
    assert runner.due(1900.0)


def test_while_one_runs_no_other_is_due(runner):
    runner.started(1000.0)
    assert runner.running
    assert not runner.due(5000.0)


def test_where_nothing_changed_no_run_is_due(runner):
    assert not runner.due(1000.0, changed=False)


def test_a_run_is_overdue_after_its_time(runner):
    assert not runner.overdue(1e9)
    runner.started(1000.0)
    assert not runner.overdue(1060.0)
    assert runner.overdue(1061.0)


def test_a_run_that_failed_is_tried_again_after_the_interval(runner):
    runner.started(1000.0)
    with pytest.raises(RunFailedError, match="signal 9"):
        runner.ended(-9)
    assert not runner.running
    assert not runner.due(1500.0)
    assert runner.due(1900.0)


def test_families_of_an_earlier_process_are_in_force(folder, runner):
    assert runner.families is None
    recompute(folder)
    assert GraphRunner(folder).families.run == 1


def test_a_run_that_ended_well_is_in_force(runner):
    runner.started(1000.0)
    assert runner.ended(*ran(runner)) is runner.families
    assert runner.families.run == 1


def test_the_end_of_what_a_failed_run_wrote_is_told(runner):
    runner.started(1000.0)
    with pytest.raises(RunFailedError, match=r"status 3: x*no room"):
        runner.ended(3, "x" * 5000 + "no room\n")


def test_a_run_that_says_it_went_well_but_left_nothing_failed(runner):
    with pytest.raises(RunFailedError):
        runner.ended(0)


def test_a_run_that_says_it_went_well_but_left_the_old_families_failed(folder):
    recompute(folder)
    runner = GraphRunner(folder)
    with pytest.raises(RunFailedError, match="as they were"):
        runner.ended(0)
    assert runner.families.run == 1


def test_what_a_run_left_broken_is_not_in_force(folder):
    recompute(folder)
    runner = GraphRunner(folder)
    (folder / FAMILIES).write_bytes(b"garbage")
    with pytest.raises(RunFailedError):
        runner.ended(0)
    assert runner.families.run == 1


def test_the_command_is_this_python_with_its_own_bound(runner):
    assert command(Path("there"), cpu_seconds=60) == [
        sys.executable,
        "-P",
        "-m",
        "learning.graph.recompute",
        "--cpu-seconds=60",
        "there",
    ]
    assert "--cpu-seconds=60" in runner.command()


def ran(runner):
    recompute(runner._folder)
    return (0,)
