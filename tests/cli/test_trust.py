"""`wallbounce trust`: what feedback has taught, with or without a gateway that runs."""

import json

import httpx

from tests.support.gateway_process import RunningGateway


def taught(vendors, folder):
    """A folder whose gateway was told of two answers and has ended."""
    with RunningGateway(vendors.environment, folder) as gateway:
        for correct in (True, False):
            asked = {"prompt": "What is 17 times 24?", "task_type": "critical"}
            answer = httpx.post(f"{gateway.url}/api/v1/generate", json=asked, timeout=30).json()
            said = {"request_id": answer["request_id"], "correct": correct}
            httpx.post(f"{gateway.url}/api/v1/feedback", json=said, timeout=30)


def test_it_shows_by_kind_what_each_providers_vote_counts(vendors, tmp_path, alone):
    taught(vendors, tmp_path)
    body = json.loads(alone("trust", "--json").stdout)
    assert (body["enabled"], body["lessons"], body["window"]) == (True, 2, 2000)
    (kind,) = body["kinds"]
    assert (kind["kind"], kind["lessons"], kind["right"]) == ("number", 2, 0.5)
    assert kind["source"] == "prior"
    assert set(kind["weights"]) == {"gpt", "claude", "gemini"}
    shown = alone("trust").stdout
    assert "labelled answers" in shown
    assert all(word in shown for word in ("number", "gemini", "50 %", "prior"))


def test_before_any_feedback_it_says_how_to_give_some(vendors, tmp_path, alone):
    with RunningGateway(vendors.environment, tmp_path):
        pass
    assert "nothing is learned yet" in alone("trust").stdout
    assert json.loads(alone("trust", "--json").stdout)["kinds"] == []


def test_where_there_is_no_database_it_says_so_and_makes_none(tmp_path, alone):
    done = alone("trust")
    assert done.returncode == 1
    assert "there is no database" in done.stderr
    assert not (tmp_path / ".wallbounce").exists()


def test_it_says_when_learning_is_switched_off(vendors, tmp_path, alone):
    with RunningGateway(vendors.environment, tmp_path):
        pass
    (tmp_path / ".env").write_text("LEARNING_ENABLED=false\n")
    assert "LEARNING_ENABLED is off" in alone("trust").stdout
