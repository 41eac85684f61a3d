"""Sequential mode over real sockets: what is contested is challenged, and each round is told."""

import json
import sqlite3
import time

import pytest

from tests.support.gateway_process import RunningGateway
from tests.support.sse import events

ALL = ["gpt", "claude", "gemini"]
PRIME = "Is 91 a prime number?"
INTEREST = (
    "You put $1,000 in an account at 10% interest a year, compounded yearly. "
    "How many dollars are in it after 2 years?"
)
BAT = (
    "A bat and a ball cost $1.10 in total. The bat costs $1.00 more than the ball. "
    "How many cents does the ball cost?"
)
MULTIPLES = "1から100までの整数のうち、3または5で割り切れる数はいくつありますか。"
WAITING = {"gpt": 8_000}
"""Milliseconds, a tenth of which gpt takes: long enough to change the others before a second round."""


@pytest.fixture(scope="module")
def shared_gateway(vendor_server, tmp_path_factory):
    """One that waits for every vendor whatever it has learned of its usual time: rounds are what is tested."""
    env = vendor_server.environment | {
        "SRP_TRAFFIC_PERCENTAGE": "100",
        "AUTO_ROLLBACK_ERROR_RATE": "1",
        "AUTO_ROLLBACK_MIN_REQUESTS": "2000",
        "WALLBOUNCE_RETRY_ATTEMPTS": "1",
        "WALLBOUNCE_CIRCUIT_BREAKERS": "false",
        "WALLBOUNCE_HEDGING_SHARE": "0",
        "CONSENSUS_STRAGGLER_PATIENCE_MS": "0",
    }
    with RunningGateway(env, tmp_path_factory.mktemp("rounds")) as running:
        yield running


def body_of(prompt, **wishes):
    return {"prompt": prompt, "task_type": "critical", "mode": "sequential"} | wishes


def ask(gateway, prompt, **wishes):
    reply = gateway.post("/api/v1/generate", json=body_of(prompt, **wishes))
    assert reply.status_code == 200, reply.text
    return reply.json()


def rounds_of(body):
    return body["consensus"]["round_details"]


def streamed(gateway, prompt, at_first_vote, **wishes):
    """All events of a streamed request; ``at_first_vote`` is called while round one is under way."""
    got = []
    body = body_of(prompt, **wishes) | {"stream": True}
    with gateway.stream("POST", "/api/v1/generate", json=body) as reply:
        for event in events(reply):
            if event.name == "vote" and not any(e.name == "vote" for e in got):
                at_first_vote()
            got.append(event)
    return got


def test_who_follows_the_majority_without_a_reason_is_marked(gateway):
    body = ask(gateway, INTEREST)
    first, second = rounds_of(body)
    assert (first["round"], first["providers"], first["flips"], first["gain"]) == (1, ALL, [], None)
    (flip,) = second["flips"]
    assert flip == {
        "provider": "gemini",
        "from": "1200",
        "to": "1210",
        "new_evidence": False,
        "evidence": [],
        "conformed": True,
    }
    assert second["gain"]["agreement"] > 0
    assert second["agreement"] == body["consensus"]["agreement"] == 1.0
    independence = body["consensus"]["independence"]
    assert independence["gpt"] == independence["claude"] == 1.0
    assert independence["gemini"] < 1.0


@pytest.mark.parametrize(
    ("prompt", "provider"), [(PRIME, "claude"), (MULTIPLES, "gpt")], ids=["English", "Japanese"]
)
def test_who_names_its_error_changes_its_answer_with_evidence(gateway, prompt, provider):
    body = ask(gateway, prompt)
    flip = next(f for f in rounds_of(body)[1]["flips"] if f["provider"] == provider)
    assert flip["new_evidence"] is True
    assert flip["conformed"] is False
    assert "error" in flip["evidence"]
    assert body["consensus"]["independence"][provider] == 1.0
    votes = {v["provider"]: v for v in body["votes"]}
    assert votes[provider]["review"]
    assert votes[provider]["review"] not in votes[provider]["content"]
    assert "<review" not in json.dumps(body)


def test_agreement_in_the_blind_round_ends_it(gateway):
    body = ask(gateway, "What is 17 + 25?", depth=5)
    assert [held["round"] for held in rounds_of(body)] == [1]
    assert rounds_of(body)[0]["agreement"] == 1.0


def test_a_challenge_that_moves_nobody_ends_it(gateway):
    body = ask(gateway, BAT, depth=5)
    assert [held["round"] for held in rounds_of(body)] == [1, 2]
    assert rounds_of(body)[1]["flips"] == []
    assert body["consensus"]["status"] == "contested"


@pytest.mark.parametrize("depth", [3, 4, 5])
@pytest.mark.parametrize("prompt", [PRIME, INTEREST, BAT, MULTIPLES])
def test_no_more_rounds_are_held_than_allowed(gateway, prompt, depth):
    body = ask(gateway, prompt, depth=depth)
    assert len(rounds_of(body)) == body["consensus"]["rounds"] <= depth
    assert max(v["round"] for v in body["votes"] + body["history"]) == body["consensus"]["rounds"]


