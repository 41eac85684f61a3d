"""What Gemini's replies say beside a text: calls, failures, hostile types."""

import json
from itertools import pairwise

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import errors
from providers.gemini import GeminiDialect
from providers.gemini.turns import OWN_ID
from providers.messages import FinishReason, TextDelta, ToolCall, ToolCallDelta
from providers.replies import ReplyDecoder

DIALECT = GeminiDialect("p", "gemini-x")
USAGE = {"promptTokenCount": 5, "candidatesTokenCount": 7, "totalTokenCount": 12}


def response(*parts, finish=None, response_id="r1"):
    candidate = {"content": {"role": "model", "parts": list(parts)}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "responseId": response_id, "usageMetadata": USAGE}


def call(name="get_weather", signature=None, its_id=None, **args):
    part = {"functionCall": {"name": name, "args": args} | ({"id": its_id} if its_id else {})}
    return part | ({"thoughtSignature": signature} if signature else {})


def completion(*parts, finish="STOP", **how):
    return DIALECT.completion(orjson.dumps(response(*parts, finish=finish, **how)))


def frames(*responses):
    return b"".join(b"data: " + orjson.dumps(one) + b"\r\n\r\n" for one in responses)


def read(*chunks):
    decoder = ReplyDecoder("p", DIALECT.state())
    pieces = []
    try:
        for chunk in chunks:
            pieces.extend(decoder.feed(chunk))
        pieces.extend(decoder.flush())
        return pieces, decoder.finish()
    except errors.ProviderError as error:
        return pieces, error


def test_calls_are_read_with_the_vendors_ids_and_signatures():
    read_ = completion({"text": "Hm.", "thought": True}, {"text": "Wait."}, call(signature="s", its_id="i1", at="東京"))  # fmt: skip
    assert (read_.text, read_.finish_reason) == ("Wait.", FinishReason.TOOL_CALLS)
    assert read_.tool_calls == (ToolCall("i1", "get_weather", '{"at":"東京"}', "s"),)


def test_calls_without_ids_get_the_same_ones_each_time_they_are_read_and_no_two_the_same():
    first, again, other = (
        completion(call(), call(), response_id=reply).tool_calls for reply in ("r1", "r1", "r2")
    )
    assert first == again
    assert len({one.id for one in (*first, *other)}) == 4
    assert all(one.id.startswith(OWN_ID) for one in first)


def test_arguments_nested_deeper_than_can_be_written_are_a_malformed_reply():
    deep = json.loads('{"a":' * 300 + "1" + "}" * 300)
    body = json.dumps(response(call(**deep), finish="STOP")).encode()
    with pytest.raises(errors.MalformedReplyError, match="nests too deep"):
        DIALECT.completion(body)


def test_a_call_streams_whole_in_one_piece():
    pieces, end = read(
        frames(response({"text": "Wait."}), response(call(its_id="i", signature="s", at=1)), response({"text": ""}, finish="STOP"))
    )  # fmt: skip
    assert pieces == [TextDelta("Wait."), ToolCallDelta(0, "i", "get_weather", '{"at":1}', "s")]
    assert end.tool_calls == (ToolCall("i", "get_weather", '{"at":1}', "s"),)
    assert end.finish_reason is FinishReason.TOOL_CALLS


@pytest.mark.parametrize(
    "reason",
    ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE", "TOO_MANY_TOOL_CALLS", "MISSING_THOUGHT_SIGNATURE"],
)  # fmt: skip
@pytest.mark.parametrize("parts", [(), ({"text": "Some te"},), (call(),)])
def test_a_call_that_failed_is_a_failure_whatever_came_with_it(reason, parts):
    with pytest.raises(errors.MalformedReplyError) as caught:
        completion(*parts, finish=reason)
    assert caught.value.usage.output_tokens == 7
    assert isinstance(read(frames(response(*parts, finish=reason)))[1], errors.MalformedReplyError)


def test_a_call_cut_at_the_limit_is_truncated():
    with pytest.raises(errors.TruncatedReplyError) as caught:
        completion(call(), finish="MAX_TOKENS")
    assert len(caught.value.partial.tool_calls) == 1


def test_a_stream_of_calls_without_a_reason_to_stop_is_cut():
    assert isinstance(read(frames(response(call())))[1], errors.CutReplyError)


def test_a_prompt_that_is_blocked_in_the_middle_is_filtered():
    blocked = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": USAGE}
    assert isinstance(read(frames(response({"text": "a"}), blocked))[1], errors.FilteredReplyError)


@pytest.mark.parametrize(
    "part",
    [
        {"functionCall": None},
        {"functionCall": {}},
        {"functionCall": {"name": ""}},
        {"functionCall": {"name": 1}},
        {"functionCall": {"name": "a", "args": [1]}},
        {"functionCall": {"name": "a", "id": 7}},
        {"functionCall": {"name": "a"}, "thoughtSignature": 7},
    ],
)
def test_a_call_of_another_shape_is_malformed(part):
    with pytest.raises(errors.MalformedReplyError):
        completion(part)


arguments = st.dictionaries(
    st.text(max_size=4), st.integers(-9, 9) | st.text(max_size=4), max_size=3
)
parts = st.lists(
    st.builds(lambda said: {"text": said}, st.text(max_size=5))
    | st.builds(lambda args: {"functionCall": {"name": "f", "args": args}}, arguments),
    max_size=5,
)


def cut(data, places):
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


@given(parts=parts, chunks=st.lists(st.integers(min_value=0), max_size=8))
def test_any_cutting_of_a_stream_gives_what_the_whole_reply_gives(parts, chunks):
    data = frames(*(response(part) for part in parts), response(finish="STOP"))
    pieces, end = read(*cut(data, chunks))
    try:
        whole = completion(*parts)
    except errors.EmptyReplyError:
        assert isinstance(end, errors.EmptyReplyError)
        return
    assert end == whole
    deltas = [piece for piece in pieces if isinstance(piece, ToolCallDelta)]
    assert tuple(ToolCall(d.id, d.name, d.arguments) for d in deltas) == whole.tool_calls


WRONG = st.sampled_from([None, True, -1, 1.5, "text", [], {}, [1], [[]], [{}], {"a": 1}])


def places(value, at=()):
    yield at
    items = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )  # fmt: skip
    for key, inner in items:
        yield from places(inner, (*at, key))


@given(choice=st.integers(min_value=0), wrong=WRONG)
def test_any_one_value_of_a_wrong_type_is_read_or_refused_never_a_crash(choice, wrong):
    reply = json.loads(
        json.dumps(response({"text": "a"}, call(signature="s", at=1), finish="STOP"))
    )
    spots = [path for path in places(reply) if path]
    *way, last = spots[choice % len(spots)]
    parent = reply
    for key in way:
        parent = parent[key]
    parent[last] = wrong
    _, end = read(frames(reply))
    assert isinstance(end, errors.ProviderError) or all(
        isinstance(one.arguments, str) for one in end.tool_calls
    )
