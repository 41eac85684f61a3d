"""`wallbounce serve` and `wallbounce simulate`: how they start, refuse to, and end."""

import shlex

import pytest

from tests.support.ports import free_port


def test_ctrl_c_ends_a_gateway_well(start):
    with start("serve", "--port", str(free_port())) as command:
        command.until("gateway_ready")
        assert command.interrupt() == 0
        assert "Traceback" not in command.stderr


def test_ctrl_c_ends_simulated_vendors_well(start):
    with start("simulate", "--port", str(free_port())) as command:
        command.until("export")
        assert command.interrupt() in {0, 1}
        assert "Traceback" not in command.stderr


def test_what_simulate_prints_sends_a_gateway_to_it(start, alone):
    with start("simulate", "--port", str(free_port()), "--latency-scale", "0") as command:
        command.until("GOOGLE_API_KEY=")
        printed = shlex.split(command.stdout)
        assert printed[0] == "export"
        done = alone("ask", "What is 17 + 25?", env=dict(v.split("=", 1) for v in printed[1:]))
    assert done.returncode == 0
    assert "42" in done.stdout


@pytest.mark.parametrize("command", ["serve", "simulate"])
def test_a_port_that_is_taken_is_one_line(alone, vendors, command):
    port = vendors.base_url.rsplit(":", 1)[1]
    done = alone(command, "--port", port)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()
    assert last[-1].endswith(f"cannot listen on 127.0.0.1:{port}: Address already in use")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"SRP_TRAFFIC_PERCENTAGE": "lots"}, "SRP_TRAFFIC_PERCENTAGE: expected a number"),
        ({"OPENAI_BASE_URL": "nowhere"}, "OPENAI_BASE_URL: expected an http"),
        ({"DATABASE_URL": "mysql://u:hush@h/d"}, "DATABASE_URL: expected a sqlite or postgresql"),
        ({"SRP_ROLLOUT_PLAN": "hasty"}, "SRP_ROLLOUT_PLAN: expected standard, conservative"),
        ({"SRP_ROLLOUT_PLAN": "no.yaml"}, "SRP_ROLLOUT_PLAN: no.yaml: it cannot be read"),
        (
            {"SRP_ROLLOUT_ADVANCE": "automatic", "SRP_ROLLOUT_PLAN": "none"},
            "SRP_ROLLOUT_ADVANCE: expected a plan",
        ),
        (
            {"WALLBOUNCE_PRICES": "no.yaml"},
            "WALLBOUNCE_PRICES: no.yaml: it cannot be read: No such",
        ),
        ({"WALLBOUNCE_DATA_DIR": "/dev/null"}, "WALLBOUNCE_DATA_DIR: expected a folder"),
    ],
)
def test_settings_that_make_no_sense_stop_the_start_with_a_line(alone, env, said):
    done = alone("serve", "--port", "0", env=env)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "hush" not in done.stderr


def test_a_database_that_is_not_there_stops_the_start_with_a_line(alone):
    env = {"DATABASE_URL": "postgresql://u:hush@127.0.0.1:1/d"}
    done = alone("serve", "--port", "0", env=env)
    assert done.returncode == 1
    assert done.stderr.startswith("wallbounce: DATABASE_URL: ")
    assert len(done.stderr.splitlines()) == 1
    assert "hush" not in done.stderr


def test_several_workers_without_redis_are_refused_with_the_reason(alone, tmp_path):
    done = alone("serve", "--port", "0", "--workers", "2")
    assert done.returncode == 2
    assert done.stderr.startswith("wallbounce: REDIS_URL: expected a Redis for --workers 2")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["simulate", "--fault", "gpt=nope"],
        ["simulate", "--latency-scale", "nan"],
        ["serve", "--port", "70000"],
        ["serve", "--workers", "0"],
        ["nope"],
        [],
    ],
)
def test_a_wrong_call_exits_with_2_and_says_how_to_get_help(call, arguments):
    done = call(*arguments)
    assert done.exit_code == 2
    assert "--help" in done.stderr
