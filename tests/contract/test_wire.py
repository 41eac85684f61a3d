"""What the three adapters send: the vendors' own wire formats, to the letter."""

import asyncio
import json

import httpx
import pytest
import respx

from providers.anthropic import Anthropic
from providers.any_model import BROKEN_OFF, AnyModel
from providers.catalog import ModelCard
from providers.errors import CutReplyError, MalformedReplyError, ServerError, TruncatedReplyError
from providers.gemini import Gemini
from providers.messages import Message, Prompt, TextDelta
from providers.openai import OpenAI
from providers.provider import Deadline
from providers.wire.through_httpx import HttpxClient
from tests.contract.wires import KEY, WIRED, AnthropicWire, GeminiWire, OpenAIWire
from tests.support.upstream import events, reply

FAR = Deadline(float("inf"))

CONVERSATION = Prompt(
    (
        Message("system", "Be brief."),
        Message("user", "1+1?"),
        Message("assistant", "2"),
        Message("system", "日本語で。"),
        Message("user", "2+2?"),
    ),
    max_tokens=300,
    temperature=1.5,
)


@pytest.fixture
def router():
    with respx.mock(assert_all_called=False) as router:
        yield router


@pytest.fixture
async def mocked(router):
    transport = httpx.MockTransport(router.async_handler)
    async with httpx.AsyncClient(transport=transport) as client:
        yield HttpxClient(client)


def sent(route):
    return json.loads(route.calls.last.request.content)


async def asked(router, provider, url, body, prompt=CONVERSATION):
    route = router.post(url).respond(content=body, content_type="application/json")
    await provider.complete(prompt, FAR)
    return sent(route)


@pytest.fixture
def ask_openai(router, mocked):
    async def ask(prompt=CONVERSATION, *, model="gpt-4o", card=None):
        provider = OpenAI(name="p", model=model, client=mocked, card=card)
        url = "https://api.openai.com/v1/chat/completions"
        return await asked(router, provider, url, OpenAIWire().whole("4"), prompt)

    return ask


@pytest.fixture
def ask_anthropic(router, mocked):
    async def ask(prompt=CONVERSATION, *, card=None):
        provider = Anthropic(name="p", model="claude-x", client=mocked, card=card)
        url = "https://api.anthropic.com/v1/messages"
        return await asked(router, provider, url, AnthropicWire().whole("4"), prompt)

    return ask


@pytest.fixture
def ask_gemini(router, mocked):
    async def ask(prompt=CONVERSATION, *, model="gemini-x", path="gemini-x", card=None):
        provider = Gemini(name="p", model=model, client=mocked, card=card)
        url = f"https://generativelanguage.googleapis.com/v1beta/models/{path}:generateContent"
        return await asked(router, provider, url, GeminiWire().whole("4"), prompt)

    return ask


async def test_openai_gets_the_turns_as_they_are(ask_openai):
    assert await ask_openai() == {
        "model": "gpt-4o",
        "messages": [{"role": m.role, "content": m.content} for m in CONVERSATION.messages],
        "max_tokens": 300,
        "temperature": 1.5,
    }


@pytest.mark.parametrize(
    "model",
    ["gpt-5", "gpt-5-mini", "gpt-5.2-chat-latest", "gpt-5.6", "gpt-6", "o1", "o3-mini", "o4-mini"],
)
async def test_openais_reasoning_models_get_another_limit_and_no_temperature(ask_openai, model):
    body = await ask_openai(model=model)
    assert body["max_completion_tokens"] == 300
    assert body.keys().isdisjoint({"max_tokens", "temperature"})


@pytest.mark.parametrize(
    "model",
    [
        "gpt-4o",
        "gpt-4.1",
        "gpt-4-turbo",
        "gpt-5-chat-latest",
        "gpt-oss-120b",
    ],
)
async def test_openais_other_models_get_the_usual_limit_and_temperature(ask_openai, model):
    body = await ask_openai(model=model)
    assert (body["max_tokens"], body["temperature"]) == (300, 1.5)
    assert "max_completion_tokens" not in body


async def test_a_prompt_without_limits_sends_none_to_openai_and_gemini(ask_openai, ask_gemini):
    assert (await ask_openai(Prompt.of("2+2?"))).keys() == {"model", "messages"}
    assert (await ask_gemini(Prompt.of("2+2?"))).keys() == {"contents"}


async def test_anthropic_gets_system_turns_apart_and_a_temperature_of_its_scale(ask_anthropic):
    assert await ask_anthropic() == {
        "model": "claude-x",
        "max_tokens": 300,
        "messages": [
            {"role": "user", "content": "1+1?"},
            {"role": "assistant", "content": "2"},
            {"role": "user", "content": "2+2?"},
        ],
        "system": "Be brief.\n\n日本語で。",
        "temperature": 1.0,
    }


