"""A reply in chunks: whatever its pieces, they add up to it, in shapes OpenAI's client types know."""

import json

from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletionChunk

from gateway.api.openai.chunks import Chunks, error_event
from providers.messages import TextDelta, ToolCallDelta, Usage

USED = Usage(10, output_tokens=20, reasoning_tokens=5, service_tier="priority")
texts = st.text(st.characters(codec="utf-8"), min_size=1)


def chunks_of(with_usage=False):
    return Chunks("r-1", "gpt-5", created=7, with_usage=with_usage)


def read(raw):
    """The events of ``raw``: chunks, and the marker."""
    events = raw.decode().split("\n\n")
    assert events.pop() == ""
    told = []
    for event in events:
        assert event.startswith("data: ")
        assert "\n" not in event
        data = event.removeprefix("data: ")
        told.append(data if data == "[DONE]" else ChatCompletionChunk.model_validate_json(data))
    return told


@given(st.lists(texts), st.booleans())
def test_texts_add_up_to_the_reply(pieces, with_usage):
    chunks = chunks_of(with_usage)
    raw = b"".join(chunks.piece(TextDelta(piece)) for piece in pieces)
    raw += chunks.ending("stop", USED, {"cost_usd": 1.0})
    *told, done = read(raw)
    assert done == "[DONE]"
    said = [c.choices[0].delta for c in told if c.choices]
    assert "".join(delta.content or "" for delta in said) == "".join(pieces)
    assert [delta.role for delta in said] == ["assistant"] + [None] * (len(said) - 1)
    reasons = [c.choices[0].finish_reason for c in told if c.choices]
    assert reasons == [None] * (len(reasons) - 1) + ["stop"]
    assert told[-1].wallbounce == {"cost_usd": 1.0}
    assert all("wallbounce" not in c.model_extra for c in told[:-1])


@given(texts)
def test_a_finished_text_is_cut_anywhere_and_loses_nothing(text):
    told = read(chunks_of().texts(text * 300))
    assert "".join(c.choices[0].delta.content or "" for c in told) == text * 300


def test_usage_is_null_until_its_own_chunk_and_absent_where_nobody_asked():
    with_usage = chunks_of(with_usage=True)
    told = read(with_usage.text("a") + with_usage.ending("stop", USED, {}))[:-1]
    assert [c.usage is None for c in told] == [True, True, True, False]
    assert told[-1].choices == []
    assert told[-1].usage.total_tokens == 30
    assert told[-1].service_tier == "priority"
    plain = chunks_of()
    raw = plain.text("a") + plain.ending("stop", USED, {})
    assert b'"usage"' not in raw


def test_a_vendor_that_reported_no_tokens_has_no_usage_made_up():
    chunks = chunks_of(with_usage=True)
    told = read(chunks.ending("stop", Usage(), {"a": 1}))[:-1]
    assert all(c.usage is None and c.choices for c in told)
    assert told[-1].wallbounce == {"a": 1}


def test_tool_calls_come_by_index_with_what_comes_once_in_their_first_piece():
    chunks = chunks_of()
    raw = b"".join(
        map(
            chunks.piece,
            [
                ToolCallDelta(0, "c-1", "get_weather", "", "signed"),
                ToolCallDelta(0, arguments='{"city":'),
                ToolCallDelta(0, arguments='"Tokyo"}'),
                ToolCallDelta(1, "c-2", "get_time", "{}"),
            ],
        )
    )
    first, *rest = read(raw)
    assert first.choices[0].delta.role == "assistant"
    calls = [c.choices[0].delta.tool_calls[0] for c in rest]
    assert [c.index for c in calls] == [0, 0, 0, 1]
    assert [(c.id, c.type, c.function.name) for c in calls] == [
        ("c-1", "function", "get_weather"),
        (None, None, None),
        (None, None, None),
        ("c-2", "function", "get_time"),
    ]
    assert "".join(c.function.arguments for c in calls[:3]) == '{"city":"Tokyo"}'
    assert calls[0].extra_content == {"google": {"thought_signature": "signed"}}


def test_an_error_is_an_event_like_the_others():
    raw = error_event(b'{"error":{"message":"gone"}}')
    assert json.loads(raw.removeprefix(b"data: ")) == {"error": {"message": "gone"}}
    assert raw.endswith(b"\n\n")
