"""The stage machine over HTTP, as operators with keys meet it."""

import time

import httpx
import pytest

from tests.api.conftest import OPERATOR_KEY

SECOND_KEY = "another-operator-key"
ANN, BOB = ({"authorization": f"Bearer {key}"} for key in (OPERATOR_KEY, SECOND_KEY))
QUESTION = {"prompt": "What is 17 + 25?"}
PLAN = """
name: three-steps
stages:
  - {percentage: 20, minimum_time: 0s, minimum_sample: 1}
  - {percentage: 50, minimum_time: 1h, minimum_sample: 100000}
  - {percentage: 100, approvals: 2}
"""


@pytest.fixture
def client(start_gateway, tmp_path):
    """A gateway that follows the plan above, at its first stage, with two operators."""
    (tmp_path / "plan.yaml").write_text(PLAN)
    gateway = start_gateway(
        SRP_ROLLOUT_PLAN="plan.yaml", WALLBOUNCE_OPERATOR_KEYS=f"{OPERATOR_KEY},{SECOND_KEY}"
    )
    with httpx.Client(base_url=gateway.url, timeout=30, trust_env=False) as client:
        until(client, lambda body: body["plan"] is not None)
        yield client


def until(client, holds, within=10.0):
    deadline = time.monotonic() + within
    while not holds(body := client.get("/api/v1/rollout").json()):
        assert time.monotonic() < deadline, body
        time.sleep(0.02)
    return body


def post(client, move, who=ANN, **body):
    return client.post(f"/api/v1/rollout/{move}", json=body, headers=who)


def advanced(client, times=1):
    for _ in range(times):
        reply = post(client, "advance", force=True, reason="the scene of a test")
        assert reply.status_code == 200, reply.text
    return reply.json()


def refused(reply):
    assert reply.status_code == 409, reply.text
    assert reply.json()["code"] == "conflict"
    return reply.json()["detail"]


def test_the_status_tells_plan_stages_and_the_rule_that_decides(client):
    body = client.get("/api/v1/rollout").json()
    assert (body["stage"], body["share"], body["ceiling"]) == ("20", 0.2, 1.0)
    assert body["rule"] == "plan"
    assert "stage 1 of 3 of the plan three-steps" in body["because"]
    assert body["plan"]["name"] == "three-steps"
    assert [stage["is_now"] for stage in body["stages"]] == [True, False, False]
    assert body["stages"][2]["approvals"] == 2
    assert (body["decision"], body["verdict"]["health"]) == ("INCONCLUSIVE", "NOT_ENOUGH_DATA")
    assert {c["measure"] for c in body["comparisons"]} >= {"error_rate", "latency", "cost"}
    assert body["sample_ratio"]["mismatch"] is False
    assert (body["held"], body["approvals"], body["closed"]) == (False, [], [])
    assert body["shared_state"]["database"] is True
    assert [event["kind"] for event in body["history"]] == ["adopt"]


def test_the_environment_is_the_ceiling_of_the_plan(start_gateway, tmp_path):
    (tmp_path / "plan.yaml").write_text(PLAN)
    gateway = start_gateway(SRP_ROLLOUT_PLAN="plan.yaml", SRP_TRAFFIC_PERCENTAGE="5")
    with httpx.Client(base_url=gateway.url, trust_env=False) as client:
        body = until(client, lambda body: body["plan"] is not None)
    assert (body["stage"], body["rule"]) == ("5", "ceiling")


def test_an_advance_without_a_verdict_for_it_is_refused_and_says_why(client):
    assert "silence is not health" in refused(post(client, "advance"))
    assert client.get("/api/v1/rollout").json()["stage"] == "20"


def test_force_advances_with_a_reason_that_is_kept(client):
    reply = post(client, "advance", force=True)
    assert (reply.status_code, reply.json()["field"]) == (422, "reason")
    reply = post(client, "advance", force=True, reason="the night is quiet", by="Ann")
    assert reply.json()["stage"] == "50"
    newest = reply.json()["history"][0]
    assert (newest["kind"], newest["reason"]) == ("advance", "the night is quiet")
    assert newest["by"].startswith("Ann (operator-")
    assert OPERATOR_KEY not in reply.text


@pytest.mark.parametrize(
    ("move", "flag"), [("hold", "force"), ("acknowledge", "force"), ("advance", "reopen")]
)
def test_a_flag_that_means_nothing_for_a_move_is_refused(client, move, flag):
    reply = post(client, move, **{flag: True, "reason": "so"})
    assert (reply.status_code, reply.json()["field"]) == (422, flag)


def test_hold_and_resume_are_seen_at_once(client):
    assert post(client, "hold").json()["held"] is True
    assert post(client, "resume").json()["held"] is False


def test_two_operators_must_approve_and_a_key_counts_once_whatever_its_name(client):
    advanced(client)
    assert len(post(client, "approve", by="Ann").json()["approvals"]) == 1
    assert len(post(client, "approve", by="not Ann").json()["approvals"]) == 1
    assert "2 operators" in refused(post(client, "advance", force=True, reason="now"))
    assert len(post(client, "approve", BOB).json()["approvals"]) == 2
    assert advanced(client)["stage"] == "100"


def test_approvals_nobody_needs_are_refused(client):
    assert "needs 0 approvals" in refused(post(client, "approve"))


def test_an_aborted_rollout_takes_all_traffic_away_and_begins_anew_when_acknowledged(client):
    advanced(client)
    body = post(client, "abort", reason="withdrawn").json()
    assert (body["tripped"], body["share"], body["rule"]) == (True, 0, "rollback")
    assert client.post("/api/v1/generate", json=QUESTION).json()["path"] == "legacy"
    assert "a rollback stands" in refused(post(client, "advance", force=True, reason="now"))
    body = post(client, "acknowledge").json()
    assert (body["tripped"], body["stage"]) == (False, "20")
    assert [event["kind"] for event in body["history"][:2]] == ["acknowledge", "abort"]


def test_after_a_rollback_the_plan_starts_over(client):
    advanced(client)
    post(client, "rollback", reason="a drill")
    assert post(client, "acknowledge", reason="over").json()["stage"] == "20"


def test_where_there_is_nothing_to_acknowledge_it_says_so(client):
    assert "nothing to acknowledge" in refused(post(client, "acknowledge"))


@pytest.mark.parametrize("move", ["advance", "hold", "resume", "approve"])
def test_without_a_plan_there_is_nothing_to_move(gateway, move):
    assert "no plan is in force" in refused(post(gateway, move))


def test_a_move_that_does_not_exist_is_not_found(gateway):
    assert post(gateway, "retreat").status_code == 404


def test_every_move_is_described(gateway):
    paths = gateway.get("/openapi.json").json()["paths"]
    moves = ("advance", "hold", "resume", "approve", "abort", "rollback", "acknowledge")
    for move in moves:
        described = paths[f"/api/v1/rollout/{move}"]["post"]
        assert described["summary"]
        assert {"401", "403", "409", "422"} <= described["responses"].keys()
