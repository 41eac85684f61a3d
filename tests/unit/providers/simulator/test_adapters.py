"""The gateway's own adapters meet the simulated vendors as they would meet the real ones."""

import asyncio
import re
from contextlib import aclosing

import pytest
from pydantic import SecretStr

from providers import errors
from providers.anthropic import Anthropic
from providers.gemini import Gemini
from providers.http_client import open_client
from providers.messages import Completion, FinishReason, Message, Prompt
from providers.openai import OpenAI
from providers.provider import Deadline
from providers.simulator.question_data import shipped

ADAPTERS = {
    "gpt": (OpenAI, "gpt-5", "openai_url"),
    "claude": (Anthropic, "claude-sonnet-4-5", "anthropic_url"),
    "gemini": (Gemini, "gemini-2.5-pro", "gemini_url"),
}
WAYS = ("complete", "stream")
OVERLOADED_OR_LIMITED = {
    "429": errors.RateLimitedError,
    "500": errors.ServerError,
    "529": errors.OverloadedError,
}
BROKEN = {
    "reset": errors.ConnectionLostError,
    "malformed": errors.MalformedReplyError,
    "wrong-shape": errors.MalformedReplyError,
    "empty": errors.EmptyReplyError,
    "filtered": errors.FilteredReplyError,
    "timeout": errors.TimedOutError,
    "stall": errors.TimedOutError,
    "truncated": errors.TruncatedReplyError,
}
SILENT = {"timeout", "stall"}


@pytest.fixture(params=ADAPTERS)
async def asker(request, simulator):
    name = request.param
    adapter, model, url = ADAPTERS[name]
    async with aclosing(open_client()) as client:
        provider = adapter(
            name=name, model=model, client=client, base_url=getattr(simulator, url), api_key=SecretStr("sk-test")
        )  # fmt: skip

        async def ask(way, prompt, seconds=10.0):
            deadline = Deadline(asyncio.get_running_loop().time() + seconds)
            if way == "complete":
                return await provider.complete(prompt, deadline)
            items = [item async for item in provider.stream(prompt, deadline)]
            assert isinstance(items[-1], Completion)
            return items[-1]

        ask.name = name
        yield ask


@pytest.mark.parametrize("way", WAYS)
async def test_every_answer_arrives_whole_with_its_usage(asker, way):
    question = next(q for q in shipped().questions if q.id == "ja-tsurukame")
    reply = await asker(way, Prompt.of(question.prompt, max_tokens=1000))
    assert reply.text == question.voices[asker.name].says
    assert reply.finish_reason is FinishReason.STOP
    assert reply.usage.input_tokens > 0
    assert reply.usage.output_tokens > reply.usage.reasoning_tokens
    assert (reply.usage.reasoning_tokens > 0) == (asker.name != "claude")


@pytest.mark.parametrize("way", WAYS)
async def test_a_conversation_with_a_system_turn_is_taken(asker, way):
    turns = (
        Message("system", "End with a line 'Final answer: …'."),
        Message("user", "Is 91 a prime number?"),
        Message("assistant", "Maybe."),
        Message("user", "What is 17 + 25?"),
    )
    reply = await asker(way, Prompt(turns, temperature=0.3))
    assert reply.text.endswith("Final answer: 42")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("fault", "error"), [*OVERLOADED_OR_LIMITED.items(), *BROKEN.items()])
async def test_a_fault_is_the_error_it_stands_for(asker, simulator, way, fault, error):
    simulator.set_fault(asker.name, fault)
    if (way, fault) == ("stream", "reset"):
        error = errors.CutReplyError  # a stream that began and broke
    with pytest.raises(error):
        await asker(way, Prompt.of("What is 17 + 25?"), 0.3 if fault in SILENT else 10)


async def test_an_error_in_the_middle_of_a_stream_is_that_error(asker, simulator):
    simulator.set_fault(asker.name, "error-event")
    with pytest.raises((errors.OverloadedError, errors.ServerError)):
        await asker("stream", Prompt.of("What is 17 + 25?"))
    with pytest.raises(errors.ServerError):
        await asker("complete", Prompt.of("What is 17 + 25?"))


async def test_a_cut_stream_is_never_taken_for_a_whole_answer(asker, simulator):
    simulator.set_fault(asker.name, "cut")
    with pytest.raises(errors.CutReplyError):
        await asker("stream", Prompt.of("What is 17 + 25?"))
    with pytest.raises(errors.ProviderError):
        await asker("complete", Prompt.of("What is 17 + 25?"))


@pytest.mark.parametrize("way", WAYS)
async def test_a_reply_cut_at_max_tokens_is_truncated(asker, way):
    with pytest.raises((errors.TruncatedReplyError, errors.EmptyReplyError)):
        await asker(way, Prompt.of("What is 17 + 25?", max_tokens=16))


async def test_a_refusal_is_an_answer(asker):
    for question in shipped().questions:
        voice = question.voices[asker.name]
        if voice.refuses:
            assert (await asker("complete", Prompt.of(question.prompt))).text == voice.says


async def test_cancelling_closes_the_connection(asker, simulator):
    simulator.set_latency(asker.name, 60_000)
    call = asyncio.create_task(asker("complete", Prompt.of("What is 17 + 25?")))
    await _until(lambda: simulator.stats()[asker.name]["open"] == 1)
    call.cancel()
    await asyncio.wait({call})
    await _until(lambda: simulator.stats()[asker.name]["cancelled"] == 1)
    assert simulator.stats()[asker.name]["open"] == 0


async def _until(condition):
    for _ in range(1000):
        if await asyncio.to_thread(condition):
            return
    pytest.fail(f"it never came true: {re.sub(' +', ' ', str(condition))}")
