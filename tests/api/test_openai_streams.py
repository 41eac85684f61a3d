"""Streams through us, read by OpenAI's own client and off the wire."""

import asyncio
import json
import time

import httpx
import openai
import pytest

from tests.support.openai_clients import async_client_of, client_of

ASKED = [{"role": "user", "content": "What is 17 + 25?"}]
LONG = [{"role": "user", "content": "Explain at length why the sky is blue."}]
SINGLE = ("gpt", "claude", "gemini")
ALL = (*SINGLE, "wallbounce", "wallbounce-critical")
CHAT = "/v1/chat/completions"


@pytest.fixture
def client(face):
    with client_of(face) as client:
        yield client


def on_the_wire(face, **body):
    asked = {"messages": ASKED, "stream": True} | body
    with httpx.stream("POST", face + CHAT, json=asked, timeout=30, trust_env=False) as reply:
        assert reply.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in reply.iter_lines() if line and not line.startswith(":")]
    assert all(line.startswith("data: ") for line in lines)
    return [line.removeprefix("data: ") for line in lines]


@pytest.mark.parametrize("model", ALL)
def test_a_stream_opens_with_the_role_goes_on_with_text_and_ends_with_its_reason(client, model):
    chunks = list(client.chat.completions.create(model=model, messages=ASKED, stream=True))
    first, *middle, last = chunks
    assert (first.choices[0].delta.role, first.choices[0].delta.content) == ("assistant", "")
    assert all(c.choices[0].delta.role is None for c in middle)
    assert all(c.choices[0].finish_reason is None for c in chunks[:-1])
    assert last.choices[0].finish_reason == "stop"
    assert "42" in "".join(c.choices[0].delta.content or "" for c in chunks)
    assert len({(c.id, c.created, c.model, c.object) for c in chunks}) == 1
    assert first.object == "chat.completion.chunk"
    assert first.id == f"chatcmpl-{last.wallbounce['request_id']}"


@pytest.mark.parametrize("model", ALL)
def test_usage_comes_last_and_only_where_it_is_asked_for(client, model):
    chunks = list(
        client.chat.completions.create(
            model=model, messages=ASKED, stream=True, stream_options={"include_usage": True}
        )
    )
    assert [c.choices for c in chunks if not c.choices] == [[]]
    assert all(c.usage is None for c in chunks[:-1])
    assert chunks[-1].usage.completion_tokens > 0
    assert chunks[-1].wallbounce["cost_usd"] > 0
    plain = list(client.chat.completions.create(model=model, messages=ASKED, stream=True))
    assert all(c.choices and "usage" not in c.model_fields_set for c in plain)


@pytest.mark.parametrize("model", ALL)
def test_what_is_streamed_is_what_is_told_at_once(client, model):
    whole = client.chat.completions.create(model=model, messages=ASKED).choices[0].message
    chunks = client.chat.completions.create(model=model, messages=ASKED, stream=True)
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == whole.content


@pytest.mark.parametrize("model", ALL)
def test_off_the_wire_a_stream_ends_with_its_marker(face, model):
    *chunks, end = on_the_wire(face, model=model)
    assert end == "[DONE]"
    assert all(json.loads(chunk)["object"] == "chat.completion.chunk" for chunk in chunks)


@pytest.mark.parametrize("model", ALL)
def test_the_client_s_own_helper_puts_a_stream_together(client, model):
    with client.chat.completions.stream(model=model, messages=ASKED) as stream:
        final = stream.get_final_completion()
    assert "42" in final.choices[0].message.content
    assert final.choices[0].finish_reason == "stop"


def test_the_asynchronous_client_streams_alike(face):
    async def read(client, model):
        stream = await client.chat.completions.create(model=model, messages=ASKED, stream=True)
        return "".join([c.choices[0].delta.content or "" async for c in stream])

    async def ask():
        async with async_client_of(face) as client:
            return await asyncio.gather(*(read(client, model) for model in ALL))

    assert all("42" in text for text in asyncio.run(ask()))


