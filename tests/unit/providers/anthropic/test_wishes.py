"""What Claude is asked of a prompt's wishes, by generation and version; what is refused, what told."""

import pytest

from providers.anthropic.wishes import BUDGETS, DEFAULT_MAX_TOKENS, JSON_TOOL, decide
from providers.catalog import ModelCard
from providers.messages import ImagePart, JsonFormat, Message, NamedTool, Prompt, Tool, ToolCall
from providers.wishes import LackError

OLD, BUDGET, ADAPTIVE, NEWEST = (
    "claude-3-5-haiku-20241022",
    "claude-sonnet-4-5-20250929",
    "claude-sonnet-4-6",
    "claude-opus-5-5",
)
TURNS = (Message("user", "?"),)
WEATHER = Tool(
    "get_weather", "The weather", {"type": "object", "properties": {"at": {"type": "string"}}}
)
CALLED = (
    *TURNS,
    Message("assistant", "", tool_calls=(ToolCall("a", "get_weather", "{}"),)),
    Message("tool", "sun", tool_call_id="a"),
)


def ask(model=ADAPTIVE, version="2023-06-01", card=None, turns=TURNS, **wishes):
    made = decide(Prompt(turns, **wishes), model, card, version)
    return made.fields, made.told


def fields(model=ADAPTIVE, **wishes):
    return ask(model, **wishes)[0]


def test_a_prompt_without_wishes_is_sent_with_the_bound_alone():
    assert ask() == ({"max_tokens": DEFAULT_MAX_TOKENS}, [])


@pytest.mark.parametrize(
    ("wanted", "card_limit", "sent"),
    [
        pytest.param(None, None, DEFAULT_MAX_TOKENS, id="none: the default, the API demands one"),
        pytest.param(None, 4096, 4096, id="none, and the model writes less than the default"),
        pytest.param(10, 4096, 10, id="the caller's"),
        pytest.param(9000, 4096, 4096, id="no more than the model can write"),
    ],
)
def test_the_bound_on_the_reply(wanted, card_limit, sent):
    card = ModelCard("m", "anthropic", max_output_tokens=card_limit)
    assert ask(card=card, max_tokens=wanted)[0]["max_tokens"] == sent


