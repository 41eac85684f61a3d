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


@pytest.mark.parametrize("streamed", [False, True])
def test_hanging_up_closes_the_calls_to_the_vendors(gateway, vendors, streamed):
    import httpx

    for vendor in ("gpt", "claude", "gemini"):
        vendors.set_fault(vendor, "timeout")
    body = {"prompt": QUESTION, "task_type": "critical", "stream": streamed}
    with pytest.raises(httpx.ReadTimeout):
        gateway.post("/api/v1/generate", json=body, timeout=0.5)
    until = time.monotonic() + 10
    while time.monotonic() < until:
        counts = vendors.stats()
        if all(c["cancelled"] == 1 and c["open"] == 0 for c in counts.values()):
            return
    pytest.fail(f"calls are still open: {counts}")
