"""OpenAI's tools, formats, images, stop sequences and efforts, as its clients meet them."""

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.simulator.openai_wire import OpenAiWire
from providers.simulator.wire import Head, RefusedRequestError, dumps
from tests.unit.providers.simulator.streams import data_of

CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city"],
}
WEATHER = {"type": "function", "function": {"name": "get_weather", "parameters": CITY}}
CLOCK = {"type": "function", "function": {"name": "read_clock"}}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
STRICT = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "sure": {"type": "boolean"}},
    "required": ["answer", "sure"],
    "additionalProperties": False,
}
CALL = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}


def turn(text, role="user"):
    return {"role": role, "content": text}


def image(url, **more):
    return {"type": "image_url", "image_url": {"url": url, **more}}


@pytest.fixture
def ask(caller):
    def post(messages, *, model="gpt-4o", **fields):
        messages = [turn(messages)] if isinstance(messages, str) else messages
        body = {"model": model, "messages": messages, **fields}
        url = f"{caller.simulator.openai_url}/chat/completions"
        return caller.client.post(url, json=body, headers={"authorization": "Bearer sk-test"})

    return post


def test_a_prompt_that_asks_for_a_tool_gets_a_call_with_arguments_of_its_shape(ask):
    choice = ask("Please call get_weather for Kyoto.", tools=[WEATHER, CLOCK]).json()["choices"][0]
    [call] = choice["message"]["tool_calls"]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] is None
    assert (call["type"], call["function"]["name"]) == ("function", "get_weather")
    assert call["id"].startswith("call_")
    jsonschema.validate(json.loads(call["function"]["arguments"]), CITY)


def test_a_streamed_call_comes_in_pieces_its_id_and_name_once(ask):
    reply = ask("Call get_weather and read_clock.", tools=[WEATHER, CLOCK], stream=True)
    choices = [e["choices"][0] for e in data_of(reply.text)[:-1]]
    pieces = [p for c in choices for p in c["delta"].get("tool_calls", [])]
    named = [p for p in pieces if "id" in p]
    assert [(p["index"], p["function"]["name"]) for p in named] == [
        (0, "get_weather"),
        (1, "read_clock"),
    ]
    arguments = "".join(p["function"]["arguments"] for p in pieces if p["index"] == 0)
    jsonschema.validate(json.loads(arguments), CITY)
    assert len([p for p in pieces if p["index"] == 0]) > 2
    assert choices[-1]["finish_reason"] == "tool_calls"


def test_a_named_function_is_called_and_the_reply_ends_with_stop(ask):
    named = {"type": "function", "function": {"name": "read_clock"}}
    choice = ask("Hello.", tools=[WEATHER, CLOCK], tool_choice=named).json()["choices"][0]
    assert choice["message"]["tool_calls"][0]["function"]["name"] == "read_clock"
    assert choice["finish_reason"] == "stop"


def test_a_tool_result_is_answered_with_text(ask):
    messages = [
        turn("Call get_weather for Kyoto."),
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "call_1", "content": "21 °C"},
    ]
    message = ask(messages, tools=[WEATHER]).json()["choices"][0]["message"]
    assert message["content"] == "get_weather says: 21 °C"
    assert "tool_calls" not in message


def test_json_of_a_schema_is_of_its_shape(ask):
    wanted = {"type": "json_schema", "json_schema": {"name": "a", "schema": STRICT, "strict": True}}
    content = ask("What is 17 + 25?", response_format=wanted).json()["choices"][0]["message"][
        "content"
    ]
    jsonschema.validate(json.loads(content), STRICT)
    assert "42" in json.loads(content)["answer"]


def test_json_mode_answers_an_object(ask):
    content = ask(
        "What is 17 + 25? Answer in JSON.", response_format={"type": "json_object"}
    ).json()["choices"][0]
    assert "42" in json.loads(content["message"]["content"])["answer"]


def test_a_stop_sequence_ends_the_text_before_it(ask):
    whole = ask("What is 17 + 25?").json()["choices"][0]["message"]["content"]
    cut = ask("What is 17 + 25?", stop=[" = "]).json()["choices"][0]
    assert cut["message"]["content"] == whole.partition(" = ")[0]
    assert cut["finish_reason"] == "stop"


