"""What callers wish beside a text, over real sockets: OpenAI's adapter and LiteLLM's, both ways."""

import asyncio
import json
from dataclasses import replace

import jsonschema
import pytest
from pydantic import SecretStr

from providers import errors
from providers.any_model import AnyModel
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
from providers.openai import OpenAI
from providers.provider import Deadline
from tests.contract.wires import KEY, OpenAIWire
from tests.support.simulator import simulator, simulator_server
from tests.support.upstream import events, reply

__all__ = ["simulator", "simulator_server"]

CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
WEATHER = Tool("get_weather", "Today's weather.", CITY, strict=True)
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def openai(client, url, model="gpt-4o", **more):
    return OpenAI(name="p", model=model, client=client, base_url=url, api_key=KEY, **more)


def any_model(client, url, model="gpt-4o"):
    return AnyModel(name="p", vendor="hosted_vllm", model=model, base_url=url, api_key=KEY)


def _deadline():
    return Deadline(asyncio.get_running_loop().time() + 30)


async def all_of(provider, prompt, way):
    """Everything a call yields; the completion is the last."""
    if way == "complete":
        return [await provider.complete(prompt, _deadline())]
    return [item async for item in provider.stream(prompt, _deadline())]


@pytest.fixture(params=[openai, any_model], ids=["openai", "any_model"])
def ask(request, simulator, client, way):
    provider = request.param(client, simulator.openai_url)

    async def asked(prompt) -> Completion:
        return (await all_of(provider, prompt, way))[-1]

    return asked


async def test_a_tool_is_called_and_its_result_is_answered(ask):
    prompt = Prompt((Message("user", "Call get_weather for Kyoto."),), tools=(WEATHER,))
    first = await ask(prompt)
    [call] = first.tool_calls
    assert (first.finish_reason, first.text) == (FinishReason.TOOL_CALLS, "")
    assert call.name == "get_weather"
    jsonschema.validate(json.loads(call.arguments), CITY)
    turns = (
        *prompt.messages,
        Message("assistant", first.text, tool_calls=first.tool_calls),
        Message("tool", "21 °C", tool_call_id=call.id),
    )
    second = await ask(replace(prompt, messages=turns))
    assert (second.text, second.tool_calls) == ("get_weather says: 21 °C", ())


async def test_a_tool_the_caller_names_is_called(ask):
    prompt = Prompt.of("Hello.")
    tools = (WEATHER, Tool("read_clock"))
    called = await ask(replace(prompt, tools=tools, tool_choice=NamedTool("read_clock")))
    assert [call.name for call in called.tool_calls] == ["read_clock"]


async def test_a_schema_is_the_callers_own_and_stays_as_it_is(ask):
    schema = json.loads(json.dumps(CITY))
    prompt = Prompt(
        (Message("user", "Call get_weather."),), tools=(replace(WEATHER, parameters=schema),)
    )
    await ask(prompt)
    assert schema == CITY


async def test_a_format_shapes_the_answer(ask):
    schema = {
        "type": "object",
        "properties": {"answer": {"type": "string"}},
        "required": ["answer"],
        "additionalProperties": False,
    }
    wanted = JsonFormat(schema, strict=True)
    answer = await ask(replace(Prompt.of("What is 17 + 25?"), format=wanted))
    assert "42" in json.loads(answer.text)["answer"]
    plain = await ask(replace(Prompt.of("What is 17 + 25?"), format=JsonFormat()))
    assert isinstance(json.loads(plain.text), dict)
    assert plain.adjusted == ('gpt-4o was also told "Answer in JSON."',)


async def test_images_are_seen(ask):
    image = ImagePart(data=PIXEL, media_type="image/png", detail="low")
    parts = (TextPart("What is it?"), ImagePart(url="https://x.test/a.png"), image)
    answer = await ask(Prompt((Message.of_parts("user", parts),)))
    assert answer.text.startswith("I see 2 images.")


async def test_a_stop_text_ends_the_answer_before_it(ask):
    prompt = replace(Prompt.of("What is 17 + 25?"), stop=(" = ",), seed=7, top_p=0.5)
    assert (await ask(prompt)).text == "17 + 25"


