"""What a process knows of itself, in the measures of the rules."""

import pytest

from gateway.alerts.readings import Figures, Standing
from gateway.alerts.rules import Measure
from tests.support.records import all_down, answered, failed, filtered, impatient, vote

NOTHING = Standing()


def readings(*records, now=0.0, standing=NOTHING):
    figures = Figures()
    for record in records:
        figures.observe(record, 0.0)
    return figures.readings(standing, now)


def test_the_error_rate_is_that_of_each_arm_with_its_requests():
    seen = readings(answered(), answered(), answered(), failed(), answered(arm="legacy"))
    assert (
        seen[Measure.ERROR_RATE, "wall_bounce"].value,
        seen[Measure.ERROR_RATE, "legacy"].value,
    ) == (0.25, 0.0)
    assert seen[Measure.ERROR_RATE, "wall_bounce"].count == 4


def test_what_a_caller_caused_is_no_error_and_what_a_shadow_does_is_no_request():
    seen = readings(answered(), impatient(), filtered(), failed(arm="shadow"))
    assert seen[Measure.ERROR_RATE, "wall_bounce"].value == 0.0
    assert (Measure.ERROR_RATE, "shadow") not in seen
    assert (Measure.LATENCY, "shadow") not in seen


def test_the_latency_is_the_p95_of_each_arm_in_seconds():
    records = [answered(latency_ms=1000.0)] * 94 + [answered(latency_ms=8000.0)] * 6
    assert readings(*records)[Measure.LATENCY, "wall_bounce"].value == pytest.approx(8, rel=0.03)


def test_the_confidence_is_the_mean_of_all_consensus_answers_but_the_shadows():
    seen = readings(
        answered(confidence=0.6),
        answered(confidence=0.8, arm="cheap"),
        answered(confidence=0.1, arm="shadow"),
        answered(arm="legacy"),
    )
    assert seen[Measure.CONFIDENCE, ""].value == pytest.approx(0.7)
    assert seen[Measure.CONFIDENCE, ""].count == 2


def test_a_provider_is_as_available_as_its_calls_that_did_not_find_it_down():
    seen = readings(failed(), answered())
    assert (seen[Measure.AVAILABILITY, "gpt"].value, seen[Measure.AVAILABILITY, "gpt"].count) == (
        0.5,
        2,
    )
    assert seen[Measure.AVAILABILITY, "claude"].value == 1.0


def test_a_callers_haste_says_nothing_of_a_vendor():
    assert (Measure.AVAILABILITY, "gpt") not in readings(impatient())


def test_three_callers_in_a_row_who_find_every_vendor_down_say_that_all_are():
    down = [all_down(caller=name) for name in "abc"]
    assert readings(*down[:2])[Measure.ALL_DOWN, ""].value == 0
    assert readings(*down)[Measure.ALL_DOWN, ""].value == 1
    assert readings(all_down(), all_down(), all_down())[Measure.ALL_DOWN, ""].value == 1


def test_one_caller_alone_takes_no_vendor_down():
    assert readings(*[all_down(caller="a")] * 9)[Measure.ALL_DOWN, ""].value == 0


def test_a_sign_of_life_ends_the_outage():
    assert readings(*[all_down()] * 5, answered())[Measure.ALL_DOWN, ""].value == 0
    alive = failed(votes=(vote("server_error", down=True), vote("rejected", provider="claude")))
    assert readings(*[all_down()] * 5, alive)[Measure.ALL_DOWN, ""].value == 0


def test_without_traffic_nothing_is_known_of_arms_vendors_and_confidence():
    records = [answered(confidence=0.5), failed(), *[all_down()] * 3]
    known = {measure for measure, _ in readings(*records, now=299.0)}
    later = {measure for measure, _ in readings(*records, now=310.0)}
    assert {Measure.ERROR_RATE, Measure.LATENCY, Measure.CONFIDENCE, Measure.ALL_DOWN} <= known
    assert later == {Measure.ROLLED_BACK, Measure.RECORDS_LOST}


def test_a_rollback_stands_with_its_reason():
    seen = readings(standing=Standing(rolled_back="a hunch"))
    assert (seen[Measure.ROLLED_BACK, ""].value, seen[Measure.ROLLED_BACK, ""].words) == (
        1,
        "a hunch",
    )
    assert readings()[Measure.ROLLED_BACK, ""].value == 0


def test_memory_is_a_figure_where_it_can_be_told():
    assert readings(standing=Standing(memory_bytes=9e8))[Measure.MEMORY, ""].value == 9e8
    assert (Measure.MEMORY, "") not in readings()


def test_lost_records_are_those_of_five_minutes():
    figures = Figures()
    lost = [
        figures.readings(Standing(records_lost=total), now)[Measure.RECORDS_LOST, ""].value
        for total, now in ((0, 0.0), (3, 10.0), (5, 200.0), (5, 320.0), (5, 520.0))
    ]
    assert lost == [0, 3, 5, 2, 0]


def test_a_crash_is_told_of_the_instance_it_befell():
    assert readings(standing=Standing(crashes=("gateway-1",)))[Measure.CRASHED, "gateway-1"].value


def test_a_vendor_found_changed_is_told_by_its_figure_with_how_far():
    seen = readings(standing=Standing(changed={"gpt latency up": "from 400 to 900"}))
    told = seen[Measure.PROVIDER_CHANGED, "gpt latency up"]
    assert (told.value, told.words) == (1, "from 400 to 900")
