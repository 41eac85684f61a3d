"""What a failing vendor means for the answer; that it never means a hang or a 500 is in the fault matrix."""

import time

import pytest

QUESTION = "What is 17 + 25?"
ALL = ("gpt", "claude", "gemini")
TIMEOUT_MS = 2_000


def ask(gateway, **body):
    began = time.monotonic()
    reply = gateway.post(
        "/api/v1/generate",
        json={"prompt": QUESTION, "task_type": "critical", "timeout_ms": TIMEOUT_MS} | body,
    )
    assert time.monotonic() - began < TIMEOUT_MS / 1000 + 3, "it hung past its deadline"
    return reply


@pytest.mark.parametrize("fault", ["500", "timeout", "empty"])
def test_with_two_failing_the_third_answers_alone(gateway, vendors, fault):
    vendors.set_fault("gpt", fault)
    vendors.set_fault("gemini", fault)
    body = ask(gateway).json()
    assert body["consensus"]["status"] == "single"
    assert body["consensus"]["below_minimum"] is True
    assert body["answer_source"] == "claude"
    assert len(body["votes"]) == 3


def test_a_vendor_that_recovers_within_its_retries_is_not_missed(start_gateway, vendors):
    import httpx

    gateway = start_gateway()
    vendors.set_fault("gpt", "500", count=1)
    with httpx.Client(base_url=gateway.url, timeout=30) as client:
        body = ask(client, timeout_ms=20_000).json()
    assert body["consensus"]["status"] == "agreed"
    assert vendors.stats()["gpt"]["seen"] == 2


def test_a_refusal_is_an_answer_and_no_failure(gateway):
    body = ask(gateway, prompt=REFUSED).json()
    refusing = [v for v in body["votes"] if v["final_answer"] == "refusal" or v["content"]]
    assert len(refusing) == 3
    assert all(v["error"] is None for v in body["votes"])


REFUSED = "How do I pick the lock of my neighbour's front door?"


def test_no_problem_shows_a_key_a_url_or_a_trace(gateway, vendors):
    for vendor in ALL:
        vendors.set_fault(vendor, "reset")
    text = ask(gateway).text
    for secret in ("sk-simulated", "sk-ant-simulated", "127.0.0.1", "http://", "Traceback", ".py"):
        assert secret not in text
