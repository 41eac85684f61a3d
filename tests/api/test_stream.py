"""Answers as server-sent events."""

import time

import pytest

from tests.support.sse import events

QUESTION = "What is 17 + 25?"


def stream(gateway, **body):
    with gateway.stream(
        "POST", "/api/v1/generate", json={"prompt": QUESTION, "stream": True} | body
    ) as reply:
        assert reply.headers["content-type"].startswith("text/event-stream")
        return list(events(reply))


def named(got, name):
    return [e.data for e in got if e.name == name]


def test_a_request_is_accepted_votes_arrive_and_the_result_comes_last(gateway):
    got = stream(gateway, task_type="critical")
    assert got[0].name == "accepted"
    assert got[-1].name == "result"
    assert len(named(got, "vote")) == 3
    assert [r["round"] for r in named(got, "round")] == [1]


def test_ids_count_up(gateway):
    got = stream(gateway, task_type="critical")
    assert [e.id for e in got] == list(range(1, len(got) + 1))


def test_the_deltas_are_the_answer_s_text(gateway):
    got = stream(gateway, task_type="critical")
    assert "".join(d["text"] for d in named(got, "delta")) == named(got, "result")[0]["content"]


def test_the_result_is_the_body_that_a_plain_request_gets(gateway):
    streamed = named(stream(gateway, task_type="critical"), "result")[0]
    plain = gateway.post(
        "/api/v1/generate", json={"prompt": QUESTION, "task_type": "critical"}
    ).json()
    assert streamed.keys() == plain.keys()
    assert streamed["content"] == plain["content"]


def test_sequential_rounds_are_told_one_by_one(gateway):
    got = stream(gateway, prompt="Is 91 a prime number?", task_type="critical", mode="sequential")
    rounds = [r["round"] for r in named(got, "round")]
    assert rounds == list(range(1, len(rounds) + 1))
    assert len(rounds) >= 2


def test_a_request_nobody_answers_ends_in_an_error_and_never_in_a_result(gateway, vendors):
    for vendor in ("gpt", "claude", "gemini"):
        vendors.set_fault(vendor, "500")
    got = stream(gateway, task_type="critical")
    assert got[-1].name == "error"
    assert got[-1].data["code"] == "all_providers_failed"
    assert not named(got, "result")


def test_a_request_that_is_never_accepted_is_a_plain_problem(gateway):
    reply = gateway.post(
        "/api/v1/generate", json={"prompt": "x", "providers": ["grok"], "stream": True}
    )
    assert reply.status_code == 422
    assert reply.headers["content-type"] == "application/problem+json"


def test_on_the_legacy_path_the_vendor_s_own_pieces_come_through(start_gateway):
    import httpx

    with httpx.Client(base_url=start_gateway(SRP_TRAFFIC_PERCENTAGE="0").url, timeout=30) as client:
        got = stream(client)
    result = named(got, "result")[0]
    assert result["path"] == "legacy"
    assert result["consensus"] is None
    assert len(named(got, "delta")) > 1
    assert "".join(d["text"] for d in named(got, "delta")) == result["content"]


def test_a_legacy_stream_that_is_cut_ends_in_an_error(start_gateway, vendors):
    import httpx

    gateway = start_gateway(SRP_TRAFFIC_PERCENTAGE="0", WALLBOUNCE_RETRY_ATTEMPTS="1")
    for vendor in ("gpt", "claude", "gemini"):
        vendors.set_fault(vendor, "cut")
    with httpx.Client(base_url=gateway.url, timeout=30) as client:
        got = stream(client)
    assert got[-1].name == "error"
    assert not named(got, "result")


def until(vendors, holds):
    """Poll the simulated vendors' counters, which another thread's sockets move."""
    give_up = time.monotonic() + 10
    while not holds(counts := vendors.stats()):
        if time.monotonic() > give_up:
            pytest.fail(f"calls are still open: {counts}")
        time.sleep(0.01)


