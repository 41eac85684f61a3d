"""A pattern comes back from a document as it went in; a document that makes no sense is refused whole."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.patterns.exchange import (
    UnreadablePatternError,
    check_head,
    document,
    fingerprint,
    head,
    pattern_from,
)
from learning.patterns.pattern import Configuration, Failure, Pattern, Scenario, VendorTally

words = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8)
letters = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
texts = st.text(letters, max_size=20)
names = st.text(letters, min_size=1, max_size=20)
counts = st.integers(0, 1_000_000)
amounts = st.floats(0, 1e6)
moments = st.datetimes(timezones=st.just(UTC), max_value=datetime(9000, 1, 1))  # noqa: DTZ001 - hypothesis adds the zone


@st.composite
def patterns(draw):
    seed = draw(st.integers(0, 2**32 - 1))
    row = np.random.default_rng(seed).normal(size=16).astype(np.float32)
    row *= draw(st.sampled_from([0.0, 1.0]))
    length = np.sqrt(row @ row)
    first, right, wrong = draw(moments), draw(counts), draw(counts)
    confident = draw(st.integers(0, right + wrong + 1))
    tally = VendorTally(10, 4, 3, 2, 1, draw(amounts), draw(amounts))
    return Pattern(
        id=draw(counts),
        scenario=Scenario(
            row / length if length else row,
            tuple(draw(st.lists(words, max_size=5))),
            *(draw(texts) for _ in range(3)),
        ),
        configuration=Configuration(
            tuple(draw(st.lists(names, max_size=3))),
            draw(texts),
            draw(st.integers(1, 5)),
            draw(st.dictionaries(texts, amounts, max_size=2)),
        ),
        vendors=dict.fromkeys(draw(st.lists(names, max_size=3)), tally),
        first_at=first,
        last_at=first + timedelta(seconds=draw(st.integers(0, 10**6))),
        count=right + wrong + 1,
        right=right,
        wrong=wrong,
        confidence=confident * draw(st.floats(0, 1)),
        confident=confident,
        cost_usd=draw(amounts),
        latency_ms=draw(amounts),
        reused=draw(counts),
        predictive=draw(st.integers(-1000, 1000)),
        failure=draw(st.none() | st.builds(Failure, texts, texts, texts, texts)),
        lesson=draw(texts),
    )


def sent(pattern):
    return pattern_from(json.loads(json.dumps(document(pattern))))


@given(patterns())
def test_a_pattern_comes_back_as_it_was_but_for_its_number_and_the_last_bits_of_its_vector(pattern):
    back = sent(pattern)
    fields = [name for name in Pattern.__slots__ if name not in {"id", "scenario"}]
    assert [getattr(back, name) for name in fields] == [getattr(pattern, name) for name in fields]
    assert back.id == 0
    for name in ("words", "task", "kind", "language"):
        assert getattr(back.scenario, name) == getattr(pattern.scenario, name)
    assert np.allclose(back.scenario.embedding, pattern.scenario.embedding, atol=0.01)


@given(patterns())
def test_a_pattern_that_was_sent_is_known_again(pattern):
    assert fingerprint(sent(sent(pattern))) == fingerprint(sent(pattern))


@given(patterns())
def test_another_time_or_panel_is_another_pattern(pattern):
    later = replace(pattern, first_at=pattern.first_at + timedelta(seconds=1))
    wider = replace(
        pattern,
        configuration=replace(
            pattern.configuration, providers=(*pattern.configuration.providers, "one more")
        ),
    )
    assert len({fingerprint(p) for p in (pattern, later, wider)}) == 3


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | texts,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    )
)
def test_any_other_json_is_called_unreadable(value):
    with pytest.raises(UnreadablePatternError):
        pattern_from(value)


def good():
    return document(
        Pattern(
            id=1,
            scenario=Scenario(np.array([1, 0], np.float32), ("sky",), "basic", "text", "en"),
            configuration=Configuration(("gpt",)),
            vendors={"gpt": VendorTally(1, 1)},
            first_at=datetime(2026, 1, 1, tzinfo=UTC),
            last_at=datetime(2026, 1, 2, tzinfo=UTC),
            right=1,
        )
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"count": 0}, "labels of 0", id="no request"),
        pytest.param({"right": 2}, "labels of 1", id="more labels than requests"),
        pytest.param({"right": True}, "no whole number", id="a truth for a count"),
        pytest.param({"count": -1}, "below 0", id="a negative count"),
        pytest.param({"count": 1 << 60}, "no whole number", id="a count beyond all counting"),
        pytest.param({"cost_usd": float("nan")}, "no amount", id="not a number"),
        pytest.param({"confidence": 2.0}, "confidence of 2", id="more confidence than cases"),
        pytest.param({"last_at": "2025-01-01T00:00:00+00:00"}, "before its first", id="backwards"),
        pytest.param({"last_at": "2026-01-03T00:00:00"}, "time zone", id="a time without a zone"),
        pytest.param({"vendors": {"gpt": [1, 1]}}, "figures", id="half a tally"),
        pytest.param(
            {"vendors": {"gpt": [1, 1, 1, 0, 0, 0.0, 0.0]}},
            "more than asked",
            id="answers of nowhere",
        ),
        pytest.param(
            {"vendors": {"": [1, 1, 0, 0, 0, 0.0, 0.0]}}, "no name", id="nobody's answers"
        ),
        pytest.param({"lesson": "a\0b"}, "NUL", id="text that PostgreSQL refuses"),
        pytest.param({"lesson": 3}, "no text", id="a lesson that is no text"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_reason(change, said):
    assert pattern_from(good()).right == 1
    with pytest.raises(UnreadablePatternError, match=said):
        pattern_from({**good(), **change})


@pytest.mark.parametrize("word", ["", "two words", " led", "new\nline"])
def test_a_word_is_one_word(word):
    told = good()
    told["scenario"]["words"] = [word]
    with pytest.raises(UnreadablePatternError, match="word is empty or several"):
        pattern_from(told)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ([], "first line"),
        ({"patterns": "others"}, "first line"),
        (head("static", 768) | {"format": 2}, "of form 2"),
        (head("another", 768), "embedder 'another'"),
    ],
)
def test_a_file_of_something_else_is_refused(told, said):
    check_head(head("static", 768), "static")
    with pytest.raises(UnreadablePatternError, match=said):
        check_head(told, "static")