@pytest.mark.parametrize(
    ("model", "effort", "sent"),
    [
        pytest.param(OLD, "none", {}, id="what never thinks is not told to stop"),
        pytest.param(BUDGET, "none", {}, id="what thinks only if asked is not asked"),
        pytest.param(ADAPTIVE, "none", {}, id="adaptive, off unless asked"),
        pytest.param("claude-opus-5", "none", {"thinking": {"type": "disabled"}}, id="on unless disabled"),
        pytest.param("claude-haiku-5-5", "none", {"thinking": {"type": "disabled"}}, id="haiku 5.5"),
        pytest.param("claude-sonnet-5-5", "none", {"thinking": {"type": "between_tools"}}, id="sonnet 5.5 has a word of its own"),
        pytest.param(ADAPTIVE, "medium", {"thinking": {"type": "adaptive"}, "output_config": {"effort": "medium"}}, id="4.6"),
        pytest.param("claude-opus-4-7", "xhigh", {"thinking": {"type": "adaptive"}, "output_config": {"effort": "xhigh"}}, id="4.7 knows xhigh"),
        pytest.param(NEWEST, "high", {"thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}}, id="5.5"),
        pytest.param("some-proxys-name", "high", {"thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}}, id="an unknown name: as asked"),
    ],
)  # fmt: skip
def test_thinking_is_asked_for_in_the_words_of_the_generation(model, effort, sent):
    made, told = ask(model, reasoning_effort=effort)
    assert {key: made[key] for key in made.keys() - {"max_tokens"}} == sent
    assert told == []


@pytest.mark.parametrize(
    ("model", "effort", "held", "word"),
    [
        (ADAPTIVE, "xhigh", "high", "knows no reasoning_effort xhigh: high instead"),
        (ADAPTIVE, "minimal", "low", "knows no reasoning_effort minimal: low instead"),
        (NEWEST, "none", "low", "always thinks: reasoning_effort low instead of none"),
        ("claude-fable-5-1", "none", "low", "always thinks: reasoning_effort low instead of none"),
    ],
)
def test_an_effort_that_a_model_does_not_know_becomes_the_nearest_and_is_told(
    model, effort, held, word
):
    made, told = ask(model, reasoning_effort=effort)
    assert made["output_config"] == {"effort": held}
    assert told == [f"{model} {word}"]


def test_a_model_that_cannot_think_says_so():
    assert ask(OLD, reasoning_effort="low")[1] == [f"{OLD} takes no reasoning_effort: left out"]


@pytest.mark.parametrize("effort", BUDGETS)
@pytest.mark.parametrize("max_tokens", [None, 2048, 5000, 9000, 64_000])
def test_a_budget_of_thinking_is_always_under_the_bound_on_the_reply(effort, max_tokens):
    made, told = ask(BUDGET, reasoning_effort=effort, max_tokens=max_tokens)
    budget = made["thinking"]["budget_tokens"]
    assert 1024 <= budget < made["max_tokens"]
    assert made["max_tokens"] == max_tokens or max_tokens is None
    assert (budget < BUDGETS[effort]) == any("thinks" in words for words in told)


def test_a_reply_too_short_to_think_is_not_thought_about():
    made, told = ask(BUDGET, reasoning_effort="low", max_tokens=2047)
    assert "thinking" not in made
    assert told == [f"{BUDGET} needs max_tokens of 2048 to think: no reasoning_effort"]


def test_opus_4_5_takes_effort_beside_the_budget():
    made = fields("claude-opus-4-5", reasoning_effort="low")
    assert (made["thinking"]["type"], made["output_config"]) == ("enabled", {"effort": "low"})


def test_thinking_by_budget_does_not_begin_between_a_call_and_its_answer():
    made, told = ask(BUDGET, turns=CALLED, tools=(WEATHER,), reasoning_effort="high")
    assert "thinking" not in made
    assert told == [f"{BUDGET} does not begin to think between tools: no reasoning_effort"]
    said = (*CALLED, Message("user", "And?"))
    assert "thinking" not in fields(BUDGET, turns=said, tools=(WEATHER,), reasoning_effort="high")
    done = (*said, Message("assistant", "Sun."), Message("user", "Thanks."))
    assert "thinking" in fields(BUDGET, turns=done, tools=(WEATHER,), reasoning_effort="high")
    assert "thinking" in fields(ADAPTIVE, turns=CALLED, tools=(WEATHER,), reasoning_effort="high")


@pytest.mark.parametrize(
    ("model", "wishes", "sent", "told"),
    [
        pytest.param(ADAPTIVE, {"temperature": 0.3}, {"temperature": 0.3}, [], id="within the scale"),
        pytest.param(ADAPTIVE, {"temperature": 1.7}, {"temperature": 1.0}, ["takes a temperature up to 1: 1 instead of 1.7"], id="over the scale"),
        pytest.param(ADAPTIVE, {"temperature": 0.3, "top_p": 0.9}, {"temperature": 0.3}, ["takes no top_p beside a temperature: left out"], id="one of both"),
        pytest.param(OLD, {"temperature": 0.3, "top_p": 0.9}, {"temperature": 0.3, "top_p": 0.9}, [], id="both, before 4.1"),
        pytest.param("claude-opus-4-7", {"temperature": 0.3}, {}, ["takes no temperature: left out"], id="none since 4.7"),
        pytest.param("claude-opus-4-7", {"temperature": 1, "top_p": 1}, {}, [], id="the default is nothing to tell"),
        pytest.param(ADAPTIVE, {"seed": 7}, {}, ["takes no seed: left out"], id="no seed"),
        pytest.param(ADAPTIVE, {"frequency_penalty": 1.0, "presence_penalty": 0.0}, {}, ["takes no frequency_penalty: left out"], id="no penalties"),
        pytest.param(ADAPTIVE, {"stop": ("END", "\n\nQ:")}, {"stop_sequences": ["END", "\n\nQ:"]}, [], id="stop"),
    ],
)  # fmt: skip
def test_what_nudges_is_sent_brought_into_range_or_left_out_and_told(model, wishes, sent, told):
    made, words = ask(model, **wishes)
    assert {key: made[key] for key in made.keys() - {"max_tokens"}} == sent
    assert words == [f"{model} {word}" for word in told]


def test_the_version_of_2026_takes_no_sampling_whatever_the_model():
    made, told = ask(ADAPTIVE, "2026-10-21", temperature=0.3, top_p=1)
    assert made.keys() == {"max_tokens"}
    assert told == ["Anthropic's version 2026-10-21 takes no temperature: left out"]


def test_a_card_that_says_no_sampling_is_believed():
    card = ModelCard("m", "anthropic", supports_temperature=False)
    assert "temperature" not in ask(card=card, temperature=0.2)[0]


def test_a_temperature_does_not_go_with_thinking():
    made, told = ask(ADAPTIVE, temperature=0.2, top_p=0.5, reasoning_effort="low")
    assert not made.keys() & {"temperature", "top_p"}
    assert told == [
        f"{ADAPTIVE}, thinking, takes no temperature: left out",
        f"{ADAPTIVE}, thinking, takes no top_p under 0.95: left out",
    ]


@pytest.mark.parametrize(
    ("choice", "parallel", "sent"),
    [
        (None, None, None),
        ("auto", None, {"type": "auto"}),
        ("none", None, {"type": "none"}),
        ("required", None, {"type": "any"}),
        (NamedTool("get_weather"), None, {"type": "tool", "name": "get_weather"}),
        (None, False, {"type": "auto", "disable_parallel_tool_use": True}),
        ("required", False, {"type": "any", "disable_parallel_tool_use": True}),
        ("none", False, {"type": "none"}),
        (None, True, None),
    ],
)
def test_who_chooses_the_tool(choice, parallel, sent):
    made = fields(tools=(WEATHER,), tool_choice=choice, parallel_tool_calls=parallel)
    assert made.get("tool_choice") == sent
    assert made["tools"] == [
        {"name": "get_weather", "description": "The weather", "input_schema": WEATHER.parameters}
    ]


def test_a_tool_without_parameters_takes_an_empty_object():
    assert fields(tools=(Tool("now"),))["tools"] == [
        {"name": "now", "input_schema": {"type": "object", "properties": {}}}
    ]


def test_a_strict_tool_is_strict_where_there_are_grammars_and_told_elsewhere():
    strict = Tool("t", parameters={"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}}, strict=True)  # fmt: skip
    made, told = ask(ADAPTIVE, tools=(strict,))
    assert made["tools"][0]["strict"] is True
    assert made["tools"][0]["input_schema"]["additionalProperties"] is False
    assert told == [f"{ADAPTIVE} is not held to all bounds of the tool t: told them in the schema's descriptions"]  # fmt: skip
    made, told = ask(OLD, tools=(strict,))
    assert "strict" not in made["tools"][0]
    assert told == [f"{OLD} takes no strict tools: left out"]


def test_calls_of_the_past_are_defined_but_not_called_again_where_no_tools_are_offered():
    made = fields(turns=CALLED)
    assert [tool["name"] for tool in made["tools"]] == ["get_weather"]
    assert made["tool_choice"] == {"type": "none"}


@pytest.mark.parametrize("model", ["claude-opus-5-5", "claude-sonnet-5-5", "claude-fable-5-1"])
@pytest.mark.parametrize("choice", ["required", NamedTool("get_weather")])
def test_what_cannot_be_made_to_call_a_tool_is_not_asked_to(model, choice):
    with pytest.raises(LackError, match=f"{model} cannot be made to call a tool"):
        ask(model, tools=(WEATHER,), tool_choice=choice)


@pytest.mark.parametrize("model", [BUDGET, ADAPTIVE])
def test_a_forced_call_is_not_thought_about(model):
    made, told = ask(model, tools=(WEATHER,), tool_choice="required", reasoning_effort="low")
    assert "thinking" not in made
    assert any("does not think where a tool has to be called" in words for words in told)


SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def test_json_by_a_schema_is_the_vendors_own_format():
    made, told = ask(format=JsonFormat(SCHEMA), reasoning_effort="low")
    assert made["output_config"] == {
        "format": {"type": "json_schema", "schema": SCHEMA | {"additionalProperties": False}},
        "effort": "low",
    }
    assert told == []


@pytest.mark.parametrize(
    ("model", "wanted", "schema"),
    [
        pytest.param(ADAPTIVE, JsonFormat(), {"type": "object"}, id="any JSON"),
        pytest.param(OLD, JsonFormat(SCHEMA), SCHEMA, id="a schema, before grammars"),
    ],
)
def test_json_that_is_no_grammar_is_the_input_of_a_tool_that_has_to_be_called(
    model, wanted, schema
):
    made, told = ask(model, format=wanted)
    once = {"disable_parallel_tool_use": True}
    assert made["tool_choice"] == {"type": "tool", "name": JSON_TOOL} | once
    assert [tool["input_schema"] for tool in made["tools"]] == [schema]
    assert len(told) == 1
    assert "asked for by a tool" in told[0]


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        pytest.param({"format": JsonFormat(), "model": NEWEST}, "writes no JSON without a schema", id="no forced tools"),
        pytest.param({"format": JsonFormat(), "tools": (WEATHER,)}, "beside tools", id="JSON beside tools"),
        pytest.param({"stop": ("\n",)}, "white space alone", id="a stop of white space"),
        pytest.param({"tool_choice": "required"}, "none is given", id="no tool to call"),
        pytest.param({"tools": (Tool(JSON_TOOL),)}, "the name is ours", id="a tool named as ours"),
    ],
)  # fmt: skip
def test_what_would_mean_something_else_is_refused(wishes, words):
    with pytest.raises(LackError, match=words):
        ask(**wishes)


def test_how_closely_to_look_at_an_image_is_left_to_the_vendor():
    looked = Message.of_parts("user", (ImagePart(url="https://e.com/a.png", detail="high"),))
    assert ask(turns=(looked,))[1] == [f"{ADAPTIVE} takes no detail of images: left out"]
