"""The traffic split and the rollback, as callers and operators meet them."""

import time

import httpx
import pytest

from tests.api.conftest import OPERATOR_KEY

QUESTION = {"prompt": "What is 17 + 25?"}
ALL = ("gpt", "claude", "gemini")
OPERATOR = {"authorization": f"Bearer {OPERATOR_KEY}"}


def client_of(gateway):
    return httpx.Client(base_url=gateway.url, timeout=30, trust_env=False)


def paths(client, count, **body):
    replies = [client.post("/api/v1/generate", json=QUESTION | body) for _ in range(count)]
    assert all(r.status_code == 200 for r in replies), [r.text for r in replies if r.is_error][:1]
    return [r.json()["path"] for r in replies]


def until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return time.monotonic()
        time.sleep(0.02)
    pytest.fail("it did not come to pass")


def test_half_of_a_hundred_requests_without_id_take_the_new_path(start_gateway):
    with client_of(start_gateway(SRP_TRAFFIC_PERCENTAGE="50")) as client:
        got = paths(client, 100)
    assert 48 <= got.count("wall_bounce") <= 52


def test_the_same_user_always_takes_the_same_path_over_restarts(start_gateway):
    gateway = start_gateway(SRP_TRAFFIC_PERCENTAGE="50")
    with client_of(gateway) as client:
        before = {u: paths(client, 2, user_id=f"user-{u}") for u in range(10)}
    gateway.stop()
    gateway.start()
    with client_of(gateway) as client:
        after = {u: paths(client, 2, user_id=f"user-{u}") for u in range(10)}
    assert before == after
    assert len({p for got in before.values() for p in got}) == 2


@pytest.mark.parametrize(
    "env",
    [
        pytest.param({"USE_SRP_WALL_BOUNCE": "false"}, id="switched off"),
        pytest.param({"SRP_TRAFFIC_PERCENTAGE": "0"}, id="no share"),
    ],
)
def test_without_a_share_everybody_takes_the_legacy_path(start_gateway, env):
    with client_of(start_gateway(**env)) as client:
        body = client.post("/api/v1/generate", json=QUESTION).json()
    assert body["path"] == "legacy"
    assert body["srp_processed"] is False
    assert body["consensus"] is None
    assert body["answer_source"] == "gemini"


def test_the_legacy_path_falls_back_along_its_chain(start_gateway, vendors):
    gateway = start_gateway(SRP_TRAFFIC_PERCENTAGE="0", WALLBOUNCE_RETRY_ATTEMPTS="1")
    vendors.set_fault("gemini", "500")
    with client_of(gateway) as client:
        body = client.post("/api/v1/generate", json=QUESTION).json()
    assert body["answer_source"] == "gpt"
    assert [v["provider"] for v in body["votes"]] == ["gemini", "gpt"]


def test_sighup_applies_the_share_in_env_without_a_restart(start_gateway):
    gateway = start_gateway(SRP_TRAFFIC_PERCENTAGE="0")
    with client_of(gateway) as client:
        assert paths(client, 1) == ["legacy"]
        (gateway.folder / ".env").write_text(
            "SRP_TRAFFIC_PERCENTAGE=10\nSRP_TRAFFIC_PERCENTAGE=100\n"
        )
        gateway.sighup()
        until(lambda: client.get("/api/v1/rollout").json()["ceiling"] == 1)
        assert paths(client, 3) == ["wall_bounce"] * 3


def test_nonsense_in_env_at_sighup_changes_nothing(start_gateway):
    gateway = start_gateway(SRP_TRAFFIC_PERCENTAGE="100")
    with client_of(gateway) as client:
        (gateway.folder / ".env").write_text("SRP_TRAFFIC_PERCENTAGE=lots\n")
        gateway.sighup()
        until(lambda: "settings_refused" in gateway.log)
        assert paths(client, 1) == ["wall_bounce"]


def test_three_callers_in_a_row_who_meet_every_vendor_down_roll_back_at_once(
    start_gateway, vendors
):
    gateway = start_gateway(WALLBOUNCE_RETRY_ATTEMPTS="1")
    for vendor in ALL:
        vendors.set_fault(vendor, "500")
    with client_of(gateway) as client:
        for caller in range(3):
            assert not client.get("/api/v1/rollout").json()["tripped"]
            body = QUESTION | {"task_type": "critical", "user_id": f"caller-{caller}"}
            assert client.post("/api/v1/generate", json=body).status_code == 503
        began = time.monotonic()
        until(lambda: client.get("/api/v1/rollout").json()["tripped"])
        vendors.reset()
        assert paths(client, 10) == ["legacy"] * 10
        assert time.monotonic() - began < 10
        assert "every vendor" in client.get("/api/v1/rollout").json()["trip"]["reason"]


def test_one_caller_alone_cannot_roll_back_by_meeting_vendors_down(start_gateway, vendors):
    gateway = start_gateway(WALLBOUNCE_RETRY_ATTEMPTS="1")
    for vendor in ALL:
        vendors.set_fault(vendor, "500")
    with client_of(gateway) as client:
        for _ in range(6):
            client.post("/api/v1/generate", json=QUESTION | {"user_id": "the-same"})
        assert not client.get("/api/v1/rollout").json()["tripped"]


