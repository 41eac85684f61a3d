"""What callers wish beside a text, over real sockets: Claude's adapter and Gemini's, both ways."""

import asyncio
import json
from dataclasses import replace

import jsonschema
import pytest

from providers import errors
from providers.anthropic import Anthropic
from providers.any_model import load_litellm
from providers.gemini import Gemini
from providers.messages import (
    Completion,
    FinishReason,
    ImagePart,
    JsonFormat,
    Message,
    NamedTool,
    Prompt,
    TextPart,
    Tool,
    ToolCallDelta,
)
from providers.provider import Deadline
from tests.contract.wires import KEY, AnthropicWire, GeminiWire
from tests.support.simulator import simulator, simulator_server
from tests.support.upstream import events, reply

__all__ = ["simulator", "simulator_server"]

CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
WEATHER = Tool("get_weather", "Today's weather.", CITY)
CLOCK = Tool("read_clock")
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SUM = Prompt.of("What is 17 + 25?")

CLAUDES = (
    "claude-opus-4-1-20250805",
    "claude-opus-4-5-20251101",
    "claude-sonnet-4-6",
    "claude-opus-4-7",
    "claude-opus-5",
    "claude-haiku-5-5",
    "claude-sonnet-5-5",
    "claude-opus-5-5",
    "claude-fable-5-1",
)
GEMINIS = (
    "gemini-2.0-flash",
    "gemini-2.5-pro",
    "gemini-2.5-flash",
    "gemini-2.5-flash-lite",
    "gemini-3-pro-preview",
    "gemini-3-flash-preview",
    "gemini-3.8-flash",
)
MODELS = [
    *((Anthropic, "anthropic_url", model, {"version": version}) for model in CLAUDES for version in ("2023-06-01", "2026-10-21")),
    *((Gemini, "gemini_url", model, {}) for model in GEMINIS),
]  # fmt: skip
USUAL = [
    (Anthropic, "anthropic_url", "claude-sonnet-4-6", {}),
    (Anthropic, "anthropic_url", "claude-sonnet-4-6", {"version": "2026-10-21"}),
    (Gemini, "gemini_url", "gemini-2.5-pro", {}),
    (Gemini, "gemini_url", "gemini-3.8-flash", {}),
]


def named(case):
    return "-".join((case[2], *case[3].values()))


def _deadline():
    return Deadline(asyncio.get_running_loop().time() + 30)


async def all_of(provider, prompt, way):
    """Everything a call yields; the completion is the last."""
    if way == "complete":
        return [await provider.complete(prompt, _deadline())]
    return [item async for item in provider.stream(prompt, _deadline())]


def build(case, client, simulator):
    adapter, url, model, more = case
    return adapter(
        name="p", model=model, client=client, base_url=getattr(simulator, url), api_key=KEY, **more
    )


def asker(case, client, simulator, way):
    provider = build(case, client, simulator)

    async def asked(prompt) -> Completion:
        return (await all_of(provider, prompt, way))[-1]

    asked.model = case[2]
    return asked


@pytest.fixture(params=MODELS, ids=named)
def any_of(request, simulator, client, way):
    return asker(request.param, client, simulator, way)


@pytest.fixture(params=USUAL, ids=named)
def ask(request, simulator, client, way):
    return asker(request.param, client, simulator, way)


@pytest.mark.parametrize("effort", ["none", "minimal", "low", "medium", "high", "xhigh"])
async def test_every_model_takes_every_effort_in_the_way_that_is_its_own(any_of, effort):
    wishes = {"temperature": 0.3, "top_p": 0.9, "seed": 7, "presence_penalty": 0.5}
    answer = await any_of(replace(SUM, reasoning_effort=effort, max_tokens=8000, **wishes))
    assert "42" in answer.text
    if effort == "none" and not any("reasoning_effort" in a or "thinks" in a for a in answer.adjusted):  # fmt: skip
        assert answer.usage.reasoning_tokens == 0


async def test_every_model_is_shown_tools_and_their_results(any_of):
    prompt = Prompt(
        (Message("user", "Call get_weather and read_clock."),),
        max_tokens=8000,
        reasoning_effort="low",
        tools=(WEATHER, CLOCK),
    )
    first = await any_of(prompt)
    assert (first.finish_reason, first.text) == (FinishReason.TOOL_CALLS, "")
    assert [call.name for call in first.tool_calls] == ["get_weather", "read_clock"]
    jsonschema.validate(json.loads(first.tool_calls[0].arguments), CITY)
    turns = (
        *prompt.messages,
        Message("assistant", "", tool_calls=first.tool_calls),
        *(Message("tool", f"result {i}", tool_call_id=c.id) for i, c in enumerate(first.tool_calls)),
    )  # fmt: skip
    second = await any_of(replace(prompt, messages=turns))
    assert "result 0" in second.text
    assert "result 1" in second.text
    # A conversation goes on without the tools, and with calls that another vendor made.
    foreign = tuple(replace(call, id=f"call:{i}", signature=None) for i, call in enumerate(first.tool_calls))  # fmt: skip
    results = tuple(Message("tool", "ok", tool_call_id=call.id) for call in foreign)
    turns = (*prompt.messages, Message("assistant", "", tool_calls=foreign), *results, Message("user", "What is 17 + 25?"))  # fmt: skip
    third = await any_of(replace(prompt, messages=turns, tools=()))
    assert "42" in third.text


