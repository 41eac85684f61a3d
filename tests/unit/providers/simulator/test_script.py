"""What holds at a moment of a failing day, and how entries that overlap are resolved."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from providers.simulator import Fault, Latency, Place, Script, Vendor
from providers.simulator.places import Target
from providers.simulator.script import Entry, Fails, Moment, Slows, Takes

GPT, EU, CLAUDE = Place(Vendor.GPT), Place(Vendor.GPT, "eu"), Place(Vendor.CLAUDE)
DAY_S = 100.0
TARGETS = st.sampled_from([Target(), Target(Vendor.GPT), Target(Vendor.GPT, "eu"), Target(Vendor.CLAUDE)])  # fmt: skip
WHATS = st.one_of(
    st.sampled_from(list(Fault)).map(Fails),
    st.builds(Slows, st.floats(0.1, 50), st.floats(0, 30)),
    st.floats(0, 500).map(Latency).map(Takes),
)


@st.composite
def entries(draw):
    at = draw(st.integers(0, 98))
    end = draw(st.integers(at + 1, 100))
    share = draw(st.sampled_from([0.3, 1.0]))
    return Entry(float(at), float(end), (draw(TARGETS),), draw(WHATS), share)


SCRIPTS = st.builds(
    Script,
    entries=st.lists(entries(), max_size=6).map(tuple),
    day_s=st.just(DAY_S),
    speed=st.sampled_from([0.5, 1.0, 60.0]),
    repeat=st.booleans(),
)


def failing(fault, at_s, end_s, who=Target(), share=1.0):  # noqa: B008 - it is frozen
    return Entry(at_s, end_s, (who,), Fails(fault), share)


def test_an_entry_holds_from_its_beginning_until_before_its_end():
    script = Script((failing(Fault.CUT, 10, 20),), day_s=DAY_S)
    held = {t: bool(script.holding(Moment(0, t), GPT).faults) for t in (9.9, 10, 19.9, 20)}
    assert held == {9.9: False, 10: True, 19.9: True, 20: False}


def test_an_entry_is_for_whom_it_names():
    script = Script((failing(Fault.CUT, 0, 9, Target(Vendor.GPT, "eu")),), day_s=DAY_S)
    assert [bool(script.holding(Moment(0, 1), p).faults) for p in (GPT, EU, CLAUDE)] == [
        False,
        True,
        False,
    ]


def test_of_faults_the_last_in_the_file_comes_first():
    script = Script((failing(Fault.CUT, 0, 50), failing(Fault.STALL, 5, 20)), day_s=DAY_S)
    told = [e.what.fault for _, e in script.holding(Moment(0, 10), GPT).faults]
    assert told == [Fault.STALL, Fault.CUT]


@pytest.mark.parametrize(
    ("entries", "refuses"),
    [
        pytest.param([(Fault.REFUSED, 1.0)], True, id="alone"),
        pytest.param([(Fault.REFUSED, 0.5)], False, id="only some requests: not the port's business"),
        pytest.param([(Fault.REFUSED, 1.0), (Fault.CUT, 0.5)], False, id="another decides first"),
        pytest.param([(Fault.CUT, 1.0), (Fault.REFUSED, 1.0)], True, id="it decides first"),
    ],
)  # fmt: skip
def test_a_port_is_closed_while_every_request_would_be_refused(entries, refuses):
    day = tuple(failing(fault, 0, 9, share=share) for fault, share in entries)
    assert Script(day, day_s=9).holding(Moment(0, 1), GPT).refuses is refuses


def test_factors_multiply_and_of_latencies_in_full_the_last_holds():
    whats = [Slows(2), Takes(Latency(10)), Slows(5), Takes(Latency(20))]
    day = tuple(Entry(0, 9, (Target(),), what) for what in whats)
    held = Script(day, day_s=9, latency={Vendor.GPT: Latency(1)}).holding(Moment(0, 1), GPT)
    assert (held.factor, held.latency) == (10, Latency(20))


def test_a_days_own_latency_holds_where_nothing_else_does():
    script = Script((failing(Fault.CUT, 0, 9),), day_s=9, latency={Vendor.GPT: Latency(1)})
    assert script.holding(Moment(0, 1), EU).latency == Latency(1)
    assert script.holding(Moment(0, 1), CLAUDE).latency is None


def test_a_ramp_grows_evenly_to_its_factor():
    slows = Slows(11, ramp_s=10)
    assert [slows.at(t) for t in (0, 5, 10, 99)] == [1, 6, 11, 11]


@given(SCRIPTS, st.floats(0, 1000))
def test_what_holds_is_exactly_what_stands_for_that_place(script, elapsed):
    moment = script.moment(elapsed)
    for place in (GPT, EU, CLAUDE):
        held = script.holding(moment, place)
        expected = [
            i
            for i, e in enumerate(script.entries)
            if not moment.over
            and e.at_s <= moment.at_s < e.end_s
            and any(t.covers(place) for t in e.who)
            and isinstance(e.what, Fails)
        ]
        assert [i for i, _ in held.faults] == expected[::-1]
        assert held.factor > 0


@given(SCRIPTS, st.floats(0, 1000))
def test_nothing_changes_before_the_next_change(script, elapsed):
    moment = script.moment(elapsed)
    wait_s = script.next_change_s(moment)
    if wait_s is None:
        assert moment.over
        return
    assume(wait_s > 1e-6)  # floats tell no shorter times apart this late
    before = script.moment(elapsed + wait_s * 0.99)
    assert before.day == moment.day
    assert script.standing(before) == script.standing(moment)


@given(SCRIPTS)
def test_a_day_that_is_not_repeated_leaves_all_vendors_well(script):
    script = replace(script, repeat=False)
    moment = script.moment(DAY_S / script.speed + 0.001)
    assert moment.over
    assert script.standing(moment) == ()
    assert script.next_change_s(moment) is None


@given(SCRIPTS, st.integers(0, 50), st.floats(1, 99))
def test_a_repeated_day_is_every_day_the_same(script, day, at_s):
    script = replace(script, repeat=True)
    moment = script.moment((day * DAY_S + at_s) / script.speed)
    assert moment.day == day
    assert moment.at_s == pytest.approx(at_s)
    assert not moment.over


def test_without_a_script_nothing_ever_holds():
    assert Script().moment(5).over
    assert Script().next_change_s(Script().moment(5)) is None
