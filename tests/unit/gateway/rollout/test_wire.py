"""What processes tell each other comes back as it was told, and nothing else is believed."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.rollout.bus import ToldHarm
from gateway.rollout.commands import Close, RollBack
from gateway.rollout.observation import Label, Observation
from gateway.rollout.presets import PRESET_NAMES, preset_plan
from gateway.rollout.state import Approval, RolloutState, Trip
from gateway.rollout.wire import (
    LARGEST,
    Hello,
    Seen,
    UnreadableMessageError,
    read,
    state_read,
    state_text,
    written,
)

moments = st.datetimes(timezones=st.just(UTC))
texts = st.text(st.characters(codec=None), max_size=12)
fractions = st.floats(0, 1)
amounts = st.floats(0, 1e9)
observations = st.builds(
    Observation,
    request_id=texts,
    at=moments,
    arm=texts,
    share=fractions,
    measured=st.booleans(),
    error=st.booleans(),
    latency_ms=amounts,
    cost_usd=st.none() | amounts,
    confidence=st.none() | fractions,
    caller=st.none() | texts,
    all_down=st.booleans(),
    alive=st.booleans(),
)
labels = st.builds(Label, request_id=texts, arm=texts, at=moments, correct=st.booleans())
figures = st.dictionaries(texts, st.none() | amounts | st.integers() | texts, max_size=3)
reasons = st.none() | texts
commands = st.builds(RollBack, by=texts, reason=reasons, figures=figures) | st.builds(
    Close, by=texts, reason=reasons, figures=figures, arm=texts
)
harm = st.builds(
    ToldHarm,
    command=commands,
    at=moments,
    nonce=texts.filter(bool),
    on_version=st.integers(0, 2**53),
)
states = st.builds(
    RolloutState,
    version=st.integers(0, 2**53),
    plan=st.none() | st.sampled_from(PRESET_NAMES).map(preset_plan),
    stage=st.just(0),
    since=st.none() | moments,
    held=st.booleans(),
    approvals=st.lists(st.builds(Approval, by=texts, at=moments), max_size=2).map(tuple),
    trip=st.none() | st.builds(Trip, reason=texts, figures=figures, by=texts, at=moments),
)
seen = st.builds(
    Seen,
    st.lists(observations, max_size=4).map(tuple),
    st.lists(labels, max_size=4).map(tuple),
)
messages = states | harm | seen | st.just(Hello())


def same_text(text):
    """A pair of halves is one character once it is read: JSON knows no difference."""
    return json.loads(json.dumps(text))


@given(texts, messages)
def test_what_is_told_is_read_as_it_was_told(sender, message):
    whole = sender == same_text(sender) and repr(message) == same_text(repr(message))
    told_by, told = read(written(sender, message))
    if whole:
        assert (told_by, told) == (sender, message)
    else:
        assert read(written(told_by, told)) == (told_by, told)


@given(states)
@example(
    RolloutState(
        trip=Trip("errors", {"seen": -(2**63) - 1}, "watcher", datetime(2026, 1, 1, tzinfo=UTC))
    )
)
def test_a_kept_state_is_read_as_it_was_kept(state):
    assert state_text(state_read(state_text(state))) == state_text(state)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_called_unreadable(data):
    with pytest.raises(UnreadableMessageError):
        read(data)
    with pytest.raises(UnreadableMessageError):
        state_read(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)


@given(st.sampled_from(["state", "harm", "seen"]), st.lists(json_values, min_size=1, max_size=2))
def test_contents_of_any_other_form_are_called_unreadable(kind, contents):
    data = json.dumps([1, "sender", kind, *contents]).encode()
    if (kind, contents) == ("seen", [[], []]):
        return
    with pytest.raises(UnreadableMessageError):
        read(data)


GOOD = ["r-1", 1_700_000_000_000_000, "wall_bounce", 0.1, 9, 812.5, 0.01, 0.9, "c"]


def said(observation):
    return json.dumps([1, "sender", "seen", [observation], []]).encode()


def test_an_observation_has_this_form():
    _, told = read(said(GOOD))
    at = datetime.fromtimestamp(1_700_000_000, UTC)
    assert told.observations == (
        Observation("r-1", at, "wall_bounce", 0.1, True, False, 812.5, 0.01, 0.9, "c"),
    )


@pytest.mark.parametrize(
    ("place", "value"),
    [
        pytest.param(0, 7, id="an id that is a number"),
        pytest.param(1, "2026-03-01", id="a time as text"),
        pytest.param(1, 10**30, id="a time nobody lives to see"),
        pytest.param(1, True, id="a time that is a truth"),
        pytest.param(2, None, id="no arm"),
        pytest.param(3, 1.5, id="more than all traffic"),
        pytest.param(3, -0.1, id="less than no traffic"),
        pytest.param(4, "9", id="flags as text"),
        pytest.param(5, None, id="no latency"),
        pytest.param(5, -1, id="an answer before its question"),
        pytest.param(5, float("nan"), id="a latency that is no number"),
        pytest.param(6, float("inf"), id="a cost beyond all numbers"),
        pytest.param(7, 2, id="more than certain"),
        pytest.param(8, 5, id="a caller that is a number"),
    ],
)
def test_a_figure_that_cannot_be_is_not_believed(place, value):
    with pytest.raises(UnreadableMessageError):
        read(said([*GOOD[:place], value, *GOOD[place + 1 :]]))


@pytest.mark.parametrize("change", [{"nonce": ""}, {"on_version": -1}, {"at": None}, {"arm": 5}])
def test_harm_that_cannot_be_is_not_believed(change):
    good = {"arm": None, "by": "a", "reason": None, "figures": {}, "at": 0, "nonce": "n"}
    good |= {"on_version": 0}
    read(json.dumps([1, "sender", "harm", good]).encode())
    with pytest.raises(UnreadableMessageError):
        read(json.dumps([1, "sender", "harm", good | change]).encode())


def test_a_message_of_a_later_form_is_called_so():
    with pytest.raises(UnreadableMessageError, match="form 2, known is form 1"):
        read(b'[2,"sender","hello"]')


def test_nobody_looks_at_a_message_that_is_far_too_large():
    with pytest.raises(UnreadableMessageError, match="too large"):
        read(b" " * LARGEST + b'[1,"sender","hello"]')


def test_an_observation_takes_some_hundred_and_fifty_bytes():
    usual = Observation(
        "01JD8Z3V9Q6K3E5Y7T1M2N4P6R",
        datetime(2026, 3, 1, 12, 0, 0, 123_456, UTC),
        *("wall_bounce", 0.1, True, False, 812.4375, 0.002134, 0.8731),
        caller="0123456789abcdef0123456789abcdef",
    )
    size = len(written("s", Seen((usual,) * 100))) / 100
    assert size < 160
