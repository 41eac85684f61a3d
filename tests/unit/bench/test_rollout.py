"""What the rollout bench makes its figures of."""

from dataclasses import replace

import pytest

from bench.rollout import thresholds
from bench.rollout.simulation import Run, Runs, run_once
from bench.rollout.traffic import USUAL, Scenario, events
from gateway.rollout.observation import CONTROL, Label, Observation
from gateway.rollout.plan import MAIN_ARM

SHORT = Scenario(requests=3_000)


def requests(scenario, seed=1):
    return [e.seen for e in events(scenario, seed) if isinstance(e.seen, Observation)]


def test_a_seed_is_a_run():
    assert list(events(SHORT, 1)) == list(events(SHORT, 1))
    assert list(events(SHORT, 1)) != list(events(SHORT, 2))


def test_traffic_is_split_and_fails_as_the_scenario_says():
    some = requests(replace(SHORT, requests=20_000, later_arm=replace(USUAL, errors=0.2)))
    arm = [r for r in some if r.arm == MAIN_ARM]
    control = [r for r in some if r.arm == CONTROL]
    assert len(arm) / len(some) == pytest.approx(0.1, abs=0.01)
    assert sum(r.error for r in arm) / len(arm) == pytest.approx(0.2, abs=0.03)
    assert sum(r.error for r in control) / len(control) == pytest.approx(0.01, abs=0.004)


def test_what_fails_is_known_before_the_answers_of_its_time():
    ended = [(e.now, e.seen) for e in events(SHORT, 1) if isinstance(e.seen, Observation)]
    assert [now for now, _ in ended] == sorted(now for now, _ in ended)
    assert [r.at for _, r in ended] != sorted(r.at for _, r in ended)
    assert {r.latency_ms for _, r in ended if r.error} == {50.0}


def test_harm_begins_after_the_onset():
    sick = replace(
        SHORT, onset=100, later_arm=replace(USUAL, errors=1.0), arm=replace(USUAL, errors=0)
    )
    arm = [r.error for r in sorted(requests(sick), key=lambda r: r.at) if r.arm == MAIN_ARM]
    assert not any(arm[:100])
    assert all(arm[100:])


def test_feedback_comes_later_than_its_request():
    asked = set()
    for event in events(SHORT, 1):
        if isinstance(event.seen, Label):
            assert event.seen.request_id in asked
        else:
            asked.add(event.seen.request_id)


def test_a_broken_arm_is_found_and_a_sound_one_left_alone():
    broken = replace(SHORT, later_arm=replace(USUAL, errors=0.5))
    found = run_once(broken, 1)
    assert 0 < found.after < 40
    assert found.by in {(), ("error_rate",)}
    assert run_once(SHORT, 1).after is None


def test_runs_rolled_back_before_the_onset_found_nothing():
    runs = Runs(tuple(Run(after, ("error_rate",)) for after in (-5, 10, 20, None)))
    assert runs.rolled_back == 0.75
    assert runs.median == 20


def test_a_threshold_tuned_to_fewer_false_alarms_is_slower(monkeypatch):
    monkeypatch.setattr(thresholds, "RUNS", 2_000)
    quick = thresholds.tuned(0.1, 500, 0.01, 0.06)
    slow = thresholds.tuned(0.001, 500, 0.01, 0.06)
    assert quick.false_alarms <= 0.1
    assert slow.false_alarms <= 0.001
    assert quick.errors < slow.errors
    assert quick.start < slow.start
