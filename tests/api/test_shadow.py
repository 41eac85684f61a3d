"""Shadow mode in a running gateway: seen in records and metrics, never by a caller."""

import sqlite3
import time

import httpx
import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.sse import events

QUESTION = {"prompt": "What is 17 + 25?", "task_type": "critical"}
ALL = ("gpt", "claude", "gemini")
EVERYBODY = {"SRP_TRAFFIC_PERCENTAGE": "0", "SRP_SHADOW_PERCENTAGE": "100"}


@pytest.fixture
def client_of():
    clients = []

    def opened(gateway):
        client = httpx.Client(base_url=gateway.url, timeout=30, trust_env=False)
        clients.append(client)
        return client

    yield opened
    for client in clients:
        client.close()


def ask(client, **body):
    reply = client.post("/api/v1/generate", json=QUESTION | body)
    assert reply.status_code == 200, reply.text
    return reply.json()


def figures(client):
    text = client.get("/metrics").text
    return {
        (s.name, *sorted(s.labels.values())): s.value
        for family in text_string_to_metric_families(text)
        for s in family.samples
    }


def until(condition, seconds=15.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.02)
    pytest.fail("it did not come to pass")


def shadows(client, outcome="answered", count=1):
    """Wait until so many shadows have ended so, and give all figures."""

    def over():
        seen = figures(client)
        return seen if seen.get(("wallbounce_shadow_total", outcome), 0) >= count else None

    return until(over)


def begun(client):
    """Shadows so far, running or over; one is begun before its caller's answer leaves."""
    seen = figures(client)
    over = sum(v for (name, *_), v in seen.items() if name == "wallbounce_shadow_total")
    return over + seen["wallbounce_shadow_in_flight",]


def records(gateway):
    """What the journal holds once the gateway has ended."""
    gateway.stop()
    with sqlite3.connect(gateway.folder / ".wallbounce" / "wallbounce.sqlite3") as database:
        database.row_factory = sqlite3.Row
        kept = database.execute("select * from requests order by at")
        return {row["request_id"]: dict(row) for row in kept}


def test_a_caller_gets_the_legacy_answer_and_the_shadow_is_scored_and_billed_apart(
    start_gateway, client_of
):
    gateway = start_gateway(**EVERYBODY)
    client = client_of(gateway)
    body = ask(client)
    seen = shadows(client)
    assert (body["path"], body["srp_processed"], body["consensus"]) == ("legacy", False, None)
    assert (body["rollout"]["variant"], len(body["votes"])) == ("legacy", 1)
    assert seen["wallbounce_shadow_agreement_total", "true"] == 1
    assert seen["wallbounce_shadow_in_flight",] == 0
    assert seen["wallbounce_requests_total", "legacy", "ok"] == 1
    assert ("srp_error_rate", "shadow") not in seen
    assert ("wallbounce_requests_total", "ok", "shadow") not in seen
    assert seen["wallbounce_cost_usd_total", "gemini"] == pytest.approx(body["cost_usd"])
    apart = sum(seen["wallbounce_shadow_cost_usd_total", name] for name in ALL)

    kept = records(gateway)
    legacy, shadow = kept[body["request_id"]], kept[f"{body['request_id']}-shadow"]
    assert len(kept) == 2
    assert (legacy["arm"], shadow["arm"], shadow["status"]) == ("legacy", "shadow", 200)
    assert shadow["prompt_sha256"] == legacy["prompt_sha256"]
    assert (shadow["consensus_status"], shadow["confidence"] > 0.7) == ("agreed", True)
    assert shadow["cost_usd"] == pytest.approx(apart)
    assert legacy["cost_usd"] == pytest.approx(body["cost_usd"])
    assert orjson.loads(shadow["metadata"]) == {
        "shadow_of": body["request_id"],
        "agrees": "true",
    }


def test_the_answer_is_there_while_the_shadow_still_waits_for_its_vendors(
    start_gateway, client_of, vendors
):
    vendors.set_fault("claude", "timeout")
    gateway = start_gateway(**EVERYBODY, CONSENSUS_STRAGGLER_PATIENCE_MS="0")
    client = client_of(gateway)
    body = ask(client, timeout_ms=20_000)
    assert body["answer_source"] == "gemini"
    until(lambda: vendors.stats()["claude"]["open"] == 1)
    assert figures(client)["wallbounce_shadow_in_flight",] == 1
    # The end does not wait for it either: what came by then is kept, and it is no error.
    assert gateway.stop() == 0
    shadow = records(gateway)[f"{body['request_id']}-shadow"]
    assert (shadow["status"], shadow["code"]) == (503, "shutting_down")
    assert shadow["cost_usd"] > 0


