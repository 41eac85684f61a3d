"""Which wishes OpenAI's models are asked: what they lack is refused, or told."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.catalog import ModelCard
from providers.errors import UnsupportedError
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
from providers.simulator.openai_wire import OpenAiWire
from providers.simulator.wire import Head

SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
    "additionalProperties": False,
}
ASK = Prompt.of("2+2? In JSON.")
WEATHER = Tool("get_weather", "Today's.", SCHEMA)
IMAGE = Message.of_parts("user", (TextPart("What is it?"), ImagePart(url="https://x.test/a.png")))


def asked(model, **wishes):
    """The body sent, and what the caller is told."""
    dialect = OpenAIDialect("p", model)
    prompt = replace(ASK, **wishes)
    return json.loads(dialect.body(prompt, stream=False)), dialect.adjustments(prompt)


def lacks(model, **wishes):
    """Why nothing is sent."""
    dialect, prompt = OpenAIDialect("p", model), replace(ASK, **wishes)
    with pytest.raises(UnsupportedError) as caught:
        dialect.body(prompt, stream=True)
    with pytest.raises(UnsupportedError):
        dialect.adjustments(prompt)
    return caught.value.message


def test_a_plain_prompt_is_sent_plain_and_nothing_is_told():
    assert asked("gpt-5") == (
        {"model": "gpt-5", "messages": [{"role": "user", "content": ASK.question}]},
        (),
    )


@pytest.mark.parametrize(
    ("model", "wishes", "sent", "told"),
    [
        pytest.param("gpt-4o", {"temperature": 0.2, "top_p": 0.5}, {"temperature": 0.2, "top_p": 0.5}, [], id="an older model takes all"),
        pytest.param("gpt-5", {"temperature": 0.2}, {}, ["gpt-5 takes no temperature: left out"], id="one that reasons takes no temperature"),
        pytest.param("gpt-5", {"temperature": 1.0, "frequency_penalty": 0}, {}, [], id="of a default nothing is told"),
        pytest.param("o3", {"seed": 7, "presence_penalty": 1}, {"seed": 7}, ["o3 takes no presence_penalty: left out"], id="a seed, but no penalty"),
        pytest.param("gpt-5.1", {"temperature": 0.2}, {"temperature": 0.2}, [], id="one that rests unless it is asked to reason"),
        pytest.param("gpt-5.1", {"temperature": 0.2, "reasoning_effort": "low"}, {"reasoning_effort": "low"}, ["gpt-5.1 takes no temperature: left out"], id="and is asked"),
        pytest.param("gpt-5.5", {"top_p": 0.2}, {}, ["gpt-5.5 takes no top_p: left out"], id="one that reasons unless it is asked to rest"),
        pytest.param("gpt-5.5", {"top_p": 0.2, "reasoning_effort": "none"}, {"top_p": 0.2, "reasoning_effort": "none"}, [], id="and is asked to rest"),
        pytest.param("gpt-4o-search-preview", {"seed": 7, "temperature": 0.1}, {}, ["gpt-4o-search-preview takes no temperature: left out", "gpt-4o-search-preview takes no seed: left out"], id="a model for search"),
        pytest.param("llama-3", {"temperature": 0.2, "reasoning_effort": "xhigh", "seed": 1}, {"temperature": 0.2, "reasoning_effort": "xhigh", "seed": 1}, [], id="an unknown model is asked everything"),
        pytest.param("gpt-7", {"temperature": 0.2, "stop": ("a",)}, {"stop": ["a"]}, ["gpt-7 takes no temperature: left out"], id="a later model is taken to reason"),
        pytest.param("ft:gpt-4o-mini:x:y", {"reasoning_effort": "low"}, {}, ["ft:gpt-4o-mini:x:y takes no reasoning_effort: left out"], id="a fine-tuned model takes what its kind takes"),
        pytest.param("gpt-4o", {"reasoning_effort": "none"}, {}, [], id="what never reasons is not told to rest"),
        pytest.param("gpt-4o", {"stop": ("a", "b")}, {"stop": ["a", "b"]}, [], id="stop texts"),
        pytest.param("gpt-35-turbo", {"temperature": 0.2, "max_tokens": 9}, {"temperature": 0.2, "max_tokens": 9}, [], id="Azure's name of gpt-3.5 is no later model's"),
    ],
)  # fmt: skip
def test_what_only_nudges_a_reply_is_sent_or_left_out_and_told(model, wishes, sent, told):
    body, adjusted = asked(model, **wishes)
    assert body == {"model": model, "messages": body["messages"], **sent}
    assert list(adjusted) == told


@pytest.mark.parametrize(
    ("model", "wanted", "effort"),
    [
        pytest.param("o3", "none", "low", id="the least of o3"),
        pytest.param("o3", "xhigh", "high", id="the most of o3"),
        pytest.param("gpt-5", "minimal", "minimal", id="gpt-5 has minimal"),
        pytest.param("gpt-5", "none", "minimal", id="but not none"),
        pytest.param("gpt-5.1", "minimal", "low", id="gpt-5.1 has not minimal"),
        pytest.param("gpt-5.1", "xhigh", "high", id="nor xhigh"),
        pytest.param("gpt-5.2-2025-12-11", "xhigh", "xhigh", id="gpt-5.2 has"),
        pytest.param("gpt-5.3-chat-latest", "low", "medium", id="a chat model has one"),
        pytest.param("gpt-6.2-astra", "none", "low", id="astra always reasons"),
        pytest.param("gpt-5-pro", "low", "low", id="where the words are not known it is as asked"),
    ],
)
def test_an_effort_is_the_nearest_that_the_model_has(model, wanted, effort):
    body, adjusted = asked(model, reasoning_effort=wanted)
    assert body["reasoning_effort"] == effort
    told = (
        () if effort == wanted else (f"{model} takes no reasoning_effort {wanted}: it is {effort}",)
    )
    assert adjusted == told


@pytest.mark.parametrize(
    ("model", "effort", "sent", "told"),
    [
        ("gpt-5.2", "high", "high", False),
        ("gpt-5.4", None, None, False),
        ("gpt-5.4", "none", "none", False),
        ("gpt-5.4", "high", "none", True),
        ("gpt-5.6-sol", None, "none", True),
        ("gpt-5.6-sol", "low", "none", True),
        ("gpt-6-luna", None, "none", True),
        ("gpt-6.1-terra", "none", "none", False),
    ],
)
def test_since_gpt_5_4_tools_are_called_without_reasoning(model, effort, sent, told):
    body, adjusted = asked(model, tools=(WEATHER,), reasoning_effort=effort)
    assert body.get("reasoning_effort") == sent
    why = f"{model} calls tools only without reasoning: reasoning_effort is none"
    assert adjusted == ((why,) if told else ())


@pytest.mark.parametrize(
    ("model", "wishes", "why"),
    [
        pytest.param("o3", {"stop": ("a",)}, "o3 takes no stop texts", id="stop texts of o3"),
        pytest.param("gpt-5-mini", {"stop": ("a",)}, "gpt-5-mini takes no stop texts", id="of gpt-5"),
        pytest.param("gpt-5.4", {"stop": ("a",), "reasoning_effort": "low"}, "gpt-5.4 takes stop texts only without reasoning", id="while it reasons"),
        pytest.param("gpt-4o", {"stop": tuple("abcde")}, "gpt-4o takes at most 4 stop texts", id="five stop texts"),
        pytest.param("o3-mini", {"messages": (IMAGE,)}, "o3-mini takes no images", id="images"),
        pytest.param("gpt-4o", {"messages": (replace(IMAGE, role="system"),)}, "gpt-4o takes images in user turns only", id="an image in a system turn"),
        pytest.param("gpt-4o", {"messages": (Message.of_parts("user", (ImagePart(data="iVBO"),)),)}, "gpt-4o takes no image of an unknown media type", id="an image of what kind"),
        pytest.param("gpt-4", {"format": JsonFormat()}, "gpt-4 takes no response format", id="JSON mode of gpt-4"),
        pytest.param("gpt-3.5-turbo", {"format": JsonFormat(SCHEMA)}, "gpt-3.5-turbo takes no JSON schema", id="a schema of gpt-3.5"),
        pytest.param("gpt-4o-search-preview", {"tools": (WEATHER,)}, "gpt-4o-search-preview takes no tools", id="tools of a search model"),
        pytest.param("gpt-6.1-sol", {"tools": (WEATHER,)}, "gpt-6.1-sol takes no tools", id="tools of what calls them in the Responses API alone"),
        pytest.param("gpt-4o", {"tool_choice": "required"}, "gpt-4o can call no tool where none is offered", id="a call of nothing"),
        pytest.param("gpt-4o", {"tool_choice": NamedTool("f")}, "gpt-4o can call no tool where none is offered", id="a call of what is not there"),
    ],
)  # fmt: skip
def test_what_a_reply_would_mean_something_else_without_is_refused(model, wishes, why):
    assert lacks(model, **wishes) == why


def nested(levels):
    schema = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "array", "items": schema}
    return {"type": "object", "properties": {"a": schema}}


@pytest.mark.parametrize(
    "wishes",
    [
        pytest.param({"messages": (Message("user", "half \ud83d"),)}, id="half a character"),
        pytest.param(
            {"tools": (Tool("f", parameters=nested(400)),)}, id="a schema nested too deep"
        ),
        pytest.param({"seed": 2**80}, id="a number of more than 64 bits"),
    ],
)
def test_what_no_json_can_be_made_of_is_refused(wishes):
    with pytest.raises(UnsupportedError):
        OpenAIDialect("p", "gpt-4o").body(replace(ASK, **wishes), stream=False)


def test_a_card_that_knows_of_no_sampling_is_believed():
    card = ModelCard("llama-3", "openai", None, None, supports_temperature=False)
    dialect = OpenAIDialect("p", "llama-3", card=card)
    prompt = replace(ASK, temperature=0.2)
    assert "temperature" not in json.loads(dialect.body(prompt, stream=False))
    assert dialect.adjustments(prompt) == ("llama-3 takes no temperature: left out",)


def test_tools_and_the_choice_among_them_are_openais():
    body, _ = asked(
        "gpt-4o",
        tools=(WEATHER, Tool("now", strict=True)),
        tool_choice=NamedTool("now"),
        parallel_tool_calls=False,
    )
    assert body["tools"] == [
        {"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA, "description": "Today's."}},
        {"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}, "strict": True}},
    ]  # fmt: skip
    assert body["tool_choice"] == {"type": "function", "function": {"name": "now"}}
    assert body["parallel_tool_calls"] is False


def test_o_models_are_not_asked_for_parallel_calls():
    body, adjusted = asked("o4-mini", tools=(WEATHER,), parallel_tool_calls=True)
    assert "parallel_tool_calls" not in body
    assert adjusted == ("o4-mini takes no parallel_tool_calls: left out",)


def test_a_choice_of_tools_that_changes_nothing_is_not_sent():
    assert "tool_choice" not in asked("gpt-4o", tool_choice="auto", parallel_tool_calls=True)[0]


def test_a_format_has_a_name_and_what_the_caller_says_of_it():
    described = {"name": "sum", "schema": SCHEMA, "description": "A sum.", "strict": True}
    body, _ = asked("gpt-4o", format=JsonFormat(SCHEMA, "sum", "A sum.", strict=True))
    assert body["response_format"] == {"type": "json_schema", "json_schema": described}
    body, _ = asked("gpt-4o", format=JsonFormat(SCHEMA))
    assert body["response_format"]["json_schema"] == {"name": "answer", "schema": SCHEMA}


def test_json_mode_is_said_where_the_prompt_does_not_say_it():
    body, adjusted = asked("gpt-4o", messages=(Message("user", "2+2?"),), format=JsonFormat())
    assert body["messages"][0] == {"role": "system", "content": "Answer in JSON."}
    assert body["response_format"] == {"type": "json_object"}
    assert adjusted == ('gpt-4o was also told "Answer in JSON."',)
    assert asked("gpt-4o", format=JsonFormat())[1] == ()


def test_images_go_by_url_or_as_data_with_how_closely_to_look():
    parts = (
        TextPart("What is it?"),
        ImagePart(url="https://x.test/a.png", detail="low"),
        ImagePart(data="iVBO", media_type="image/png"),
    )
    body, _ = asked("gpt-4o", messages=(Message.of_parts("user", parts),))
    assert body["messages"] == [{"role": "user", "content": [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": "https://x.test/a.png", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}},
    ]}]  # fmt: skip


def test_tool_calls_and_their_results_go_back_as_they_came():
    call = ToolCall("call_1", "get_weather", '{"city": "京都"}')
    messages = (
        Message("user", "?"),
        Message("assistant", "", tool_calls=(call,)),
        Message("tool", "21 °C", tool_call_id="call_1"),
    )
    body, _ = asked("gpt-4o", messages=messages)
    function = {"name": "get_weather", "arguments": '{"city": "京都"}'}
    assert body["messages"][1:] == [
        {"role": "assistant", "content": None, "tool_calls": [{"id": "call_1", "type": "function", "function": function}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "21 °C"},
    ]  # fmt: skip


MODELS = (
    "gpt-3.5-turbo", "gpt-4", "gpt-4-0613", "gpt-4-1106-preview", "gpt-4-turbo", "gpt-4o",
    "gpt-4o-2024-05-13", "gpt-4.1-mini", "o1", "o3-mini", "o3", "o4-mini", "gpt-5", "gpt-5-nano",
    "gpt-5-chat-latest", "gpt-5.1", "gpt-5.1-chat-latest", "gpt-5.2", "gpt-5.3-chat-latest",
    "gpt-5.4-mini", "gpt-5.5", "gpt-5.6-sol",
)  # fmt: skip
prompts = st.builds(
    Prompt,
    messages=st.sampled_from([ASK.messages, (Message("system", "Be brief."), IMAGE)]),
    max_tokens=st.none() | st.integers(1, 100),
    temperature=st.none() | st.floats(0, 2),
    top_p=st.none() | st.floats(0, 1),
    seed=st.none() | st.integers(0, 9),
    stop=st.lists(st.sampled_from("ab"), max_size=5).map(tuple),
    reasoning_effort=st.none()
    | st.sampled_from(["none", "minimal", "low", "medium", "high", "xhigh"]),
    format=st.none() | st.sampled_from([JsonFormat(), JsonFormat(SCHEMA, strict=True)]),
    tools=st.sampled_from([(), (WEATHER,), (WEATHER, Tool("now"))]),
    tool_choice=st.sampled_from([None, "auto", "none", "required", NamedTool("get_weather")]),
    parallel_tool_calls=st.none() | st.booleans(),
    frequency_penalty=st.none() | st.floats(-2, 2),
    presence_penalty=st.none() | st.floats(-2, 2),
)


@given(model=st.sampled_from(MODELS), prompt=prompts, stream=st.booleans())
def test_whatever_is_wished_of_a_known_model_is_refused_here_or_taken_there(model, prompt, stream):
    try:
        body = OpenAIDialect("p", model).body(prompt, stream=stream)
    except UnsupportedError:
        return
    ask = OpenAiWire().read(Head({"authorization": "Bearer x"}), body)
    assert len(ask.tools) == len(prompt.tools)
    assert (ask.json is not None) == (prompt.format is not None)
    assert ask.stop == prompt.stop
    assert sum(turn.images for turn in ask.turns) == sum(len(m.images) for m in prompt.messages)
