"""The soak's callers: what they take for an answer, an error, a stream without an end, and how they hang up."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bench.questions import total
from bench.soak.client import Tally, send
from bench.soak.outcomes import Outcome
from bench.soak.scenes import CHAT, GENERATE, HangUp, Scene

RIGHT = f"It is {total(7)}."
PROBLEM = {"status": 503, "code": "all_providers_failed", "providers": []}
CHUNK = {"choices": [{"delta": {"content": RIGHT}, "finish_reason": None}]}
LAST = {"choices": [{"delta": {}, "finish_reason": "stop"}]}
USAGE = {"choices": [], "usage": {"total_tokens": 3}}


def event(name: str | None, data: object) -> str:
    head = "" if name is None else f"event: {name}\n"
    return f"{head}data: {data if isinstance(data, str) else json.dumps(data)}\n\n"


async def played(acted: Scene, body: str, *, status: int = 200, after_s: float = 0.0) -> Tally:
    """What a caller makes of a gateway that answers ``body``."""

    async def answer(_: web.Request) -> web.Response:
        await asyncio.sleep(after_s)
        return web.Response(status=status, text=body)

    app = web.Application()
    app.router.add_post(acted.path, answer)
    tally = Tally()
    async with TestServer(app, host="127.0.0.1") as server:
        url = str(server.make_url("")).rstrip("/")
        await send(url, [acted], concurrency=1, tally=tally, until=time.monotonic() + 60)
    assert tally.requests == 1
    return tally


GENERATED = Scene(7, GENERATE, {}, stream=False)
STREAMED = Scene(7, GENERATE, {}, stream=True)
CHAT_STREAM = Scene(7, CHAT, {}, stream=True)


@pytest.mark.parametrize(
    ("acted", "body", "expected"),
    [
        pytest.param(GENERATED, json.dumps({"content": RIGHT}), Outcome.ANSWERED, id="whole"),
        pytest.param(
            STREAMED,
            event("accepted", {})
            + event("delta", {"text": RIGHT})
            + event("result", {"content": RIGHT}),
            Outcome.ANSWERED,
            id="streamed to its result",
        ),
        pytest.param(
            STREAMED,
            event("accepted", {}) + event("delta", {"text": RIGHT}),
            Outcome.UNENDED,
            id="streamed without a result",
        ),
        pytest.param(
            STREAMED,
            event("accepted", {}) + event("error", PROBLEM),
            Outcome.ERROR,
            id="error event",
        ),
        pytest.param(
            CHAT_STREAM,
            event(None, CHUNK) + event(None, LAST) + event(None, USAGE) + event(None, "[DONE]"),
            Outcome.ANSWERED,
            id="chunks to the end",
        ),
        pytest.param(
            CHAT_STREAM, event(None, CHUNK) + event(None, LAST), Outcome.UNENDED, id="no [DONE]"
        ),
        pytest.param(
            CHAT_STREAM,
            event(None, CHUNK) + event(None, "[DONE]"),
            Outcome.UNENDED,
            id="no reason why it stopped",
        ),
        pytest.param(
            CHAT_STREAM,
            event(None, CHUNK) + event(None, {"error": {"message": "…", "code": "internal"}}),
            Outcome.ERROR,
            id="an error in the middle",
        ),
    ],
)
async def test_an_answer_is_there_once_it_has_ended(acted, body, expected):
    assert (await played(acted, body)).outcomes == {expected: 1}


async def test_an_error_that_is_no_json_is_told_in_words():
    tally = await played(GENERATED, "<html>", status=500)
    assert tally.outcomes == {Outcome.ERROR: 1}
    assert "<html>" in tally.examples[0]
    assert tally.errors == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_a_caller_in_a_hurry_is_gone_before_the_answer(stream):
    acted = Scene(7, GENERATE, {}, stream=stream, hang_up=HangUp.EARLY)
    assert (await played(acted, "", after_s=5.0)).outcomes == {Outcome.HUNG_UP: 1}


async def test_an_answer_faster_than_its_hurried_caller_is_judged_as_any():
    acted = Scene(7, GENERATE, {}, stream=True, hang_up=HangUp.EARLY)
    body = event("result", {"content": RIGHT})
    assert (await played(acted, body)).outcomes == {Outcome.ANSWERED: 1}


async def test_a_caller_who_has_heard_enough_hangs_up_in_the_middle():
    acted = Scene(7, GENERATE, {}, stream=True, hang_up=HangUp.MIDWAY)
    assert (await played(acted, event("accepted", {}))).outcomes == {Outcome.HUNG_UP: 1}


async def test_nobody_begins_after_the_time_is_up():
    tally = Tally()
    late = time.monotonic() - 1
    await send("http://127.0.0.1:9", [GENERATED], concurrency=2, tally=tally, until=late)
    assert tally.requests == 0