def test_one_vendor_down_that_was_asked_alone_is_not_every_vendor(start_gateway, vendors):
    gateway = start_gateway(WALLBOUNCE_RETRY_ATTEMPTS="1")
    vendors.set_fault("claude", "500")
    with client_of(gateway) as client:
        for _ in range(4):
            body = QUESTION | {"providers": ["claude"]}
            assert client.post("/api/v1/generate", json=body).status_code == 503
        assert not client.get("/api/v1/rollout").json()["tripped"]


@pytest.mark.parametrize("fault", ["filtered", "timeout"])
def test_filtered_and_impatient_callers_do_not_roll_back(start_gateway, vendors, fault):
    gateway = start_gateway(WALLBOUNCE_RETRY_ATTEMPTS="1", AUTO_ROLLBACK_MIN_REQUESTS="5")
    for vendor in ALL:
        vendors.set_fault(vendor, fault)
    with client_of(gateway) as client:
        for caller in range(12):
            body = QUESTION | {"timeout_ms": 200, "user_id": f"caller-{caller}"}
            assert client.post("/api/v1/generate", json=body).status_code in {503, 504}
        assert not client.get("/api/v1/rollout").json()["tripped"]


def test_an_error_rate_above_its_limit_rolls_back_and_survives_a_restart(start_gateway, vendors):
    gateway = start_gateway(
        WALLBOUNCE_RETRY_ATTEMPTS="1",
        AUTO_ROLLBACK_ERROR_RATE="0.2",
        AUTO_ROLLBACK_MIN_REQUESTS="10",
        WALLBOUNCE_OPERATOR_KEYS=OPERATOR_KEY,
    )
    with client_of(gateway) as client:
        for turn in range(24):
            fault = "malformed" if turn % 2 else None
            for vendor in ALL:
                vendors.set_fault(vendor, fault)
            client.post("/api/v1/generate", json=QUESTION)
        status = client.get("/api/v1/rollout").json()
        assert status["tripped"]
        assert "error rate" in status["trip"]["reason"]
    gateway.kill9()
    vendors.reset()
    gateway.start()
    with client_of(gateway) as client:
        assert client.get("/api/v1/rollout").json()["tripped"]
        assert paths(client, 3) == ["legacy"] * 3
        assert client.post("/api/v1/rollout/acknowledge", headers=OPERATOR).status_code == 200
        assert paths(client, 3) == ["wall_bounce"] * 3


def test_a_p95_above_its_limit_rolls_back(start_gateway, vendors):
    gateway = start_gateway(AUTO_ROLLBACK_LATENCY_MS="50", AUTO_ROLLBACK_MIN_REQUESTS="5")
    vendors.set_latency("gemini", 2_000)
    with client_of(gateway) as client:
        for _ in range(6):
            client.post("/api/v1/generate", json=QUESTION)
        assert "p95" in client.get("/api/v1/rollout").json()["trip"]["reason"]


def test_an_operator_rolls_back_and_acknowledges(gateway):
    reason = {"reason": "a drill"}
    reply = gateway.post("/api/v1/rollout/rollback", json=reason, headers=OPERATOR)
    assert reply.status_code == 200
    assert paths(gateway, 2) == ["legacy"] * 2
    reply = gateway.post("/api/v1/rollout/acknowledge", headers=OPERATOR)
    assert reply.json()["tripped"] is False
    kinds = [event["kind"] for event in reply.json()["history"][:2]]
    assert len(set(kinds)) == 2
    assert paths(gateway, 2) == ["wall_bounce"] * 2


def test_every_worker_follows_a_rollback_within_a_second(start_gateway):
    gateway = start_gateway("--workers", "2", WALLBOUNCE_OPERATOR_KEYS=OPERATOR_KEY)
    with client_of(gateway) as client:
        assert set(paths(client, 10)) == {"wall_bounce"}
        client.post("/api/v1/rollout/rollback", headers=OPERATOR)
        until(lambda: _all_legacy(gateway), seconds=5)


def _all_legacy(gateway):
    # New connections spread over the workers.
    replies = [
        httpx.post(f"{gateway.url}/api/v1/generate", json=QUESTION, timeout=30) for _ in range(8)
    ]
    return {r.json()["path"] for r in replies} == {"legacy"}


@pytest.mark.parametrize(
    "move", ["rollback", "acknowledge", "advance", "hold", "resume", "approve", "abort"]
)
def test_without_operator_keys_every_operator_post_is_forbidden(start_gateway, move):
    with client_of(start_gateway()) as client:
        reply = client.post(f"/api/v1/rollout/{move}", headers=OPERATOR)
    assert (reply.status_code, reply.json()["code"]) == (403, "forbidden")


def test_an_operator_route_needs_an_operator_s_key(gateway):
    wrong = {"authorization": "Bearer wrong"}
    assert gateway.post("/api/v1/rollout/rollback").status_code == 401
    assert gateway.post("/api/v1/rollout/rollback", headers=wrong).status_code == 401
