"""What Gemini is asked of a prompt's wishes, by generation; what is refused, what told."""

import pytest

from providers.catalog import ModelCard
from providers.gemini.models import traits_of
from providers.gemini.wishes import LARGEST_SEED, decide
from providers.messages import ImagePart, JsonFormat, Message, NamedTool, Prompt, Tool
from providers.wishes import LackError

SECOND, PRO, FLASH, THIRD = (
    "gemini-2.0-flash",
    "gemini-2.5-pro",
    "gemini-2.5-flash",
    "gemini-3.1-pro-preview",
)
TURNS = (Message("user", "?"),)
SCHEMA = {"type": "object", "properties": {"at": {"type": "string"}}, "additionalProperties": False}
WEATHER = Tool("get_weather", "The weather", SCHEMA)


def ask(model=PRO, card=None, turns=TURNS, **wishes):
    made = decide(Prompt(turns, **wishes), model, card)
    return made.fields, made.told


def config(model=PRO, **wishes):
    made, told = ask(model, **wishes)
    return made.get("generationConfig", {}), told


def test_a_prompt_without_wishes_needs_no_fields():
    assert ask() == ({}, [])


@pytest.mark.parametrize(
    ("model", "effort", "sent", "told"),
    [
        (SECOND, "none", None, []),
        (SECOND, "high", None, ["takes no reasoning_effort: left out"]),
        (FLASH, "none", {"thinkingBudget": 0}, []),
        (PRO, "none", {"thinkingBudget": 128}, ["always thinks: 128 tokens of it instead of none"]),
        (PRO, "minimal", {"thinkingBudget": 1024}, []),
        (PRO, "low", {"thinkingBudget": 1024}, []),
        (PRO, "medium", {"thinkingBudget": 8192}, []),
        (PRO, "high", {"thinkingBudget": 24_576}, []),
        (PRO, "xhigh", {"thinkingBudget": 24_576}, ["knows no reasoning_effort xhigh: high instead"]),
        (THIRD, "none", {"thinkingLevel": "low"}, ["knows no reasoning_effort none: low instead"]),
        (THIRD, "medium", {"thinkingLevel": "medium"}, []),
        ("gemini-3-pro-preview", "medium", {"thinkingLevel": "high"}, ["knows no reasoning_effort medium: high instead"]),
        ("gemini-3-flash-preview", "minimal", {"thinkingLevel": "minimal"}, []),
        ("gemini-3-flash-preview", "none", {"thinkingLevel": "minimal"}, ["knows no reasoning_effort none: minimal instead"]),
        ("gemini-3.8-flash", "minimal", {"thinkingLevel": "low"}, ["knows no reasoning_effort minimal: low instead"]),
        ("gemini-flash-latest", "high", {"thinkingLevel": "high"}, []),
        ("a-name-of-our-own", "low", {"thinkingLevel": "low"}, []),
    ],
)  # fmt: skip
def test_thinking_is_asked_for_in_tokens_before_gemini_3_and_in_levels_since(model, effort, sent, told):  # fmt: skip
    made, words = config(model, reasoning_effort=effort)
    assert made.get("thinkingConfig") == sent
    assert words == [f"{model} {word}" for word in told]


