"""A vendor that goes down or slows down behind a real gateway: who answers meanwhile, and when it is back."""

import time
from collections import Counter

import httpx
import pytest

ASKED = 20
PATIENCE_S = 30.0


@pytest.fixture
def client(start_gateway, vendors):
    """A gateway that has learned what is usual of its vendors: 50 ms each, whoever stands in."""
    for vendor in ("gpt", "claude", "gemini"):
        vendors.set_latency(vendor, 500)  # a tenth of it, as these vendors are set up
    gateway = start_gateway(WALLBOUNCE_RETRY_ATTEMPTS="1")
    with httpx.Client(base_url=gateway.url, timeout=60, trust_env=False) as client:
        for number in range(15):
            assert set(used(ask(client, number))) == {"gpt", "claude", "gemini"}
        yield client


def ask(client, number, task_type="critical"):
    reply = client.post(
        "/api/v1/generate",
        json={
            "prompt": f"What is {number} + 25?",
            "task_type": task_type,
            "cache": "off",
            "timeout_ms": 20_000,
        },
    )
    assert reply.status_code == 200, reply.text
    assert str(number + 25) in reply.json()["content"]
    return reply.json()


def used(body):
    return body["providers_used"]


def codes(bodies, provider):
    """How often each code came of this provider; None where it answered."""
    votes = [vote for body in bodies for vote in body["votes"] if vote["provider"] == provider]
    return Counter(vote["error"] and vote["error"]["code"] for vote in votes)


def circuit_of(client, provider):
    return next(
        endpoint["circuit"]
        for endpoint in client.get("/health").json()["endpoints"]
        if endpoint["provider"] == provider
    )


def learned_p95_s(client, provider):
    """What the gateway holds for this vendor's usual p95: 50 ms, more where the machine was busy."""
    lines = client.get("/metrics").text.splitlines()
    return max(
        float(line.split()[-1])
        for line in lines
        if line.startswith("provider_learned_p95_seconds") and f'"{provider}"' in line
    )


def until(condition):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("fault", ["500", "reset", "timeout"])
def test_while_a_vendor_is_down_every_request_is_answered_and_it_is_left_alone(
    client, vendors, fault
):
    vendors.set_fault("gemini", fault)
    before = vendors.stats()["gemini"]["seen"]
    critical = [ask(client, n) for n in range(ASKED)]
    assert all(set(used(body)) == {"gpt", "claude"} for body in critical)
    assert codes(critical, "gemini")["circuit_open"] >= ASKED // 2
    basic = [ask(client, n, "basic") for n in range(ASKED)]
    assert sum(set(used(body)) == {"gpt", "claude"} for body in basic) >= ASKED - 3
    assert vendors.stats()["gemini"]["seen"] - before < ASKED, "it is hardly asked meanwhile"

    vendors.set_fault("gemini", None)
    assert until(lambda: "gemini" in used(ask(client, 1))), "it is back in use"
    assert until(lambda: bool(ask(client, 1)) and circuit_of(client, "gemini") == "closed")
    assert set(used(ask(client, 2, "basic"))) == {"gemini", "claude"}


@pytest.mark.parametrize("task_type", ["critical", "basic"])
def test_a_vendor_many_times_slower_than_usual_is_soon_waited_for_no_more(
    client, vendors, task_type
):
    usual_s = learned_p95_s(client, "gemini")
    vendors.set_latency("gemini", 10 * 1000 * max(1.5, 5 * usual_s))  # of which it takes a tenth
    bodies = [ask(client, n, task_type) for n in range(ASKED)]
    waited_for = sum("gemini" in used(body) for body in bodies)
    assert waited_for < ASKED / 2, "so the median is that of the others"
    assert all(len(used(body)) >= 2 for body in bodies), "and no answer stands alone"
    assert circuit_of(client, "gemini") != "closed"


def test_who_stands_in_and_why_is_said(client, vendors):
    vendors.set_fault("gemini", "500")
    for n in range(5):
        ask(client, n)
    body = ask(client, 9, "basic")
    assert set(used(body)) == {"gpt", "claude"}
    assert "gemini has failed lately, gpt stands in" in body["note"]


def test_when_all_vendors_are_down_each_is_asked_all_the_same(client, vendors):
    for vendor in ("gpt", "claude", "gemini"):
        vendors.set_fault(vendor, "500")
    for n in range(6):
        reply = client.post("/api/v1/generate", json={"prompt": f"{n}?", "task_type": "critical"})
        assert reply.json().get("code") == "all_providers_failed", reply.text
    told = {one["error"]["code"] for one in reply.json()["providers"]}
    assert told == {"server_error"}, "no circuit hides what the vendors say"
    for vendor in ("gpt", "claude", "gemini"):
        vendors.set_fault(vendor, None)
    assert used(ask(client, 1)), "and whoever is asked first is let pass"


def test_two_that_were_left_alone_answer_when_the_third_fails(client, vendors):
    for vendor in ("gpt", "claude"):
        vendors.set_fault(vendor, "500")
    for n in range(8):
        ask(client, n)
    assert "open" in {circuit_of(client, vendor) for vendor in ("gpt", "claude")}
    for vendor in ("gpt", "claude"):
        vendors.set_fault(vendor, None)
    vendors.set_fault("gemini", "500")
    assert set(used(ask(client, 9))) & {"gpt", "claude"}