@pytest.mark.parametrize(
    ("card", "limit"),
    [
        pytest.param(None, 8192, id="unknown model"),
        pytest.param(ModelCard("m", "anthropic", max_output_tokens=4096), 4096, id="writes less"),
        pytest.param(ModelCard("m", "anthropic", max_output_tokens=64_000), 8192, id="writes more"),
    ],
)
async def test_anthropic_always_gets_a_limit(ask_anthropic, card, limit):
    assert (await ask_anthropic(Prompt.of("2+2?"), card=card))["max_tokens"] == limit


@pytest.mark.parametrize(
    ("known", "sent_limit"),
    [
        pytest.param(65_536, 65_536, id="over what the model writes"),
        pytest.param(2_000_000, 1_000_000, id="within"),
        pytest.param(None, 1_000_000, id="unknown model"),
    ],
)
async def test_a_callers_limit_is_lowered_to_what_the_model_writes(
    ask_openai, ask_anthropic, ask_gemini, known, sent_limit
):
    card = ModelCard("m", "v", max_output_tokens=known)
    prompt = Prompt.of("2+2?", max_tokens=1_000_000)
    assert (await ask_openai(prompt, card=card))["max_tokens"] == sent_limit
    reasoning = await ask_openai(prompt, model="gpt-5", card=card)
    assert reasoning["max_completion_tokens"] == sent_limit
    assert (await ask_anthropic(prompt, card=card))["max_tokens"] == sent_limit
    config = (await ask_gemini(prompt, card=card))["generationConfig"]
    assert config["maxOutputTokens"] == sent_limit


async def test_a_callers_limit_is_lowered_for_every_other_model_too(upstream):
    upstream.will(reply(OpenAIWire().whole("4")))
    card = ModelCard("m", "mistral", max_output_tokens=8_192)
    url = f"{upstream.url}/v1"
    provider = AnyModel(name="p", vendor="mistral", model="m", base_url=url, api_key=KEY, card=card)
    soon = Deadline(asyncio.get_running_loop().time() + 60)
    await provider.complete(Prompt.of("2+2?", max_tokens=1_000_000), soon)
    assert json.loads(upstream.received[-1].body)["max_tokens"] == 8_192


def of_litellm(upstream):
    return AnyModel(
        name="p", vendor="mistral", model="m", base_url=f"{upstream.url}/v1", api_key=KEY
    )


def soon():
    return Deadline(asyncio.get_running_loop().time() + 60)


@pytest.mark.parametrize("word", ["error", "abort", "insufficient_system_resource"])
async def test_a_whole_reply_that_litellm_calls_finished_and_its_vendor_broken_off_is_cut(
    upstream, word
):
    body = json.loads(OpenAIWire().whole("Half an ans"))
    body["choices"][0]["finish_reason"] = word
    upstream.will(reply(json.dumps(body).encode()))
    with pytest.raises(CutReplyError) as caught:
        await of_litellm(upstream).complete(Prompt.of("2+2?"), soon())
    assert caught.value.usage.output_tokens


@pytest.mark.parametrize("vendor", ["mistral", "openrouter", "nvidia_nim"])
@pytest.mark.parametrize("word", sorted(BROKEN_OFF))
async def test_a_stream_that_litellm_calls_finished_and_its_vendor_broken_off_never_ends_well(
    upstream, word, vendor
):
    upstream.will(
        events(
            *(
                b"data: " + json.dumps(chunk_of(delta, finish)).encode() + b"\n\n"
                for delta, finish in (({"content": "Half an ans"}, None), ({}, word))
            ),
            b"data: [DONE]\n\n",
        )
    )
    provider = AnyModel(
        name="p", vendor=vendor, model="m", base_url=f"{upstream.url}/v1", api_key=KEY
    )
    with pytest.raises((CutReplyError, TruncatedReplyError, ServerError)):
        async for piece in provider.stream(Prompt.of("2+2?"), soon()):
            assert isinstance(piece, TextDelta), "no end is told"


def chunk_of(delta, finish):
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    head = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return head | {"choices": [choice]}


@pytest.mark.parametrize("told", [{"choices": []}, {"service_tier": 5}, {"model": 5}])
async def test_types_that_litellm_lets_through_are_a_malformed_reply(upstream, told):
    body = json.loads(OpenAIWire().whole("4")) | told
    upstream.will(reply(json.dumps(body).encode()))
    with pytest.raises(MalformedReplyError):
        await of_litellm(upstream).complete(Prompt.of("2+2?"), soon())


async def test_types_that_litellm_lets_through_a_stream_are_a_malformed_reply(upstream):
    delta = {"index": 0, "delta": {"content": "4", "tool_calls": 5}, "finish_reason": None}
    chunk = {"id": "1", "object": "chat.completion.chunk", "model": "m", "choices": [delta]}
    upstream.will(events(b"data: " + json.dumps(chunk).encode() + b"\n\n", b"data: [DONE]\n\n"))
    with pytest.raises(MalformedReplyError):
        async for _ in of_litellm(upstream).stream(Prompt.of("2+2?"), soon()):
            pass


