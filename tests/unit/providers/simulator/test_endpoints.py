"""Several places of a vendor, each on a port of its own that can refuse connections."""

import socket
import threading

import httpx
import pytest

from providers.simulator import (
    RunningSimulator,
    SimulatorConfig,
    parse_endpoint,
    parse_fault,
    parse_script,
)
from tests.support.simulator import AT_ONCE, Caller

SUM = "What is 17 + 25?"
BODY = {"model": "gpt-5", "messages": [{"role": "user", "content": SUM}]}
KEY = {"authorization": "Bearer sk-test"}


@pytest.fixture(scope="module")
def server():
    config = SimulatorConfig(latency=AT_ONCE, endpoints=(parse_endpoint("gpt/eu"),), apart=True)
    with RunningSimulator(config) as running:
        yield running


@pytest.fixture
def vendors(server):
    server.reset()
    return server


@pytest.fixture
def client():
    with httpx.Client(timeout=10, trust_env=False) as client:
        yield client


def ask(client, url):
    return client.post(f"{url}/chat/completions", json=BODY, headers=KEY)


def test_the_environment_names_every_place(vendors):
    environment = vendors.environment
    assert environment["OPENAI_ENDPOINTS"] == f"eu={vendors.url('gpt', 'eu')}"
    assert environment["OPENAI_BASE_URL"] == vendors.url("gpt")
    ports = {httpx.URL(u).port for u in (vendors.base_url, vendors.url("gpt"), vendors.url("gpt", "eu"), vendors.anthropic_url, vendors.gemini_url)}  # fmt: skip
    assert len(ports) == 5


def test_each_place_counts_and_fails_by_itself(vendors, client):
    vendors.set_fault("gpt/eu", "500")
    assert ask(client, vendors.url("gpt", "eu")).status_code == 500
    assert ask(client, vendors.url("gpt")).status_code == 200
    stats = vendors.stats()
    seen = {name: stats[name]["seen"] for name in ("gpt", "gpt/default", "gpt/eu")}
    assert seen == {"gpt": 2, "gpt/default": 1, "gpt/eu": 1}


def test_all_vendors_are_still_reached_on_the_shared_port(vendors, client):
    assert ask(client, f"{vendors.base_url}/v1").status_code == 200


def test_a_port_of_one_vendor_is_not_anothers(vendors, client):
    reply = client.post(f"{vendors.url('gpt')}/messages", json={})
    assert reply.status_code == 404
    assert vendors.stats()["claude"]["seen"] == 0


def test_a_place_that_refuses_takes_no_connection_and_comes_back_on_its_port(vendors, client):
    eu = vendors.url("gpt", "eu")
    vendors.set_fault("gpt/eu", "refused")
    assert _refuses(eu)
    with pytest.raises(httpx.ConnectError):
        ask(client, eu)
    assert vendors.day()["down"] == ["gpt/eu"]
    assert ask(client, vendors.url("gpt")).status_code == 200
    vendors.set_fault("gpt/eu", None)
    assert ask(client, eu).status_code == 200


def test_a_place_that_goes_down_breaks_off_what_is_under_way_and_what_is_idle(vendors, client):
    eu = vendors.url("gpt", "eu")
    assert ask(client, eu).status_code == 200  # leaves an idle connection
    vendors.set_fault("gpt/eu", "timeout")
    lost = []

    def hang():
        with httpx.Client(timeout=20, trust_env=False) as own:
            try:
                ask(own, eu)
            except httpx.TransportError as error:
                lost.append(error)

    hanging = threading.Thread(target=hang)
    hanging.start()
    _until(lambda: vendors.stats()["gpt/eu"]["open"] == 1)
    vendors.set_fault("gpt/eu", "refused")
    hanging.join(20)
    assert isinstance(lost[0], httpx.ReadError)
    _until(lambda: vendors.stats()["gpt/eu"]["open"] == 0)
    assert vendors.stats()["gpt/eu"]["failed"] == 1
    with pytest.raises(httpx.TransportError):
        ask(client, eu)


def test_for_some_requests_only_a_place_resets_them_and_keeps_listening(vendors, client):
    vendors.set_fault("gpt", "refused", count=1)
    with pytest.raises(httpx.ReadError):
        ask(client, vendors.url("gpt"))
    assert not _refuses(vendors.url("gpt"))


def test_on_the_shared_port_a_vendor_that_refuses_resets_each_request(caller):
    caller.simulator.set_fault("gpt", "refused")
    with pytest.raises(httpx.ReadError):
        caller.ask("gpt", SUM)
    assert caller.ask("claude", SUM).status_code == 200
    assert caller.simulator.stats()["gpt"]["billed"] == 0


def test_who_is_to_refuse_gets_a_port_of_its_own():
    by_fault = SimulatorConfig(faults=(parse_fault("gpt=refused"),))
    script = parse_script("events: [{at: 0, for: 1s, who: claude, fault: refused}]")
    both = SimulatorConfig(script=script, endpoints=(parse_endpoint("gpt/eu=4107"),))
    doors = [[str(d.place) for d in c.doors] for c in (SimulatorConfig(), by_fault, both)]
    assert doors == [[], ["gpt/default"], ["claude/default", "gpt/eu"]]


def test_a_day_closes_and_opens_ports_by_itself(client):
    day = "events: [{at: 0, for: 1h, who: gpt, fault: refused}, {at: 1h, for: 1h, fault: 500}]"
    config = SimulatorConfig(latency=AT_ONCE, script=parse_script(day))
    with RunningSimulator(config) as vendors:
        assert _refuses(vendors.url("gpt"))
        assert Caller(vendors, client).ask("claude", SUM).status_code == 200
        vendors.play(3600)
        assert ask(client, vendors.url("gpt")).status_code == 500
        view = vendors.play(7200)
        assert (view["over"], view["down"], view["holding"]) == (True, [], [])
        assert ask(client, vendors.url("gpt")).status_code == 200
        with pytest.raises(ValueError, match="the day has no 7201 s"):
            vendors.play(7201)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gpt", "an endpoint reads VENDOR/NAME"),
        ("all", "an endpoint reads VENDOR/NAME"),
        ("llama/eu", "no vendor 'llama'"),
        ("gpt/", "an endpoint's name is letters"),
        ("gpt/eu=x", "port is 0 to 65535, not 'x'"),
        ("gpt/eu=70000", "port is 0 to 65535, not '70000'"),
    ],
)
def test_what_is_wrong_with_an_endpoint_is_said(text, said):
    with pytest.raises(ValueError, match=said):
        parse_endpoint(text)


def _refuses(url):
    try:
        socket.create_connection((httpx.URL(url).host, httpx.URL(url).port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


def _until(condition):
    """Ask again until it holds: each time is a round trip, and the suite has its own time limit."""
    for _ in range(2000):
        if condition():
            return
    pytest.fail("it never came true")
