"""Conversations as Anthropic's messages."""

import pytest

from providers.anthropic.turns import messages_of
from providers.messages import ImagePart, Message, TextPart, ToolCall
from providers.wishes import LackError

CALLS = (ToolCall("call:1", "a", '{"x": 1}'), ToolCall("call_2", "b", ""))


def written(*turns):
    return messages_of(turns, "claude-x")


def test_plain_turns_stay_plain():
    assert written(Message("user", "q"), Message("assistant", "a"), Message("user", "r")) == [
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": "a"},
        {"role": "user", "content": "r"},
    ]


def test_turns_of_one_role_are_one_turn():
    assert written(Message("user", "one"), Message("user", "two")) == [
        {
            "role": "user",
            "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}],
        }
    ]


def test_all_results_of_a_turns_calls_stand_in_one_user_turn_before_its_text():
    *_, calls, results = written(
        Message("user", "q"),
        Message("assistant", "Let me see.", tool_calls=CALLS),
        Message("tool", "one", tool_call_id="call:1"),
        Message("tool", "", tool_call_id="call_2"),
        Message("user", "And?"),
    )
    assert calls["content"] == [
        {"type": "text", "text": "Let me see."},
        {"type": "tool_use", "id": "call_1", "name": "a", "input": {"x": 1}},
        {"type": "tool_use", "id": "call_2", "name": "b", "input": {}},
    ]
    assert results["role"] == "user"
    assert results["content"] == [
        {"type": "tool_result", "tool_use_id": "call_1", "content": "one"},
        {"type": "tool_result", "tool_use_id": "call_2"},
        {"type": "text", "text": "And?"},
    ]


def test_a_result_comes_first_even_where_the_user_spoke_before_it():
    *_, last = written(
        Message("user", "q"),
        Message("assistant", "", tool_calls=CALLS[:1]),
        Message("user", "Wait."),
        Message("tool", "one", tool_call_id="call:1"),
    )
    assert [block["type"] for block in last["content"]] == ["tool_result", "text"]


def test_images_keep_their_place_among_texts():
    turn = Message.of_parts(
        "user",
        (
            TextPart("a"),
            ImagePart(data="eA==", media_type="image/png"),
            ImagePart(url="https://e.com/i"),
            TextPart("b"),
        ),
    )
    assert written(turn)[0]["content"] == [
        {"type": "text", "text": "a"},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "eA=="}},
        {"type": "image", "source": {"type": "url", "url": "https://e.com/i"}},
        {"type": "text", "text": "b"},
    ]


def test_a_tool_may_show_an_image():
    image = Message("tool", "see", (ImagePart(url="https://e.com/i"),), tool_call_id="call:1")
    *_, last = written(Message("user", "q"), Message("assistant", "", tool_calls=CALLS[:1]), image)
    assert last["content"][0]["content"][0]["type"] == "image"


@pytest.mark.parametrize(
    "turn",
    [
        pytest.param(Message.of_parts("user", (ImagePart(url="http://e.com/i.png"),)), id="a URL that is not https"),
        pytest.param(Message.of_parts("user", (ImagePart(data="x", media_type="image/tiff"),)), id="a TIFF"),
        pytest.param(Message.of_parts("user", (ImagePart(data="x"),)), id="an image of no type"),
        pytest.param(Message.of_parts("assistant", (ImagePart(url="https://e.com/i"),)), id="an image of the model's own"),
        pytest.param(Message("assistant", "", tool_calls=(ToolCall("a", "a", "[1]"),)), id="arguments that are no object"),
        pytest.param(Message("assistant", "", tool_calls=(ToolCall("a", "a", '{"x'),)), id="arguments cut off"),
        pytest.param(Message("tool", "x"), id="a result of no call"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_refused(turn):
    with pytest.raises(LackError, match="claude-x"):
        written(Message("user", "q"), turn)
