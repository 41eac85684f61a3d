"""Tool calls in OpenAI's replies, whole and streamed, and replies that are none."""

import json
from itertools import pairwise

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import errors
from providers.messages import FinishReason, TextDelta, ToolCall, ToolCallDelta, Usage
from providers.openai import OpenAIDialect
from providers.replies import ReplyDecoder

DIALECT = OpenAIDialect("p", "m")
CALLS = (ToolCall("call_a", "get_weather", '{"city": "京都"}'), ToolCall("call_b", "now", "{}"))
USAGE = {"prompt_tokens": 9, "completion_tokens": 4}


def whole(finish="tool_calls", calls=CALLS, **message):
    told = [
        {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": c.arguments}}
        for c in calls
    ]
    message = {"role": "assistant", "content": None, "tool_calls": told, **message}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return orjson.dumps({"model": "m-1", "choices": [choice], "usage": USAGE})


def chunk(delta, finish=None, index=0):
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    return {"model": "m-1", "choices": [choice]}


def piece(index, arguments=None, **more):
    function = {k: v for k, v in (("name", more.pop("name", None)), ("arguments", arguments)) if v is not None}  # fmt: skip
    return chunk({"tool_calls": [{"index": index, "function": function, **more}]})


def events(*chunks, done=True):
    frames = [b"data: " + orjson.dumps(one) + b"\n\n" for one in chunks]
    return b"".join(frames) + (b"data: [DONE]\n\n" if done else b"")


def read(*chunks):
    """What a stream yields, and the completion or the error it ends in."""
    decoder = ReplyDecoder("p", DIALECT.state())
    pieces = []
    try:
        for data in chunks:
            pieces.extend(decoder.feed(data))
        pieces.extend(decoder.flush())
        return pieces, decoder.finish()
    except errors.ProviderError as error:
        return pieces, error


@pytest.mark.parametrize("word", ["error", "abort", "insufficient_system_resource", "new"])
def test_a_reply_that_stopped_for_no_known_end_is_a_cut_one_and_billed(word):
    with pytest.raises(errors.CutReplyError) as caught:
        DIALECT.completion(whole(word, (), content="Half an ans"))
    assert caught.value.usage == Usage(9, output_tokens=4)
    assert caught.value.partial.text == "Half an ans"
    _, end = read(events(chunk({"content": "Half an ans"}), chunk({}, word)))
    assert isinstance(end, errors.CutReplyError)


@pytest.mark.parametrize("word", ["stop", "eos", "eos_token", "end_turn", "stop_sequence"])
def test_compatible_servers_words_for_an_end_are_one(word):
    assert DIALECT.completion(whole(word, (), content="42")).finish_reason is FinishReason.STOP


@pytest.mark.parametrize("word", ["length", "model_length", "max_tokens"])
def test_compatible_servers_words_for_a_limit_are_one(word):
    with pytest.raises(errors.TruncatedReplyError):
        DIALECT.completion(whole(word, (), content="4"))


def test_a_whole_reply_of_calls_is_an_answer_without_text():
    completion = DIALECT.completion(whole())
    assert (completion.text, completion.tool_calls) == ("", CALLS)
    assert completion.finish_reason is FinishReason.TOOL_CALLS
    assert completion.usage == Usage(9, output_tokens=4)


def test_a_call_the_caller_named_ends_with_stop_and_is_a_call():
    assert DIALECT.completion(whole("stop")).finish_reason is FinishReason.TOOL_CALLS


def test_text_may_come_beside_calls():
    completion = DIALECT.completion(whole(content="One moment."))
    assert (completion.text, completion.tool_calls) == ("One moment.", CALLS)


def test_a_whole_reply_cut_in_a_call_is_truncated_and_shows_only_whole_calls():
    cut = (CALLS[0], ToolCall("call_b", "now", '{"at'))
    with pytest.raises(errors.TruncatedReplyError) as caught:
        DIALECT.completion(whole("length", cut))
    assert caught.value.partial.tool_calls == CALLS[:1]
    assert caught.value.usage == Usage(9, output_tokens=4)


def test_tool_calls_that_are_announced_and_missing_are_malformed():
    with pytest.raises(errors.MalformedReplyError):
        DIALECT.completion(whole("tool_calls", (), content="Calling."))
    end = read(events(chunk({"content": "Calling."}), chunk({}, "tool_calls")))[1]
    assert isinstance(end, errors.MalformedReplyError)


def test_a_streamed_call_has_its_id_and_name_once_and_its_arguments_in_pieces():
    pieces, end = read(events(
        piece(0, "", id="call_a", type="function", name="get_weather"),
        piece(0, '{"city": '),
        piece(0, '"京都"}'),
        piece(1, "{}", id="call_b", type="function", name="now"),
        chunk({}, "tool_calls"),
        {"model": "m-1", "choices": [], "usage": USAGE},
    ))  # fmt: skip
    assert pieces == [
        ToolCallDelta(0, "call_a", "get_weather", ""),
        ToolCallDelta(0, arguments='{"city": '),
        ToolCallDelta(0, arguments='"京都"}'),
        ToolCallDelta(1, "call_b", "now", "{}"),
    ]
    assert (end.tool_calls, end.finish_reason) == (CALLS, FinishReason.TOOL_CALLS)
    assert end.usage == Usage(9, output_tokens=4)


def test_servers_that_repeat_ids_or_begin_every_call_at_0_are_understood():
    pieces, end = read(events(
        piece(0, '{"city": ', id="call_a", name="get_weather"),
        piece(0, '"京都"}', id="call_a", name="get_weather"),
        piece(0, "{}", id="call_b", name="now"),
        chunk({}, "tool_calls"),
    ))  # fmt: skip
    assert [p.index for p in pieces] == [0, 0, 1]
    assert [p.id for p in pieces] == ["call_a", None, "call_b"]
    assert end.tool_calls == CALLS


def test_calls_are_counted_from_0_whatever_a_server_counts_from():
    pieces, end = read(events(piece(7, "{}", id="call_b", name="now"), chunk({}, "stop")))
    assert pieces == [ToolCallDelta(0, "call_b", "now", "{}")]
    assert end.finish_reason is FinishReason.TOOL_CALLS


def test_a_stream_cut_in_a_call_is_truncated_and_shows_only_whole_calls():
    _, end = read(events(
        piece(0, '{"city": "京都"}', id="call_a", name="get_weather"),
        piece(1, '{"at', id="call_b", name="now"),
        chunk({}, "length"),
    ))  # fmt: skip
    assert isinstance(end, errors.TruncatedReplyError)
    assert end.partial.tool_calls == CALLS[:1]


def test_a_stream_that_ends_in_the_middle_of_a_call_is_cut():
    begun = piece(0, '{"city', id="call_a", name="get_weather")
    assert isinstance(read(events(begun, done=False))[1], errors.CutReplyError)
    assert isinstance(read(events(begun))[1], errors.CutReplyError)
    ended = events(begun, chunk({}, "tool_calls"), done=False)
    assert isinstance(read(ended)[1], errors.CutReplyError)


def test_an_error_in_the_middle_of_a_call_is_that_error():
    error = {"error": {"message": "Busy.", "type": "server_error", "code": None}}
    pieces, end = read(events(piece(0, '{"', id="call_a", name="f"), error))
    assert pieces == [ToolCallDelta(0, "call_a", "f", '{"')]
    assert isinstance(end, errors.ServerError)


def test_other_choices_and_empty_deltas_add_nothing():
    pieces, end = read(events(
        chunk({"content": "No"}, index=1),
        chunk({"role": "assistant", "content": "", "tool_calls": None}),
        chunk({"content": "Yes"}),
        {"model": "m-1", "choices": [], "service_tier": "default"},
        chunk({}, "stop"),
        chunk({}, "length", index=1),
    ))  # fmt: skip
    assert pieces == [TextDelta("Yes")]
    assert (end.text, end.finish_reason) == ("Yes", FinishReason.STOP)


@pytest.mark.parametrize(
    "begins",
    [
        pytest.param({"index": 0, "function": {"name": "f"}}, id="without an id"),
        pytest.param({"index": 0, "id": "a", "function": {}}, id="without a name"),
        pytest.param({"id": "a", "function": {"name": "f"}}, id="without an index"),
        pytest.param({"index": -1, "id": "a", "function": {"name": "f"}}, id="before the first"),
        pytest.param({"index": 0, "id": 7, "function": {"name": "f"}}, id="with a number for an id"),
        pytest.param({"index": 0, "id": "a", "function": {"name": "f", "arguments": {}}}, id="with arguments that are no text"),
    ],
)  # fmt: skip
def test_a_call_that_begins_badly_is_malformed(begins):
    _, end = read(events(chunk({"tool_calls": [begins]}), chunk({}, "tool_calls")))
    assert isinstance(end, errors.MalformedReplyError)


def test_a_stream_that_goes_on_beginning_calls_ends():
    begun = (piece(i, "", id=f"call_{i}", name="f") for i in range(2000))
    pieces, end = read(events(*begun))
    assert isinstance(end, errors.MalformedReplyError)
    assert len(pieces) == 1024


names = st.text("abc_", min_size=1, max_size=3)
arguments = st.dictionaries(st.text(max_size=3), st.text(max_size=9) | st.integers(), max_size=3)
calls = st.lists(st.tuples(names, arguments.map(json.dumps)), min_size=1, max_size=4)


@given(
    said=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), max_size=3),
    calls=calls,
    steps=st.integers(1, 7),
    places=st.lists(st.integers(min_value=0), max_size=9),
)
def test_any_cutting_of_a_stream_gives_the_calls_the_vendor_wrote(said, calls, steps, places):
    chunks = [chunk({"content": text}) for text in said]
    for index, (name, text) in enumerate(calls):
        chunks.append(piece(index, "", id=f"call_{index}", name=name))
        chunks.extend(piece(index, text[i : i + steps]) for i in range(0, len(text), steps))
    data = events(*chunks, chunk({}, "tool_calls"))
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    pieces, end = read(*(data[a:b] for a, b in pairwise(edges)))
    assert (pieces, end) == read(data)
    wrote = tuple(ToolCall(f"call_{i}", n, a) for i, (n, a) in enumerate(calls))
    assert end.tool_calls == wrote
    put_together = ["" for _ in calls]
    for delta in pieces:
        if isinstance(delta, ToolCallDelta):
            put_together[delta.index] += delta.arguments
    assert put_together == [call.arguments for call in wrote]
    assert "".join(p.text for p in pieces if isinstance(p, TextDelta)) == "".join(said)


