"""`wallbounce doctor`: is this environment fit to serve, and if not, what to do."""

import json


def findings(done):
    return {found["subject"]: found for found in json.loads(done.stdout)}


def test_a_good_environment_passes_and_is_left_as_it_was(alone, vendors, tmp_path):
    done = alone("doctor", "--json", env=vendors.environment | {"WALLBOUNCE_API_KEYS": "k"})
    assert done.returncode == 0
    found = findings(done)
    assert {found[name]["level"] for name in ("gpt", "claude", "gemini", "database")} == {"ok"}
    assert "callers" not in found
    assert list(tmp_path.iterdir()) == []


def test_doctor_finds_the_gateway_that_runs_here(run, gateway, vendors):
    found = findings(run("doctor", "--json", "--offline", env=vendors.environment))
    assert gateway.url in found["running here"]["found"]


def test_without_vendors_it_fails_and_names_the_variables(alone):
    done = alone("doctor")
    assert done.returncode == 1
    for variable in ("GOOGLE_API_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        assert variable in done.stdout


def test_each_thing_that_is_wrong_is_named_with_what_to_do_and_no_secret(alone):
    env = {
        "OPENAI_API_KEY": "sk-hush",
        "OPENAI_BASE_URL": "http://127.0.0.1:1",
        "DATABASE_URL": "postgresql://u:hush@127.0.0.1:1/d",
        "WALLBOUNCE_DATA_DIR": "/dev/null/inside",
    }
    done = alone("doctor", "--json", env=env)
    assert done.returncode == 1
    found = findings(done)
    failed = {name for name, finding in found.items() if finding["level"] == "fail"}
    assert failed == {"gpt", "data folder", "database"}
    assert all(found[name]["advice"] for name in failed)
    assert "Connection refused" in found["gpt"]["found"]
    assert "hush" not in done.stdout + done.stderr


def test_offline_opens_no_connection(alone):
    env = {"OPENAI_API_KEY": "sk", "OPENAI_BASE_URL": "http://127.0.0.1:1"}
    assert alone("doctor", "--offline", env=env).returncode == 0


def test_a_setting_that_makes_no_sense_is_told_with_its_value(alone, tmp_path):
    (tmp_path / ".env").write_text("SRP_TRAFFIC_PERCENTAGE=many\n")
    done = alone("doctor", "--json")
    assert done.returncode == 1
    assert "'many'" in findings(done)["settings"]["found"]


def test_a_plan_nobody_can_follow_is_told_line_by_line(alone, tmp_path):
    (tmp_path / "mine.yaml").write_text("{name: mine, stages: [50, 10], alpha: 7}")
    done = alone("doctor", "--json", env={"SRP_ROLLOUT_PLAN": "mine.yaml"})
    assert done.returncode == 1
    assert done.stdout.count("rollout plan") == 2
    assert "mine.yaml: stages[1].percentage" in done.stdout


def test_the_plan_in_the_environment_is_shown(alone):
    done = alone("doctor", "--json", "--offline", env={"SRP_ROLLOUT_PLAN": "growth"})
    assert findings(done)["rollout plan"]["found"] == (
        "growth: 1, 2, 10, 20, 35, 50, 100 %, manual advance"
    )
