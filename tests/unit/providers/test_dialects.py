"""What the three vendors' replies mean, as pure functions of bytes."""

import json
from itertools import pairwise

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import errors
from providers.anthropic import AnthropicDialect
from providers.gemini import GeminiDialect
from providers.messages import FinishReason, Usage
from providers.openai import OpenAIDialect
from providers.replies import ReplyDecoder
from tests.contract.wires import WIRED, AnthropicWire, GeminiWire, OpenAIWire

OPENAI = OpenAIDialect("p", "m")
ANTHROPIC = AnthropicDialect("p", "m")
GEMINI = GeminiDialect("p", "m")
DIALECTS = dict(zip((vendor.id for vendor in WIRED), (OPENAI, ANTHROPIC, GEMINI), strict=True))

vendors = pytest.mark.parametrize("vendor", WIRED, ids=lambda vendor: vendor.id)
texts = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))


def read(dialect, chunks):
    """The pieces a stream yields, and the completion or the kind of error it ends in."""
    decoder = ReplyDecoder("p", dialect.state())
    pieces = []
    try:
        for chunk in chunks:
            pieces.extend(piece.text for piece in decoder.feed(chunk))
        pieces.extend(piece.text for piece in decoder.flush())
        return pieces, decoder.finish()
    except errors.ProviderError as error:
        return pieces, type(error)


def cut(whole, places):
    edges = [0, *sorted(place % (len(whole) + 1) for place in places), len(whole)]
    return [whole[a:b] for a, b in pairwise(edges)]


@vendors
@given(
    said=texts,
    places=st.lists(st.integers(min_value=0)),
    finish=st.sampled_from(["stop", "length"]),
)
def test_any_cutting_of_a_stream_gives_the_same_pieces_and_the_same_end(
    vendor, said, places, finish
):
    whole = b"".join((*vendor.wire.opening(*said), *vendor.wire.closing(finish)))
    pieces, end = read(DIALECTS[vendor.id], cut(whole, places))
    assert (pieces, end) == read(DIALECTS[vendor.id], [whole])
    assert pieces == said
    if finish == "length":
        assert end is errors.TruncatedReplyError
    elif not "".join(said).strip():
        assert end is errors.EmptyReplyError
    else:
        assert (end.text, end.finish_reason) == ("".join(said), FinishReason.STOP)


