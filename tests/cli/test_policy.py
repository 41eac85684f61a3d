"""`wallbounce policy`: made of what was learned, tried, promoted, reverted, taken elsewhere."""

import json
import shutil
import sqlite3
import time
from contextlib import closing
from functools import partial

import httpx
import pytest

from tests.support.command_line import wallbounce
from tests.support.gateway_process import RunningGateway
from tests.support.policies import a_policy

STEADY = {"AUTO_ROLLBACK_ERROR_RATE": "1", "AUTO_ROLLBACK_MIN_REQUESTS": "2000"}
# Two vendors say 408, gemini says 398; here gemini is taken to be right.
CONTESTED = {"prompt": "What is 17 times 24?", "task_type": "critical"}
MINORITY = "gemini"


def teach(url, times):
    for _ in range(times):
        answer = httpx.post(f"{url}/api/v1/generate", json=CONTESTED, timeout=30).json()
        said = {
            "request_id": answer["request_id"],
            "correct": answer["answer_source"] == MINORITY,
        }
        assert httpx.post(f"{url}/api/v1/feedback", json=said, timeout=30).status_code == 202


def learning(url):
    return httpx.get(f"{url}/health", timeout=30).json()["learning"]


def until(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    pytest.fail(f"it did not come to pass within {seconds} s")


def said(done, code=0):
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def databases(vendor_server, tmp_path_factory):
    """Folders of gateways that have ended: one was told of four answers, one answered nothing."""
    made = {}
    for name, times in (("taught", 4), ("fresh", 0)):
        made[name] = tmp_path_factory.mktemp(name)
        with RunningGateway(vendor_server.environment | STEADY, made[name]) as gateway:
            teach(gateway.url, times)
    return made


def copied(folder, to):
    to.mkdir(exist_ok=True)
    shutil.copytree(folder / ".wallbounce", to / ".wallbounce")
    return partial(wallbounce, folder=to)


@pytest.fixture
def taught(databases, tmp_path):
    """Commands in a folder whose gateway was told of four answers."""
    return copied(databases["taught"], tmp_path)


@pytest.fixture
def folder(databases, tmp_path):
    """Commands in a folder whose gateway has answered nothing."""
    return copied(databases["fresh"], tmp_path)


def test_a_policy_is_made_of_the_labels_tried_and_put_in_force(taught):
    made = said(taught("policy", "create", "--note", "壁", "--json"))
    policy = made["policy"]
    assert (policy["version"], policy["note"], policy["fitted_on"]["labels"]) == (1, "壁", 4)
    assert policy["figures"]["accuracy"]["n"] == 4
    assert set(policy["weights"]["providers"]["number"]) == {"gpt", "claude", "gemini"}
    assert policy["fitted_on"]["first_at"] <= policy["fitted_on"]["last_at"]
    assert policy["figures"]["cost_usd"]["value"] > 0
    assert said(taught("policy", "list", "--json"))["in_force"] == 0
    assert said(taught("policy", "check", "1", "--json")) == {
        "policy": "policy 1",
        "healthy": True,
        "reasons": [],
    }
    assert said(taught("policy", "promote", "1", "--reason", "first", "--json"))["version"] == 1
    listed = said(taught("policy", "list", "--json"))
    assert (listed["in_force"], listed["moves"][0]["reason"]) == (1, "first")
    shown = said(taught("policy", "show", "--json"))
    assert (shown["in_force"], shown["digest"]) == (True, made["digest"])


def test_the_tables_tell_of_versions_figures_and_weights(taught):
    assert "there is no policy yet" in taught("policy", "list").stdout
    taught("policy", "create", "--frozen", "--note", "holidays")
    shown = taught("policy", "list").stdout
    assert "holidays" in shown
    assert "none is in force" in shown
    taught("policy", "promote", "1")
    assert "put in force" in taught("policy", "list").stdout
    shown = taught("policy", "show").stdout
    assert all(word in shown for word in ("its model judges", "accuracy", "gemini", "number"))


def test_a_policy_nobody_knows_figures_of_is_not_promoted(folder):
    made = said(folder("policy", "create", "--json"))
    assert made["policy"]["figures"] == {}
    checked = folder("policy", "check", "1")
    assert checked.returncode == 1
    assert "figures.accuracy: missing" in checked.stdout
    refused = folder("policy", "promote", "1")
    assert refused.returncode == 1
    assert "what is in force stays" in refused.stderr
    assert said(folder("policy", "list", "--json"))["in_force"] == 0


def test_a_backtests_report_gives_figures(folder, tmp_path):
    report = {
        "lift": {"accuracy": 0.021, "low": 0.012, "high": 0.03, "cost_ratio": 0.97},
        "cheaper": {"calls_saved": 0.36, "accuracy_change": -0.001, "low": -0.004, "high": 0.002},
    }
    (tmp_path / "report.json").write_text(json.dumps(report))
    made = said(folder("policy", "create", "--report", "report.json", "--json"))["policy"]
    assert made["figures"]["lift"] == {"value": 0.021, "low": 0.012, "high": 0.03, "n": None}
    assert made["figures"]["calls_saved"]["value"] == 0.36
    assert set(made["fitted_on"]["datasets"]) == {"labels", "report"}


@pytest.mark.parametrize(
    ("option", "text", "reason"),
    [
        ("--report", "{}", "no report of a backtest"),
        ("--report", '{"lift": {"accuracy": "high"}}', "report: lift.accuracy: Input should be"),
        ("--report", "not json", "no JSON"),
        ("--report", "[" * 100_000, "no JSON"),
        ("--layers", '{"vector": -1}', "layers.vector: Input should be greater than or equal to 0"),
        ("--layers", "[0.5]", "layers: Input should be a valid dictionary"),
        ("--from", "[" * 100_000, "no JSON"),
        ("--from", '{"format": 9}', "format: Input should be 1"),
    ],
)
def test_a_file_that_makes_no_sense_is_told_and_makes_no_policy(
    folder, tmp_path, option, text, reason
):
    (tmp_path / "file.json").write_text(text)
    done = folder("policy", "create", option, "file.json")
    assert done.returncode == 1
    assert reason in done.stderr
    assert said(folder("policy", "list", "--json"))["policies"] == []


def test_revert_goes_back_a_step_each_time_and_then_says_there_is_none(taught):
    for version in ("1", "2", "3"):
        taught("policy", "create")
        assert taught("policy", "promote", version).returncode == 0
    assert said(taught("policy", "revert", "--reason", "worse", "--json"))["version"] == 2
    assert "back to policy 1" in taught("policy", "revert").stdout
    done = taught("policy", "revert")
    assert done.returncode == 1
    assert "none to go back to" in done.stderr


def test_promoting_what_is_in_force_or_not_there_is_told(taught):
    taught("policy", "create")
    taught("policy", "promote", "1")
    assert "in force already" in taught("policy", "promote", "1").stderr
    assert "there is no policy 9" in taught("policy", "promote", "9").stderr
    assert "never" not in taught("policy", "revert").stderr


def test_before_any_policy_each_command_says_so(folder):
    assert "no policy is in force" in folder("policy", "show").stderr
    assert "no policy was ever in force" in folder("policy", "revert").stderr
    assert "no policy is in force" in folder("policy", "check").stderr


def test_an_exported_policy_is_taken_into_another_database(taught, databases, tmp_path):
    taught("policy", "create", "--frozen")
    exported = tmp_path / "exported.json"
    assert taught("policy", "export", "1", "--out", str(exported)).returncode == 0
    assert json.loads(exported.read_text()) == said(taught("policy", "export", "1"))
    there = copied(databases["fresh"], tmp_path / "other")
    assert there("policy", "create", "--from", str(exported)).returncode == 0
    assert there("policy", "promote", "1").returncode == 0
    mine, theirs = (said(run("policy", "show", "1", "--json"))["policy"] for run in (taught, there))
    assert mine == theirs


@pytest.mark.parametrize(
    ("note", "reason"),
    [("x" * 2_001, "note: String should have at most 2000 characters"), (b"a\xff", "surrogate")],
)
def test_a_note_that_no_document_holds_makes_no_policy_that_nobody_could_read(
    folder, tmp_path, note, reason
):
    (tmp_path / "good.json").write_text(json.dumps(a_policy().as_json()))
    for source in (["--from", "good.json"], []):
        done = folder("policy", "create", *source, "--note", note)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert (reason if source else "note: ") in done.stderr
    assert said(folder("policy", "list", "--json"))["policies"] == []


def test_a_file_that_was_changed_after_its_export_is_not_healthy(folder, tmp_path):
    policy = a_policy()
    body = {"digest": policy.digest, "policy": policy.as_json()}
    (tmp_path / "good.json").write_text(json.dumps(body))
    assert folder("policy", "check", "good.json").returncode == 0
    body["policy"]["figures"]["accuracy"]["value"] = 0.85
    (tmp_path / "changed.json").write_text(json.dumps(body))
    checked = said(folder("policy", "check", "changed.json", "--json"), code=1)
    assert "its digest is" in checked["reasons"][0]
    assert folder("policy", "create", "--from", "changed.json").returncode == 1


def test_a_policy_changed_in_the_database_is_not_healthy(taught, tmp_path):
    taught("policy", "create")
    with closing(sqlite3.connect(tmp_path / ".wallbounce" / "wallbounce.sqlite3")) as database:
        database.execute(
            "UPDATE policies SET document = replace(document, '\"labels\":4', '\"labels\":5')"
        )
        database.commit()
    assert "not what digest" in taught("policy", "check", "1").stdout
    assert taught("policy", "promote", "1").returncode == 1
    assert "cannot be read" in taught("policy", "show", "1").stderr
    assert "unreadable" in said(taught("policy", "list", "--json"))["policies"][0]


def test_differences_are_told_path_by_path(taught):
    taught("policy", "create", "--note", "one")
    taught("policy", "create", "--note", "two", "--frozen")
    shown = taught("policy", "diff", "1", "2").stdout
    assert 'note: "one" -> "two"' in shown
    assert "calibration.frozen: false -> true" in shown
    assert "weights" not in shown
    found = said(taught("policy", "diff", "1", "2", "--json"))["differences"]
    assert {d["path"] for d in found} == {"version", "created_at", "note", "calibration.frozen"}


def test_a_running_gateway_follows_promotions_and_a_frozen_one_stands_still(
    vendors, tmp_path, alone
):
    with RunningGateway(vendors.environment | STEADY, tmp_path) as gateway:
        teach(gateway.url, 2)
        alone("policy", "create", "--frozen")
        alone("policy", "promote", "1")
        until(lambda: learning(gateway.url)["policy"] == 1)
        assert learning(gateway.url)["frozen"] is True

        def confidence():
            answer = httpx.post(f"{gateway.url}/api/v1/generate", json=CONTESTED, timeout=30)
            return answer.json()["consensus"]["confidence"]

        before = confidence()
        teach(gateway.url, 12)
        until(lambda: learning(gateway.url)["lessons"] == 14)
        assert confidence() == before
        alone("policy", "create")
        alone("policy", "promote", "2")
        until(lambda: learning(gateway.url)["policy"] == 2)
        until(lambda: confidence() != before)
        metrics = httpx.get(f"{gateway.url}/learning/metrics", timeout=30).text
        assert "learning_policy_version 2.0" in metrics
        alone("policy", "revert")
        until(lambda: confidence() == before)


def test_without_a_database_it_says_so(alone):
    for arguments in (("list",), ("show",), ("create",), ("promote", "1"), ("revert",)):
        done = alone("policy", *arguments)
        assert done.returncode == 1
        assert "there is no database" in done.stderr
