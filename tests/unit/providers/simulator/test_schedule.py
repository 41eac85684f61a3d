"""A failing day being played, on a clock that the test turns."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.simulator import Fault, Place, SimulatorConfig, Vendor, parse_script
from providers.simulator.controls import Controls

GPT, EU, CLAUDE = Place(Vendor.GPT), Place(Vendor.GPT, "eu"), Place(Vendor.CLAUDE)


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def playing(clock, *events, head="", **config):
    text = f"{head}\nevents:\n" + "\n".join(f"  - {{{e}}}" for e in events)
    controls = Controls(SimulatorConfig(script=parse_script(text), **config), clock)
    controls.schedule.begin()
    return controls


def lots(controls, place, requests):
    return [controls.of[place].next_request() for _ in range(requests)]


def test_a_vendor_fails_while_its_event_lasts_and_is_well_afterwards(clock):
    controls = playing(clock, "at: 10s, for: 5s, who: gpt, fault: 500")
    seen = []
    for clock.now in (1009, 1010, 1014, 1015):
        seen.append([lots(controls, place, 1)[0].fault for place in (GPT, CLAUDE)])
    assert seen == [[None, None], [Fault.SERVER_ERROR, None], [Fault.SERVER_ERROR, None], [None, None]]  # fmt: skip


def test_a_fast_day_passes_as_fast_as_it_says(clock):
    controls = playing(clock, "at: 1h, for: 1h, fault: cut", head="speed: 60")
    clock.now += 61
    assert lots(controls, GPT, 1)[0].fault is Fault.CUT
    clock.now += 60
    assert lots(controls, GPT, 1)[0].fault is None


def test_a_share_of_the_requests_is_struck_and_what_is_before_it_in_the_file_strikes_the_others(
    clock,
):
    controls = playing(
        clock, "at: 0, for: 1m, fault: 500", "at: 0, for: 1m, fault: cut, share: 30%"
    )
    struck = Counter(lot.fault for lot in lots(controls, GPT, 2000))
    assert struck.keys() == {Fault.SERVER_ERROR, Fault.CUT}
    assert 520 <= struck[Fault.CUT] <= 680  # 600 ± 4 standard deviations of 20.5


@given(st.integers(0, 1000))
def test_the_same_seed_strikes_the_same_requests(seed):
    def run():
        event = "at: 0, for: 1m, fault: cut, share: 50%"
        return [lot.fault for lot in lots(playing(Clock(), event, seed=seed), GPT, 20)]

    assert run() == run()


def test_a_limit_refuses_what_is_too_much_and_says_when_to_come_again(clock):
    controls = playing(clock, "at: 0, for: 10m, who: gpt, limit: 3/m")
    assert [lot.fault for lot in lots(controls, GPT, 4)] == [None, None, None, Fault.RATE_LIMITED]
    (refused,) = lots(controls, GPT, 1)
    assert refused.retry_after_s == 20
    clock.now += 20
    assert lots(controls, GPT, 1)[0].fault is None
    assert lots(controls, CLAUDE, 1)[0].allowance is None


def test_the_endpoints_of_a_vendor_share_its_limit(clock):
    head = "endpoints: [gpt/eu]"
    controls = playing(clock, "at: 0, for: 10m, who: gpt, limit: 2/m", head=head)
    faults = [lots(controls, place, 1)[0].fault for place in (GPT, EU, GPT, EU)]
    assert faults == [None, None, Fault.RATE_LIMITED, Fault.RATE_LIMITED]


def test_a_request_that_one_limit_refuses_costs_nothing_of_the_others(clock):
    controls = playing(clock, "at: 0, for: 9m, limit: 1/m", "at: 0, for: 9m, limit: 3/h")
    passed = 0
    for _ in range(3):
        passed += [lot.fault for lot in lots(controls, GPT, 50)].count(None)
        clock.now += 60
    assert passed == 3


def test_latency_grows_with_its_ramp(clock):
    controls = playing(
        clock, "at: 0, for: 1m, latency: x10, ramp: 20s", head="latency: {gpt: 100ms}"
    )
    waits = []
    for clock.now in (1000, 1010, 1020, 1059):
        waits.append(lots(controls, GPT, 1)[0].wait_ms)
    assert waits == pytest.approx([100, 550, 1000, 1000])


def test_what_is_set_by_hand_goes_before_the_day(clock):
    controls = playing(clock, "at: 0, for: 1m, fault: 500", "at: 0, for: 1m, latency: 1s")
    controls.apply({"gpt": {"fault": "cut", "count": 1, "latency_ms": 5, "jitter_ms": 0}})
    assert [(lot.fault, lot.wait_ms) for lot in lots(controls, GPT, 2)] == [
        (Fault.CUT, 5),
        (Fault.SERVER_ERROR, 5),
    ]


def test_a_vendor_changes_its_answers_without_failing(clock):
    controls = playing(clock, "at: 0, for: 1m, who: gpt, answers: wrong")
    assert [(lot.fault, lot.misled) for lot in lots(controls, GPT, 1)] == [(None, True)]
    assert lots(controls, CLAUDE, 1)[0].misled is False


def test_who_refuses_is_down_whatever_its_limit(clock):
    controls = playing(
        clock, "at: 0, for: 1m, who: gpt, fault: refused", "at: 0, for: 1m, limit: 1/m"
    )
    assert controls.of[GPT].down
    assert not controls.of[CLAUDE].down
    assert {lot.fault for lot in lots(controls, GPT, 3)} == {Fault.REFUSED}
    clock.now += 60
    assert not controls.of[GPT].down


def test_the_view_says_where_the_day_is_and_what_holds(clock):
    controls = playing(
        clock, "at: 10s, for: 5s, who: gpt, fault: 500, share: 20%, name: a bad time",
        head="repeat: true\nday: 20s\nspeed: 2",
    )  # fmt: skip
    clock.now += 15
    view = controls.schedule.view()
    assert (view["day"], view["at_s"], view["next_change_in_s"]) == (1, 10, 2.5)
    assert view["holding"] == [
        {"at_s": 10, "end_s": 15, "who": ["gpt"], "what": "500 for 20 %", "name": "a bad time", "line": 5},
    ]  # fmt: skip


def test_the_day_can_be_put_to_a_time_that_it_has(clock):
    controls = playing(clock, "at: 10s, for: 5s, fault: 500")
    controls.schedule.begin(12)
    assert lots(controls, GPT, 1)[0].fault is Fault.SERVER_ERROR
    with pytest.raises(ValueError, match="the day has no 16 s; it lasts 15 s"):
        controls.schedule.begin(16)


def test_a_reset_begins_the_day_anew_with_full_limits(clock):
    controls = playing(clock, "at: 0, for: 5s, fault: 500", "at: 0, for: 5s, limit: 1/h")
    first = [lot.fault for lot in lots(controls, GPT, 2)]
    assert first == [Fault.SERVER_ERROR, Fault.RATE_LIMITED]
    clock.now += 10
    assert lots(controls, GPT, 1)[0].fault is None
    controls.reset()
    assert [lot.fault for lot in lots(controls, GPT, 2)] == first