WRONG = st.sampled_from([None, True, -1, 0, 1.5, "text", "", [], {}, [1], [[]], [{}], {"a": 1}])


def paths(value, at=()):
    yield at
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()  # fmt: skip
    for key, inner in items:
        yield from paths(inner, (*at, key))


def with_wrong(reply, choice, wrong):
    places = [path for path in paths(reply) if path]
    *way, last = places[choice % len(places)]
    parent = reply
    for key in way:
        parent = parent[key]
    parent[last] = wrong
    return reply


@given(choice=st.integers(min_value=0), wrong=WRONG)
def test_any_one_wrong_value_in_a_reply_of_calls_is_read_or_refused_never_a_crash(choice, wrong):
    reply = with_wrong(json.loads(whole()), choice, wrong)
    try:
        completion = DIALECT.completion(orjson.dumps(reply))
    except errors.ProviderError:
        return
    assert all(isinstance(c.arguments, str) and c.id and c.name for c in completion.tool_calls)
    assert completion.tool_calls or completion.text


@given(choice=st.integers(min_value=0), wrong=WRONG)
def test_any_one_wrong_value_in_a_stream_of_calls_is_read_or_refused_never_a_crash(choice, wrong):
    chunks = [piece(0, "{}", id="call_b", type="function", name="now"), chunk({}, "tool_calls")]
    end = read(events(*with_wrong(chunks, choice, wrong)))[1]
    assert isinstance(end, errors.ProviderError) or end.tool_calls