def test_parallel_mode_tells_its_one_round(gateway):
    (held,) = rounds_of(ask(gateway, PRIME, mode="parallel"))
    assert (held["round"], held["providers"], held["gain"]) == (1, ALL, None)
    assert held["latency_ms"] > 0


def test_the_costs_of_the_rounds_make_the_cost_of_the_request(gateway):
    body = ask(gateway, INTEREST)
    assert sum(held["cost_usd"] for held in rounds_of(body)) == pytest.approx(body["cost_usd"])


@pytest.mark.parametrize("budget_usd", [0.02, 0.05, 0.1, 0.5])
def test_a_budget_holds_over_all_rounds_together(gateway, budget_usd):
    body = ask(gateway, INTEREST, budget_usd=budget_usd, depth=5)
    assert body["cost_usd"] <= budget_usd
    assert all(v["error"] is None for v in body["votes"])


@pytest.mark.parametrize("fault", ["500", "timeout", "malformed", "empty"])
def test_who_fails_in_the_second_round_stands_by_its_first_answer(gateway, vendors, fault):
    vendors.set_latency("gpt", WAITING["gpt"])
    got = streamed(
        gateway,
        PRIME,
        lambda: vendors.set_fault("claude", fault),
        timeout_ms=6_000,
    )
    (result,) = [e.data for e in got if e.name == "result"]
    assert result["consensus"]["rounds"] >= 2
    votes = {v["provider"]: v for v in result["votes"]}
    assert votes["claude"]["round"] == 1
    assert votes["claude"]["error"] is None
    assert votes["claude"]["final_answer"] == "yes"
    failed = [v for v in result["history"] if v["provider"] == "claude" and v["error"]]
    assert [v["round"] for v in failed][:1] == [2]
    assert result["consensus"]["dissent"] == ["claude"]


def test_a_deadline_within_the_second_round_leaves_the_first_answers_standing(gateway, vendors):
    vendors.set_latency("gpt", WAITING["gpt"])
    began = time.monotonic()
    got = streamed(
        gateway,
        PRIME,
        lambda: [vendors.set_fault(vendor, "timeout") for vendor in ALL],
        timeout_ms=3_000,
    )
    assert time.monotonic() - began < 6
    (result,) = [e.data for e in got if e.name == "result"]
    assert {v["round"] for v in result["votes"]} == {1}
    assert all(v["error"] is None for v in result["votes"])
    assert {v["round"] for v in result["history"]} >= {2}


def test_hanging_up_within_the_second_round_closes_its_calls(gateway, vendors):
    vendors.set_latency("gpt", WAITING["gpt"])
    body = body_of(PRIME) | {"stream": True}
    with gateway.stream("POST", "/api/v1/generate", json=body) as reply:
        for event in events(reply):
            if event.name == "vote":
                for vendor in ALL[1:]:
                    vendors.set_fault(vendor, "timeout")
            if event.name == "round":
                break
    until = time.monotonic() + 10
    while time.monotonic() < until:
        counts = vendors.stats()
        if all(c["open"] == 0 for c in counts.values()) and counts["claude"]["seen"] == 2:
            break
    assert all(c["open"] == 0 for c in counts.values()), counts
    assert counts["claude"]["cancelled"] == 1


def test_each_round_is_told_as_it_ends(gateway):
    got = streamed(gateway, INTEREST, lambda: None)
    told = [e.data for e in got if e.name == "round"]
    assert [len(r["consensus"]["round_details"]) for r in told] == [1, 2]
    (result,) = [e.data for e in got if e.name == "result"]
    assert told[-1]["consensus"]["round_details"] == rounds_of(result)


def test_rounds_are_kept_with_the_record_and_counted(gateway, shared_gateway):
    request_id = ask(gateway, INTEREST)["request_id"]
    database = shared_gateway.folder / ".wallbounce" / "wallbounce.sqlite3"
    until, row = time.monotonic() + 10, None
    while row is None and time.monotonic() < until:
        with sqlite3.connect(database) as connection:
            row = connection.execute(
                "SELECT round_details FROM requests WHERE request_id = ?", (request_id,)
            ).fetchone()
        connection.close()
    first, second = json.loads(row[0])
    assert first["providers"] == ALL
    assert second["agreement_gain"] > 0
    assert [(f["provider"], f["conformed"]) for f in second["flips"]] == [("gemini", True)]
    metrics = gateway.get("/metrics").text
    assert 'consensus_flips_total{evidence="conformed",provider="gemini"}' in metrics
    assert 'consensus_rounds_total{outcome="raised",round="2"}' in metrics


def test_the_rounds_are_in_the_api_s_description(gateway):
    schemas = gateway.get("/openapi.json").json()["components"]["schemas"]
    assert schemas["WireConsensus"]["properties"]["round_details"]["items"] == {
        "$ref": "#/components/schemas/WireRound"
    }
    flip = schemas["WireRound"]["properties"]["flips"]["items"]
    assert {"provider", "from", "to", "new_evidence"} <= set(flip["properties"])
