"""What Claude's replies say beside a text: tools, cuts, pauses, hostile types."""

import json
from copy import deepcopy
from itertools import pairwise

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import errors
from providers.anthropic import AnthropicDialect
from providers.anthropic.wishes import JSON_TOOL
from providers.messages import FinishReason, TextDelta, ToolCall, ToolCallDelta
from providers.replies import ReplyDecoder

DIALECT = AnthropicDialect("p", "claude-x")


def whole(*blocks, stop="tool_use"):
    return {
        "type": "message",
        "role": "assistant",
        "model": "claude-x-1",
        "content": list(blocks),
        "stop_reason": stop,
        "usage": {"input_tokens": 5, "output_tokens": 7},
    }


def tool_use(name="get_weather", its_id="toolu_1", **given):
    return {"type": "tool_use", "id": its_id, "name": name, "input": given}


def text(said):
    return {"type": "text", "text": said}


THINKING = {"type": "thinking", "thinking": "Hm.", "signature": "s"}
REDACTED = {"type": "redacted_thinking", "data": "x"}


def completion(*blocks, stop="tool_use"):
    return DIALECT.completion(orjson.dumps(whole(*blocks, stop=stop)))


def frame(kind, **fields):
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def block(index, start, *deltas, stop=True):
    yield frame("content_block_start", index=index, content_block=start)
    for kind, key, piece in deltas:
        yield frame("content_block_delta", index=index, delta={"type": kind, key: piece})
    if stop:
        yield frame("content_block_stop", index=index)


def texts(*pieces):
    return [("text_delta", "text", piece) for piece in pieces]


def jsons(*pieces):
    return [("input_json_delta", "partial_json", piece) for piece in pieces]


def stream(*blocks, stop="tool_use", end=True):
    yield frame("message_start", message=whole(stop=None) | {"usage": {"input_tokens": 5}})
    for frames in blocks:
        yield from frames
    yield frame("message_delta", delta={"stop_reason": stop}, usage={"output_tokens": 7})
    if end:
        yield frame("message_stop")


def read(*chunks):
    """The pieces of a stream, and its completion or the error it ends in."""
    decoder = ReplyDecoder("p", DIALECT.state())
    pieces = []
    try:
        for chunk in chunks:
            pieces.extend(decoder.feed(chunk))
        pieces.extend(decoder.flush())
        return pieces, decoder.finish()
    except errors.ProviderError as error:
        return pieces, error


def calls_of(pieces):
    """The calls that the pieces of a stream add up to."""
    calls = {}
    for piece in pieces:
        if isinstance(piece, ToolCallDelta):
            held = calls.setdefault(piece.index, ["", "", ""])
            held[0] += piece.id or ""
            held[1] += piece.name or ""
            held[2] += piece.arguments
    return tuple(ToolCall(*held) for held in calls.values())


def test_tools_called_are_read_in_order_beside_the_text_thinking_is_not():
    read_ = completion(THINKING, REDACTED, text("Let me see."), tool_use(at="東京"), tool_use("now", "toolu_2"))  # fmt: skip
    assert (read_.text, read_.finish_reason) == ("Let me see.", FinishReason.TOOL_CALLS)
    assert read_.tool_calls == (
        ToolCall("toolu_1", "get_weather", '{"at":"東京"}'),
        ToolCall("toolu_2", "now", "{}"),
    )


def test_a_reply_of_calls_alone_is_an_answer():
    assert completion(tool_use()).text == ""


def test_a_reply_that_stopped_for_a_reason_of_a_later_day_is_no_answer():
    with pytest.raises(errors.CutReplyError) as caught:
        completion(text("Half an ans"), stop="compaction")
    assert caught.value.usage.output_tokens == 7
    assert caught.value.partial.text == "Half an ans"


def test_input_nested_deeper_than_can_be_written_is_a_malformed_reply():
    deep = json.loads('{"a":' * 300 + "1" + "}" * 300)
    body = json.dumps(whole(tool_use(**deep))).encode()
    with pytest.raises(errors.MalformedReplyError, match="nests too deep"):
        DIALECT.completion(body)
    _, end = read(*stream(block(0, tool_use(**deep))))
    assert isinstance(end, errors.MalformedReplyError)


def test_the_input_of_the_json_tool_is_the_reply_itself():
    read_ = completion(tool_use(JSON_TOOL, n=1))
    assert (read_.text, read_.tool_calls, read_.finish_reason) == ('{"n":1}', (), FinishReason.STOP)


