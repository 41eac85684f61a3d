"""LiteLLM as the oracle: of the same upstream bytes, each adapter reads what LiteLLM reads.

Where the two differ, they differ on purpose:

* Refusals. OpenAI's ``message.refusal`` is an answer here (``refusal``); LiteLLM leaves ``content``
  empty with ``stop``. Anthropic's ``refusal`` with text is an answer here, content_filter there.
* Replies that are filtered, cut at a limit, or empty are errors here and replies there; so they
  are compared by the error alone.
* OpenAI ends a call of the function that the caller named with ``stop``; here it ends as every
  other call, with ``tool_calls``.
* Without ``output_tokens_details`` LiteLLM estimates Anthropic's reasoning tokens with a tokenizer
  of its own; here they are then 0, as the vendor did not tell.
"""

import asyncio
import json

import pytest

from providers.any_model import load_litellm
from providers.errors import ProviderError
from providers.messages import Completion, FinishReason, Prompt, ToolCall, Usage
from providers.provider import Deadline
from providers.usage.litellm import usage_of
from tests.contract.wires import KEY, WIRED, AnthropicWire, GeminiWire, OpenAIWire
from tests.support.upstream import events, reply

TEXT = "はい、 42 です 🦉\n"

OPENAI, ANTHROPIC, GEMINI = WIRED

ARGUMENTS = {
    "openai": lambda url: {"model": "openai/model-1", "api_base": f"{url}/v1"},
    "anthropic": lambda url: {"model": "anthropic/model-1", "api_base": url},
    "gemini": lambda url: {"model": "gemini/model-1", "api_base": f"{url}/v1beta/models/model-1"},
}
"""How LiteLLM is told where a vendor is. Its Gemini base holds the model's path."""


def told(wire, **usage):
    """A whole reply of a vendor with figures of its own."""
    body = json.loads(wire.whole(TEXT))
    body["usageMetadata" if isinstance(wire, GeminiWire) else "usage"] = usage
    return json.dumps(body).encode()


WHOLE = [
    pytest.param(OPENAI, OPENAI.wire.whole(TEXT), id="openai cached and reasoning"),
    pytest.param(
        OPENAI,
        told(OpenAIWire(), prompt_tokens=9, completion_tokens=4, total_tokens=13),
        id="openai plain",
    ),
    pytest.param(ANTHROPIC, ANTHROPIC.wire.whole(TEXT), id="anthropic cached and thinking"),
    pytest.param(
        ANTHROPIC,
        told(
            AnthropicWire(),
            input_tokens=10,
            cache_read_input_tokens=20,
            cache_creation_input_tokens=40,
            output_tokens=5,
            output_tokens_details={"thinking_tokens": 0},
        ),
        id="anthropic cache written",
    ),
    pytest.param(GEMINI, GEMINI.wire.whole(TEXT), id="gemini thoughts apart"),
    pytest.param(
        GEMINI,
        told(
            GeminiWire(),
            promptTokenCount=10,
            candidatesTokenCount=50,
            thoughtsTokenCount=20,
            totalTokenCount=60,
        ),
        id="gemini thoughts counted in",
    ),
    pytest.param(
        GEMINI,
        told(
            GeminiWire(),
            promptTokenCount=10,
            toolUsePromptTokenCount=7,
            candidatesTokenCount=5,
            thoughtsTokenCount=3,
            totalTokenCount=25,
        ),
        id="gemini tool tokens are input",
    ),
]


async def litellms(upstream, vendor, **how):
    """What LiteLLM makes of the upstream's reply."""
    return await load_litellm().acompletion(
        **ARGUMENTS[vendor.id](upstream.url),
        api_key=KEY.get_secret_value(),
        messages=[{"role": "user", "content": "?"}],
        max_retries=0,
        num_retries=0,
        timeout=30,
        **how,
    )


async def ours(upstream, client, vendor, way):
    provider = vendor.build(client, upstream.url, KEY)
    deadline = Deadline(asyncio.get_running_loop().time() + 30)
    if way == "complete":
        return await provider.complete(Prompt.of("?"), deadline)
    return [item async for item in provider.stream(Prompt.of("?"), deadline)][-1]


