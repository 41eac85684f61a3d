"""Prometheus takes our configuration, its rules fire when they should, and read what exists."""

from __future__ import annotations

import subprocess

import pytest
import yaml

from tests.support.gateway_process import ROOT
from tests.support.metric_names import metric_names
from tests.support.programs import real_program
from tests.support.promql import metrics_read

PROMETHEUS = ROOT / "ops" / "prometheus"
RULE_FILES = sorted((PROMETHEUS / "rules").glob("*.yml"))
RULES = [
    rule
    for file in RULE_FILES
    for group in yaml.safe_load(file.read_text())["groups"]
    for rule in group["rules"]
]
RECORDED = {rule["record"] for rule in RULES if "record" in rule}
# Prometheus makes this one itself, for every target.
FROM_PROMETHEUS = {"up"}


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["check", "config", PROMETHEUS / "prometheus.yml"], id="configuration"),
        pytest.param(["check", "rules", *RULE_FILES], id="rules"),
        pytest.param(
            ["test", "rules", *sorted((PROMETHEUS / "tests").glob("*_test.yml"))],
            id="unit tests of the rules",
        ),
    ],
)
def test_promtool_accepts(arguments):
    done = subprocess.run(
        [real_program("promtool"), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_rule_reads_only_metrics_the_gateway_shows(rule):
    read = metrics_read(rule["expr"])
    assert read
    assert read <= metric_names() | RECORDED | FROM_PROMETHEUS


def test_every_alert_has_a_severity_a_summary_and_a_unit_test():
    alerts = [rule for rule in RULES if "alert" in rule]
    tested = "".join(file.read_text() for file in (PROMETHEUS / "tests").glob("*_test.yml"))
    for alert in alerts:
        assert alert["labels"]["severity"] in {"warning", "critical", "emergency"}, alert["alert"]
        assert alert["annotations"]["summary"], alert["alert"]
        assert f"alertname: {alert['alert']}\n        exp_alerts:\n" in tested, alert["alert"]


def test_emergencies_do_not_wait():
    assert [
        r["alert"] for r in RULES if r.get("labels") == {"severity": "emergency"} and "for" in r
    ] == []