@pytest.mark.parametrize(
    ("stop", "blocks", "error"),
    [
        pytest.param("pause_turn", (text("So far"),), errors.CutReplyError, id="paused: there is more to come"),
        pytest.param("max_tokens", (tool_use(),), errors.TruncatedReplyError, id="a call cut at the limit"),
        pytest.param("refusal", (tool_use(),), errors.FilteredReplyError, id="a call the filter stopped"),
        pytest.param("tool_use", (), errors.MalformedReplyError, id="calls that are not there"),
        pytest.param(None, (text("x"),), errors.MalformedReplyError, id="no reason to stop"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_an_error_with_its_tokens(stop, blocks, error):
    with pytest.raises(error) as caught:
        completion(*blocks, stop=stop)
    if error is not errors.MalformedReplyError:
        assert caught.value.usage.output_tokens == 7


WEATHER = {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {}}
NOW = {"type": "tool_use", "id": "toolu_2", "name": "now", "input": {}}


def test_a_call_streams_as_its_name_and_the_pieces_of_its_arguments():
    pieces, end = read(
        *stream(
            block(0, {"type": "thinking", "thinking": ""}, ("signature_delta", "signature", "s")),
            block(1, {"type": "text", "text": ""}, *texts("Let me ", "see.")),
            block(2, WEATHER, *jsons("", '{"at":', ' "x"}')),
            block(3, NOW),
        )
    )
    assert pieces == [
        TextDelta("Let me "),
        TextDelta("see."),
        ToolCallDelta(0, "toolu_1", "get_weather"),
        ToolCallDelta(0, arguments='{"at":'),
        ToolCallDelta(0, arguments=' "x"}'),
        ToolCallDelta(1, "toolu_2", "now"),
        ToolCallDelta(1, arguments="{}"),
    ]
    assert end.tool_calls == calls_of(pieces)
    assert (end.text, end.finish_reason) == ("Let me see.", FinishReason.TOOL_CALLS)


def test_the_json_tool_streams_as_text():
    tool = {"type": "tool_use", "id": "x", "name": JSON_TOOL, "input": {}}
    pieces, end = read(*stream(block(0, tool, *jsons("", '{"n"', ":1}"))))
    assert pieces == [TextDelta('{"n"'), TextDelta(":1}")]
    assert (end.text, end.finish_reason, end.tool_calls) == ('{"n":1}', FinishReason.STOP, ())


def test_a_tool_that_the_vendor_runs_itself_is_none_of_ours():
    own = {"type": "server_tool_use", "id": "x", "name": "web_search", "input": {}}
    pieces, end = read(
        *stream(block(0, own, *jsons('{"q": 1}')), block(1, {"type": "text", "text": "Found."}), stop="end_turn")
    )  # fmt: skip
    assert pieces == [TextDelta("Found.")]
    assert end.tool_calls == ()


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param(stream(block(0, WEATHER, *jsons('{"at'), stop=False)), id="a call left open"),
        pytest.param(stream(block(0, WEATHER), end=False), id="no end marker"),
        pytest.param(stream(block(0, WEATHER), stop=None), id="no reason to stop"),
    ],
)
def test_a_stream_that_ends_early_is_cut_although_nothing_broke(frames):
    assert isinstance(read(*frames)[1], errors.CutReplyError)


@pytest.mark.parametrize("pieces", [("",), ('{"at": "Kyo',), ('{"at": "Kyoto"}',)])
def test_the_call_that_the_limit_cut_is_never_shown_whole_the_one_before_it_is(pieces):
    _, error = read(*stream(block(0, NOW), block(1, WEATHER, *jsons(*pieces)), stop="max_tokens"))
    assert isinstance(error, errors.TruncatedReplyError)
    assert error.partial.tool_calls == (ToolCall("toolu_2", "now", "{}"),)


def test_a_whole_reply_cut_in_a_call_shows_the_calls_before_it():
    with pytest.raises(errors.TruncatedReplyError) as caught:
        completion(tool_use(at=1), tool_use("now", "toolu_2"), stop="max_tokens")
    assert [call.name for call in caught.value.partial.tool_calls] == ["get_weather"]


def test_a_stream_that_goes_on_beginning_calls_has_to_end():
    blocks = [block(index, WEATHER | {"id": f"t{index}"}) for index in range(1100)]
    assert isinstance(read(*stream(*blocks))[1], errors.MalformedReplyError)


def test_a_pause_of_the_vendor_is_no_end():
    _, error = read(*stream(block(0, {"type": "text", "text": "So far"}), stop="pause_turn"))
    assert isinstance(error, errors.CutReplyError)


def test_an_error_in_the_middle_ends_the_stream_and_a_ping_does_nothing():
    opening = [*stream(block(0, WEATHER, *jsons('{"at"'), stop=False))][:3]
    overloaded = frame("error", error={"type": "overloaded_error", "message": "Overloaded"})
    pieces, error = read(*opening, frame("ping"), overloaded)
    assert isinstance(error, errors.OverloadedError)
    assert calls_of(pieces) == (ToolCall("toolu_1", "get_weather", '{"at"'),)


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param([*block(0, WEATHER, stop=False), *block(0, WEATHER)], id="one index twice"),
        pytest.param([frame("content_block_start", index="0", content_block=WEATHER)], id="an index that is none"),
        pytest.param([frame("content_block_start", index=0, content_block=WEATHER | {"id": 1})], id="an id that is none"),
        pytest.param([frame("content_block_start", index=0, content_block=WEATHER | {"name": None})], id="no name"),
        pytest.param([*block(0, WEATHER, ("input_json_delta", "partial_json", 1))], id="arguments that are no text"),
    ],
)  # fmt: skip
def test_a_call_of_another_shape_is_malformed(frames):
    assert isinstance(read(*stream(frames))[1], errors.MalformedReplyError)


