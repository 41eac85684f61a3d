"""`wallbounce rollout`: see where the traffic goes, and move it without a restart."""

import json
import threading
from collections import Counter

import httpx
import pytest
from rich.cells import cell_len

from tests.support.gateway_process import RunningGateway

QUESTION = {"prompt": "What is 17 + 25?"}


def generate(gateway):
    reply = httpx.post(f"{gateway.url}/api/v1/generate", json=QUESTION, timeout=30, trust_env=False)
    assert reply.status_code == 200, reply.text
    return reply.json()["path"]


def status(gateway):
    return httpx.get(f"{gateway.url}/api/v1/rollout", trust_env=False).json()


def test_status_shows_share_health_both_arms_and_history_in_80_columns(run, gateway):
    generate(gateway)
    run(
        "rollout",
        "rollback",
        "--reason",
        "訓練: a reason long enough to need a second line, surely",
    )
    done = run("rollout", "status")
    assert done.returncode == 0
    for word in ("0 % of traffic", "ceiling 100 %", "rolled back", "p95 latency", "legacy", "trip"):
        assert word in done.stdout
    assert "\x1b" not in done.stdout
    assert max(cell_len(line) for line in done.stdout.splitlines()) <= 80


def test_status_as_json_is_the_api_s_body(run, gateway):
    assert json.loads(run("rollout", "status", "--json").stdout).keys() == status(gateway).keys()


def test_a_new_share_holds_at_once_for_requests_under_way_without_a_restart(run, gateway):
    stop = threading.Event()
    answered = []

    def callers():
        while not stop.is_set():
            answered.append(generate(gateway))

    thread = threading.Thread(target=callers)
    thread.start()
    try:
        pid = gateway.pid
        done = run("rollout", "set", "0")
        assert done.returncode == 0
        assert "0 % of traffic takes the wall-bounce path" in done.stdout
        assert Counter(generate(gateway) for _ in range(5)) == {"legacy": 5}
        assert run("rollout", "set", "100").returncode == 0
        assert Counter(generate(gateway) for _ in range(5)) == {"wall_bounce": 5}
    finally:
        stop.set()
        thread.join()
    assert gateway.pid == pid
    assert {"legacy", "wall_bounce"} <= set(answered)


def test_set_keeps_the_rest_of_env_and_leaves_one_effective_line(run, gateway):
    env = gateway.folder / ".env"
    env.write_text(
        "# ours\nSRP_TRAFFIC_PERCENTAGE=1\n\nOTHER='a # b'\nSRP_TRAFFIC_PERCENTAGE=2 # c\n"
    )
    env.chmod(0o640)
    said = json.loads(run("rollout", "set", "33.3", "--json").stdout)
    assert env.read_text() == "# ours\n\nOTHER='a # b'\nSRP_TRAFFIC_PERCENTAGE=33.3 # c\n"
    assert env.stat().st_mode & 0o777 == 0o640
    (gateway_said,) = said["gateways"]
    assert gateway_said["applied"] is True
    assert gateway_said["url"] == gateway.url
    assert status(gateway)["ceiling"] == pytest.approx(0.333)


@pytest.mark.parametrize("nonsense", ["nan", "inf", "101", "-1", "many", ""])
def test_a_share_that_makes_no_sense_changes_nothing(call, tmp_path, nonsense):
    (tmp_path / ".env").write_text("A=1\n")
    assert call("rollout", "set", "--", nonsense).exit_code == 2
    assert (tmp_path / ".env").read_text() == "A=1\n"


def test_a_share_mistyped_in_env_is_mended_by_set(alone, tmp_path):
    (tmp_path / ".env").write_text("SRP_TRAFFIC_PERCENTAGE=many\n")
    assert alone("rollout", "set", "10").returncode == 0
    assert (tmp_path / ".env").read_text() == "SRP_TRAFFIC_PERCENTAGE=10\n"


def test_an_env_the_gateway_would_refuse_is_named_and_left_alone(run, gateway):
    env = gateway.folder / ".env"
    before = "AUTO_ROLLBACK_ERROR_RATE=often\n"
    env.write_text(before)
    try:
        done = run("rollout", "set", "10")
        assert done.returncode != 0
        assert "AUTO_ROLLBACK_ERROR_RATE" in done.stderr
        assert env.read_text() == before
    finally:
        env.unlink()


def test_where_no_gateway_runs_the_share_waits_in_env_for_the_next(alone, tmp_path):
    done = alone("rollout", "set", "10")
    assert done.returncode == 0
    assert "no gateway runs from this folder" in done.stdout
    assert (tmp_path / ".env").read_text() == "SRP_TRAFFIC_PERCENTAGE=10\n"
    assert json.loads(alone("rollout", "set", "10", "--json").stdout)["gateways"] == []


def test_every_gateway_of_a_folder_takes_the_share_and_the_killed_one_is_forgotten(
    alone, vendors, tmp_path
):
    env = vendors.environment
    with RunningGateway(env, tmp_path) as first, RunningGateway(env, tmp_path) as second:
        said = json.loads(alone("rollout", "set", "20", "--json").stdout)
        assert {g["url"] for g in said["gateways"]} == {first.url, second.url}
        assert [status(g)["ceiling"] for g in (first, second)] == [0.2, 0.2]
        assert "2 gateways run here" in alone("rollout", "status").stderr
        first.kill9()
        said = json.loads(alone("rollout", "set", "30", "--json").stdout)
        assert [g["url"] for g in said["gateways"]] == [second.url]


def test_a_host_s_operator_rolls_back_and_acknowledges_through_the_database(run, gateway):
    assert generate(gateway) == "wall_bounce"
    done = run("rollout", "rollback", "--reason", "a drill")
    assert done.returncode == 0
    assert f"{gateway.url}: 0 % of traffic" in done.stdout
    assert generate(gateway) == "legacy"
    assert status(gateway)["trip"]["reason"] == "a drill"
    assert "a rollback stands already" in run("rollout", "rollback").stdout
    assert "a rollback stands" in run("rollout", "set", "100").stdout
    done = run("rollout", "acknowledge")
    assert f"{gateway.url}: 100 % of traffic" in done.stdout
    assert generate(gateway) == "wall_bounce"
    assert "nothing to acknowledge" in run("rollout", "acknowledge").stdout


@pytest.mark.parametrize("move", ["rollback", "acknowledge"])
def test_a_move_where_there_is_no_database_fails_instead_of_making_one(alone, tmp_path, move):
    done = alone("rollout", move)
    assert done.returncode == 1
    assert "there is no database" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_is_away_is_one_line_without_its_password(alone):
    env = {"DATABASE_URL": "postgresql://u:hush@127.0.0.1:1/d"}
    done = alone("rollout", "rollback", env=env)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "hush" not in done.stderr


def test_status_without_a_gateway_is_one_line(alone):
    done = alone("rollout", "status", "--url", "http://127.0.0.1:1")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