def test_vendors_that_fail_the_shadow_harm_no_caller(start_gateway, client_of, vendors):
    gateway = start_gateway(**EVERYBODY, WALLBOUNCE_RETRY_ATTEMPTS="1")
    client = client_of(gateway)
    vendors.set_fault("gpt", "500")
    vendors.set_fault("claude", "malformed")
    for _ in range(5):
        ask(client, providers=["gemini"])
    shadows(client, count=5)
    ask(client)
    seen = shadows(client, count=6)
    assert seen["srp_error_rate", "legacy"] == 0
    assert not client.get("/api/v1/rollout").json()["tripped"]


def test_a_stream_has_its_shadow_and_shows_nothing_of_it(start_gateway, client_of):
    client = client_of(start_gateway(**EVERYBODY))
    with client.stream("POST", "/api/v1/generate", json=QUESTION | {"stream": True}) as reply:
        got = list(events(reply))
    shadows(client)
    assert got[0].data["path"] == "legacy"
    assert [e.data["provider"] for e in got if e.name == "vote"] == ["gemini"]
    assert got[-1].data["consensus"] is None


def test_feedback_is_on_the_answer_that_was_given_and_on_no_shadow(start_gateway, client_of):
    client = client_of(start_gateway(**EVERYBODY))
    request_id = ask(client)["request_id"]
    shadows(client)
    said = {"request_id": request_id, "correct": True}
    assert client.post("/api/v1/feedback", json=said).status_code == 202
    unseen = client.post("/api/v1/feedback", json=said | {"request_id": f"{request_id}-shadow"})
    assert (unseen.status_code, unseen.json()["code"]) == (404, "not_found")


def test_too_many_at_once_are_skipped_and_counted(start_gateway, client_of, vendors):
    vendors.set_fault("claude", "timeout")
    gateway = start_gateway(
        **EVERYBODY, SRP_SHADOW_MAX_IN_FLIGHT="1", CONSENSUS_STRAGGLER_PATIENCE_MS="0"
    )
    client = client_of(gateway)
    for _ in range(3):
        ask(client)
    seen = shadows(client, "skipped", count=2)
    assert seen["wallbounce_shadow_in_flight",] == 1


def test_the_same_callers_are_shadowed_every_time(start_gateway, client_of):
    gateway = start_gateway(
        SRP_TRAFFIC_PERCENTAGE="0", SRP_SHADOW_PERCENTAGE="50", SRP_SHADOW_MAX_IN_FLIGHT="24"
    )
    client = client_of(gateway)
    asked = [
        (f"user-{n}", ask(client, user_id=f"user-{n}", task_type="basic")["request_id"])
        for _ in range(2)
        for n in range(12)
    ]
    until(lambda: figures(client).get(("wallbounce_shadow_in_flight",)) == 0)
    kept = records(gateway)
    rounds = [
        {user for user, request_id in part if f"{request_id}-shadow" in kept}
        for part in (asked[:12], asked[12:])
    ]
    assert rounds[0] == rounds[1]
    assert 0 < len(rounds[0]) < 12


def test_without_a_share_and_on_the_new_path_nobody_is_shadowed(start_gateway, client_of):
    for percentages in (("100", "100"), ("0", "0")):
        names = ("SRP_TRAFFIC_PERCENTAGE", "SRP_SHADOW_PERCENTAGE")
        client = client_of(start_gateway(**dict(zip(names, percentages, strict=True))))
        ask(client)
        assert begun(client) == 0


def test_sighup_changes_the_share_and_a_rollback_ends_it(start_gateway, client_of):
    gateway = start_gateway(SRP_TRAFFIC_PERCENTAGE="0", WALLBOUNCE_OPERATOR_KEYS="operator")
    client = client_of(gateway)
    ask(client)
    assert begun(client) == 0
    (gateway.folder / ".env").write_text("SRP_SHADOW_PERCENTAGE=100\n")
    gateway.sighup()
    until(lambda: "settings_applied" in gateway.log)
    ask(client)
    assert begun(client) == 1
    stop = client.post("/api/v1/rollout/rollback", headers={"authorization": "Bearer operator"})
    assert stop.status_code == 200
    ask(client)
    assert begun(client) == 1
