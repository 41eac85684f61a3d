"""Health, metrics, models, keys, load and leave-taking, as clients and operators meet them."""

import sqlite3
import threading
import time

import httpx
import pytest

QUESTION = {"prompt": "What is 17 + 25?", "task_type": "critical"}
KEY = {"authorization": "Bearer caller-key"}


def client_of(gateway, **options):
    return httpx.Client(base_url=gateway.url, timeout=30, trust_env=False, **options)


def test_live_ready_and_health_answer(gateway):
    assert gateway.get("/health/live").json() == {"status": "alive"}
    ready = gateway.get("/health/ready").json()
    assert ready["ready"] is True
    assert {"providers", "database"} <= set(ready["dependencies"])
    assert gateway.get("/health").json()["rollout"]["stage"] == "100"


def test_readiness_asks_no_vendor(gateway, vendors):
    gateway.get("/health/ready")
    assert all(counts["seen"] == 0 for counts in vendors.stats().values())


def test_without_any_vendor_the_process_lives_and_is_not_ready(start_gateway):
    from tests.support.gateway_process import GatewayNotReadyError

    nobody = dict.fromkeys(("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY"), "")
    nobody |= dict.fromkeys(("ANTHROPIC_BASE_URL", "GEMINI_API_KEY", "GEMINI_BASE_URL"), "")
    with pytest.raises(GatewayNotReadyError, match="none configured"):
        start_gateway(ready_within=5.0, **nobody)


def test_learnings_metrics_have_a_page_of_their_own_open_like_the_other(gateway):
    reply = gateway.get("/learning/metrics")
    assert reply.status_code == 200
    assert "\nlearning_pattern_count " in reply.text
    assert "wallbounce_requests" not in reply.text
    as_json = gateway.get("/learning/metrics", headers={"Accept": "application/json"}).json()
    assert as_json["learning_policy_version"]["samples"][0]["value"] == 0


def test_metrics_tell_of_traffic_quality_and_vendors(gateway):
    gateway.post("/api/v1/generate", json=QUESTION)
    text = gateway.get("/metrics").text
    for name in (
        "srp_traffic_percentage 100.0",
        "consensus_confidence_avg",
        'provider_availability{provider="gpt"}',
        "process_resident_memory_bytes",
        "process_cpu_seconds_total",
        "wallbounce_requests_in_flight",
        'wallbounce_requests_total{arm="wall_bounce"',
    ):
        assert name in text


def test_models_list_ours_and_each_provider(gateway):
    listed = gateway.get("/v1/models").json()
    ids = {model["id"] for model in listed["data"]}
    assert listed["object"] == "list"
    assert {"wallbounce", "wallbounce-basic", "gpt", "claude", "gemini"} <= ids


def test_the_api_describes_itself(gateway):
    schema = gateway.get("/openapi.json").json()
    body = schema["paths"]["/api/v1/generate"]["post"]["requestBody"]
    fields = body["content"]["application/json"]["schema"]["properties"]
    assert {"prompt", "task_type", "budget_usd", "timeout_ms"} <= set(fields)
    for reference in _references(schema):
        assert reference.removeprefix("#/components/schemas/") in schema["components"]["schemas"]


def _references(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def test_feedback_on_a_request_just_answered_is_taken(gateway):
    request_id = gateway.post("/api/v1/generate", json=QUESTION).json()["request_id"]
    reply = gateway.post("/api/v1/feedback", json={"request_id": request_id, "correct": True})
    assert reply.status_code == 202


def test_feedback_on_a_request_nobody_knows_is_404(gateway):
    reply = gateway.post("/api/v1/feedback", json={"request_id": "01J0", "rating": 5})
    assert (reply.status_code, reply.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}, {"authorization": "x"}])
