"""The wire view says what happened, in whatever pieces it came."""

import itertools
import json

from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.try_secrets import Secrets
from gateway.cli.try_trace import Trace
from providers.wire.observed import Broke, Chunk, Connected, Ended, Head, Sent

KEY = "sk-1234567890"
STREAM = {"content-type": "text/event-stream"}
JSON = {"content-type": "application/json"}


def trace():
    return Trace(Secrets([KEY]), began=10.0)


def begun(headers):
    sent = Sent(10.1, "https://x.org/v1", (("authorization", f"Bearer {KEY}"),), b'{"a": 1}')
    return [Connected(10.1, 0.05, reused=False), sent, Head(10.2, 200, headers)]


def lines(shown, events):
    return [line for event in events for line in shown.take(event)]


def cut(data, places):
    marks = [0, *sorted({place for place in places if place < len(data)}), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(marks)]


EVENTS = f'event: delta\r\ndata: {{"text": "{KEY} こんにちは"}}\r\n\r\ndata: [DONE]\n\n'.encode()


@given(st.lists(st.integers(1, len(EVENTS) - 1), max_size=8))
def test_a_stream_shows_the_same_events_however_it_is_cut(places):
    shown = trace()
    chunks = [Chunk(10.3 + n / 100, part) for n, part in enumerate(cut(EVENTS, places))]
    lines(shown, [*begun(STREAM), *chunks, Ended(10.9)])
    (attempt,) = shown.attempts
    assert [event["line"] for event in attempt.events] == [
        "event: delta",
        'data: {"text": "[key] こんにちは"}',
        "data: [DONE]",
    ]
    assert attempt.first_byte_ms == (10.3 - 10.0) * 1000
    assert attempt.broke is None


def test_a_line_the_connection_broke_in_is_shown_without_the_part_of_a_key():
    shown = trace()
    said = lines(shown, [*begun(STREAM), Chunk(10.3, b"data: " + KEY[:9].encode())])
    said += lines(shown, [Broke(10.4, "LostError")])
    assert said[-2:] == ["< +400.0 ms data: [key]", "* the connection broke +400.0 ms"]
    assert shown.attempts[0].broke == "LostError"


def test_a_whole_body_is_shown_as_json_with_long_texts_cut():
    shown = trace()
    body = json.dumps({"image": "A" * 10_000, KEY: [KEY, 1, None]}).encode()
    said = lines(shown, [*begun(JSON), Chunk(10.3, body[:5]), Chunk(10.3, body[5:]), Ended(10.4)])
    assert shown.attempts[0].body == {
        "image": f"{'A' * 80}… (10000 characters)",
        "[key]": ["[key]", 1, None],
    }
    assert not any(KEY in line for line in said)
    assert "> authorization: Bearer [key]" in said


def test_a_key_across_the_place_of_a_cut_leaves_no_part():
    shown = trace()
    text = "A" * 74 + KEY + "B" * 5_000
    lines(shown, [*begun(JSON), Chunk(10.3, json.dumps([text]).encode()), Ended(10.4)])
    assert "sk-" not in json.dumps(shown.attempts[0].body)


def test_what_is_no_json_is_shown_as_text_and_steers_no_terminal():
    shown = trace()
    said = lines(shown, [*begun(JSON), Chunk(10.3, b"<html>\x1b[2J\xff"), Ended(10.4)])
    assert "< <html>\\u001b[2J\ufffd" in said


def test_half_a_character_can_be_written_out():
    shown = trace()
    said = lines(shown, [*begun(JSON), Chunk(10.3, b'{"\\udc00": "cut \\ud83d"}'), Ended(10.4)])
    assert '<   "\\\\udc00": "cut \\\\ud83d"' in said
    assert "\n".join(said).encode()


def test_a_body_with_words_for_numbers_is_no_json_and_shown_as_text():
    shown = trace()
    lines(shown, [*begun(JSON), Chunk(10.3, b'{"a": NaN}'), Ended(10.4)])
    assert shown.attempts[0].body == '{"a": NaN}'


def test_each_attempt_is_one_of_its_own():
    shown = trace()
    said = lines(shown, [*begun(JSON), Ended(10.3), *begun(JSON), Broke(10.5, "left")])
    assert "* attempt 2" in said
    assert [attempt.broke for attempt in shown.attempts] == [None, "left"]


def test_a_connection_that_fails_is_an_attempt_too():
    shown = trace()
    said = lines(shown, [Broke(10.5, "ConnectError"), Broke(10.9, "ConnectError")])
    assert said == [
        "* no connection could be made +500.0 ms",
        "* attempt 2",
        "* no connection could be made +900.0 ms",
    ]