async def test_a_call_cut_at_max_tokens_is_truncated_and_never_shown_whole(ask):
    prompt = Prompt((Message("user", "Call get_weather."),), max_tokens=6, tools=(WEATHER,))
    with pytest.raises(errors.TruncatedReplyError) as caught:
        await ask(prompt)
    assert caught.value.partial.tool_calls == ()


async def test_a_streamed_call_comes_in_pieces_that_make_the_call(simulator, client):
    for build in (openai, any_model):
        provider = build(client, simulator.openai_url)
        prompt = replace(Prompt.of("Call get_weather."), tools=(WEATHER,))
        *pieces, whole = await all_of(provider, prompt, "stream")
        deltas = [piece for piece in pieces if isinstance(piece, ToolCallDelta)]
        [call] = whole.tool_calls
        assert (deltas[0].id, deltas[0].name) == (call.id, call.name)
        assert {delta.index for delta in deltas} == {0}
        assert all(delta.id is None and delta.name is None for delta in deltas[1:])
        assert "".join(delta.arguments for delta in deltas) == call.arguments


async def test_what_a_model_lacks_is_refused_before_anything_is_sent(upstream, client, way):
    upstream.will(reply(OpenAIWire().whole("?")))
    stopped = replace(Prompt.of("?"), stop=("a",))
    for provider in (
        openai(client, upstream.url, "o3"),
        AnyModel(name="p", vendor="xai", model="grok-4", base_url=upstream.url, api_key=KEY),
    ):
        with pytest.raises(errors.UnsupportedError):
            await all_of(provider, stopped, way)
    assert upstream.received == []


async def test_what_is_left_out_is_told_with_the_reply(simulator, client, way):
    provider = openai(client, simulator.openai_url, "gpt-5")
    prompt = replace(Prompt.of("What is 17 + 25?"), temperature=0.2, reasoning_effort="xhigh")
    whole = (await all_of(provider, prompt, way))[-1]
    assert whole.adjusted == (
        "gpt-5 takes no reasoning_effort xhigh: it is high",
        "gpt-5 takes no temperature: left out",
    )
    assert whole.usage.reasoning_tokens > 0


async def test_a_value_litellm_refuses_of_a_nudge_is_left_out_and_told(upstream, client, way):
    wire = OpenAIWire()
    said = (
        reply(wire.whole("4")) if way == "complete" else events(*wire.opening("4"), *wire.closing())
    )
    upstream.will(said)
    azure = AnyModel(name="p", vendor="azure", model="gpt-5", base_url=upstream.url, api_key=KEY)
    whole = (await all_of(azure, replace(Prompt.of("2+2?"), temperature=0.2), way))[-1]
    assert (whole.text, whole.adjusted) == ("4", ("gpt-5 takes no such temperature: left out",))
    assert "temperature" not in json.loads(upstream.received[-1].body)


async def test_azure_gets_the_key_in_its_header_and_its_version_in_the_url(upstream, client, way):
    wire = OpenAIWire()
    said = (
        reply(wire.whole("4")) if way == "complete" else events(*wire.opening("4"), *wire.closing())
    )
    upstream.will(said)
    provider = openai(
        client,
        f"{upstream.url}/openai/v1",
        "my-deployment",
        auth="api-key",
        query={"api-version": "preview"},
    )
    assert (await all_of(provider, Prompt.of("2+2?"), way))[-1].text == "4"
    [received] = upstream.received
    assert received.target == "/openai/v1/chat/completions?api-version=preview"
    assert received.headers["api-key"] == KEY.get_secret_value()
    assert "authorization" not in received.headers


async def test_azures_key_is_masked_where_azure_repeats_it(upstream, client):
    secret = SecretStr("0123456789abcdef")
    upstream.will(reply(OpenAIWire().error("no key 0123456789abcdef here"), status=401))
    provider = OpenAI(
        name="p", model="m", client=client, base_url=upstream.url, api_key=secret, auth="api-key"
    )
    with pytest.raises(errors.AuthenticationFailedError) as caught:
        await all_of(provider, Prompt.of("?"), "complete")
    assert secret.get_secret_value() not in str(caught.value)
