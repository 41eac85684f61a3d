"""A process that ended without a goodbye is found by the next one."""

import os
import signal
import subprocess
import sys
import time

import pytest

from gateway.alerts.crash_marks import TOLD_AGAIN_S, marked
from tests.support.gateway_process import ROOT

HOLD = """
import sys
from pathlib import Path
from gateway.alerts.crash_marks import marked
with marked(Path(sys.argv[1]), sys.argv[2]) as found:
    print(list(found), flush=True)
    sys.stdin.read()
"""


def begun(folder, name="gateway-1"):
    """A process that holds a mark until its stdin is closed."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder), name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    )


def process(folder, name="gateway-1"):
    """The same once it holds its mark."""
    child = begun(folder, name)
    assert found_by(child)
    return child


def found_by(child):
    """What it says to have found, once it holds its mark; log lines come before."""
    return next(line.strip() for line in child.stdout if line.startswith("["))


def ended(child, *, how):
    if how == "killed":
        child.send_signal(signal.SIGKILL)
    child.communicate()


def found(folder):
    with marked(folder, "looking") as crashes:
        return crashes


def test_a_killed_process_is_found_by_its_instance_and_once(tmp_path):
    child = process(tmp_path)
    ended(child, how="killed")
    assert found(tmp_path) == ("gateway-1",)
    assert found(tmp_path) == ()


def test_a_process_that_ends_in_order_leaves_nothing(tmp_path):
    child = process(tmp_path)
    ended(child, how="in order")
    assert found(tmp_path) == ()
    assert list(tmp_path.rglob("*.mark")) == []


def test_a_process_that_lives_is_no_crash(tmp_path):
    child = process(tmp_path)
    assert found(tmp_path) == ()
    ended(child, how="killed")
    assert found(tmp_path) == ("gateway-1",)


def test_one_of_several_starting_at_once_finds_it(tmp_path):
    child = process(tmp_path)
    ended(child, how="killed")
    children = [begun(tmp_path, f"gateway-{n}") for n in range(2, 5)]
    assert sorted(map(found_by, children)) == ["['gateway-1']", "[]", "[]"]
    for one in children:
        ended(one, how="in order")


def test_an_instance_that_crashes_again_within_the_hour_is_not_told_again(tmp_path):
    for _ in range(2):
        child = process(tmp_path)
        ended(child, how="killed")
        last = found(tmp_path)
    assert last == ()
    stamp = tmp_path / "processes" / "told-gateway-1"
    long_ago = time.time() - TOLD_AGAIN_S - 60
    os.utime(stamp, (long_ago, long_ago))
    child = process(tmp_path)
    ended(child, how="killed")
    assert found(tmp_path) == ("gateway-1",)


def test_another_instance_is_told_whatever_befell_the_first(tmp_path):
    for name in ("gateway-1", "eu/gateway:2"):
        child = process(tmp_path, name)
        ended(child, how="killed")
        assert found(tmp_path) == (name,)


def test_a_folder_that_cannot_be_written_stops_nobody(tmp_path):
    (tmp_path / "processes").write_text("no folder")
    assert found(tmp_path) == ()


def test_an_error_inside_ends_the_process_in_order(tmp_path):
    with pytest.raises(KeyError), marked(tmp_path, "gateway-1"):
        raise KeyError
    assert found(tmp_path) == ()
