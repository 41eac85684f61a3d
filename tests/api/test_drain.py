"""The end of a gateway process: who is refused, who may finish, and what the rest is told."""

import socket
import sqlite3
import threading
import time

import httpx
import orjson
import pytest

from tests.support.sse import events

QUESTION = {"prompt": "What is 17 + 25?", "task_type": "critical"}
ALL = ("gpt", "claude", "gemini")
ENDED = (503, "shutting_down", "wall_bounce")


def in_background(call):
    replies = []
    thread = threading.Thread(target=lambda: replies.append(call()))
    thread.start()
    return thread, replies


def client_of(gateway):
    return httpx.Client(base_url=gateway.url, timeout=30, trust_env=False)


def until_asked(vendors, count=3):
    give_up = time.monotonic() + 10
    while sum(counts["open"] for counts in vendors.stats().values()) < count:
        assert time.monotonic() < give_up, vendors.stats()
        time.sleep(0.01)


def until_closed(vendors):
    give_up = time.monotonic() + 10
    while any(counts["open"] for counts in vendors.stats().values()):
        assert time.monotonic() < give_up, vendors.stats()
        time.sleep(0.01)


def records(gateway):
    with sqlite3.connect(gateway.folder / ".wallbounce" / "wallbounce.sqlite3") as database:
        return list(database.execute("select status, code, arm from requests order by at"))


@pytest.fixture(params=[(), ("--workers", "2")], ids=["one process", "two workers"])
def draining_soon(request, start_gateway, vendors):
    """A gateway that gives requests a second, before vendors that never answer."""
    for vendor in ALL:
        vendors.set_fault(vendor, "timeout")
    return start_gateway(*request.param, WALLBOUNCE_DRAIN_SECONDS="1", SRP_TRAFFIC_PERCENTAGE="100")


def test_who_is_not_answered_in_time_reads_that_the_server_shuts_down(draining_soon, vendors):
    with client_of(draining_soon) as client:
        thread, replies = in_background(lambda: client.post("/api/v1/generate", json=QUESTION))
        until_asked(vendors)
        draining_soon.sigterm()
        assert draining_soon.wait() == 0
        thread.join()
    (reply,) = replies
    problem = reply.json()
    assert (reply.status_code, problem["code"]) == (503, "overloaded")
    assert reply.headers["content-type"] == "application/problem+json"
    assert "shutting down" in problem["detail"]
    assert int(reply.headers["retry-after"]) >= 1
    assert records(draining_soon) == [ENDED]
    until_closed(vendors)


def test_a_stream_that_is_not_finished_in_time_ends_in_an_error_event(draining_soon, vendors):
    def stream(client):
        with client.stream("POST", "/api/v1/generate", json=QUESTION | {"stream": True}) as reply:
            return list(events(reply))

    with client_of(draining_soon) as client:
        thread, replies = in_background(lambda: stream(client))
        until_asked(vendors)
        draining_soon.sigterm()
        assert draining_soon.wait() == 0
        thread.join()
    (got,) = replies
    assert (got[0].name, got[-1].name) == ("accepted", "error")
    assert (got[-1].data["status"], got[-1].data["code"]) == (503, "overloaded")
    assert "shutting down" in got[-1].data["detail"]
    assert records(draining_soon) == [ENDED]
    until_closed(vendors)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_while_it_drains_nobody_can_connect(start_gateway, vendors, workers):
    """A balancer then asks another instance at once; a connection nobody takes would hang."""
    for vendor in ALL:
        vendors.set_fault(vendor, "timeout")
    gateway = start_gateway("--workers", workers, SRP_TRAFFIC_PERCENTAGE="100")
    body = orjson.dumps(QUESTION)
    with begun(gateway, len(body)) as connection:
        connection.sendall(body)
        until_asked(vendors)
        gateway.sigterm()
        give_up = time.monotonic() + 10
        while _connects(gateway.port):
            assert time.monotonic() < give_up
            time.sleep(0.01)
        assert sum(counts["open"] for counts in vendors.stats().values()) == 3
    assert gateway.wait() == 0
    assert records(gateway) == [(499, "client_gone", "wall_bounce")]


def _connects(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_a_request_that_comes_after_the_signal_is_sent_elsewhere(start_gateway, vendors):
    """Its head was there before, so its connection lives; its body comes when the drain has begun."""
    gateway = start_gateway(SRP_TRAFFIC_PERCENTAGE="100")
    body = orjson.dumps(QUESTION)
    with begun(gateway, len(body)) as connection:
        gateway.sigterm()
        while _connects(gateway.port):
            time.sleep(0.01)
        connection.sendall(body)
        head, problem = answer_on(connection)
    assert b" 503 " in head.splitlines()[0]
    assert b"retry-after: 1" in head
    assert (problem["code"], "shutting down" in problem["detail"]) == ("overloaded", True)
    assert gateway.wait() == 0
    assert all(counts["seen"] == 0 for counts in vendors.stats().values())


def test_a_request_whose_body_never_comes_is_answered_as_well(start_gateway):
    gateway = start_gateway(WALLBOUNCE_DRAIN_SECONDS="1")
    with begun(gateway, 100) as connection:
        gateway.sigterm()
        head, problem = answer_on(connection)
    assert b" 503 " in head.splitlines()[0]
    assert problem["code"] == "overloaded"
    assert gateway.wait() == 0


def begun(gateway, length):
    """A connection on which a request's head was sent and taken."""
    connection = socket.create_connection(("127.0.0.1", gateway.port), timeout=30)
    connection.sendall(
        b"POST /api/v1/generate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        b"expect: 100-continue\r\ncontent-length: %d\r\n\r\n" % length
    )
    assert connection.recv(1024).startswith(b"HTTP/1.1 100")
    return connection


def answer_on(connection):
    got = b""
    while piece := connection.recv(65_536):
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    return head, orjson.loads(body)


def test_a_caller_who_leaves_half_way_leaves_the_votes_it_paid_for(start_gateway, vendors):
    vendors.set_fault("gpt", "timeout")
    gateway = start_gateway(SRP_TRAFFIC_PERCENTAGE="100")
    with client_of(gateway) as client:
        asked = QUESTION | {"stream": True}
        with client.stream("POST", "/api/v1/generate", json=asked) as reply:
            votes = 0
            for event in events(reply):
                votes += event.name == "vote"
                if votes == 2:
                    break
    until_closed(vendors)
    gateway.stop()
    with sqlite3.connect(gateway.folder / ".wallbounce" / "wallbounce.sqlite3") as database:
        [(status, code, cost)] = database.execute("select status, code, cost_usd from requests")
        kept = dict(database.execute("select provider, cost_usd from votes"))
    assert (status, code) == (499, "client_gone")
    assert kept.keys() == {"claude", "gemini"}
    assert cost == pytest.approx(sum(kept.values()))
    assert cost > 0
