"""Faults with a status, in each vendor's words, and what vendors say of their limits."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from providers.simulator import RunningSimulator, SimulatorConfig, Vendor, parse_script
from providers.simulator.bucket import Allowance, Rate
from providers.simulator.failures import standing
from providers.simulator.misleading import mislead
from providers.simulator.question_data import shipped
from tests.support.simulator import AT_ONCE, Caller

SUM = "What is 17 + 25?"
each_vendor = pytest.mark.parametrize("vendor", ["gpt", "claude", "gemini"])
streamed_or_not = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])


REFUSALS = {
    ("gpt", "401"): (401, "invalid_api_key"),
    ("claude", "401"): (401, "authentication_error"),
    ("gemini", "401"): (400, "API_KEY_INVALID"),
    ("gpt", "404"): (404, "model_not_found"),
    ("claude", "404"): (404, "not_found_error"),
    ("gemini", "404"): (404, "NOT_FOUND"),
}


@streamed_or_not
@pytest.mark.parametrize(("vendor", "fault"), REFUSALS)
def test_a_refused_key_and_a_missing_model_are_told_as_the_vendor_does(
    caller, vendor, fault, stream
):
    status, said = REFUSALS[vendor, fault]
    caller.simulator.set_fault(vendor, fault)
    reply = caller.ask(vendor, SUM, stream=stream)
    assert reply.status_code == status
    assert said in reply.text
    assert isinstance(reply.json()["error"], dict)
    assert caller.simulator.stats()[vendor]["billed"] == 0


@each_vendor
@streamed_or_not
def test_a_bad_gateway_is_a_page(caller, vendor, stream):
    caller.simulator.set_fault(vendor, "502")
    reply = caller.ask(vendor, SUM, stream=stream)
    assert reply.status_code == 502
    assert reply.headers["content-type"] == "text/html"
    assert reply.text.startswith("<html>")


@each_vendor
@streamed_or_not
def test_a_reply_that_stalls_at_first_has_its_headers_and_nothing_else(caller, vendor, stream):
    caller.simulator.set_fault(vendor, "stall-first")
    request = caller.request(vendor, SUM, stream=stream)
    request.extensions["timeout"] = {"connect": 5, "read": 0.2, "write": 5, "pool": 5}
    reply = caller.client.send(request, stream=True)
    assert reply.status_code == 200
    got = []
    with pytest.raises(httpx.ReadTimeout):
        got.extend(reply.iter_raw())
    reply.close()
    assert b"".join(got) == b""


@each_vendor
def test_a_vendor_that_is_misled_is_as_sure_of_another_answer(caller, vendor):
    computed, known = "What is 1234 + 4321?", "What is 17 times 24?"
    usual = caller.text(vendor, computed)
    caller.simulator.set_wrong_share(vendor, 1.0)
    assert caller.text(vendor, computed) == usual.replace("5555", "5556")
    assert "43" in caller.text(vendor, SUM)
    assert "408" not in caller.text(vendor, known)
    stats = caller.simulator.stats()[vendor]
    assert (stats["misled"], stats["answered"], stats["failed"]) == (3, 4, 0)


def test_another_answer_is_never_the_right_one():
    changed = 0
    for question in shipped().questions:
        for key in question.answers:
            if (other := mislead(question, key)) is not None:
                assert other[0] not in {key, question.right}
                assert other[1]
                changed += key == question.right
    assert changed > len(shipped().questions) / 2


def test_limits_are_told_on_every_reply_and_refuse_with_the_time_to_wait():
    day = "events: [{at: 0, for: 1h, limit: 2/h}]"
    config = SimulatorConfig(latency=AT_ONCE, script=parse_script(day))
    with RunningSimulator(config) as running, httpx.Client(trust_env=False) as client:
        caller = Caller(running, client)
        replies = {v: [caller.ask(v, SUM) for _ in range(3)] for v in ("gpt", "claude", "gemini")}
    for answered in replies.values():
        assert [reply.status_code for reply in answered] == [200, 200, 429]
    gpt = [r.headers["x-ratelimit-remaining-requests"] for r in replies["gpt"]]
    claude = [r.headers["anthropic-ratelimit-requests-remaining"] for r in replies["claude"]]
    assert gpt == claude == ["1", "0", "0"]
    for vendor in ("gpt", "claude"):
        assert 1700 < int(replies[vendor][-1].headers["retry-after"]) <= 1800
    (detail,) = replies["gemini"][-1].json()["error"]["details"]
    assert 1700 < float(detail["retryDelay"].removesuffix("s")) <= 1800


def test_the_time_until_a_limit_is_full_again_is_written_as_each_vendor_writes_it():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    allowance = Allowance(Rate(60, 60), left=0, wait_s=1.0, full_s=90.5)
    assert standing(Vendor.GPT, allowance)["x-ratelimit-reset-requests"] == "1m30.5s"
    reset = standing(Vendor.CLAUDE, allowance, now)["anthropic-ratelimit-requests-reset"]
    assert datetime.fromisoformat(reset) == now + timedelta(seconds=91)
    assert standing(Vendor.GEMINI, allowance) == {}
