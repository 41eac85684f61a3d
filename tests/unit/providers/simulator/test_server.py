"""The running simulator: every fault on every wire, the control endpoint, counters, determinism."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading

import httpx
import pytest

from providers.simulator import RunningSimulator, SimulatorConfig, Vendor, parse_fault
from tests.support.simulator import AT_ONCE, Caller
from tests.unit.providers.simulator.streams import data_of, is_whole, text_of

SUM = "What is 17 + 25?"
VENDORS = ("gpt", "claude", "gemini")
ERROR_TYPES = {
    ("gpt", "429"): "requests", ("gpt", "500"): "server_error", ("gpt", "529"): "server_error",
    ("claude", "429"): "rate_limit_error", ("claude", "500"): "api_error", ("claude", "529"): "overloaded_error",
    ("gemini", "429"): "RESOURCE_EXHAUSTED", ("gemini", "500"): "INTERNAL", ("gemini", "529"): "UNAVAILABLE",
}  # fmt: skip
each_vendor = pytest.mark.parametrize("vendor", VENDORS)
streamed_or_not = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])


@each_vendor
@streamed_or_not
@pytest.mark.parametrize("fault", ["429", "500", "529"])
def test_an_error_status_comes_in_the_vendors_shape(caller, vendor, fault, stream):
    caller.simulator.set_fault(vendor, fault)
    reply = caller.ask(vendor, SUM, stream=stream)
    error = reply.json()["error"]
    overloaded = 529 if vendor == "claude" else 503
    assert reply.status_code == (overloaded if fault == "529" else int(fault))
    assert (error["status"] if vendor == "gemini" else error["type"]) == ERROR_TYPES[vendor, fault]
    in_a_header = fault == "429" and vendor != "gemini"
    assert reply.headers.get("retry-after") == ("1" if in_a_header else None)
    if (vendor, fault) == ("gemini", "429"):
        assert [d["retryDelay"] for d in error["details"]] == ["1s"]


@each_vendor
@streamed_or_not
def test_a_reset_breaks_the_connection_in_the_middle(caller, vendor, stream):
    caller.simulator.set_fault(vendor, "reset")
    request = caller.request(vendor, SUM, stream=stream)
    reply = caller.client.send(request, stream=True)
    assert reply.status_code == 200
    with pytest.raises(httpx.ReadError):
        reply.read()


def test_a_reset_is_a_real_tcp_reset(caller):
    caller.simulator.set_fault("gpt", "reset")
    request = caller.request("gpt", SUM)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer x\r\ncontent-length: {len(request.content)}\r\n\r\n"
    with socket.create_connection((request.url.host, request.url.port), timeout=10) as raw:
        raw.sendall(head.encode() + request.content)
        with pytest.raises(ConnectionResetError):
            _read_all(raw)


@each_vendor
def test_a_malformed_body_is_no_json(caller, vendor):
    caller.simulator.set_fault(vendor, "malformed")
    reply = caller.ask(vendor, SUM)
    assert reply.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        reply.json()


@each_vendor
def test_a_malformed_stream_has_an_event_that_is_no_json(caller, vendor):
    caller.simulator.set_fault(vendor, "malformed")
    with pytest.raises(json.JSONDecodeError):
        data_of(caller.ask(vendor, SUM, stream=True).text)


@each_vendor
@streamed_or_not
def test_a_wrong_shape_is_json_that_the_protocol_does_not_know(caller, vendor, stream):
    caller.simulator.set_fault(vendor, "wrong-shape")
    reply = caller.ask(vendor, SUM, stream=stream)
    body = data_of(reply.text)[0] if stream else reply.json()
    assert reply.status_code == 200
    assert not isinstance(body["choices"], list)
    assert not isinstance(body["content"], list)
    assert not isinstance(body["candidates"], list)


@each_vendor
@streamed_or_not
@pytest.mark.parametrize(
    ("fault", "ends"),
    [
        ("empty", {"gpt": "stop", "claude": "end_turn", "gemini": "STOP"}),
        ("filtered", {"gpt": "content_filter", "claude": "refusal", "gemini": "SAFETY"}),
    ],
)
def test_a_reply_without_text_is_well_formed_and_says_why_it_ended(
    caller, vendor, stream, fault, ends
):
    caller.simulator.set_fault(vendor, fault)
    reply = caller.ask(vendor, SUM, stream=stream)
    assert reply.status_code == 200
    if stream:
        events = data_of(reply.text)
        assert is_whole(vendor, events)
        assert text_of(vendor, events) == ""
        end = {"gpt": -2, "claude": -2, "gemini": -1}[vendor]
        body = events[end]
    else:
        body = reply.json()
        assert SUM not in reply.text
    said = {
        "gpt": lambda: body["choices"][0]["finish_reason"],
        "claude": lambda: body["delta"]["stop_reason"] if stream else body["stop_reason"],
        "gemini": lambda: body["candidates"][0]["finishReason"],
    }[vendor]()
    assert said == ends[vendor]


@each_vendor
def test_a_cut_stream_ends_in_order_but_without_its_end_marker(caller, vendor):
    caller.simulator.set_fault(vendor, "cut")
    events = data_of(caller.ask(vendor, SUM, stream=True).text)
    assert text_of(vendor, events)
    assert not is_whole(vendor, events)


@each_vendor
def test_a_cut_body_is_shorter_than_announced(caller, vendor):
    caller.simulator.set_fault(vendor, "cut")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        caller.ask(vendor, SUM)


@each_vendor
@streamed_or_not
def test_a_timeout_never_answers_and_sees_the_client_go(caller, vendor, stream):
    caller.simulator.set_fault(vendor, "timeout")
    with pytest.raises(httpx.ReadTimeout):
        caller.client.send(_with_timeout(caller.request(vendor, SUM, stream=stream), 0.05))
    _until(lambda: caller.simulator.stats()[vendor]["cancelled"] == 1)
    assert caller.simulator.stats()[vendor]["open"] == 0


@each_vendor
def test_a_slow_vendor_answers_right_after_the_latency_set(caller, vendor):
    with RunningSimulator(SimulatorConfig(latency=AT_ONCE, slow_ms=60)) as simulator:
        slow = Caller(simulator, caller.client)
        simulator.set_fault(vendor, "slow")
        with pytest.raises(httpx.ReadTimeout):
            caller.client.send(_with_timeout(slow.request(vendor, SUM), 0.02))
        assert "42" in slow.text(vendor, SUM)
        assert simulator.stats()[vendor]["answered"] == 1


def test_a_client_that_goes_in_the_middle_of_a_stream_is_counted_as_cancelled(caller):
    caller.simulator.set_latency("gpt", 60_000)
    prompt = "Should a small team start with a monolith or with microservices?"
    request = caller.request("gpt", prompt, stream=True)
    with httpx.Client(trust_env=False) as leaving:
        assert caller.simulator.stats()["gpt"]["open"] == 0
        with pytest.raises(httpx.ReadTimeout):
            leaving.send(_with_timeout(request, 0.05))
    _until(lambda: caller.simulator.stats()["gpt"]["cancelled"] == 1)


def test_every_request_is_counted_once(caller):
    caller.simulator.set_fault("gpt", "500", count=2)
    for _ in range(3):
        caller.ask("gpt", SUM)
    caller.ask("gpt", SUM, colour="red")
    assert caller.simulator.stats()["gpt"] == {
        "seen": 4, "open": 0, "answered": 1, "failed": 2, "refused": 1, "cancelled": 0, "misled": 0, "faults": {"500": 2},
        "billed": 1, "billed_input_tokens": 6, "billed_output_tokens": 138,
    }  # fmt: skip
    assert caller.simulator.stats()["claude"]["seen"] == 0


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("fault", "billed"), [("cut", 1), ("filtered", 1), ("429", 0)])
def test_what_was_written_is_billed_whether_it_arrived_or_not(caller, fault, billed, stream):
    caller.simulator.set_fault("gpt", fault)
    with contextlib.suppress(httpx.HTTPError):
        caller.ask("gpt", SUM, stream=stream)
    assert caller.simulator.stats()["gpt"]["billed"] == billed


def test_an_open_request_is_counted_as_open(caller):
    caller.simulator.set_fault("gemini", "timeout")
    request = _with_timeout(caller.request("gemini", SUM), 5)
    waiting = threading.Thread(target=_send_and_lose, args=(request,))
    waiting.start()
    _until(lambda: caller.simulator.stats()["gemini"]["open"] == 1)
    waiting.join()
    _until(lambda: caller.simulator.stats()["gemini"]["open"] == 0)


def test_faults_are_set_shown_and_reset_over_http(caller):
    control = f"{caller.simulator.base_url}/_control"
    wanted = {"gpt": {"fault": "500", "probability": 1.0, "count": None, "latency_ms": 50}}
    assert caller.client.put(control, json=wanted).json()["gpt"]["fault"] == "500"
    assert caller.client.get(control).json()["gpt"]["latency_ms"] == 50
    assert caller.ask("gpt", SUM).status_code == 500
    assert caller.client.delete(control).json()["gpt"]["fault"] is None
    assert caller.ask("gpt", SUM).status_code == 200


def test_a_setting_that_makes_no_sense_is_refused_with_its_reason(caller):
    reply = caller.client.put(
        f"{caller.simulator.base_url}/_control", json={"gpt": {"fault": "418"}}
    )
    assert reply.status_code == 400
    assert "no fault '418'" in reply.json()["error"]
    assert (
        caller.client.put(f"{caller.simulator.base_url}/_control", content=b"{").status_code == 400
    )
    with pytest.raises(ValueError, match="no vendor 'llama'"):
        caller.simulator.set_fault("llama", "500")


def test_the_front_page_lists_the_questions_and_who_answers_what(caller):
    page = caller.client.get(caller.simulator.base_url).json()
    known = {q["id"]: q for q in page["questions"]}
    assert len(known) >= 45
    assert known["is-91-prime"]["first_answers"] == {"gpt": "no", "claude": "yes", "gemini": "no"}
    assert known["decline-lock"]["first_answers"]["gpt"] is None
    assert "B) Canberra" in known["capital-australia"]["prompt"]


def test_faults_of_the_configuration_hold_from_the_start_and_after_a_reset(caller):
    with RunningSimulator(
        SimulatorConfig(faults=(parse_fault("claude=529"),), latency=AT_ONCE)
    ) as simulator:
        own = Caller(simulator, caller.client)
        assert own.ask("claude", SUM).status_code == 529
        simulator.set_fault("claude", None)
        assert own.ask("claude", SUM).status_code == 200
        simulator.reset()
        assert own.ask("claude", SUM).status_code == 529


def test_two_runs_with_one_seed_answer_byte_for_byte_the_same(caller):
    def run():
        caller.simulator.reset()
        caller.simulator.set_fault("gpt", "500", probability=0.5)
        replies = [
            caller.ask(v, p, stream=s)
            for p in (SUM, "Hello?")
            for v in VENDORS
            for s in (True, False)
        ]
        return [(r.status_code, [_timeless(e) for e in _bodies(r)]) for r in replies]

    assert run() == run()


def test_vendors_change_their_minds_over_the_wire(caller):
    prompt = "What is 17 times 24?"
    alone = {v: caller.text(v, prompt) for v in VENDORS}
    assert "398" in alone["gemini"]
    shown = "\n".join(f"<answer>{alone[v]}</answer>" for v in ("gpt", "claude"))
    assert "The answer is 408." in caller.text("gemini", f"{prompt}\nOthers answered:\n{shown}")


def test_its_environment_points_every_vendor_at_it(caller):
    environment = caller.simulator.environment
    base = caller.simulator.base_url
    assert environment["OPENAI_BASE_URL"] == f"{base}/v1"
    assert environment["ANTHROPIC_BASE_URL"] == environment["GEMINI_BASE_URL"] == base
    assert all(environment[f"{name}_API_KEY"] for name in ("OPENAI", "ANTHROPIC", "GEMINI"))


def test_serve_answers_until_sigterm_and_lets_a_hanging_reply_go(caller):
    code = (
        "import sys; from providers.simulator import *;"
        "serve(SimulatorConfig(faults=(parse_fault('gpt=timeout'),)), '127.0.0.1', int(sys.argv[1]))"
    )
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-c", code, str(port)], env={**os.environ, "PYTHONPATH": "."}
    )
    try:
        base = f"http://127.0.0.1:{port}"
        _until(lambda: _listens(base))
        request = caller.request("gpt", SUM)
        hanging = threading.Thread(
            target=_send_and_lose,
            args=(httpx.Request("POST", f"{base}/v1/chat/completions", headers={"authorization": "Bearer x"}, content=request.content),),
        )  # fmt: skip
        hanging.start()
        _until(lambda: httpx.get(f"{base}/_stats", trust_env=False).json()["gpt"]["open"] == 1)
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=20) == 0
        hanging.join()
    finally:
        server.kill()
        server.wait()


def test_vendors_are_known_by_their_names():
    assert [str(v) for v in Vendor] == ["gpt", "claude", "gemini"]


def _read_all(raw):
    while raw.recv(65536):
        pass


def _with_timeout(request, seconds):
    request.extensions["timeout"] = {"connect": 5, "read": seconds, "write": 5, "pool": 5}
    return request


def _send_and_lose(request):
    with httpx.Client(timeout=5, trust_env=False) as client:
        try:
            client.send(_with_timeout(request, 0.5))
        except httpx.TransportError:
            return


def _until(condition):
    """Ask again until it holds: each time is a round trip, and the suite has its own time limit."""
    for _ in range(2000):
        if condition():
            return
    pytest.fail("it never came true")


def _listens(base):
    try:
        return httpx.get(base, trust_env=False, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def _bodies(reply):
    if reply.headers["content-type"].startswith("text/event-stream"):
        return data_of(reply.text)
    return [reply.json()]


def _timeless(event):
    return {k: v for k, v in event.items() if k != "created"} if isinstance(event, dict) else event
