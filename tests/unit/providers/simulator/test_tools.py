"""When a simulated vendor calls a tool, and what else of a caller's wishes shapes its reply."""

import json

import pytest

from providers.simulator.tools import example_arguments, shaped, wants_tools
from providers.simulator.vendors import (
    Ask,
    Called,
    Choice,
    End,
    JsonShape,
    Reply,
    Spent,
    Stamp,
    Tool,
    Turn,
)
from providers.simulator.writing import PromptCache, write

WEATHER = Tool("get_weather", "Today's weather.", {"properties": {"city": {"type": "string"}}})
CLOCK = Tool("readClock")
TOOLS = (WEATHER, CLOCK)
STAMP = Stamp("0", 0)


def asking(prompt, **wishes):
    return Ask("m", (Turn("user", prompt),), **wishes)


@pytest.mark.parametrize(
    ("prompt", "choice", "names"),
    [
        pytest.param("What is 17 + 25?", Choice(), [], id="a prompt that asks for none"),
        pytest.param("Call get_weather for Kyoto.", Choice(), ["get_weather"], id="one by name"),
        pytest.param("use the get weather thing", Choice(), ["get_weather"], id="as it is spoken"),
        pytest.param("Please read clock: use it", Choice(), ["readClock"], id="in camel case"),
        pytest.param("get_weather is a nice name.", Choice(), [], id="named but not asked for"),
        pytest.param("Use a tool for this.", Choice(), ["get_weather"], id="any tool: the first"),
        pytest.param("ツールを使ってください", Choice(), ["get_weather"], id="in Japanese"),
        pytest.param(
            "Call get_weather and readClock",
            Choice(),
            ["get_weather", "readClock"],
            id="two at once",
        ),
        pytest.param("Hello.", Choice("required"), ["get_weather"], id="required"),
        pytest.param("Hello.", Choice("required", ("readClock",)), ["readClock"], id="named"),
        pytest.param("Call get_weather.", Choice("none"), [], id="forbidden"),
        pytest.param("Call get_weather.", Choice("auto", ("readClock",)), [], id="not among them"),
    ],
)
def test_tools_are_called_where_the_prompt_or_the_caller_asks_for_them(prompt, choice, names):
    assert [tool.name for tool in wants_tools(prompt, TOOLS, choice)] == names


def test_one_tool_at_a_time_where_the_caller_wants_no_more():
    wanted = wants_tools("Call get_weather and readClock", TOOLS, Choice(), parallel=False)
    assert wanted == (WEATHER,)


def test_a_call_has_arguments_of_the_tools_shape_and_no_text():
    reply = shaped(asking("Call get_weather.", tools=TOOLS), Reply("Sunny."))
    assert reply.text == ""
    assert reply.calls == (Called("get_weather", '{"city":"example city"}'),)
    assert example_arguments({"type": "string"}) == {}


def test_a_tools_result_is_answered_and_not_called_for_again():
    turns = (
        Turn("user", "Call get_weather."),
        Turn("self", ""),
        Turn("tool", "21 °C", tool="get_weather"),
    )
    reply = shaped(Ask("m", turns, tools=TOOLS), Reply("Sunny."))
    assert (reply.text, reply.calls) == ("get_weather says: 21 °C", ())


def test_images_are_acknowledged():
    ask = Ask("m", (Turn("user", "What is it?", images=2),))
    assert shaped(ask, Reply("An owl.")).text == "I see 2 images. An owl."


def test_an_answer_becomes_json_where_the_caller_wants_json():
    reply = shaped(asking("?", json=JsonShape()), Reply("An owl."))
    assert json.loads(reply.text) == {"answer": "An owl."}
    assert shaped(asking("?", json=JsonShape()), Reply("No.", refuses=True)).text == "No."


def test_the_text_ends_before_the_first_stop_sequence_and_says_which():
    written = write(asking("?", stop=("three", " two")), Reply("one two three"), Spent(1), STAMP)
    assert (written.text, written.stopped_by, written.end) == ("one", " two", End.STOP)
    whole = write(asking("?", stop=("four",)), Reply("one two"), Spent(1), STAMP)
    assert (whole.text, whole.stopped_by) == ("one two", None)


def test_a_call_that_reaches_the_bound_lacks_the_end_of_its_arguments():
    ask = asking("Call get_weather.", tools=TOOLS, max_tokens=6)
    written = write(ask, shaped(ask, Reply("")), Spent(1), STAMP)
    assert written.end is End.LENGTH
    assert written.spent.output == 6
    [call] = written.calls
    assert call.name == "get_weather"
    assert '{"city":"example city"}'.startswith(call.arguments)
    assert call.arguments != '{"city":"example city"}'


def test_a_whole_call_ends_as_one():
    ask = asking("Call get_weather.", tools=TOOLS)
    written = write(ask, shaped(ask, Reply("")), Spent(1), STAMP)
    assert written.end is End.CALLS
    assert written.spent.visible > 0


def test_effort_moves_the_tokens_thought_for():
    def thought(effort):
        ask = asking("?", reasons=True, effort=effort)
        return write(ask, Reply("Yes.", thinking_tokens=100), Spent(1), STAMP).spent.reasoning

    assert (thought(0.25), thought(1), thought(2)) == (25, 100, 200)


def test_tools_and_images_are_billed_as_input():
    cache = PromptCache()
    plain = cache.read(asking("?")).input
    assert cache.read(asking("?", tools=TOOLS)).input > plain
    assert cache.read(Ask("m", (Turn("user", "?", images=1),))).input == plain + 85