@pytest.mark.parametrize(("vendor", "body"), WHOLE)
async def test_whole_replies_agree_on_text_model_reason_and_every_class_of_tokens(
    upstream, client, vendor, body
):
    upstream.will(reply(body))
    theirs = await litellms(upstream, vendor)
    choice = theirs.choices[0]
    assert await ours(upstream, client, vendor, "complete") == Completion(
        choice.message.content,
        theirs.model,
        FinishReason(choice.finish_reason),
        usage_of(theirs.usage),
    )


@pytest.mark.parametrize("vendor", WIRED, ids=lambda vendor: vendor.id)
async def test_streams_agree_on_text_reason_and_every_class_of_tokens(upstream, client, vendor):
    upstream.will(events(*vendor.wire.opening(*TEXT), *vendor.wire.closing()))
    stream = await litellms(upstream, vendor, stream=True, stream_options={"include_usage": True})
    text, finish, usage = "", None, None
    async for chunk in stream:
        usage = getattr(chunk, "usage", None) or usage
        for choice in chunk.choices[:1]:
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
    mine = await ours(upstream, client, vendor, "stream")
    assert (mine.text, mine.finish_reason) == (text, FinishReason(finish))
    assert mine.usage == usage_of(usage)
    assert mine.usage != Usage()


@pytest.mark.parametrize("vendor", WIRED, ids=lambda vendor: vendor.id)
@pytest.mark.parametrize(
    ("finish", "reading"),
    [("length", ("length", "truncated")), ("filter", ("content_filter", "content_filtered"))],
)
async def test_what_litellm_calls_unfinished_is_an_error_of_that_kind(
    upstream, client, vendor, finish, reading
):
    upstream.will(reply(vendor.wire.whole(TEXT, finish)))
    theirs = (await litellms(upstream, vendor)).choices[0].finish_reason
    with pytest.raises(ProviderError) as caught:
        await ours(upstream, client, vendor, "complete")
    assert (theirs, caught.value.code) == reading


CALLED = {
    "content": None,
    "tool_calls": [
        {
            "id": "call_a",
            "type": "function",
            "function": {"name": "get_weather", "arguments": '{"city": "京都"}'},
        },
        {"id": "call_b", "type": "function", "function": {"name": "now", "arguments": "{}"}},
    ],
}
"""A message of OpenAI's that calls two tools."""


def calling(finish):
    """OpenAI's reply that calls tools, whole and as events."""
    body = json.loads(OPENAI.wire.whole(""))
    body["choices"][0] |= {"message": {"role": "assistant"} | CALLED, "finish_reason": finish}
    head = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "model-1-dated"}
    deltas = [{"role": "assistant", "content": None}]
    for index, call in enumerate(CALLED["tool_calls"]):
        function = call["function"]
        opening = call | {"index": index, "function": function | {"arguments": ""}}
        deltas.append({"tool_calls": [opening]})
        deltas.extend(
            {"tool_calls": [{"index": index, "function": {"arguments": part}}]}
            for part in (function["arguments"][:5], function["arguments"][5:])
        )
    chunks = [(delta, None) for delta in deltas] + [({}, finish)]
    frames = [
        b"data: "
        + json.dumps(
            head | {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}
        ).encode()
        + b"\n\n"
        for delta, reason in chunks
    ]
    return json.dumps(body).encode(), (*frames, *OPENAI.wire.closing()[1:])


def as_ours(calls):
    return tuple(ToolCall(c.id, c.function.name, c.function.arguments) for c in calls)


async def test_whole_replies_agree_on_openais_tool_calls(upstream, client):
    body, _ = calling("tool_calls")
    upstream.will(reply(body))
    theirs = (await litellms(upstream, OPENAI)).choices[0]
    mine = await ours(upstream, client, OPENAI, "complete")
    assert mine.tool_calls == as_ours(theirs.message.tool_calls)
    assert mine.finish_reason == FinishReason(theirs.finish_reason)


async def test_streams_agree_on_openais_tool_calls_and_on_what_ended_them(upstream, client):
    _, frames = calling("tool_calls")
    upstream.will(events(*frames))
    stream = await litellms(upstream, OPENAI, stream=True, stream_options={"include_usage": True})
    built = load_litellm().stream_chunk_builder([chunk async for chunk in stream])
    mine = await ours(upstream, client, OPENAI, "stream")
    assert mine.tool_calls == as_ours(built.choices[0].message.tool_calls)
    assert mine.finish_reason == FinishReason(built.choices[0].finish_reason)
    assert mine.usage == usage_of(built.usage)
