"""Tools through us: asked for, called, answered, with all vendors, whole and streamed."""

import json

import openai
import pytest
from pydantic import BaseModel

from tests.support.openai_clients import client_of

SINGLE = ("gpt", "claude", "gemini")
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
            "required": ["city", "days"],
            "additionalProperties": False,
        },
    },
}
TIME = {"type": "function", "function": {"name": "get_time", "description": "The time."}}
ASKED = [{"role": "user", "content": "Call get_weather for Tokyo."}]


@pytest.fixture
def client(face):
    with client_of(face) as client:
        yield client


@pytest.mark.parametrize("model", SINGLE)
def test_a_tool_is_called_and_its_result_read(client, model):
    called = client.chat.completions.create(model=model, messages=ASKED, tools=[WEATHER, TIME])
    message = called.choices[0].message
    assert called.choices[0].finish_reason == "tool_calls"
    assert message.content is None
    (call,) = message.tool_calls
    assert (call.type, call.function.name) == ("function", "get_weather")
    assert set(json.loads(call.function.arguments)) == {"city", "days"}

    result = {"role": "tool", "tool_call_id": call.id, "content": "sunny, 21 degrees"}
    told = client.chat.completions.create(
        model=model, messages=[*ASKED, message, result], tools=[WEATHER, TIME]
    )
    assert "sunny, 21 degrees" in told.choices[0].message.content
    assert told.choices[0].finish_reason == "stop"


@pytest.mark.parametrize("model", SINGLE)
def test_streamed_calls_come_in_pieces_and_add_up(client, model):
    with client.chat.completions.stream(
        model=model, messages=ASKED, tools=[WEATHER, TIME]
    ) as stream:
        final = stream.get_final_completion()
    assert final.choices[0].finish_reason == "tool_calls"
    (call,) = final.choices[0].message.tool_calls
    assert call.function.name == "get_weather"
    assert set(json.loads(call.function.arguments)) == {"city", "days"}


@pytest.mark.parametrize("model", SINGLE)
@pytest.mark.parametrize("streamed", [False, True])
def test_several_calls_in_one_reply_keep_apart(client, model, streamed):
    asked = [{"role": "user", "content": "Call get_weather and get_time for Tokyo."}]
    wanted = {"model": model, "messages": asked, "tools": [WEATHER, TIME]}
    if streamed:
        with client.chat.completions.stream(**wanted) as stream:
            message = stream.get_final_completion().choices[0].message
    else:
        message = client.chat.completions.create(**wanted).choices[0].message
    assert [c.function.name for c in message.tool_calls] == ["get_weather", "get_time"]
    assert len({c.id for c in message.tool_calls}) == 2


@pytest.mark.parametrize("model", SINGLE)
def test_a_caller_may_insist_on_a_tool_and_forbid_all(client, model):
    plain = [{"role": "user", "content": "Good morning."}]
    named = {"type": "function", "function": {"name": "get_time"}}
    insisted = client.chat.completions.create(
        model=model, messages=plain, tools=[WEATHER, TIME], tool_choice=named
    )
    assert insisted.choices[0].message.tool_calls[0].function.name == "get_time"
    forbidden = client.chat.completions.create(
        model=model, messages=ASKED, tools=[WEATHER, TIME], tool_choice="none"
    )
    assert forbidden.choices[0].message.tool_calls is None


class GetWeather(BaseModel):
    """The weather of a city."""

    city: str
    days: int


class Report(BaseModel):
    summary: str


@pytest.mark.parametrize("model", ["gpt", "claude"])
@pytest.mark.parametrize("streamed", [False, True])
def test_tools_and_replies_of_the_caller_s_own_types_make_the_round_trip(client, model, streamed):
    def ask(*messages):
        wanted = {
            "model": model,
            "messages": messages,
            "tools": [openai.pydantic_function_tool(GetWeather)],
            "response_format": Report,
        }
        if not streamed:
            return client.chat.completions.parse(**wanted).choices[0].message
        with client.chat.completions.stream(**wanted) as stream:
            return stream.get_final_completion().choices[0].message

    asked = {"role": "user", "content": "Call GetWeather for Tokyo."}
    called = ask(asked)
    (call,) = called.tool_calls
    assert isinstance(call.function.parsed_arguments, GetWeather)
    result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    report = ask(asked, called, result)
    assert isinstance(report.parsed, Report)
    last = ask(asked, called, result, report, {"role": "user", "content": "What is 17 + 25?"})
    assert isinstance(last.parsed, Report)


def test_what_a_vendor_wants_back_with_a_call_goes_to_the_caller_and_back(start_gateway):
    gateway = start_gateway(GEMINI_MODEL="gemini-3-pro-preview", SRP_TRAFFIC_PERCENTAGE="100")
    with client_of(gateway.url) as client:
        asked = {"model": "gemini", "tools": [WEATHER]}
        called = client.chat.completions.create(**asked, messages=ASKED).choices[0].message
        (call,) = called.tool_calls
        assert call.extra_content["google"]["thought_signature"]
        result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
        told = client.chat.completions.create(**asked, messages=[*ASKED, called, result])
        assert "sunny" in told.choices[0].message.content
        assert told.wallbounce["adjusted"] == []

        with client.chat.completions.stream(**asked, messages=ASKED) as stream:
            streamed = stream.get_final_completion().choices[0].message
        assert streamed.tool_calls[0].extra_content["google"]["thought_signature"]
        del call.extra_content
        unsigned = client.chat.completions.create(**asked, messages=[*ASKED, called, result])
        assert "signature" in " ".join(unsigned.wallbounce["adjusted"])