@pytest.mark.parametrize("path", ["/api/v1/generate", "/api/v1/feedback"])
def test_with_api_keys_a_caller_without_one_is_turned_away(keyed_gateway, headers, path):
    reply = keyed_gateway.post(path, headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (401, "unauthorized")
    assert reply.headers["www-authenticate"] == "Bearer"


def test_with_an_api_key_a_caller_is_let_in(keyed_gateway):
    assert keyed_gateway.post("/api/v1/generate", json=QUESTION, headers=KEY).status_code == 200


def test_a_caller_s_key_does_not_move_the_rollout(keyed_gateway):
    reply = keyed_gateway.post("/api/v1/rollout/rollback", headers=KEY)
    assert (reply.status_code, reply.json()["code"]) == (403, "forbidden")


@pytest.fixture
def keyed_gateway(start_gateway):
    running = start_gateway(WALLBOUNCE_API_KEYS="caller-key,other", WALLBOUNCE_OPERATOR_KEYS="op")
    with client_of(running) as client:
        yield client


def test_every_request_leaves_one_record_also_failed_ones(start_gateway, vendors):
    running = start_gateway(WALLBOUNCE_RETRY_ATTEMPTS="1")
    with client_of(running) as client:
        client.post("/api/v1/generate", json=QUESTION)
        client.post("/api/v1/generate", json={"prompt": ""})
        client.post("/api/v1/generate", json=QUESTION | {"providers": ["grok"]})
        for vendor in ("gpt", "claude", "gemini"):
            vendors.set_fault(vendor, "500")
        client.post("/api/v1/generate", json=QUESTION)
    running.stop()
    assert _statuses(running.folder) == [200, 422, 422, 503]


def test_a_caller_without_a_key_leaves_a_record_too(start_gateway):
    running = start_gateway(WALLBOUNCE_API_KEYS="caller-key")
    with client_of(running) as client:
        client.post("/api/v1/generate", json=QUESTION)
    running.stop()
    assert _statuses(running.folder) == [401]


def test_an_upload_that_breaks_off_leaves_a_record_and_no_alarm(start_gateway):
    import socket

    running = start_gateway()
    head = (
        "POST /api/v1/generate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        "content-length: 1000\r\n\r\n{"
    )
    with socket.create_connection(("127.0.0.1", running.port)) as connection:
        connection.sendall(head.encode())
    until = time.monotonic() + 10
    while '"status":499' not in running.log and time.monotonic() < until:
        time.sleep(0.02)
    running.stop()
    assert _statuses(running.folder) == [499]
    assert "request_failed" not in running.log


def _statuses(folder):
    with sqlite3.connect(folder / ".wallbounce" / "wallbounce.sqlite3") as database:
        return [row[0] for row in database.execute("select status from requests order by at")]


def test_more_requests_than_the_limit_are_told_to_come_back(start_gateway, vendors):
    running = start_gateway(WALLBOUNCE_MAX_IN_FLIGHT="2")
    for vendor in ("gpt", "claude", "gemini"):
        vendors.set_latency(vendor, 10_000)
    statuses = []

    def post():
        with client_of(running) as client:
            reply = client.post("/api/v1/generate", json=QUESTION)
            statuses.append((reply.status_code, reply.headers.get("retry-after")))

    threads = [threading.Thread(target=post) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses, key=str) == [(200, None)] * 2 + [(503, "1")] * 4


def test_sigterm_lets_a_running_request_finish(start_gateway, vendors):
    running = start_gateway()
    for vendor in ("gpt", "claude", "gemini"):
        vendors.set_latency(vendor, 10_000)
    replies = []

    def post():
        with client_of(running) as client:
            replies.append(client.post("/api/v1/generate", json=QUESTION))

    thread = threading.Thread(target=post)
    thread.start()
    while not any(counts["open"] for counts in vendors.stats().values()):
        time.sleep(0.01)
    running.sigterm()
    assert running.wait() == 0
    thread.join()
    assert replies[0].status_code == 200
    assert _statuses(running.folder) == [200]


def test_a_wrong_setting_stops_the_start_with_one_line(start_gateway):
    from tests.support.gateway_process import GatewayNotReadyError

    with pytest.raises(GatewayNotReadyError) as stopped:
        start_gateway(SRP_TRAFFIC_PERCENTAGE="lots")
    line = "wallbounce: SRP_TRAFFIC_PERCENTAGE: expected a number from 0 to 100, found 'lots'"
    assert line in str(stopped.value).splitlines()


def test_a_database_that_is_not_there_stops_the_start_with_one_line(start_gateway):
    from tests.support.gateway_process import GatewayNotReadyError

    with pytest.raises(GatewayNotReadyError) as stopped:
        start_gateway(DATABASE_URL="postgresql://u:secret@127.0.0.1:1/d")
    assert "wallbounce: DATABASE_URL:" in str(stopped.value)
    assert "secret" not in str(stopped.value)
    assert "Traceback" not in str(stopped.value)


def test_the_log_holds_no_prompt_no_answer_and_no_key(start_gateway):
    running = start_gateway(WALLBOUNCE_API_KEYS="caller-key")
    with client_of(running, headers=KEY) as client:
        client.post("/api/v1/generate", json=QUESTION)
        client.post("/api/v1/generate", json={"prompt": "a secret thought", "depth": 99})
    running.stop()
    assert '"event":"request"' in running.log
    for secret in ("17 + 25", "sum of", "a secret thought", "caller-key", "sk-simulated"):
        assert secret not in running.log