def test_a_vendor_s_pieces_come_as_the_vendor_writes_them(client, vendors):
    vendors.set_latency("claude", 20_000)
    began = time.monotonic()
    with client.chat.completions.create(model="claude", messages=LONG, stream=True) as stream:
        for chunk in stream:
            if chunk.choices[0].delta.content:
                break
    # The whole reply takes 2 s here, its first piece a fraction of that.
    assert time.monotonic() - began < 1.9


@pytest.mark.parametrize("model", SINGLE)
def test_a_stream_cut_at_its_limit_says_length(client, model):
    limit = 140 if model == "gpt" else 16
    *_, last = client.chat.completions.create(
        model=model, messages=LONG, stream=True, max_completion_tokens=limit
    )
    assert last.choices[0].finish_reason == "length"


@pytest.mark.parametrize("model", SINGLE)
@pytest.mark.parametrize("fault", ["cut", "reset"])
def test_a_stream_that_breaks_raises_and_ends_without_marker_or_reason(
    client, vendors, model, fault
):
    vendors.set_fault(model, fault)
    with pytest.raises(openai.APIError) as caught:
        list(client.chat.completions.create(model=model, messages=LONG, stream=True))
    assert caught.value.code in {"cut_reply", "connection_lost"}
    assert caught.value.body["wallbounce"]["provider"] == model


@pytest.mark.parametrize("model", SINGLE)
def test_off_the_wire_a_stream_that_breaks_ends_in_an_error_and_nothing_after_it(
    face, vendors, model
):
    vendors.set_fault(model, "cut")
    *chunks, last = on_the_wire(face, model=model, messages=LONG)
    assert chunks
    assert all(json.loads(c)["choices"][0]["finish_reason"] is None for c in chunks)
    assert json.loads(last)["error"]["code"] == "cut_reply"


@pytest.mark.parametrize("model", SINGLE)
def test_a_vendor_that_fails_before_its_first_word_is_an_error_with_its_own_status(
    client, vendors, model
):
    vendors.set_fault(model, "529")
    with pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(model=model, messages=ASKED, stream=True)
    assert (caught.value.status_code, caught.value.code) == (503, "overloaded")


def test_several_vendors_failing_is_an_error_with_its_own_status(client, vendors):
    for vendor in SINGLE:
        vendors.set_fault(vendor, "500")
    with pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(model="wallbounce-critical", messages=ASKED, stream=True)
    assert caught.value.status_code == 503
    votes = caught.value.body["wallbounce"]["votes"]
    assert {vote["provider"] for vote in votes} == set(SINGLE)


@pytest.mark.parametrize("model", [*SINGLE, "wallbounce-critical"])
@pytest.mark.parametrize("streamed", [False, True])
def test_hanging_up_closes_the_calls_to_the_vendors(client, vendors, model, streamed):
    for vendor in SINGLE:
        vendors.set_fault(vendor, "timeout")
    with pytest.raises(openai.APITimeoutError):
        client.with_options(timeout=0.5).chat.completions.create(
            model=model, messages=ASKED, stream=streamed
        )
    asked = {model} & set(SINGLE) or set(SINGLE)
    _until_cancelled(vendors, asked)


@pytest.mark.parametrize("model", SINGLE)
def test_hanging_up_within_a_stream_closes_the_call(client, vendors, model):
    vendors.set_latency(model, 60_000)
    with client.chat.completions.create(model=model, messages=LONG, stream=True) as stream:
        next(stream)
    _until_cancelled(vendors, {model})


def _until_cancelled(vendors, names):
    until = time.monotonic() + 10
    while time.monotonic() < until:
        counts = vendors.stats()
        if all(0 < counts[n]["cancelled"] == counts[n]["seen"] for n in names):
            return
        time.sleep(0.02)
    pytest.fail(f"calls are still open: {counts}")
