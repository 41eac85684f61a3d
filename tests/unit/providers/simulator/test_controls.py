"""Faults and latency strike as set, repeatably by the seed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.simulator import (
    Fault,
    FaultRule,
    Latency,
    LongTail,
    Place,
    SimulatorConfig,
    Vendor,
    parse_endpoint,
    parse_fault,
)
from providers.simulator.controls import Controls


def controls_of(config, vendor=Vendor.GPT):
    return Controls(config).of[Place(vendor)]


def strikes(config, requests=400, vendor=Vendor.GPT):
    controls = controls_of(config, vendor)
    lots = [controls.next_request() for _ in range(requests)]
    return [(lot.fault, lot.wait_ms) for lot in lots]


def test_a_fault_without_limits_strikes_always_and_its_vendor_only():
    config = SimulatorConfig(faults=(parse_fault("gpt=500"),))
    assert {f for f, _ in strikes(config)} == {Fault.SERVER_ERROR}
    assert {f for f, _ in strikes(config, vendor=Vendor.CLAUDE)} == {None}


def test_a_counted_fault_ends_by_itself():
    faults = [f for f, _ in strikes(SimulatorConfig(faults=(parse_fault("gpt=429x3"),)), 5)]
    assert faults == [Fault.RATE_LIMITED] * 3 + [None] * 2


def test_a_fault_that_skips_lets_so_many_requests_pass_first():
    controls = Controls(SimulatorConfig())
    controls.apply({"gpt": {"fault": "cut", "skip": 2, "count": 1}})
    struck = [controls.of[Place(Vendor.GPT)].next_request().fault for _ in range(4)]
    assert struck == [None, None, Fault.CUT, None]


def test_a_probable_fault_strikes_about_as_often_as_it_says():
    hits = sum(
        f is not None
        for f, _ in strikes(SimulatorConfig(faults=(parse_fault("gpt=500:0.3"),)), 2000)
    )
    assert 520 <= hits <= 680  # 600 ± 4 standard deviations of 20.5


@given(st.integers(0, 1000), st.floats(0.05, 1))
def test_the_same_seed_strikes_and_waits_the_same(seed, probability):
    rule = FaultRule(Vendor.GPT, Fault.RESET, probability)
    config = SimulatorConfig(seed=seed, faults=(rule,))
    assert strikes(config, 20) == strikes(config, 20)


def test_another_seed_waits_differently():
    assert strikes(SimulatorConfig(seed=1), 5) != strikes(SimulatorConfig(seed=2), 5)


def test_latency_is_base_plus_jitter_times_the_scale():
    config = SimulatorConfig(latency={Vendor.GPT: Latency(100, 50)}, latency_scale=2)
    waits = [ms for _, ms in strikes(config)]
    assert 200 <= min(waits) < 215
    assert 285 < max(waits) <= 300


def test_by_default_gemini_is_fastest_and_gpt_slowest():
    means = {v: sum(ms for _, ms in strikes(SimulatorConfig(), vendor=v)) for v in Vendor}
    assert means[Vendor.GEMINI] < means[Vendor.CLAUDE] < means[Vendor.GPT]


def test_a_slow_vendor_takes_longer_by_the_set_time():
    config = SimulatorConfig(
        latency={Vendor.GPT: Latency(10)}, slow_ms=500, faults=(parse_fault("gpt=slow"),)
    )
    assert strikes(config, 1) == [(Fault.SLOW, 510.0)]


def test_reset_brings_back_what_was_configured():
    controls = controls_of(SimulatorConfig(faults=(parse_fault("gpt=500"),)))
    before = controls.next_request()
    controls.set_rule(None)
    controls.latency = Latency(1)
    controls.counts.seen = 7
    controls.reset()
    assert controls.next_request() == before
    assert controls.counts.seen == 0


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ([], "expected an object"),
        ({"llama": {}}, "no vendor 'llama'"),
        ({"gpt": 3}, "gpt: expected an object"),
        ({"gpt": {"fault": "418"}}, "no fault '418'"),
        ({"gpt": {"fault": "500", "probability": 2}}, "at most 1"),
        ({"gpt": {"fault": "500", "probability": "x"}}, "probability is a number"),
        ({"gpt": {"fault": "500", "count": 1.5}}, "count is a whole number"),
        ({"gpt": {"latency_ms": -1}}, "0 ms or more"),
        ({"gpt": {"latency": 1}}, "gpt: unknown latency"),
        ({"gpt": {"count": 3}}, "need a fault"),
        ({"gpt": {"wrong_share": 1.5}}, "wrong_share is 0 to 1"),
        ({"gpt/eu": {"fault": "500"}}, "no endpoint gpt/eu; there are gpt/default, claude/default"),
        ({"gpt/../x": {"fault": "500"}}, "an endpoint's name is letters"),
    ],
)
def test_a_setting_that_makes_no_sense_changes_nothing(wanted, message):
    controls = Controls(SimulatorConfig())
    before = controls.settings()
    if isinstance(wanted, dict):
        wanted = {"claude": {"fault": "500", "latency_ms": 5}, **wanted}
    with pytest.raises(ValueError, match=message):
        controls.apply(wanted)
    assert controls.settings() == before


def test_a_vendors_fault_and_latency_are_set_apart():
    controls = Controls(SimulatorConfig())
    controls.apply({"gpt": {"fault": "500", "count": 2}})
    controls.apply({"gpt": {"latency_ms": 5}})
    assert controls.settings()["gpt"] == {
        "fault": "500", "probability": 1.0, "count": 2, "skip": 0,
        "wrong_share": 0.0, "latency_ms": 5.0, "jitter_ms": 40,
    }  # fmt: skip
    controls.apply({"gpt": {"fault": None}})
    assert controls.settings()["gpt"]["fault"] is None


@pytest.mark.parametrize(
    "fields",
    [
        {"latency_scale": -1}, {"latency_scale": float("nan")}, {"slow_ms": -1},
        {"faults": (parse_fault("gpt=500"), parse_fault("gpt=429"))},
    ],
)  # fmt: skip
def test_a_configuration_that_makes_no_sense_is_refused(fields):
    with pytest.raises(ValueError):  # noqa: PT011 - the message is the field's own
        SimulatorConfig(**fields)


def test_an_endpoint_fails_alone_and_its_vendor_with_all_its_endpoints():
    controls = Controls(SimulatorConfig(endpoints=(parse_endpoint("gpt/eu"),)))
    controls.apply({"gpt/eu": {"fault": "500"}})
    usual, eu = controls.of[Place(Vendor.GPT)], controls.of[Place(Vendor.GPT, "eu")]
    assert (usual.next_request().fault, eu.next_request().fault) == (None, Fault.SERVER_ERROR)
    controls.apply({"gpt": {"fault": "429"}})
    assert {c.next_request().fault for c in (usual, eu)} == {Fault.RATE_LIMITED}
    assert controls.of[Place(Vendor.CLAUDE)].next_request().fault is None


def test_a_vendors_counters_are_the_sum_of_its_endpoints():
    controls = Controls(SimulatorConfig(endpoints=(parse_endpoint("gpt/eu"),)))
    controls.of[Place(Vendor.GPT)].counts.seen = 2
    controls.of[Place(Vendor.GPT, "eu")].counts.seen = 3
    controls.of[Place(Vendor.GPT, "eu")].counts.faults[Fault.CUT] = 1
    stats = controls.stats()
    assert {name: stats[name]["seen"] for name in stats} == {
        "gpt": 5, "gpt/default": 2, "gpt/eu": 3, "claude": 0, "gemini": 0,
    }  # fmt: skip
    assert stats["gpt"]["faults"] == {"cut": 1}


@given(st.floats(1, 1000), st.floats(1, 20))
def test_a_long_tail_has_its_median_and_its_95th_percentile(p50, spread):
    latency = LongTail(p50, p50 * spread)
    assert latency.ms(0.5) == pytest.approx(p50)
    assert latency.ms(0.95) == pytest.approx(p50 * spread)
    assert 0 < latency.ms(0.0) <= p50


@pytest.mark.parametrize("settings", [(0, 10), (10, 9), (1, float("inf")), (float("nan"), 1)])
def test_a_long_tail_that_makes_no_sense_is_refused(settings):
    with pytest.raises(ValueError, match="p50 is over 0"):
        LongTail(*settings)