@pytest.mark.parametrize(
    ("model", "wishes", "sent", "told"),
    [
        pytest.param(PRO, {"max_tokens": 9}, {"maxOutputTokens": 9}, [], id="the bound"),
        pytest.param(PRO, {"temperature": 1.7, "top_p": 0.5}, {"temperature": 1.7, "topP": 0.5}, [], id="sampling"),
        pytest.param(PRO, {"seed": 7}, {"seed": 7}, [], id="a seed"),
        pytest.param(PRO, {"seed": LARGEST_SEED + 1}, {"seed": 1}, [f"takes seeds of 32 bits: 1 instead of {LARGEST_SEED + 1}"], id="a seed of 64 bits"),
        pytest.param(SECOND, {"frequency_penalty": 0.5}, {"frequencyPenalty": 0.5}, [], id="penalties before 2.5"),
        pytest.param(PRO, {"presence_penalty": 0.5}, {}, ["takes no presence_penalty: left out"], id="no penalties since"),
        pytest.param(PRO, {"presence_penalty": 0.0}, {}, [], id="no penalty is nothing to tell"),
        pytest.param(PRO, {"stop": ("a", " ")}, {"stopSequences": ["a", " "]}, [], id="stop"),
        pytest.param(PRO, {"format": JsonFormat()}, {"responseMimeType": "application/json"}, [], id="any JSON"),
        pytest.param(PRO, {"format": JsonFormat(SCHEMA)}, {"responseMimeType": "application/json", "responseJsonSchema": SCHEMA}, [], id="JSON by a schema"),
    ],
)  # fmt: skip
def test_a_wish_is_a_field_of_the_generation_config_or_told(model, wishes, sent, told):
    assert config(model, **wishes) == (sent, [f"{model} {word}" for word in told])


def test_a_card_that_says_no_sampling_is_believed():
    card = ModelCard("m", "google", supports_temperature=False)
    assert ask(card=card, temperature=0.2, top_p=1) == (
        {},
        [f"{PRO} takes no temperature: left out"],
    )


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        (None, None),
        ("auto", {"mode": "AUTO"}),
        ("none", {"mode": "NONE"}),
        ("required", {"mode": "ANY"}),
        (NamedTool("now"), {"mode": "ANY", "allowedFunctionNames": ["now"]}),
    ],
)
def test_tools_are_declared_by_json_schema_and_chosen_by_mode(choice, sent):
    made, told = ask(tools=(WEATHER, Tool("now")), tool_choice=choice)
    assert made["tools"] == [
        {
            "functionDeclarations": [
                {"name": "get_weather", "description": "The weather", "parametersJsonSchema": SCHEMA},
                {"name": "now"},
            ]
        }
    ]  # fmt: skip
    assert made.get("toolConfig") == (sent and {"functionCallingConfig": sent})
    assert told == []


def test_strictness_is_told_where_it_is_not_held():
    strict = Tool("t", parameters=SCHEMA, strict=True)
    assert ask(tools=(strict,))[1] == [f"{PRO} takes no strict tools: left out"]
    assert ask(tools=(strict,), tool_choice="required")[1] == []


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        pytest.param({"stop": tuple("abcdef")}, "5 stop sequences at most", id="six stops"),
        pytest.param({"tools": (WEATHER,), "format": JsonFormat()}, "no format beside tools", id="a format beside tools"),
        pytest.param({"tools": (WEATHER,), "parallel_tool_calls": False}, "several tools at once", id="one call at a time"),
        pytest.param({"tool_choice": NamedTool("x")}, "none is given", id="no tool to call"),
    ],
)  # fmt: skip
def test_what_would_mean_something_else_is_refused(wishes, words):
    with pytest.raises(LackError, match=words):
        ask(**wishes)


def test_gemini_3_takes_a_format_beside_tools():
    made, _ = ask(THIRD, tools=(WEATHER,), format=JsonFormat(SCHEMA))
    assert made.keys() == {"tools", "generationConfig"}


def test_how_closely_to_look_at_an_image_is_left_to_the_vendor():
    looked = Message.of_parts("user", (ImagePart(url="https://e.com/a.png", detail="low"),))
    assert ask(turns=(looked,))[1] == [f"{PRO} takes no detail of images: left out"]


@pytest.mark.parametrize(
    ("name", "urls", "signed"),
    [
        ("gemini-1.5-pro", False, False),
        ("gemini-2.5-flash-lite", True, False),
        ("gemini-3-flash-preview", True, True),
        ("gemini-4-argon", True, True),
        ("gemini-pro-latest", True, True),
        ("gemma-3-27b-it", True, False),
    ],
)
def test_a_generation_is_read_off_the_name(name, urls, signed):
    traits = traits_of(name)
    assert (traits.urls, traits.signed) == (urls, signed)
