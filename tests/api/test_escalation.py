"""A panel that opens with a part of it, over real sockets: who is asked, told, billed and kept."""

import json
import sqlite3
import time

import httpx
import pytest

from learning.advice.words import Advice
from tests.support.advised_gateway import AdvisedGateway
from tests.support.sse import events

AGREED = "What is 17 + 25?"
# gpt and claude say 408, gemini says 398.
CONTESTED = "What is 17 times 24?"
ALL = ["gpt", "claude", "gemini"]
TWO = Advice(providers=tuple(ALL), opening=2, enough=0.3, policy=9)
ONE = Advice(providers=tuple(ALL), opening=1, enough=0.3)
STEADY = {
    "SRP_TRAFFIC_PERCENTAGE": "100",
    "AUTO_ROLLBACK_ERROR_RATE": "1",
    "AUTO_ROLLBACK_MIN_REQUESTS": "2000",
    "WALLBOUNCE_RETRY_ATTEMPTS": "1",
    "WALLBOUNCE_LOG_LEVEL": "error",
}


@pytest.fixture(scope="module")
def shared(vendor_server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("advised")
    env = vendor_server.environment | STEADY | {"WALLBOUNCE_DATA_DIR": str(folder)}
    with AdvisedGateway(env) as running:
        running.folder = folder
        yield running


@pytest.fixture
def engine(shared, vendors):
    shared.engine.says = TWO
    yield shared.engine
    shared.engine.says = None


@pytest.fixture
def client(shared, engine):
    with httpx.Client(base_url=shared.url, timeout=30, trust_env=False) as client:
        yield client


def ask(client, prompt=AGREED, **wishes):
    reply = client.post("/api/v1/generate", json={"prompt": prompt} | wishes)
    assert reply.status_code == 200, reply.text
    return reply.json()


def calls(vendors):
    """How many calls each vendor has seen, the silent ones left out."""
    return {str(name): held["seen"] for name, held in vendors.stats().items() if held["seen"]}


def opened(vendors):
    """How many calls are under way."""
    return sum(held["open"] for held in vendors.stats().values())


def row_of(folder, request_id):
    with sqlite3.connect(folder / "wallbounce.sqlite3") as connection:
        row = connection.execute(
            "SELECT advice FROM requests WHERE request_id = ?", (request_id,)
        ).fetchone()
    connection.close()
    return row


def until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if come := condition():
            return come
        time.sleep(0.01)
    pytest.fail(f"it did not come to pass within {seconds} s")


@pytest.mark.parametrize("mode", ["parallel", "sequential"])
def test_two_that_agree_spare_the_third_call(client, vendors, mode):
    body = ask(client, mode=mode)
    assert calls(vendors) == {"gpt": 1, "claude": 1}
    assert [vote["provider"] for vote in body["votes"]] == ["gpt", "claude"]
    assert body["consensus"]["status"] == "agreed"
    assert body["note"].endswith("gpt and claude asked first, gemini only if that is not enough")
    (held,) = body["consensus"]["round_details"]
    assert (held["providers"], held["escalated"]) == (["gpt", "claude"], [])


def test_without_advice_the_table_is_asked_at_once(client, engine, vendors):
    engine.says = None
    ask(client, task_type="premium")
    assert calls(vendors) == {"gpt": 1, "gemini": 1}


def test_an_engine_that_breaks_costs_nobody_an_answer(client, engine, vendors):
    engine.says = RuntimeError("a bug")
    body = ask(client, task_type="premium")
    assert calls(vendors) == {"gpt": 1, "gemini": 1}
    assert body["note"] is None


def test_one_answer_is_told_to_be_one(client, engine, vendors):
    engine.says = ONE
    body = ask(client, min_providers=1)
    assert calls(vendors) == {"gpt": 1}
    assert body["consensus"]["status"] == "single"
    assert body["consensus"]["below_minimum"] is False
    assert 0 < body["consensus"]["confidence"] < 1


def test_the_least_number_of_answers_is_asked_at_once(client, engine, vendors):
    engine.says = ONE
    ask(client)
    assert calls(vendors) == {"gpt": 1, "claude": 1}


def test_dissent_brings_in_the_third(client, engine, vendors):
    engine.says = Advice(providers=("gpt", "gemini", "claude"), opening=2, enough=0.3)
    body = ask(client, CONTESTED)
    assert calls(vendors) == {"gpt": 1, "gemini": 1, "claude": 1}
    assert body["answer_source"] in {"gpt", "claude"}
    assert body["consensus"]["dissent"] == ["gemini"]
    (held,) = body["consensus"]["round_details"]
    assert (held["round"], held["escalated"]) == (1, ["claude"])
    assert held["cost_usd"] == pytest.approx(body["cost_usd"])


def test_after_dissent_all_three_argue_in_the_second_round(client, engine, vendors):
    engine.says = Advice(providers=("gpt", "gemini", "claude"), opening=2, enough=0.3)
    body = ask(client, CONTESTED, mode="sequential")
    assert body["consensus"]["rounds"] >= 2
    first, second = body["consensus"]["round_details"][:2]
    assert (first["escalated"], second["escalated"]) == (["claude"], [])
    assert sorted(second["providers"]) == sorted(ALL)


def test_a_low_confidence_brings_in_the_third(client, engine, vendors):
    engine.says = Advice(providers=tuple(ALL), opening=2, enough=1.0)
    ask(client)
    assert calls(vendors) == dict.fromkeys(ALL, 1)


@pytest.mark.parametrize("fault", ["500", "malformed", "empty"])
def test_a_failure_brings_in_the_third(client, vendors, fault):
    vendors.set_fault("claude", fault)
    body = ask(client)
    assert calls(vendors) == dict.fromkeys(ALL, 1)
    assert body["consensus"]["status"] == "degraded"
    assert body["providers_used"] == ["gpt", "gemini"]


def test_an_opening_that_hangs_leaves_time_for_the_others(client, engine, vendors):
    engine.says = ONE
    vendors.set_fault("gpt", "timeout")
    began = time.monotonic()
    body = ask(client, min_providers=1, timeout_ms=4_000)
    assert time.monotonic() - began < 5
    assert calls(vendors) == dict.fromkeys(ALL, 1)
    assert body["providers_used"] == ["claude", "gemini"]


@pytest.mark.parametrize(
    ("wishes", "asked"),
    [
        pytest.param({"task_type": "critical"}, set(ALL), id="critical"),
        pytest.param({"providers": ["claude", "gemini"]}, {"claude", "gemini"}, id="a list"),
        pytest.param({"min_providers": 3}, set(ALL), id="three answers wanted"),
    ],
)
def test_what_the_caller_said_is_asked_at_once(client, engine, vendors, wishes, asked):
    engine.says = Advice(providers=tuple(ALL), opening=1, enough=0.0)
    body = ask(client, **wishes)
    assert calls(vendors) == dict.fromkeys(asked, 1)
    assert body["consensus"]["round_details"][0]["escalated"] == []


def test_a_stream_tells_each_vote_and_one_round(client, engine):
    engine.says = Advice(providers=("gpt", "gemini", "claude"), opening=2, enough=0.3)
    body = {"prompt": CONTESTED, "stream": True}
    with client.stream("POST", "/api/v1/generate", json=body) as reply:
        got = list(events(reply))
    names = [event.name for event in got]
    assert names.count("vote") == 3
    assert names.count("round") == 1
    assert names.index("round") > max(i for i, name in enumerate(names) if name == "vote")
    votes = [event.data["provider"] for event in got if event.name == "vote"]
    assert votes[2] == "claude"
    (result,) = [event.data for event in got if event.name == "result"]
    assert result["consensus"]["round_details"][0]["escalated"] == ["claude"]


@pytest.mark.parametrize("budget_usd", [0.005, 0.02, 0.1])
@pytest.mark.parametrize("prompt", [AGREED, CONTESTED])
def test_a_budget_holds_with_and_without_the_escalation(client, engine, prompt, budget_usd):
    engine.says = Advice(providers=("gpt", "gemini", "claude"), opening=2, enough=0.3)
    reply = client.post(
        "/api/v1/generate",
        json={"prompt": prompt, "budget_usd": budget_usd, "task_type": "premium"},
    )
    if reply.status_code == 422:
        assert reply.json()["code"] == "budget_too_small"
        return
    assert reply.status_code == 200, reply.text
    assert reply.json()["cost_usd"] <= budget_usd


def test_hanging_up_while_the_opening_is_out_closes_its_calls(client, vendors):
    for vendor in ALL[:2]:
        vendors.set_fault(vendor, "timeout")
    body = {"prompt": AGREED, "stream": True}
    with client.stream("POST", "/api/v1/generate", json=body) as reply:
        for event in events(reply):
            if event.name == "accepted":
                until(lambda: opened(vendors) == 2)
                break
    until(lambda: opened(vendors) == 0)
    assert calls(vendors) == {"gpt": 1, "claude": 1}


def test_the_record_keeps_the_advice_and_what_came_of_it(shared, client):
    request_id = ask(client)["request_id"]
    kept = json.loads(until(lambda: row_of(shared.folder, request_id))[0])
    assert (kept["policy"], kept["taken"]) == (9, ["providers", "opening"])
    assert (kept["panel"], kept["opening_in_force"]) == (ALL, 2)
    assert (kept["explored"], kept["propensity"]) == (False, 1.0)
