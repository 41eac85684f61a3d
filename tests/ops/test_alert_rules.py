"""The gateway's own alerts and Prometheus's rules are one list, and Prometheus's have the same life."""

import re
import subprocess
from dataclasses import dataclass

import pytest
import yaml

from gateway.alerts.readings import WINDOW_S
from gateway.alerts.rules import RULES, Measure
from gateway.monitoring.drift_metrics import LATELY
from tests.support.gateway_process import ROOT
from tests.support.programs import real_program

FILE = ROOT / "ops" / "prometheus" / "rules" / "wallbounce.yml"
THEIRS = {
    rule["alert"].removeprefix("Wallbounce"): rule
    for group in yaml.safe_load(FILE.read_text())["groups"]
    for rule in group["rules"]
    if "alert" in rule
}
BEYOND_A_PROCESS = {"InstanceDown", "InstancesDisagree"}
STEP_S = 5
# Of these Prometheus knows the time, and asks how many seconds ago it was.
AGES = {Measure.CRASHED: WINDOW_S, Measure.PROVIDER_CHANGED: LATELY.total_seconds()}


def seconds(duration):
    """Of Prometheus's form of a duration: `5m`, `6m55s`."""
    parts = re.findall(r"(\d+)([hms])", duration)
    return sum(int(number) * {"h": 3600, "m": 60, "s": 1}[unit] for number, unit in parts)


@dataclass(frozen=True)
class Series:
    """What Prometheus reads for a measure: on the wrong side of a rule's limit, and on the right."""

    name: str
    bad: str
    good: str
    traffic: str | None


CONSENSUS = 'wallbounce_requests_total{arm="wall_bounce", code="ok", instance="i"}'
CALLS = 'provider_requests_total{provider="gpt", outcome="unavailable", instance="i"}'


# The series of a measure, and where it needs traffic the counter of it.
SERIES = {
    Measure.ERROR_RATE: ('srp_error_rate{arm="wall_bounce"}', CONSENSUS),
    Measure.LATENCY: ('srp_latency_p95_seconds{arm="wall_bounce"}', CONSENSUS),
    Measure.CONFIDENCE: ("consensus_confidence_avg", CONSENSUS),
    Measure.AVAILABILITY: ('provider_availability{provider="gpt"}', CALLS),
    Measure.MEMORY: ('process_resident_memory_bytes{job="wallbounce", instance="i"}', None),
    Measure.ALL_DOWN: ('wallbounce_all_vendors_down{instance="i"}', None),
    Measure.ROLLED_BACK: ('srp_rolled_back{instance="i"}', None),
}


def series_of(rule):
    name, traffic = SERIES[rule.measure]
    if rule.limit == 0:
        return Series(name, bad="1", good="0", traffic=traffic)
    beyond = rule.limit * (0.99 if rule.below else 1.01)
    return Series(name, bad=f"{beyond:g}", good=f"{rule.limit:g}", traffic=traffic)


LIVING = [rule for rule in RULES if rule.measure in SERIES]
FED = [rule for rule in LIVING if series_of(rule).traffic is not None]


def fires(tmp_path, rule, moments, *, values, traffic):
    """At which of the moments, in seconds, Prometheus fires; values and traffic come every `STEP_S`."""
    series = series_of(rule)
    inputs = [{"series": series.name, "values": values}]
    if series.traffic:
        inputs.append({"series": series.traffic, "values": traffic})
    name = f"Wallbounce{rule.name}"
    # promtool says what fires by refusing the expectation that nothing does.
    silent = [
        {"eval_time": f"{moment}s", "alertname": name, "exp_alerts": []}
        for moment in sorted(moments)
    ]
    step = f"{STEP_S}s"
    test = {"interval": step, "input_series": inputs, "alert_rule_test": silent}
    file = tmp_path / "test.yml"
    file.write_text(
        yaml.safe_dump({"rule_files": [str(FILE)], "evaluation_interval": step, "tests": [test]})
    )
    done = subprocess.run(
        [real_program("promtool"), "test", "rules", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    found = {seconds(time) for time in re.findall(rf"alertname: {name}, time: (\w+),", said)}
    assert (done.returncode == 0) == (not found), said
    return found


def test_both_lists_name_the_same_alerts_but_for_what_no_process_can_see():
    assert {rule.name for rule in RULES} == THEIRS.keys() - BEYOND_A_PROCESS
    assert len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_an_alert_has_the_same_level_limit_traffic_and_times_in_both_lists(rule):
    theirs = THEIRS[rule.name]
    condition, _, traffic = theirs["expr"].partition(" and on ")
    assert theirs["labels"]["severity"] == rule.level
    assert seconds(theirs.get("for", "0s")) == rule.wait_s
    assert seconds(theirs.get("keep_firing_for", "0s")) == rule.calm_s
    if rule.measure in AGES:
        assert condition.endswith(f" < {AGES[rule.measure]:.0f}")
    elif rule.measure in {Measure.ALL_DOWN, Measure.ROLLED_BACK}:
        assert condition.endswith("== 1")
        assert (rule.below, rule.limit) == (False, 0)
    else:
        sign, limit = re.search(r"([<>]) (\S+)$", condition).groups()
        assert (sign, float(limit)) == ("<" if rule.below else ">", rule.limit)
    at_least = re.search(r">= (\d+)$", traffic)
    assert (int(at_least[1]) if at_least else 0) == rule.minimum


@pytest.mark.parametrize("rule", LIVING, ids=lambda rule: rule.name)
def test_prometheus_fires_after_the_alerts_time_not_before_and_ends_after_its_calm(tmp_path, rule):
    series = series_of(rule)
    lead, bad = 72, 84  # steps of 5 s: six minutes well, seven not
    values = f"{series.good}x{lead - 1} {series.bad}x{bad - 1} {series.good}x100"
    begins, ends = lead * STEP_S, (lead + bad) * STEP_S
    wait, calm = int(rule.wait_s), int(rule.calm_s)
    moments = {begins - STEP_S: False, begins + wait: True, ends - STEP_S: True}
    if wait:
        moments[begins + wait - STEP_S] = False
    if calm:
        moments[ends + calm - STEP_S] = True
    moments[ends + calm + STEP_S] = False
    found = fires(tmp_path, rule, moments, values=values, traffic="0+10x400")
    assert found == {moment for moment, expected in moments.items() if expected}


@pytest.mark.parametrize("rule", FED, ids=lambda rule: rule.name)
def test_prometheus_is_silent_while_too_few_requests_come(tmp_path, rule):
    in_five_minutes = 300 / STEP_S

    def found(requests):
        traffic = f"0+{requests / in_five_minutes:g}x240"
        return fires(tmp_path, rule, [1200], values=f"{series_of(rule).bad}x240", traffic=traffic)

    assert found(0) == set()
    assert found(0.9 * rule.minimum) == set()
    assert found(1.1 * rule.minimum) == {1200}
