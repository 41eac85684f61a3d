"""The Grafana dashboard reads only metrics that exist, in PromQL that Prometheus understands."""

from __future__ import annotations

import json
import subprocess
from itertools import combinations

import pytest
import yaml

from tests.support.gateway_process import ROOT
from tests.support.metric_names import metric_names
from tests.support.programs import real_program
from tests.support.promql import metrics_read

GRAFANA = ROOT / "ops" / "grafana"
DASHBOARDS = sorted((GRAFANA / "dashboards").glob("*.json"))

# What MISSION rows R and E3 ask operators to see.
MUST_SHOW = {
    "srp_traffic_percentage",
    "srp_rolled_back",
    "consensus_confidence_avg",
    "srp_error_rate",
    "srp_latency_p95_seconds",
    "wallbounce_requests_total",
    "wallbounce_requests_in_flight",
    "provider_availability",
    "provider_requests_total",
    "cost_per_request_usd_avg",
    "user_satisfaction_avg",
    "feature_adoption_ratio",
    "journal_dropped_total",
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
}


def panels_of(dashboard):
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def expressions_of(dashboard):
    targets = [t["expr"] for panel in panels_of(dashboard) for t in panel["targets"]]
    return [*targets, *(a["expr"] for a in dashboard["annotations"]["list"])]


@pytest.fixture(params=DASHBOARDS, ids=lambda path: path.stem)
def dashboard(request):
    return json.loads(request.param.read_text())


def test_every_metric_it_reads_is_one_the_gateway_shows(dashboard):
    for expression in expressions_of(dashboard):
        read = metrics_read(expression)
        assert read, expression
        assert read <= metric_names(), expression


def test_it_shows_every_figure_operators_are_promised():
    read = {
        name
        for path in DASHBOARDS
        for expression in expressions_of(json.loads(path.read_text()))
        for name in metrics_read(expression)
    }
    assert read >= MUST_SHOW


def test_prometheus_understands_every_expression(dashboard, tmp_path):
    rules = [
        {
            "record": f"panel:{number}",
            "expr": expression.replace("$__rate_interval", "5m").replace("$instance", ".*"),
        }
        for number, expression in enumerate(expressions_of(dashboard))
    ]
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    done = subprocess.run(
        [real_program("promtool"), "check", "rules", file],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_asks_the_provisioned_datasource(dashboard):
    provisioned = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text())
    uids = {source["uid"] for source in provisioned["datasources"]}
    asked = {t["datasource"]["uid"] for panel in panels_of(dashboard) for t in panel["targets"]}
    assert asked <= uids


def test_no_two_panels_overlap_or_share_an_id(dashboard):
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    for one, other in combinations((panel["gridPos"] for panel in dashboard["panels"]), 2):
        apart = (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        )
        assert apart, (one, other)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in dashboard["panels"])
