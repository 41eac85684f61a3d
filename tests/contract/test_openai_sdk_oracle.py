"""OpenAI's own client as the oracle: its types take what the adapter sends and the simulator says."""

import json

import pytest
from openai import AsyncOpenAI, BadRequestError
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.chat.completion_create_params import (
    CompletionCreateParamsNonStreaming,
    CompletionCreateParamsStreaming,
)
from pydantic import TypeAdapter

from providers.messages import (
    ImagePart,
    JsonFormat,
    Message,
    NamedTool,
    Prompt,
    TextPart,
    Tool,
    ToolCall,
)
from providers.openai import OpenAIDialect
from tests.support.simulator import simulator, simulator_server

__all__ = ["simulator", "simulator_server"]

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
TOOL = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": SCHEMA, "strict": True},
}
EVERYTHING = Prompt(
    (
        Message("system", "Be brief. JSON."),
        Message.of_parts(
            "user",
            (
                TextPart("What is it?"),
                ImagePart(url="https://x.test/a.png", detail="high"),
                ImagePart(data="iVBO", media_type="image/png"),
            ),
        ),
        Message("assistant", "", tool_calls=(ToolCall("call_1", "get_weather", "{}"),)),
        Message("tool", "21 °C", tool_call_id="call_1"),
    ),
    max_tokens=100,
    temperature=0.5,
    top_p=0.5,
    seed=7,
    stop=("a", "b"),
    format=JsonFormat(SCHEMA, "weather", "A city.", strict=True),
    tools=(Tool("get_weather", "Today's.", SCHEMA, strict=True), Tool("now")),
    tool_choice=NamedTool("get_weather"),
    parallel_tool_calls=False,
    frequency_penalty=0.5,
    presence_penalty=0.5,
)


def strictly(kind, value):
    """The value as the client's type, nothing in it unknown."""
    known = TypeAdapter(kind).validate_python(value)
    unknown = set(value) - set(known)
    assert not unknown
    return known


@pytest.mark.parametrize(
    ("stream", "kind"),
    [(False, CompletionCreateParamsNonStreaming), (True, CompletionCreateParamsStreaming)],
)
def test_all_that_is_sent_is_what_the_client_would_send(stream, kind):
    body = json.loads(OpenAIDialect("p", "gpt-4o").body(EVERYTHING, stream=stream))
    strictly(kind, body)


@pytest.fixture
async def official(simulator):
    async with AsyncOpenAI(
        base_url=simulator.openai_url, api_key="sk-test", max_retries=0
    ) as client:
        yield client.chat.completions


CALL = {"role": "user", "content": "Call get_weather for Kyoto."}


async def test_the_client_reads_the_simulators_calls_whole(official):
    raw = await official.with_raw_response.create(model="gpt-4o", messages=[CALL], tools=[TOOL])
    reply = ChatCompletion.model_validate_json(raw.text, strict=True)
    [choice] = reply.choices
    assert choice.finish_reason == "tool_calls"
    assert json.loads(choice.message.tool_calls[0].function.arguments) == {"city": "example city"}


async def test_the_client_puts_the_simulators_streamed_calls_together(official):
    async with official.stream(
        model="gpt-4o",
        messages=[CALL],
        tools=[TOOL],
        stream_options={"include_usage": True},
    ) as stream:
        async for event in stream:
            if event.type == "chunk":
                ChatCompletionChunk.model_validate(event.chunk.to_dict())
        reply = await stream.get_final_completion()
    [call] = reply.choices[0].message.tool_calls
    assert (call.function.name, call.function.arguments) == (
        "get_weather",
        '{"city":"example city"}',
    )
    assert reply.usage.completion_tokens > 0


async def test_the_client_reads_the_simulators_refusals(official):
    with pytest.raises(BadRequestError) as caught:
        await official.create(model="gpt-5", messages=[CALL], temperature=0.2)
    assert (caught.value.param, caught.value.code) == ("temperature", "unsupported_value")
