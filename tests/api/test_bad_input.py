"""Bad input gets a clear problem and changes nothing."""

import json

import pytest

GENERATE = "/api/v1/generate"
JSON = {"content-type": "application/json"}


def problem_of(reply, status, code):
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    body = reply.json()
    assert body["status"] == status
    assert body["code"] == code
    assert body["request_id"] == reply.headers["x-request-id"]
    assert body["title"]
    assert body["type"]
    assert "Traceback" not in reply.text
    return body


@pytest.mark.parametrize(
    ("body", "names"),
    [
        pytest.param({}, "prompt", id="neither prompt nor messages"),
        pytest.param({"prompt": ""}, "prompt", id="empty"),
        pytest.param({"prompt": " \n\t　"}, "prompt", id="blank"),
        pytest.param({"prompt": "x" * 200_001}, "prompt", id="oversized"),
        pytest.param({"prompt": 5}, "prompt", id="a number for a prompt"),
        pytest.param({"prompt": None}, "prompt", id="null"),
        pytest.param(
            {"prompt": "x", "messages": [{"role": "user", "content": "x"}]}, "prompt", id="both"
        ),
        pytest.param({"messages": []}, "messages", id="no messages"),
        pytest.param({"messages": [{"role": "robot", "content": "x"}]}, "role", id="no such role"),
        pytest.param({"messages": [{"role": "user"}]}, "content", id="a turn without content"),
        pytest.param(
            {"messages": [{"role": "assistant", "content": "x"}]}, "messages", id="no user's turn"
        ),
        pytest.param({"prompt": "x", "colour": "red"}, "colour", id="an unknown field"),
        pytest.param({"prompt": "x", "task_type": "huge"}, "task_type", id="no such task type"),
        pytest.param({"prompt": "x", "mode": "serial"}, "mode", id="no such mode"),
        pytest.param({"prompt": "x", "depth": 2}, "depth", id="too shallow"),
        pytest.param({"prompt": "x", "depth": 6}, "depth", id="too deep"),
        pytest.param({"prompt": "x", "depth": "3"}, "depth", id="a number as text"),
        pytest.param({"prompt": "x", "depth": 3.5}, "depth", id="half a round"),
        pytest.param({"prompt": "x", "stream": 1}, "stream", id="a number as a boolean"),
        pytest.param({"prompt": "x", "min_providers": 0}, "min_providers", id="no provider"),
        pytest.param({"prompt": "x", "max_providers": 9}, "max_providers", id="too many"),
        pytest.param(
            {"prompt": "x", "min_providers": 3, "max_providers": 2}, "min_providers", id="min > max"
        ),
        pytest.param({"prompt": "x", "providers": []}, "providers", id="an empty list"),
        pytest.param({"prompt": "x", "providers": ["grok"]}, "grok", id="an unknown provider"),
        pytest.param({"prompt": "x", "providers": "gpt"}, "providers", id="no list"),
        pytest.param(
            {
                "prompt": "x",
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "n", "schema": {"maximum": 2**70}},
                },
            },
            "response_format",
            id="a schema with a number of more than 64 bits",
        ),
        pytest.param({"prompt": "x", "providers": ["gpt", "gpt"]}, "gpt", id="a provider twice"),
        pytest.param({"prompt": "x", "budget_usd": 0}, "budget_usd", id="no budget"),
        pytest.param({"prompt": "x", "budget_usd": -1}, "budget_usd", id="a negative budget"),
        pytest.param({"prompt": "x", "timeout_ms": 99}, "timeout_ms", id="no time"),
        pytest.param({"prompt": "x", "timeout_ms": 600_001}, "timeout_ms", id="too much time"),
        pytest.param({"prompt": "x", "max_tokens": 0}, "max_tokens", id="no tokens"),
        pytest.param({"prompt": "x", "temperature": 2.1}, "temperature", id="too hot"),
        pytest.param({"prompt": "x", "user_id": ""}, "user_id", id="an empty id"),
        pytest.param({"prompt": "x", "cache": "maybe"}, "cache", id="no such cache mode"),
        pytest.param({"prompt": "x", "metadata": {"a": 1}}, "metadata", id="metadata not text"),
        pytest.param(["prompt"], "object", id="a list"),
        pytest.param("prompt", "object", id="a string"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_request_that_makes_no_sense_is_422_and_says_where(gateway, body, names, stream):
    if isinstance(body, dict) and stream and "stream" not in body:
        body = body | {"stream": True}
    problem = problem_of(gateway.post(GENERATE, json=body), 422, "invalid_request")
    assert names in problem["detail"]


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="cut"),
        pytest.param(b"prompt=x", id="a form"),
        pytest.param(b'{"prompt": "x", "temperature": NaN}', id="NaN"),
        pytest.param(b'{"prompt": "x", "budget_usd": Infinity}', id="Infinity"),
        pytest.param(b'{"prompt": "\\ud800"}', id="a lone surrogate"),
        pytest.param(b'{"prompt": "\xff\xfe"}', id="not UTF-8"),
        pytest.param(b'{"prompt": ' + b"[" * 100_000, id="bottomless"),
        pytest.param(b'{"a":' * 5_000 + b"1" + b"}" * 5_000, id="deep"),
    ],
)
def test_what_is_no_json_is_400(gateway, raw):
    problem_of(gateway.post(GENERATE, content=raw, headers=JSON), 400, "malformed_json")