async def test_gemini_gets_its_own_roles_parts_and_limits(ask_gemini):
    assert await ask_gemini() == {
        "contents": [
            {"role": "user", "parts": [{"text": "1+1?"}]},
            {"role": "model", "parts": [{"text": "2"}]},
            {"role": "user", "parts": [{"text": "2+2?"}]},
        ],
        "systemInstruction": {"parts": [{"text": "Be brief.\n\n日本語で。"}]},
        "generationConfig": {"maxOutputTokens": 300, "temperature": 1.5},
    }


async def test_a_model_name_cannot_leave_its_place_in_geminis_path(ask_gemini):
    await ask_gemini(model="../evil?x=1", path="..%2Fevil%3Fx%3D1")


async def test_a_model_that_takes_no_temperature_gets_none(ask_openai, ask_anthropic, ask_gemini):
    card = ModelCard("m", "v", supports_temperature=False)
    assert "temperature" not in await ask_openai(card=card)
    assert "temperature" not in await ask_anthropic(card=card)
    assert "temperature" not in (await ask_gemini(card=card))["generationConfig"]


async def test_instructions_alone_are_asked_as_a_users_where_a_turn_is_due(
    ask_anthropic, ask_gemini
):
    prompt = Prompt((Message("system", "Say hi."),))
    body = await ask_anthropic(prompt)
    assert body["messages"] == [{"role": "user", "content": "Say hi."}]
    assert "system" not in body
    assert await ask_gemini(prompt) == {
        "contents": [{"role": "user", "parts": [{"text": "Say hi."}]}]
    }


@pytest.mark.parametrize(
    ("vendor", "path", "asks"),
    [
        (
            WIRED[0],
            "/v1/chat/completions",
            {"stream": True, "stream_options": {"include_usage": True}},
        ),
        (WIRED[1], "/v1/messages", {"stream": True}),
        (WIRED[2], "/v1beta/models/model-1:streamGenerateContent?alt=sse", {}),
    ],
    ids=lambda value: getattr(value, "id", None),
)
async def test_each_vendor_is_asked_for_a_stream_in_its_own_way(router, mocked, vendor, path, asks):
    body = b"".join((*vendor.wire.opening("4"), *vendor.wire.closing()))
    route = router.post(url__eq=f"http://vendor.test/sub{path}").respond(
        content=body, content_type="text/event-stream; charset=utf-8"
    )
    provider = vendor.build(mocked, "http://vendor.test/sub", KEY)
    items = [item async for item in provider.stream(Prompt.of("2+2?"), FAR)]
    assert items[-1].text == "4"
    assert sent(route).items() >= asks.items()


@pytest.mark.parametrize(
    ("vendor", "header", "before"),
    [
        (WIRED[0], "authorization", "Bearer "),
        (WIRED[1], "x-api-key", ""),
        (WIRED[2], "x-goog-api-key", ""),
    ],
    ids=["openai", "anthropic", "gemini"],
)
async def test_the_key_goes_in_the_vendors_header_and_nowhere_else(
    router, mocked, vendor, header, before
):
    route = router.post(url__startswith="http://vendor.test").respond(
        content=vendor.wire.whole("4")
    )
    await vendor.build(mocked, "http://vendor.test", KEY).complete(Prompt.of("2+2?"), FAR)
    request = route.calls.last.request
    assert request.headers[header] == before + KEY.get_secret_value()
    assert KEY.get_secret_value() not in str(request.url)
    assert KEY.get_secret_value().encode() not in request.content


@pytest.mark.parametrize("vendor", WIRED, ids=lambda vendor: vendor.id)
async def test_without_a_key_no_header_claims_one(router, mocked, vendor):
    route = router.post(url__startswith="http://vendor.test").respond(
        content=vendor.wire.whole("4")
    )
    await vendor.build(mocked, "http://vendor.test", None).complete(Prompt.of("2+2?"), FAR)
    names = route.calls.last.request.headers.keys()
    assert names.isdisjoint({"authorization", "x-api-key", "x-goog-api-key"})


async def test_anthropic_is_told_the_version_of_its_wire_format(router, mocked):
    route = router.post(url__startswith="http://vendor.test").respond(
        content=AnthropicWire().whole("4")
    )
    await WIRED[1].build(mocked, "http://vendor.test", None).complete(Prompt.of("2+2?"), FAR)
    assert route.calls.last.request.headers["anthropic-version"] == "2023-06-01"


@pytest.mark.parametrize("vendor", WIRED, ids=lambda vendor: vendor.id)
@pytest.mark.parametrize("key", ["naïve", "two\nlines"])
def test_a_key_no_header_can_carry_is_refused_without_showing_it(vendor, key):
    with pytest.raises(ValueError, match="API key of p") as caught:
        vendor.build(httpx.AsyncClient(), "http://vendor.test", type(KEY)(key))
    assert key not in str(caught.value)


@pytest.mark.parametrize("vendor", WIRED, ids=lambda vendor: vendor.id)
@pytest.mark.parametrize("url", ["vendor.test", "ftp://vendor.test", ""])
def test_a_base_url_that_is_none_is_refused(vendor, url):
    with pytest.raises(ValueError, match="base URL of p"):
        vendor.build(httpx.AsyncClient(), url, None)
