"""A chained history tells of any change made to it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rollout.audit import (
    GENESIS,
    Head,
    canonical,
    digest_of,
    document_of,
    event_of,
    sealed,
    verify,
)
from gateway.rollout.state import RolloutEvent

NOON = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)

texts = st.text(st.characters(codec=None), max_size=8)
numbers = st.none() | st.booleans() | st.integers() | st.floats()
values = st.recursive(
    numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(texts, values, max_size=3)


@st.composite
def events(draw):
    return RolloutEvent(
        version=0,
        at=draw(
            st.datetimes(
                min_value=datetime(1970, 1, 2),  # noqa: DTZ001 - hypothesis adds the zone
                timezones=st.sampled_from([UTC, timezone(timedelta(hours=9))]),
            )
        ),
        kind=draw(st.sampled_from(["trip", "advance", "acknowledge"])),
        by=draw(texts),
        reason=draw(st.none() | texts),
        figures=draw(objects),
        state=draw(objects),
        nonce=draw(texts),
    )


def chained(unchained):
    history, previous = [], GENESIS
    for version, event in enumerate(unchained, start=1):
        history.append(sealed(replace(event, version=version), previous))
        previous = history[-1].digest
    return history


def head_of(history):
    if not history:
        return Head()
    return Head(history[-1].version, history[-1].digest, history[-1].state)


histories = st.lists(events(), min_size=1, max_size=6).map(chained)


@given(st.lists(events(), max_size=6).map(chained))
def test_a_history_nobody_touched_is_whole(history):
    found = verify(history, head_of(history))
    assert (found.ok, found.checked, found.why) == (True, len(history), None)
    assert found.digest == (history[-1].digest if history else GENESIS)


@given(events())
def test_what_is_written_and_read_and_written_is_the_same_text(event):
    once = document_of(event)
    assert document_of(event_of(once)) == once
    assert once.isascii()


@given(values)
def test_the_canonical_text_is_json_that_any_reader_takes(value):
    def refuse(word):
        raise AssertionError(f"{word} is no JSON")

    read = json.loads(canonical(value), parse_constant=refuse)
    assert canonical(read) == canonical(value)


@given(st.dictionaries(texts, numbers, max_size=5), st.randoms())
def test_the_order_of_keys_makes_no_difference(mapping, shuffler):
    keys = list(mapping)
    shuffler.shuffle(keys)
    assert canonical({key: mapping[key] for key in keys}) == canonical(mapping)


@given(events())
def test_the_same_moment_in_another_zone_is_the_same_event(event):
    elsewhere = replace(event, at=event.at.astimezone(timezone(timedelta(hours=-7))))
    assert digest_of(elsewhere) == digest_of(event)


@given(histories, st.data())
def test_any_changed_field_is_found_at_its_event(history, data):
    place = data.draw(st.integers(0, len(history) - 1))
    name = data.draw(st.sampled_from(RolloutEvent.__slots__))
    event = history[place]
    other = data.draw(
        {
            "version": st.integers(-2, 9),
            "at": st.datetimes(timezones=st.just(UTC)),
            "reason": st.none() | texts,
            "figures": objects,
            "state": objects,
        }.get(name, texts)
    )
    changed = replace(event, **{name: other})
    if document_of(changed) == document_of(event) and changed.digest == event.digest:
        return  # the same once it is written, such as 0.0 for 0.0
    found = verify([*history[:place], changed, *history[place + 1 :]], head_of(history))
    assert (found.ok, found.first_broken, found.checked) == (False, place + 1, place)


@given(histories, st.data())
def test_an_event_changed_with_its_digest_made_anew_is_found(history, data):
    """Who knows the method but rewrites one event alone breaks the next one's link, or the head's."""
    place = data.draw(st.integers(0, len(history) - 1))
    reason = data.draw(texts.filter(lambda text: text != history[place].reason))
    forged = replace(history[place], reason=reason)
    forged = replace(forged, digest=digest_of(forged))
    found = verify([*history[:place], forged, *history[place + 1 :]], head_of(history))
    last = place == len(history) - 1
    assert (found.ok, found.first_broken) == (False, place + 1 if last else place + 2)


@given(histories, st.data())
def test_any_event_taken_out_is_found(history, data):
    place = data.draw(st.integers(0, len(history) - 1))
    found = verify(history[:place] + history[place + 1 :], head_of(history))
    assert (found.ok, found.first_broken) == (False, place + 1)


@given(histories, st.integers(0, 5))
def test_an_end_cut_off_is_found(history, kept):
    if kept < len(history):
        found = verify(history[:kept], head_of(history))
        assert (found.ok, found.first_broken, found.checked) == (False, kept + 1, kept)


@given(histories, st.data())
def test_two_events_in_another_order_are_found(history, data):
    if len(history) < 2:
        return
    one = data.draw(st.integers(0, len(history) - 2))
    other = data.draw(st.integers(one + 1, len(history) - 1))
    swapped = list(history)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    found = verify(swapped, head_of(history))
    assert (found.ok, found.first_broken) == (False, one + 1)


@given(histories, events(), st.data())
def test_an_event_put_in_between_is_found(history, foreign, data):
    place = data.draw(st.integers(0, len(history) - 1))
    before = history[place - 1].digest if place else GENESIS
    put = sealed(replace(foreign, version=place + 1), before)
    found = verify([*history[:place], put, *history[place:]], head_of(history))
    assert not found.ok
    assert found.first_broken in {place + 1, place + 2}


@given(histories, events())
def test_an_event_added_at_the_end_is_found(history, foreign):
    added = sealed(replace(foreign, version=len(history) + 1), history[-1].digest)
    found = verify([*history, added], head_of(history))
    assert (found.ok, found.first_broken) == (False, len(history) + 1)


@given(histories, objects)
def test_a_state_changed_alone_is_found(history, state):
    head = head_of(history)
    if canonical(state) != canonical(head.state):
        found = verify(history, replace(head, state=state))
        assert (found.ok, found.first_broken) == (False, len(history))
        assert "the state" in found.why


def test_a_time_without_zone_means_no_moment_and_is_refused():
    event = RolloutEvent(1, NOON.replace(tzinfo=None), "trip", "a", None)
    with pytest.raises(ValueError, match="zone"):
        sealed(event, GENESIS)


@pytest.mark.parametrize(
    "value", [object(), {1: "a key that is no text"}, b"bytes", NOON, {"in": [{"it": {1, 2}}]}]
)
def test_what_json_has_no_word_for_is_refused(value):
    with pytest.raises(ValueError, match=r"JSON|text"):
        canonical(value)


@pytest.mark.parametrize("text", ["", "[]", "7", "null", "{}", '{"at": 5}', '{"at": "noon"}'])
def test_a_text_that_is_no_event_is_called_so(text):
    with pytest.raises(ValueError, match="no event"):
        event_of(text)


def test_the_digest_of_a_known_event_never_changes():
    """Kept in databases: were it made otherwise, every history would be called broken.

    The two figures are those of `sha256sum`, over texts written by hand.
    """
    event = RolloutEvent(
        version=1,
        at=NOON,
        kind="trip",
        by="watcher@a",
        reason="エラー率 5 % > 3 %",
        figures={"error_rate": 0.05, "p95_latency_ms": None, "requests": 20, "evidence": 1e300},
        state={"version": 1, "trip": {"reason": "x"}},
        nonce="n-1",
    )
    kept = sealed(event, GENESIS)
    assert GENESIS == "913dfeaaaea5bb444bf4f3ef6312a95f3f56755df0d3b5e69a9256f0fe0b21ce"
    assert kept.digest == "d61f67d64c6f948a2912f1f91f0a0b5eefd6ef206afbaa30827687edfc94145e"