def test_a_number_beyond_all_numbers_is_refused(gateway):
    raw = b'{"prompt": "x", "budget_usd": 1e999}'
    problem_of(gateway.post(GENERATE, content=raw, headers=JSON), 422, "invalid_request")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_content_type_is_refused(gateway, kind):
    raw = json.dumps({"prompt": "x"}).encode()
    reply = gateway.post(GENERATE, content=raw, headers={"content-type": kind})
    assert problem_of(reply, 422, "invalid_request")["field"] == "content-type"


def test_a_body_larger_than_the_limit_is_413(gateway):
    raw = json.dumps({"prompt": "x", "metadata": {"a": "y" * 4_100_000}}).encode()
    problem_of(gateway.post(GENERATE, content=raw, headers=JSON), 413, "payload_too_large")


def test_a_body_that_grows_past_the_limit_while_it_comes_is_413(gateway):
    def endless():
        for _ in range(500):
            yield b" " * 10_000

    problem_of(gateway.post(GENERATE, content=endless(), headers=JSON), 413, "payload_too_large")


def test_a_budget_that_buys_no_answer_is_422(gateway):
    body = {"prompt": "x", "task_type": "critical", "budget_usd": 0.0001}
    problem = problem_of(gateway.post(GENERATE, json=body), 422, "budget_too_small")
    assert problem["field"] == "budget_usd"


def test_what_is_not_built_yet_says_so(gateway):
    body = {"prompt": "x", "session_id": "s"}
    problem_of(gateway.post(GENERATE, json=body), 422, "not_available")


def test_a_path_that_is_not_there_is_404_and_a_method_405(gateway):
    problem_of(gateway.get("/api/v1/nothing"), 404, "not_found")
    problem_of(gateway.get(GENERATE), 405, "method_not_allowed")


def test_bad_input_never_reaches_a_vendor(gateway, vendors):
    gateway.post(GENERATE, json={"prompt": ""})
    gateway.post(GENERATE, content=b"{", headers=JSON)
    gateway.post(GENERATE, json={"prompt": "x", "providers": ["grok"]})
    assert all(counts["seen"] == 0 for counts in vendors.stats().values())


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"request_id": "x"}, id="an id alone"),
        pytest.param({"request_id": "x", "rating": 6}, id="a rating beyond five"),
        pytest.param({"request_id": "x", "correct": "yes"}, id="a word for a boolean"),
        pytest.param({"request_id": "x", "correct": True, "more": 1}, id="an unknown field"),
    ],
)
def test_feedback_that_makes_no_sense_is_422(gateway, body):
    problem_of(gateway.post("/api/v1/feedback", json=body), 422, "invalid_request")
