"""Conversations as Gemini's contents."""

import pytest

from providers.gemini.models import traits_of
from providers.gemini.turns import UNSIGNED, contents_of, own_id
from providers.messages import ImagePart, Message, TextPart, ToolCall
from providers.wishes import LackError

USER = Message("user", "q")


def written(*turns, model="gemini-3.1-pro-preview"):
    return contents_of(turns, model, traits_of(model))


def calling(*calls):
    return Message("assistant", "", tool_calls=calls)


def test_plain_turns_are_one_content_each():
    assert written(USER, Message("assistant", "a"), Message("user", "r")) == [
        {"role": "user", "parts": [{"text": "q"}]},
        {"role": "model", "parts": [{"text": "a"}]},
        {"role": "user", "parts": [{"text": "r"}]},
    ]


def test_calls_go_back_with_their_ids_and_signatures_and_results_by_name_in_one_content():
    contents = written(
        USER,
        calling(ToolCall("i1", "a", '{"x": 1}', "sig"), ToolCall("i2", "b", "")),
        Message("tool", '{"t": 2}', tool_call_id="i1"),
        Message("tool", "sunny", tool_call_id="i2"),
        Message("user", "And?"),
    )
    assert contents[1:] == [
        {
            "role": "model",
            "parts": [
                {"functionCall": {"name": "a", "args": {"x": 1}, "id": "i1"}, "thoughtSignature": "sig"},
                {"functionCall": {"name": "b", "args": {}, "id": "i2"}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"name": "a", "response": {"t": 2}, "id": "i1"}},
                {"functionResponse": {"name": "b", "response": {"result": "sunny"}, "id": "i2"}},
            ],
        },
        {"role": "user", "parts": [{"text": "And?"}]},
    ]  # fmt: skip


def test_a_call_of_another_model_is_marked_as_not_signed_once_a_turn_from_gemini_3_on():
    calls = calling(ToolCall("i1", "a", "{}"), ToolCall("i2", "b", "{}"))
    new, old = written(USER, calls), written(USER, calls, model="gemini-2.5-pro")
    assert [part.get("thoughtSignature") for part in new[1]["parts"]] == [UNSIGNED, None]
    assert [part.get("thoughtSignature") for part in old[1]["parts"]] == [None, None]


def test_ids_go_only_where_the_vendor_gave_them():
    ours = own_id("r", 0, "a", "{}")
    turns = (USER, calling(ToolCall(ours, "a", "{}")), Message("tool", "x", tool_call_id=ours))
    assert not any("id" in next(iter(c["parts"][0].values())) for c in written(*turns)[1:])
    before = (USER, calling(ToolCall("i", "a", "{}")), Message("tool", "x", tool_call_id="i"))
    sent = written(*before, model="gemini-2.5-pro")[1:]
    assert not any("id" in next(iter(c["parts"][0].values())) for c in sent)


def test_our_own_ids_differ_by_reply_place_and_call_and_repeat_with_them():
    ids = {
        own_id(*key)
        for key in (
            ("r", 0, "a", "{}"),
            ("s", 0, "a", "{}"),
            ("r", 1, "a", "{}"),
            ("r", 0, "b", "{}"),
        )
    }
    assert len(ids) == 4
    assert own_id("r", 0, "a", "{}") in ids


def test_images_keep_their_place_and_a_urls_type_is_read_off_its_ending():
    turn = Message.of_parts(
        "user",
        (
            TextPart("a"),
            ImagePart(data="eA==", media_type="image/webp"),
            ImagePart(url="https://e.com/i.JPG?size=1"),
            ImagePart(url="https://e.com/i"),
        ),
    )
    assert written(turn)[0]["parts"] == [
        {"text": "a"},
        {"inlineData": {"mimeType": "image/webp", "data": "eA=="}},
        {"fileData": {"fileUri": "https://e.com/i.JPG?size=1", "mimeType": "image/jpeg"}},
        {"fileData": {"fileUri": "https://e.com/i"}},
    ]


IMAGE = ImagePart(url="https://e.com/i.png")


@pytest.mark.parametrize(
    ("turn", "model"),
    [
        pytest.param(Message.of_parts("user", (IMAGE,)), "gemini-2.0-flash", id="a URL before 2.5"),
        pytest.param(Message.of_parts("user", (ImagePart(url="http://e.com/i.png"),)), "gemini-2.5-pro", id="a URL that is not https"),
        pytest.param(Message.of_parts("user", (ImagePart(data="x", media_type="image/gif"),)), "gemini-2.5-pro", id="a GIF"),
        pytest.param(Message("tool", "x", tool_call_id="nobody"), "gemini-2.5-pro", id="a result of no call"),
        pytest.param(calling(ToolCall("i", "a", "[]")), "gemini-2.5-pro", id="arguments that are no object"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_refused(turn, model):
    with pytest.raises(LackError, match=model):
        written(USER, turn, model=model)