@vendors
@given(place=st.integers(min_value=0))
def test_a_stream_that_stops_anywhere_before_its_last_event_is_cut(vendor, place):
    *before, last = (*vendor.wire.opening("y", "é"), *vendor.wire.closing())
    whole = b"".join(before) + last[: len(last) // 2]
    pieces, end = read(DIALECTS[vendor.id], [whole[: place % (len(whole) + 1)]])
    assert end is errors.CutReplyError
    assert "yé".startswith("".join(pieces))


@vendors
def test_a_stream_may_end_without_the_blank_line_after_its_last_event(vendor):
    whole = b"".join((*vendor.wire.opening("yes"), *vendor.wire.closing())).rstrip()
    assert read(DIALECTS[vendor.id], [whole])[1].text == "yes"


@vendors
@given(
    junk=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_of_any_other_shape_is_an_error_of_ours_never_a_crash(vendor, junk):
    body = json.dumps(junk).encode()
    with pytest.raises(errors.ProviderError):
        DIALECTS[vendor.id].completion(body)
    read(DIALECTS[vendor.id], [b"data: " + body + b"\n\n"])


WRONG = st.sampled_from([None, True, -1, 1.5, "text", [], {}, [1], [[]], [{}], {"a": 1}])


def paths(value, at=()):
    yield at
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in items:
        yield from paths(inner, (*at, key))


@vendors
@given(choice=st.integers(min_value=0), wrong=WRONG)
def test_any_one_value_of_a_wrong_type_is_read_or_refused_never_a_crash(vendor, choice, wrong):
    reply = json.loads(vendor.wire.whole("yes"))
    places = [path for path in paths(reply) if path]
    *way, last = places[choice % len(places)]
    parent = reply
    for key in way:
        parent = parent[key]
    parent[last] = wrong
    try:
        completion = DIALECTS[vendor.id].completion(orjson.dumps(reply))
    except errors.ProviderError:
        return
    assert isinstance(completion.text, str)
    assert isinstance(completion.model, str)
    assert completion.usage.input_tokens >= 0


@vendors
@pytest.mark.parametrize("tokens", ["12", True, -1, 1.5, [], {}])
def test_a_count_of_tokens_that_is_none_is_malformed(vendor, tokens):
    body = vendor.wire.whole("yes")
    reply = json.loads(body)
    usage = reply.get("usage") or reply["usageMetadata"]
    usage[
        next(key for key in usage if "utput" in key or "ompletion" in key or "andidates" in key)
    ] = tokens
    with pytest.raises(errors.MalformedReplyError):
        DIALECTS[vendor.id].completion(orjson.dumps(reply))


@vendors
def test_a_reply_without_figures_has_none(vendor):
    reply = json.loads(vendor.wire.whole("yes"))
    reply.pop("usage", None)
    reply.pop("usageMetadata", None)
    assert DIALECTS[vendor.id].completion(orjson.dumps(reply)).usage == Usage()


def openai_says(**message):
    reply = json.loads(OpenAIWire().whole(""))
    reply["choices"][0]["message"] = {"role": "assistant"} | message
    return OPENAI.completion(orjson.dumps(reply))


def test_openais_refusal_is_an_answer_of_its_own_kind():
    completion = openai_says(content=None, refusal="I can't help with that.")
    assert completion.text == "I can't help with that."
    assert completion.finish_reason is FinishReason.REFUSAL


def test_openais_refusal_streams_as_its_text():
    wire = OpenAIWire()
    opening = wire.opening("I can't.")[0].replace(b'"content"', b'"refusal"')
    pieces, end = read(OPENAI, [opening, *wire.closing()])
    assert pieces == ["I can't."]
    assert (end.text, end.finish_reason) == ("I can't.", FinishReason.REFUSAL)


def test_claudes_refusal_is_an_answer_if_it_says_something_and_filtered_if_not():
    reply = json.loads(AnthropicWire().whole("I won't."))
    reply["stop_reason"] = "refusal"
    completion = ANTHROPIC.completion(orjson.dumps(reply))
    assert (completion.text, completion.finish_reason) == ("I won't.", FinishReason.REFUSAL)
    reply["content"] = []
    with pytest.raises(errors.FilteredReplyError):
        ANTHROPIC.completion(orjson.dumps(reply))


def test_claudes_cache_reads_and_writes_are_part_of_the_input():
    reply = json.loads(AnthropicWire().whole("yes"))
    reply["usage"] = {
        "input_tokens": 1,
        "cache_read_input_tokens": 10,
        "cache_creation_input_tokens": 100,
        "output_tokens": 7,
    }
    usage = ANTHROPIC.completion(orjson.dumps(reply)).usage
    assert usage == Usage(111, cached_input_tokens=10, cache_write_tokens=100, output_tokens=7)


def test_a_prompt_gemini_blocks_is_filtered():
    blocked = b'{"promptFeedback": {"blockReason": "OTHER"}'
    for body, usage in (
        (blocked + b"}", None),
        (blocked + b', "usageMetadata": {"promptTokenCount": 3}}', Usage(3)),
    ):
        with pytest.raises(errors.FilteredReplyError) as caught:
            GEMINI.completion(body)
        assert caught.value.usage == usage
        assert read(GEMINI, [b"data: " + body + b"\n\n"])[1] is errors.FilteredReplyError


@pytest.mark.parametrize(
    "reason",
    ["SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "OTHER", "NEW_ONE"],
)
def test_a_candidate_gemini_withholds_is_filtered_even_with_some_text(reason):
    body = GeminiWire().whole("Some te").replace(b'"STOP"', f'"{reason}"'.encode())
    with pytest.raises(errors.FilteredReplyError):
        GEMINI.completion(body)


def test_a_gemini_candidate_without_content_is_empty():
    with pytest.raises(errors.EmptyReplyError):
        GEMINI.completion(b'{"candidates": [{"finishReason": "STOP"}]}')


def test_geminis_thoughts_alone_are_no_answer():
    reply = json.loads(GeminiWire().whole(""))
    reply["candidates"][0]["content"]["parts"] = [{"text": "Hm.", "thought": True}]
    with pytest.raises(errors.EmptyReplyError):
        GEMINI.completion(orjson.dumps(reply))


def test_geminis_stream_is_not_over_at_a_finish_reason_that_every_piece_carries():
    decoder = ReplyDecoder("p", GEMINI.state())
    wire = GeminiWire()
    for piece in ("one ", "two"):
        list(
            decoder.feed(wire.opening(piece)[-1].replace(b'"index": 0', b'"finishReason": "STOP"'))
        )
        assert not decoder.ended
    assert decoder.finish().text == "one two"


@vendors
def test_a_200_that_holds_an_error_is_that_error(vendor):
    body = b'{"error": {"message": "busy", "type": "overloaded_error", "status": "UNAVAILABLE"}}'
    with pytest.raises(errors.OverloadedError):
        DIALECTS[vendor.id].completion(body)


@vendors
def test_half_a_character_in_a_reply_is_replaced_and_does_not_cost_the_reply(vendor):
    body = vendor.wire.whole("Yes X").replace(b"X", rb"\ud83d")
    assert DIALECTS[vendor.id].completion(body).text == "Yes ?"


@vendors
def test_a_reply_longer_than_any_model_writes_is_refused(vendor, monkeypatch):
    monkeypatch.setattr("providers.replies.MAX_REPLY_BYTES", 1000)
    opening = vendor.wire.opening(*["x" * 100] * 11)
    assert read(DIALECTS[vendor.id], opening)[1] is errors.MalformedReplyError