async def test_a_tool_the_caller_names_is_called_or_the_wish_refused(any_of):
    prompt = replace(Prompt.of("Hello."), tools=(WEATHER, CLOCK), tool_choice=NamedTool("read_clock"), max_tokens=8000)  # fmt: skip
    if any_of.model in {"claude-sonnet-5-5", "claude-opus-5-5", "claude-fable-5-1"}:
        with pytest.raises(errors.UnsupportedError, match=any_of.model):
            await any_of(prompt)
        return
    called = await any_of(replace(prompt, reasoning_effort="high"))
    assert [call.name for call in called.tool_calls] == ["read_clock"]


async def test_json_by_a_schema_is_of_its_shape_with_every_model(any_of):
    wanted = JsonFormat({"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]})  # fmt: skip
    assert isinstance(json.loads((await any_of(replace(SUM, format=wanted))).text)["answer"], str)


async def test_json_without_a_schema_is_an_object(ask):
    answer = await ask(replace(SUM, format=JsonFormat()))
    assert isinstance(json.loads(answer.text), dict)
    assert (answer.finish_reason, answer.tool_calls) == (FinishReason.STOP, ())


async def test_images_are_seen(ask):
    image = ImagePart(data=PIXEL, media_type="image/png", detail="low")
    parts = (TextPart("What is it?"), ImagePart(url="https://x.test/a.png"), image)
    answer = await ask(Prompt((Message("system", "Be kind."), Message.of_parts("user", parts))))
    assert answer.text.startswith("I see 2 images.")
    assert answer.adjusted == (f"{ask.model} takes no detail of images: left out",)


async def test_a_stop_text_ends_the_answer_before_it(ask):
    answer = await ask(replace(SUM, stop=("42", "never")))
    assert answer.text
    assert "42" not in answer.text
    assert answer.finish_reason is FinishReason.STOP


async def test_a_call_cut_at_max_tokens_is_truncated_and_never_shown_whole(ask):
    prompt = Prompt((Message("user", "Call get_weather."),), max_tokens=6, tools=(WEATHER,))
    with pytest.raises((errors.TruncatedReplyError, errors.EmptyReplyError)) as caught:
        await ask(prompt)
    assert caught.value.partial is None or caught.value.partial.tool_calls == ()


@pytest.mark.parametrize("case", USUAL, ids=named)
async def test_a_streamed_call_comes_in_pieces_that_make_the_call(case, simulator, client):
    prompt = replace(Prompt.of("Call get_weather."), tools=(WEATHER,))
    *pieces, whole = await all_of(build(case, client, simulator), prompt, "stream")
    deltas = [piece for piece in pieces if isinstance(piece, ToolCallDelta)]
    [call] = whole.tool_calls
    assert (deltas[0].id, deltas[0].name) == (call.id, call.name)
    assert {delta.index for delta in deltas} == {0}
    assert all(delta.id is None and delta.name is None for delta in deltas[1:])
    assert "".join(delta.arguments for delta in deltas) == call.arguments


@pytest.mark.parametrize("case", USUAL, ids=named)
async def test_a_call_whose_stream_is_cut_is_never_taken_for_a_whole_one(case, simulator, client):
    simulator.set_fault("claude" if case[0] is Anthropic else "gemini", "cut")
    prompt = replace(Prompt.of("Call get_weather and read_clock."), tools=(WEATHER, CLOCK))
    with pytest.raises(errors.CutReplyError):
        await all_of(build(case, client, simulator), prompt, "stream")


TOO_MUCH = [
    pytest.param((Anthropic, "claude-opus-5-5", {"tools": (CLOCK,), "tool_choice": "required"}), id="a forced call"),
    pytest.param((Anthropic, "claude-sonnet-4-6", {"stop": ("\n",)}), id="a stop of white space"),
    pytest.param((Gemini, "gemini-2.5-pro", {"stop": tuple("abcdef")}), id="six stops"),
    pytest.param((Gemini, "gemini-2.5-pro", {"tools": (CLOCK,), "format": JsonFormat()}), id="JSON beside tools"),
    pytest.param((Gemini, "gemini-2.5-pro", {"tools": (CLOCK,), "parallel_tool_calls": False}), id="one call at a time"),
    pytest.param((Anthropic, "claude-sonnet-4-6", {"messages": (Message.of_parts("system", (ImagePart(url="https://x.test/a.png"),)),)}), id="a picture as rules"),
]  # fmt: skip


@pytest.mark.parametrize("case", TOO_MUCH)
async def test_what_a_model_lacks_is_refused_before_anything_is_sent(upstream, client, way, case):
    adapter, model, wishes = case
    upstream.will(reply(AnthropicWire().whole("?")))
    provider = adapter(name="p", model=model, client=client, base_url=upstream.url, api_key=KEY)
    with pytest.raises(errors.UnsupportedError, match=model):
        await all_of(provider, replace(SUM, **wishes), way)
    assert upstream.received == []


@pytest.mark.parametrize("adapter", [Anthropic, Gemini])
async def test_what_no_json_can_be_made_of_is_refused(upstream, client, way, adapter):
    deep = {"type": "object"}
    for _ in range(2000):
        deep = {"type": "object", "properties": {"a": deep}}
    provider = adapter(name="p", model="m", client=client, base_url=upstream.url, api_key=KEY)
    with pytest.raises(errors.UnsupportedError):
        await all_of(provider, replace(SUM, tools=(Tool("t", parameters=deep),)), way)
    assert upstream.received == []


KEY_OF_VERSION = {
    "2023-06-01": ("x-api-key", KEY.get_secret_value()),
    "2026-10-21": ("authorization", f"Bearer {KEY.get_secret_value()}"),
}


@pytest.mark.parametrize("version", KEY_OF_VERSION)
async def test_key_and_body_follow_anthropics_version(upstream, client, way, version):
    header, value = KEY_OF_VERSION[version]
    wire = AnthropicWire()
    whole = reply(wire.whole("4")) if way == "complete" else events(*wire.opening("4"), *wire.closing())  # fmt: skip
    upstream.will(whole)
    provider = Anthropic(name="p", model="claude-sonnet-4-6", client=client, base_url=upstream.url, api_key=KEY, version=version)  # fmt: skip
    answer = (await all_of(provider, replace(SUM, temperature=0.2), way))[-1]
    [received] = upstream.received
    keys = {"x-api-key", "authorization"} & received.headers.keys()
    assert (keys, received.headers[header]) == ({header}, value)
    assert received.headers["anthropic-version"] == version
    newest = version == "2026-10-21"
    assert ("temperature" in json.loads(received.body)) is not newest
    assert bool(answer.adjusted) is newest


def anthropic_calls():
    """One body with a text and two calls, whole and as a stream."""
    message = json.loads(AnthropicWire().whole("Let me see."))
    calls = [
        {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "東京"}},
        {"type": "tool_use", "id": "toolu_2", "name": "read_clock", "input": {}},
    ]
    message |= {"content": [*message["content"], *calls], "stop_reason": "tool_use"}

    def named_event(kind, **fields):
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()

    wire = AnthropicWire()
    stop, _, end = wire.closing()
    frames = [*wire.opening("Let me see."), stop]
    for index, call in enumerate(calls, 2):
        frames.append(named_event("content_block_start", index=index, content_block=call | {"input": {}}))  # fmt: skip
        given = json.dumps(call["input"], ensure_ascii=False) if call["input"] else ""
        for piece in (given[:5], given[5:]):
            delta = {"type": "input_json_delta", "partial_json": piece}
            frames.append(named_event("content_block_delta", index=index, delta=delta))
        frames.append(named_event("content_block_stop", index=index))
    frames.append(named_event("message_delta", delta={"stop_reason": "tool_use"}, usage={"output_tokens": 50}))  # fmt: skip
    return json.dumps(message).encode(), (*frames, end)


def gemini_calls():
    """The same of Gemini."""
    response = json.loads(GeminiWire().whole("Let me see."))
    calls = [
        {"functionCall": {"name": "get_weather", "args": {"city": "東京"}}, "thoughtSignature": "c2ln"},
        {"functionCall": {"name": "read_clock", "args": {}}},
    ]  # fmt: skip
    response["candidates"][0]["content"]["parts"] += calls
    body = json.dumps(response).encode()
    text, _ = GeminiWire().opening("Let me see.")[-1], None
    return body, (text, b"data: " + body.replace(b"Let me see.", b"") + b"\r\n\r\n")


ORACLE = [
    (Anthropic, "anthropic/claude-x", "", anthropic_calls()),
    (Gemini, "gemini/gemini-x", "/v1beta/models/gemini-x", gemini_calls()),
]


@pytest.mark.parametrize("case", ORACLE, ids=["anthropic", "gemini"])
async def test_of_the_same_calls_litellm_reads_the_same(upstream, client, way, case):
    adapter, model, path, (whole, frames) = case
    upstream.will(reply(whole) if way == "complete" else events(*frames))
    provider = adapter(name="p", model="m", client=client, base_url=upstream.url, api_key=KEY)
    mine = (await all_of(provider, SUM, way))[-1]
    upstream.will(reply(whole))
    theirs = await load_litellm().acompletion(
        model=model,
        api_base=upstream.url + path,
        api_key=KEY.get_secret_value(),
        messages=[{"role": "user", "content": "?"}],
        max_retries=0,
        num_retries=0,
    )
    choice = theirs.choices[0]
    assert (mine.text, mine.finish_reason) == (choice.message.content, FinishReason(choice.finish_reason))  # fmt: skip
    assert [(call.name, json.loads(call.arguments)) for call in mine.tool_calls] == [
        (call.function.name, json.loads(call.function.arguments)) for call in choice.message.tool_calls
    ]  # fmt: skip
    if adapter is Anthropic:
        assert [c.id for c in mine.tool_calls] == [c.id for c in choice.message.tool_calls]
