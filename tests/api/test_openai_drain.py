"""The end of a gateway process as OpenAI's client meets it."""

import sqlite3
import threading
import time

import openai
import pytest

from tests.support.openai_clients import client_of

ASKED = [{"role": "user", "content": "Explain at length why the sky is blue."}]
ALL = ("gpt", "claude", "gemini")


def in_background(call):
    told = []

    def run():
        try:
            told.append(call())
        except openai.APIError as error:
            told.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, told


def until(condition):
    give_up = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def open_calls(vendors):
    return sum(counts["open"] for counts in vendors.stats().values())


def records(gateway):
    with sqlite3.connect(gateway.folder / ".wallbounce" / "wallbounce.sqlite3") as database:
        return list(database.execute("select status, code, arm, mode from requests"))


@pytest.fixture
def draining_soon(start_gateway):
    return start_gateway(WALLBOUNCE_DRAIN_SECONDS="1", SRP_TRAFFIC_PERCENTAGE="100")


@pytest.mark.parametrize("model", ["gpt", "wallbounce-critical"])
@pytest.mark.parametrize("streamed", [False, True])
def test_who_is_not_answered_in_time_is_told_to_ask_again(draining_soon, vendors, model, streamed):
    for vendor in ALL:
        vendors.set_fault(vendor, "timeout")
    with client_of(draining_soon.url) as client:
        thread, told = in_background(
            lambda: client.chat.completions.create(model=model, messages=ASKED, stream=streamed)
        )
        until(lambda: open_calls(vendors) == (1 if model == "gpt" else 3))
        draining_soon.sigterm()
        assert draining_soon.wait() == 0
        thread.join()
    (error,) = told
    assert (error.status_code, error.code) == (503, "overloaded")
    assert error.response.headers["x-should-retry"] == "true"
    assert int(error.response.headers["retry-after"]) >= 1
    arm, mode = (None, "single") if model == "gpt" else ("wall_bounce", "parallel")
    assert records(draining_soon) == [(503, "shutting_down", arm, mode)]
    until(lambda: open_calls(vendors) == 0)


def test_a_stream_that_has_begun_ends_in_an_error_and_never_in_a_reason(draining_soon, vendors):
    vendors.set_latency("claude", 80_000)
    seen = []

    def read(client):
        stream = client.chat.completions.create(model="claude", messages=ASKED, stream=True)
        seen.extend(chunk.choices[0] for chunk in stream)

    with client_of(draining_soon.url) as client:
        thread, told = in_background(lambda: read(client))
        until(lambda: seen)
        draining_soon.sigterm()
        assert draining_soon.wait() == 0
        thread.join()
    (error,) = told
    assert error.code == "overloaded"
    assert not any(choice.finish_reason for choice in seen)
    assert records(draining_soon) == [(503, "shutting_down", None, "single")]
    until(lambda: open_calls(vendors) == 0)
