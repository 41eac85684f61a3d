"""Server-sent events survive any cutting of their bytes."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import sse
from providers.sse import EventDecoder, OversizedEventError

END = st.sampled_from([b"\n", b"\r\n", b"\r"])
DATA = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]))


def cut(whole: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(whole) + 1) for place in places), len(whole)]
    return [whole[a:b] for a, b in pairwise(edges)]


def decode(chunks):
    decoder = EventDecoder()
    found = [event for chunk in chunks for event in decoder.feed(chunk)]
    last = decoder.flush()
    return found if last is None else [*found, last]


@given(st.lists(DATA), END, st.lists(st.integers(min_value=0)), st.booleans())
def test_events_come_out_as_they_went_in_however_they_are_cut(texts, end, places, closed):
    whole = b"".join(
        b": comment" + end + b"event: delta" + end + b"data: " + text.encode() + end + end
        for text in texts
    )
    if not closed:  # the blank line after the last event may be missing
        whole = whole.removesuffix(end)
    assert decode(cut(whole, places)) == [text.encode() for text in texts]


@given(st.binary(), st.lists(st.integers(min_value=0)))
def test_any_bytes_at_all_read_the_same_whole_and_cut(whole, places):
    assert decode(cut(whole, places)) == decode([whole])


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_line_end_split_between_two_chunks_is_one_line_end(end):
    whole = b"data: a" + end + b"data: b" + end + end
    assert decode([whole[i : i + 1] for i in range(len(whole))]) == [b"a\nb"]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"data: a\ndata: b\n\n", [b"a\nb"]),
        (b"data:a\n\n", [b"a"]),
        (b"data:  a\n\n", [b" a"]),
        (b"data:\n\n", [b""]),
        (b"event: ping\n\n", []),
        (b"<html>\n\n</html>\n\n", []),
    ],
    ids=["lines are joined", "no space", "one space is taken", "empty", "no data", "not events"],
)
def test_fields_are_read_as_the_standard_says(stream, expected):
    assert decode([stream]) == expected


@pytest.mark.parametrize("chunk", [b"x" * 100, b"data: " + b"x" * 94 + b"\n"])
def test_an_event_that_never_ends_is_refused_before_it_fills_the_memory(monkeypatch, chunk):
    monkeypatch.setattr(sse, "MAX_EVENT_BYTES", 1000)
    decoder = EventDecoder()
    for _ in range(9):
        assert list(decoder.feed(chunk)) == []
    with pytest.raises(OversizedEventError):
        list(decoder.feed(chunk + chunk))