def test_images_are_acknowledged_and_billed(ask):
    seen = ask([{"role": "user", "content": [{"type": "text", "text": "What is it?"}, image("https://x.test/a.png", detail="low"), image(f"data:image/png;base64,{PIXEL}")]}]).json()  # fmt: skip
    plain = ask("What is it?").json()
    assert seen["choices"][0]["message"]["content"].startswith("I see 2 images. ")
    assert seen["usage"]["prompt_tokens"] > plain["usage"]["prompt_tokens"]


def test_effort_moves_the_reasoning_tokens(ask):
    def reasoning(effort):
        usage = ask("What is 17 + 25?", model="gpt-5.2", reasoning_effort=effort).json()["usage"]
        return usage["completion_tokens_details"]["reasoning_tokens"]

    spent = [reasoning(effort) for effort in ("none", "low", "medium", "high", "xhigh")]
    assert spent[0] == 0
    assert spent == sorted(set(spent))


def test_a_model_that_rests_takes_sampling_parameters_and_stop_sequences(ask):
    assert ask("?", model="gpt-5.1", temperature=0.2, top_p=0.5, stop="x").status_code == 200


def test_the_same_seed_gives_the_same_reply(ask):
    replies = [ask("Tell me of owls.", seed=7).json()["choices"] for _ in range(2)]
    assert replies[0] == replies[1]


