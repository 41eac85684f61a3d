"""The balancer as a caller meets it: a real nginx with our configuration before two gateways."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest
from aiohttp import web

from gateway.api.problems import TITLES
from gateway.settings import Server
from tests.support.ports import free_port

GENERATE = "/api/v1/generate"
BODY = {"prompt": "What is 17 * 24?"}


async def hang_up(request):
    """Take the request and close the connection without a word, as a killed gateway does."""
    await request.read()
    request.transport.abort()
    return web.Response()


async def test_nginx_accepts_the_configuration(nginx_config):
    command = await nginx_config(
        listen=free_port(), gateways={"gateway-1": free_port(), "gateway-2": free_port()}
    )
    process = await asyncio.create_subprocess_exec(*command, "-t", stderr=asyncio.subprocess.PIPE)
    _, said = await process.communicate()
    assert process.returncode == 0, said.decode()
    assert b"warn" not in said


async def test_requests_are_spread_over_both_gateways(balancer):
    for _ in range(10):
        async with balancer.client.post(balancer.url + GENERATE, json=BODY) as answer:
            assert answer.status == 200
    assert [len(backend.requests) for backend in balancer.backends] == [5, 5]


async def test_a_post_goes_to_the_other_gateway_when_one_cannot_be_reached(balancer):
    await balancer.backends[0].stop()
    for _ in range(6):
        async with balancer.client.post(balancer.url + GENERATE, json=BODY) as answer:
            assert answer.status == 200
    assert len(balancer.backends[1].requests) == 6


async def test_a_post_that_a_gateway_began_is_never_sent_again(balancer):
    """It may have been billed already."""
    for backend in balancer.backends:
        backend.handler = hang_up
    async with balancer.client.post(balancer.url + GENERATE, json=BODY) as answer:
        assert answer.status == 503
    assert len(balancer.seen) == 1


async def test_a_get_that_a_gateway_dropped_is_asked_of_the_other(balancer):
    balancer.backends[0].handler = hang_up
    for _ in range(2):
        async with balancer.client.get(f"{balancer.url}/api/v1/rollout") as answer:
            assert answer.status == 200
    assert len(balancer.backends[1].requests) == 2


async def test_an_event_reaches_the_caller_before_the_stream_ends(balancer):
    caller_has_read = asyncio.Event()

    async def stream(request):
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"event: accepted\ndata: {}\n\n")
        await caller_has_read.wait()
        await response.write(b"event: result\ndata: {}\n\n")
        return response

    for backend in balancer.backends:
        backend.handler = stream
    async with balancer.client.post(
        balancer.url + GENERATE, json={**BODY, "stream": True}
    ) as answer:
        first = await answer.content.readuntil(b"\n\n")
        caller_has_read.set()
        rest = await answer.content.read()
    assert first == b"event: accepted\ndata: {}\n\n"
    assert rest == b"event: result\ndata: {}\n\n"


async def test_a_caller_that_leaves_closes_the_gateways_connection(balancer):
    """Only then can the gateway stop paying for the answer."""
    arrived, gone = asyncio.Event(), asyncio.Event()

    async def wait(_request):
        arrived.set()
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()

    for backend in balancer.backends:
        backend.handler = wait
    call = asyncio.create_task(balancer.client.post(balancer.url + GENERATE, json=BODY))
    await asyncio.wait_for(arrived.wait(), 10)
    call.cancel()
    await asyncio.wait_for(gone.wait(), 10)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        pytest.param("order-42.retry_1", True, id="a harmless id is kept"),
        pytest.param('x" onload="', False, id="an id with quotes is replaced"),
        pytest.param("a" * 65, False, id="an endless id is replaced"),
        pytest.param(None, False, id="without one nginx makes one"),
    ],
)
async def test_every_request_reaches_a_gateway_under_an_id(balancer, sent, kept):
    headers = {"X-Request-Id": sent} if sent else {}
    async with balancer.client.post(balancer.url + GENERATE, json=BODY, headers=headers) as answer:
        assert answer.status == 200
    passed_on = balancer.seen[0].headers["X-Request-Id"]
    assert (passed_on == sent) is kept
    assert passed_on.replace("-", "").replace(".", "").replace("_", "").isalnum()


async def test_a_caller_cannot_say_who_it_is(balancer):
    headers = {"X-Forwarded-For": "10.0.0.1", "Forwarded": "for=10.0.0.1"}
    async with balancer.client.post(balancer.url + GENERATE, json=BODY, headers=headers) as answer:
        assert answer.status == 200
    [request] = balancer.seen
    assert request.headers["X-Forwarded-For"] == "127.0.0.1"
    assert "Forwarded" not in request.headers


async def test_a_gateways_own_errors_pass_untouched(balancer):
    problem = json.dumps({"code": "all_providers_failed"})

    async def fail(_request):
        headers = {"Retry-After": "7"}
        return web.Response(
            status=503, text=problem, content_type="application/problem+json", headers=headers
        )

    for backend in balancer.backends:
        backend.handler = fail
    async with balancer.client.post(balancer.url + GENERATE, json=BODY) as answer:
        assert (answer.status, await answer.text()) == (503, problem)
        assert answer.headers["Retry-After"] == "7"
    assert len(balancer.seen) == 1


async def assert_problem(answer: aiohttp.ClientResponse, code: str):
    """The balancer's own error is in the contract's words (gateway/api/problems.py)."""
    status, title = TITLES[code]
    body = json.loads(await answer.text())
    assert answer.status == status == body["status"]
    assert answer.content_type == "application/problem+json"
    assert body["type"] == f"urn:wallbounce:problem:{code}"
    assert (body["code"], body["title"]) == (code, title)
    assert body["request_id"] == answer.headers["X-Request-Id"] != ""
    assert body["detail"]


async def test_without_any_gateway_the_caller_reads_overloaded_and_when_to_come_back(balancer):
    for backend in balancer.backends:
        await backend.stop()
    async with balancer.client.post(balancer.url + GENERATE, json=BODY) as answer:
        await assert_problem(answer, "overloaded")
        assert answer.headers["Retry-After"] == "5"


async def test_a_body_far_over_the_limit_is_stopped_at_the_door(balancer):
    async with balancer.client.post(balancer.url + GENERATE, data=b"x" * 5_000_000) as answer:
        await assert_problem(answer, "payload_too_large")
    assert balancer.seen == []


async def test_a_body_just_over_the_gateways_limit_is_left_to_the_gateway(balancer):
    limit = Server.model_fields["max_body_bytes"].default
    async with balancer.client.post(balancer.url + GENERATE, data=b"x" * (limit + 1)) as answer:
        assert answer.status == 200
    assert len(balancer.seen) == 1


@pytest.mark.parametrize("path", ["/metrics", "/learning/metrics"])
async def test_the_gateways_figures_are_not_shown_outside(balancer, path):
    async with balancer.client.get(balancer.url + path) as answer:
        assert answer.status == 404
    assert balancer.seen == []


async def test_the_log_holds_no_query_and_no_key(balancer, tmp_path):
    headers = {"Authorization": "Bearer secret-key"}
    url = f"{balancer.url}/api/v1/rollout?token=secret-token"
    async with balancer.client.get(url, headers=headers) as answer:
        assert answer.status == 200
    await balancer.quit()
    log = (tmp_path / "access.log").read_text()
    assert "secret" not in log
    assert json.loads(log.splitlines()[-1])["path"] == "/api/v1/rollout"


async def last_line(balancer, tmp_path):
    await balancer.quit()
    return json.loads((tmp_path / "access.log").read_text().splitlines()[-1])


async def test_the_log_names_a_request_as_its_gateway_does(balancer, tmp_path):
    """Its answer, the gateway's log and the journal bear that id, whatever the caller sent."""

    async def answer_with_id(_request):
        return web.Response(text="{}", headers={"X-Request-Id": "01GATEWAY"})

    for backend in balancer.backends:
        backend.handler = answer_with_id
    headers = {"X-Request-Id": "order-42"}
    async with balancer.client.post(balancer.url + GENERATE, json=BODY, headers=headers) as answer:
        assert answer.headers.getall("X-Request-Id") == ["01GATEWAY"]
    line = await last_line(balancer, tmp_path)
    assert (line["request_id"], line["balancer_request_id"]) == ("01GATEWAY", "order-42")


async def test_the_log_names_what_no_gateway_answered_as_its_problem_does(balancer, tmp_path):
    for backend in balancer.backends:
        await backend.stop()
    async with balancer.client.post(balancer.url + GENERATE, json=BODY) as answer:
        told = json.loads(await answer.text())["request_id"]
    line = await last_line(balancer, tmp_path)
    assert line["request_id"] == line["balancer_request_id"] == told