@pytest.mark.parametrize("streamed", [False, True])
def test_hanging_up_closes_the_calls_to_the_vendors(gateway, vendors, streamed):
    import httpx

    for vendor in ("gpt", "claude", "gemini"):
        vendors.set_fault(vendor, "timeout")
    body = {"prompt": QUESTION, "task_type": "critical", "stream": streamed}
    with pytest.raises(httpx.ReadTimeout):
        gateway.post("/api/v1/generate", json=body, timeout=0.5)
    until(vendors, lambda all_: all(c["cancelled"] == 1 and c["open"] == 0 for c in all_.values()))


OPEN = "Why is the sky blue in the evening?"
"""A question whose answers, and what is merged of them, have several sentences."""


@pytest.mark.parametrize("leaves_at", ["accepted", "vote", "round", "delta"])
def test_hanging_up_while_answers_are_merged_closes_that_call(gateway, vendors, leaves_at):
    body = {
        "prompt": OPEN,
        "task_type": "critical",
        "aggregation": "synthesize",
        "stream": True,
    }
    for vendor in ("gpt", "claude", "gemini"):
        vendors.set_latency(vendor, 20_000)  # two seconds, as all waiting is scaled here
    with gateway.stream("POST", "/api/v1/generate", json=body) as reply:
        for event in events(reply):
            if event.name == leaves_at:
                break
    until(vendors, lambda _: "wallbounce_requests_in_flight 0.0" in gateway.get("/metrics").text)
    until(vendors, lambda all_: all(c["open"] == 0 for c in all_.values()))
    cancelled = {name: c["cancelled"] for name, c in vendors.stats().items() if c["cancelled"]}
    if leaves_at == "accepted":
        # Who leaves that early may be gone before a call reaches its vendor; none that did is answered.
        assert all(c["cancelled"] == c["seen"] for c in vendors.stats().values())
    elif leaves_at in {"round", "delta"}:
        assert list(cancelled.values()) == [1], "the aggregator's call alone was open"


def test_a_merged_answer_comes_as_it_is_written(gateway, vendors):
    body = {"task_type": "critical", "aggregation": "synthesize"}
    for vendor in ("gpt", "claude", "gemini"):
        vendors.set_latency(vendor, 10_000)
    asked = {"prompt": OPEN, "stream": True} | body
    with gateway.stream("POST", "/api/v1/generate", json=asked) as reply:
        seen = [
            (event, sum(c["open"] for c in vendors.stats().values())) for event in events(reply)
        ]
    deltas = [(event.data["text"], open_) for event, open_ in seen if event.name == "delta"]
    assert len(deltas) > 2
    assert deltas[0][1] == 1, "the aggregator still writes when its first sentences are read"
    result = seen[-1][0].data
    assert result["answer_source"] == "synthesis"
    assert "".join(text for text, _ in deltas) == result["content"]


def test_hanging_up_in_the_middle_of_a_legacy_stream_closes_the_vendor_s(start_gateway, vendors):
    import httpx

    gateway = start_gateway(SRP_TRAFFIC_PERCENTAGE="0")
    vendors.set_latency("gpt", 20_000)
    asked = {"prompt": OPEN, "providers": ["gpt"], "stream": True}
    with (
        httpx.Client(base_url=gateway.url, timeout=30) as client,
        client.stream("POST", "/api/v1/generate", json=asked) as reply,
    ):
        for event in events(reply):
            if event.name == "delta":
                break
    until(vendors, lambda all_: all_["gpt"]["cancelled"] == 1 and all_["gpt"]["open"] == 0)


def test_a_caller_who_reads_nothing_holds_up_neither_vendors_nor_others(gateway, vendors):
    import socket

    host, port = gateway.base_url.host, gateway.base_url.port
    body = b'{"prompt": "What is 17 + 25?", "task_type": "critical", "stream": true}'
    head = (
        f"POST /api/v1/generate HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((host, port)) as silent:
        silent.sendall(head.encode() + body)
        until(vendors, lambda all_: all(c["seen"] == 1 and not c["open"] for c in all_.values()))
        assert named(stream(gateway, task_type="critical"), "result")
