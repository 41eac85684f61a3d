"""`wallbounce rollout status`: what is in force and which rule decides it, once or as it moves."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from functools import partial

import httpx
import pytest
from rich.cells import cell_len

from tests.support.command_line import environment, running_command, wallbounce
from tests.support.gateway_process import RunningGateway

PLAN = """
name: two-steps
stages: [30, {percentage: 100, approvals: 2}]
arms: [{name: all, split: 2}, {name: two, providers: [gpt, gemini]}]
"""


@pytest.fixture(scope="module")
def planned(vendor_server, tmp_path_factory):
    """A gateway that follows the plan above."""
    folder = tmp_path_factory.mktemp("planned")
    (folder / "plan.yaml").write_text(PLAN)
    env = vendor_server.environment | {"SRP_ROLLOUT_PLAN": "plan.yaml"}
    with RunningGateway(env, folder) as running:
        deadline = time.monotonic() + 10
        while httpx.get(f"{running.url}/api/v1/rollout", trust_env=False).json()["plan"] is None:
            assert time.monotonic() < deadline
        yield running


@pytest.fixture
def run(planned):
    return partial(wallbounce, folder=planned.folder)


def until_newest(watch, words, *, without="\0"):
    """Wait until the newest look that is written whole has ``words`` in it, and not ``without``."""
    deadline = time.monotonic() + 30
    while True:
        looks = re.split(r"^\d\d:\d\d:\d\d ─+$", watch.stdout, flags=re.MULTILINE)[1:-1]
        if looks and words in looks[-1] and without not in looks[-1]:
            return looks[-1]
        assert time.monotonic() < deadline, watch.stdout[-2_000:]


def deciding(output):
    """The one rule that is marked, in the table of rules."""
    table = output.split("the first that holds sets the share")[1]
    (line,) = (line for line in table.splitlines() if line.startswith("▶"))
    return line


def test_it_shows_plan_arms_comparisons_and_rules_in_80_columns(run):
    done = run("rollout", "status")
    assert done.returncode == 0, done.stderr
    words = "stage 30 · 1 of 2 of plan two-steps", "all:", "two:", "NOT_ENOUGH_DATA", "error rate"
    for word in (*words, "no arm has data", "▶ 30 %", "100 %"):
        assert word in done.stdout, done.stdout
    assert "stage 1 of 2 of the plan two-steps is 30 %" in deciding(done.stdout)
    assert max(cell_len(line) for line in done.stdout.splitlines()) <= 80


def test_the_rule_that_decides_is_marked_and_follows_what_stands(run):
    run("rollout", "set", "5")
    assert "below the 30" in deciding(run("rollout", "status").stdout)
    run("rollout", "rollback", "--reason", "訓練")
    shown = run("rollout", "status").stdout
    assert "a rollback stands: 訓練" in deciding(shown)
    assert "rolled back" in shown
    run("rollout", "acknowledge")
    run("rollout", "set", "100")
    assert "is 30 %" in deciding(run("rollout", "status").stdout)


def test_what_is_held_and_approved_stands_on_top(run):
    run("rollout", "hold")
    run("rollout", "approve")
    top = run("rollout", "status").stdout.split("all:")[0]
    assert "held" in top
    assert "approved by" in top
    run("rollout", "resume")


def test_watching_survives_a_gateway_that_goes_and_comes_back_and_ends_clean(
    vendors, tmp_path, start
):
    with RunningGateway(vendors.environment, tmp_path) as gateway:
        with start("rollout", "status", "--watch", "--every", "0.1") as watch:
            until_newest(watch, "stage 100")
            gateway.kill9()
            assert "stage 100" in until_newest(watch, "trying again")  # seen last, still shown
            gateway.start()
            until_newest(watch, "stage 100", without="trying again")
            assert watch.interrupt() == 0
        assert "Traceback" not in watch.stderr
        assert "Aborted" not in watch.stderr


def test_watching_as_json_is_one_line_a_look_also_without_a_gateway(vendors, tmp_path):
    options = ("--watch", "--json", "--every", "0.1", "--url", "http://127.0.0.1:1")
    with running_command("rollout", "status", *options, folder=tmp_path) as watch:
        watch.until("no gateway runs")
        watch.interrupt()
        lines = watch.stdout.splitlines()
    assert all("no gateway runs" in json.loads(line)["away"] for line in lines)


def test_on_a_terminal_the_last_look_stays_when_watching_ends(planned):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway.cli", "rollout", "status", "--watch", "--every", "0.1"],
        cwd=planned.folder,
        env=environment({"TERM": "xterm", "COLUMNS": "80", "LINES": "40"}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    try:
        while shown.count(b"stage") < 3:
            shown += os.read(ours, 65_536)
        os.killpg(process.pid, signal.SIGINT)
        while True:
            try:
                more = os.read(ours, 65_536)
            except OSError:  # Linux's word for a terminal whose other side is closed
                break
            shown += more
    finally:
        os.close(ours)
        process.kill()
    left = shown.split(b"\x1b[?1049l")  # the screen of its own is given back
    assert len(left) == 2
    assert b"stage" in left[1]
    assert b"Traceback" not in left[1]


def test_ctrl_c_on_a_terminal_is_no_failure(planned):
    with running_command("rollout", "status", "--watch", folder=planned.folder) as watch:
        watch.until("stage 30")
        assert watch.interrupt() == 0