arguments = st.dictionaries(st.text(max_size=4), st.integers() | st.text(max_size=4), max_size=3)


def cut(data, places):
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


@given(
    said=st.lists(st.text(min_size=1, max_size=6), max_size=3),
    given_=st.lists(arguments, max_size=3),
    pieces=st.lists(st.integers(min_value=0), max_size=4),
    chunks=st.lists(st.integers(min_value=0), max_size=8),
)
def test_any_cutting_of_arguments_and_of_the_stream_gives_the_same_calls(said, given_, pieces, chunks):  # fmt: skip
    written = [json.dumps(one, ensure_ascii=False) for one in given_]
    blocks = [block(0, {"type": "text", "text": ""}, *texts(*said))]
    for index, one in enumerate(written):
        start = WEATHER | {"id": f"toolu_{index}"}
        blocks.append(block(index + 1, start, *jsons(*cut(one, pieces))))
    data = b"".join(stream(*blocks, stop="tool_use" if written else "end_turn"))
    got, end = read(*cut(data, chunks))
    if not (written or "".join(said).strip()):
        assert isinstance(end, errors.EmptyReplyError)
        return
    expected = tuple(
        ToolCall(f"toolu_{index}", "get_weather", one) for index, one in enumerate(written)
    )
    assert end.tool_calls == calls_of(got) == expected
    assert end.text == "".join(said)


WRONG = st.sampled_from([None, True, -1, 1.5, "text", [], {}, [1], [[]], [{}], {"a": 1}])


def places(value, at=()):
    yield at
    items = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )  # fmt: skip
    for key, inner in items:
        yield from places(inner, (*at, key))


def with_wrong(value, choice, wrong):
    value, wrong = deepcopy((value, wrong))
    spots = [path for path in places(value) if path]
    *way, last = spots[choice % len(spots)]
    parent = value
    for key in way:
        parent = parent[key]
    parent[last] = wrong
    return value


@given(choice=st.integers(min_value=0), wrong=WRONG)
def test_any_one_value_of_a_wrong_type_in_a_reply_with_tools_is_read_or_refused(choice, wrong):
    reply = with_wrong(whole(THINKING, text("Hm."), tool_use(at=1)), choice, wrong)
    try:
        read_ = DIALECT.completion(orjson.dumps(reply))
    except errors.ProviderError:
        return
    assert all(isinstance(c.arguments, str) and isinstance(c.name, str) for c in read_.tool_calls)


@given(which=st.integers(min_value=0), choice=st.integers(min_value=0), wrong=WRONG)
def test_any_one_value_of_a_wrong_type_in_a_stream_with_tools_is_read_or_refused(which, choice, wrong):  # fmt: skip
    frames = [*stream(block(0, {"type": "text", "text": ""}, *texts("a")), block(1, WEATHER, *jsons("{}")))]  # fmt: skip
    at = which % len(frames)
    event = json.loads(frames[at].partition(b"data: ")[2])
    frames[at] = b"data: " + orjson.dumps(with_wrong(event, choice, wrong)) + b"\n\n"
    _, end = read(*frames)
    assert isinstance(end, errors.ProviderError) or end.tool_calls == calls_of(read(*frames)[0])
