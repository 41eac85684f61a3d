"""Which wishes LiteLLM is asked, by what it knows of a model."""

from dataclasses import replace

import pytest

from providers.any_wishes import asked_of, without_nudges
from providers.errors import UnsupportedError
from providers.messages import ImagePart, JsonFormat, Message, NamedTool, Prompt, Tool

ASK = Prompt.of("2+2? In JSON.")
TOOLS = (Tool("f"), Tool("g"))
EVERYTHING = frozenset({
    "temperature", "top_p", "seed", "stop", "tools", "tool_choice", "parallel_tool_calls",
    "response_format", "reasoning_effort", "frequency_penalty", "presence_penalty",
})  # fmt: skip


def asked(supported, **wishes):
    return asked_of("p", "m", supported, replace(ASK, **wishes))


def names(asked):
    return [tool["function"]["name"] for tool in asked.fields["tools"]]


@pytest.mark.parametrize("supported", [None, EVERYTHING], ids=["unknown", "known to take it"])
def test_what_a_model_takes_or_may_take_is_asked(supported):
    got = asked(
        supported,
        temperature=0.2,
        stop=("a",),
        tools=TOOLS,
        tool_choice="auto",
        format=JsonFormat(),
    )
    assert got.fields["temperature"] == 0.2
    assert got.fields["stop"] == ["a"]
    assert got.fields["response_format"] == {"type": "json_object"}
    assert (names(got), got.fields["tool_choice"]) == (["f", "g"], "auto")
    assert (got.adjusted, got.say_json) == ((), False)


@pytest.mark.parametrize(
    ("wishes", "lacked", "why"),
    [
        ({"tools": TOOLS}, "tools", "m takes no tools"),
        ({"tools": TOOLS, "tool_choice": "required"}, "tool_choice", "m takes no tool_choice"),
        ({"format": JsonFormat()}, "response_format", "m takes no response_format"),
        ({"stop": ("a",)}, "stop", "m takes no stop"),
        ({"tool_choice": "required"}, None, "m can call no tool where none is offered"),
        ({"tools": TOOLS, "tool_choice": NamedTool("h")}, None, "m is offered no tool h"),
    ],
)
def test_what_a_reply_would_mean_something_else_without_is_refused(wishes, lacked, why):
    with pytest.raises(UnsupportedError) as caught:
        asked(EVERYTHING - {lacked}, **wishes)
    assert caught.value.message == why


def test_images_are_refused_of_a_model_known_to_read_none():
    prompt = Prompt((Message.of_parts("user", (ImagePart(url="https://x.test/a.png"),)),))
    with pytest.raises(UnsupportedError):
        asked_of("p", "m", None, prompt, images=False)
    assert asked_of("p", "m", None, prompt).fields == {}


def test_nudges_a_model_lacks_are_left_out_and_told():
    got = asked(EVERYTHING - {"temperature", "seed"}, temperature=0.2, seed=1, top_p=0.5)
    assert got.fields == {"top_p": 0.5}
    assert got.adjusted == ("m takes no temperature: left out", "m takes no seed: left out")


def test_a_choice_left_to_the_model_is_not_missed_by_one_that_knows_no_choice():
    got = asked(EVERYTHING - {"tool_choice"}, tools=TOOLS, tool_choice="auto")
    assert "tool_choice" not in got.fields


def test_a_named_tool_is_the_only_one_offered_and_required():
    got = asked(EVERYTHING, tools=TOOLS, tool_choice=NamedTool("g"))
    assert (names(got), got.fields["tool_choice"]) == (["g"], "required")


def test_nudges_whose_values_are_refused_are_left_out_at_once():
    got = without_nudges("m", asked(None, temperature=0.2, reasoning_effort="xhigh", stop=("a",)))
    assert got.fields == {"stop": ["a"]}
    assert got.adjusted == (
        "m takes no such temperature: left out",
        "m takes no such reasoning_effort: left out",
    )
    assert without_nudges("m", got) is None