STRICT_FORMAT = {"name": "a", "strict": True}
IMAGE = [image("https://x.test/a.png")]
REFUSED = [
    pytest.param({"model": "gpt-5", "temperature": 0.2}, "temperature", "unsupported_value", id="temperature while it reasons"),
    pytest.param({"model": "gpt-5.1", "reasoning_effort": "low", "top_p": 0.2}, "top_p", "unsupported_value", id="top_p once it reasons"),
    pytest.param({"model": "o3", "stop": "x"}, "stop", "unsupported_parameter", id="stop to o3"),
    pytest.param({"model": "gpt-5.4", "reasoning_effort": "low", "stop": "x"}, "stop", "unsupported_parameter", id="stop once it reasons"),
    pytest.param({"stop": list("abcde")}, "stop", "array_above_max_length", id="five stop sequences"),
    pytest.param({"stop": [1]}, "stop", "invalid_type", id="a stop that is no text"),
    pytest.param({"seed": "x"}, "seed", "invalid_type", id="a seed that is no number"),
    pytest.param({"reasoning_effort": "low"}, None, None, id="an effort to a model that does not reason"),
    pytest.param({"model": "gpt-5", "reasoning_effort": "none"}, "reasoning_effort", "unsupported_value", id="no reasoning of gpt-5"),
    pytest.param({"model": "gpt-5.1", "reasoning_effort": "minimal"}, "reasoning_effort", "unsupported_value", id="minimal effort of gpt-5.1"),
    pytest.param({"model": "o4-mini", "reasoning_effort": "xhigh"}, "reasoning_effort", "unsupported_value", id="xhigh effort of o4-mini"),
    pytest.param({"model": "gpt-5", "reasoning_effort": "great"}, "reasoning_effort", "invalid_value", id="no such effort"),
    pytest.param({"model": "gpt-5.6", "tools": [WEATHER]}, "reasoning_effort", None, id="tools while gpt-5.6 reasons"),
    pytest.param({"model": "gpt-5.4", "tools": [WEATHER], "reasoning_effort": "low"}, "reasoning_effort", None, id="tools and an effort to gpt-5.4"),
    pytest.param({"model": "o3", "tools": [WEATHER], "parallel_tool_calls": True}, "parallel_tool_calls", "unsupported_parameter", id="parallel calls of o3"),
    pytest.param({"tools": []}, "tools", "empty_array", id="no tools in a list"),
    pytest.param({"tools": [{"type": "function"}]}, "tools[0].function", "missing_required_parameter", id="a tool without a function"),
    pytest.param({"tools": [{"type": "function", "function": {"name": "get weather"}}]}, "tools[0].function.name", "invalid_value", id="a name with a space"),
    pytest.param({"tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "array"}}}]}, "tools[0].function.parameters", "invalid_function_parameters", id="arguments that are no object"),
    pytest.param({"tools": [{"type": "function", "function": {"name": "f", "parameters": CITY, "strict": True}}]}, "tools[0].function.parameters", "invalid_function_parameters", id="a strict tool that is open"),
    pytest.param({"tool_choice": "auto"}, "tool_choice", None, id="a choice among no tools"),
    pytest.param({"parallel_tool_calls": True}, "parallel_tool_calls", None, id="parallel calls of no tools"),
    pytest.param({"tools": [WEATHER], "tool_choice": "any"}, "tool_choice", "invalid_value", id="no such choice"),
    pytest.param({"tools": [WEATHER], "tool_choice": {"type": "function", "function": {"name": "f"}}}, "tool_choice", None, id="a choice of no tool there is"),
    pytest.param({"response_format": {"type": "json_object"}}, "messages", None, id="JSON mode without the word"),
    pytest.param({"response_format": {"type": "json_schema", "json_schema": {"schema": STRICT}}}, "response_format.json_schema.name", "missing_required_parameter", id="a schema without a name"),
    pytest.param({"response_format": {"type": "json_schema", "json_schema": STRICT_FORMAT | {"schema": CITY}}}, "response_format", None, id="a strict schema that is open"),
    pytest.param({"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "string"}}}}, "response_format", None, id="a schema of no object"),
    pytest.param({"model": "gpt-4-turbo", "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": STRICT}}}, "response_format", None, id="a schema to an older model"),
    pytest.param({"messages": [{"role": "system", "content": IMAGE}]}, "messages[0]", "invalid_value", id="an image in a system turn"),
    pytest.param({"messages": [{"role": "user", "content": [image("a.png")]}]}, None, "invalid_image_format", id="an image from nowhere"),
    pytest.param({"messages": [{"role": "user", "content": [image("data:image/png;base64,%%")]}]}, None, "invalid_base64", id="an image that is no base64"),
    pytest.param({"messages": [{"role": "user", "content": [image("https://x.test/a", detail="vast")]}]}, "messages[0].content[0].image_url.detail", "invalid_value", id="no such detail"),
    pytest.param({"model": "o3-mini", "messages": [{"role": "user", "content": IMAGE}]}, "messages.[0].content.[0].type", None, id="an image to a model without eyes"),
    pytest.param({"messages": [turn("?"), {"role": "tool", "tool_call_id": "call_1", "content": "x"}]}, "messages.[1].role", None, id="a result of no call"),
    pytest.param({"messages": [turn("?"), {"role": "assistant", "tool_calls": [CALL]}, turn("!")]}, "messages.[2].role", None, id="a call without its result"),
    pytest.param({"messages": [turn("?"), {"role": "assistant", "tool_calls": [CALL]}]}, "messages.[2].role", None, id="a call as the last word"),
    pytest.param({"messages": [turn("?"), {"role": "assistant", "tool_calls": []}]}, "messages[1].tool_calls", "empty_array", id="no calls in a list"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "param", "code"), REFUSED)
def test_what_openai_refuses_of_them_is_refused_in_its_shape(ask, change, param, code):
    fields = {"messages": "What is 17 + 25?", **change}
    reply = ask(fields.pop("messages"), **fields)
    assert reply.status_code == 400
    error = reply.json()["error"]
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", param, code)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([
                "type", "function", "name", "parameters", "strict", "json_schema", "schema", "mode",
                "allowed_tools", "tools", "properties", "required", "role", "content", "image_url",
                "url", "tool_calls", "tool_call_id", "id", "text",
            ]),
            inner | st.sampled_from(["function", "json_schema", "object", "tool", "user", "image_url"]),
            max_size=4,
        )
    ),
    max_leaves=8,
)  # fmt: skip
FIELDS = ("messages", "tools", "tool_choice", "parallel_tool_calls", "response_format", "stop",
          "reasoning_effort", "seed")  # fmt: skip


@given(st.dictionaries(st.sampled_from(FIELDS), json_values | st.lists(json_values, max_size=2)))
def test_any_of_them_is_understood_or_refused_never_a_crash(fields):
    body = dumps({"model": "gpt-4o", "messages": [turn("?")], **fields})
    asked, refused = None, None
    try:
        asked = OpenAiWire().read(Head({"authorization": "Bearer x"}), body)
    except RefusedRequestError as refusal:
        refused = refusal.body["error"]["type"]
    assert refused == "invalid_request_error" if asked is None else asked.turns
