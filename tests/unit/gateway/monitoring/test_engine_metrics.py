"""What `/metrics` and `/learning/metrics` say of the learning engine."""

import json
import os
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from gateway.monitoring.engine_metrics import OPERATIONS, EngineFigures
from gateway.monitoring.metrics import Metrics
from learning.records import RoundRecord
from tests.support.gateway_process import ROOT
from tests.support.records import answered

WORKER = """
    import sys
    from pathlib import Path
    from prometheus_client import CollectorRegistry
    from gateway.monitoring.engine_metrics import EngineFigures
    from gateway.monitoring.metrics import Metrics

    folder, patterns, hits, policy = sys.argv[1], *map(int, sys.argv[2:5])
    metrics = Metrics(CollectorRegistry(), monotonic=lambda: 0.0, workers_dir=Path(folder))
    metrics.engine.watch(lambda: EngineFigures(patterns=patterns, memory_bytes=100, queue=2))
    metrics.engine.show_policy(policy)
    metrics.engine.observe_search(0.001)
    for _ in range(hits):
        metrics.engine.observe_search(0.0, cached=True)
    metrics.refresh()
    if len(sys.argv) > 5:
        sys.stdout.write(metrics.render_learning()[0].decode())
    print("ready", flush=True)
    sys.stdin.readline()
"""


class Clock:
    """Seconds that pass when told to."""

    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def metrics(clock):
    return Metrics(CollectorRegistry(), monotonic=clock)


def parsed(text):
    """Every sample by name and labels."""
    return {
        (s.name, *sorted(s.labels.values())): s.value
        for family in text_string_to_metric_families(text)
        for s in family.samples
    }


def read(metrics):
    return parsed(metrics.render()[0].decode())


def start_worker(folder, *args):
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WORKER), str(folder), *map(str, args)],
        env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def until_ready(worker):
    return "".join(iter(worker.stdout.readline, "ready\n"))


def test_a_batch_is_timed_once_and_its_patterns_are_counted(metrics):
    metrics.engine.observe_registration(0.02, patterns=64)
    metrics.engine.observe_registration(0.01)
    seen = read(metrics)
    assert seen["learning_registration_duration_seconds_count",] == 2
    assert seen["learning_registration_duration_seconds_sum",] == pytest.approx(0.03)
    assert seen["learning_registrations_total",] == 65


def test_the_cache_answers_searches_that_are_not_timed(metrics):
    for _ in range(3):
        metrics.engine.observe_search(1e-6, cached=True)
    metrics.engine.observe_search(0.004)
    seen = read(metrics)
    assert seen["learning_cache_hit_ratio",] == 0.75
    assert seen["learning_searches_total", "true"] == 3
    assert seen["learning_search_duration_seconds_count",] == 1


def test_the_slow_one_in_a_hundred_searches_shows(metrics):
    for _ in range(98):
        metrics.engine.observe_search(0.001)
    metrics.engine.observe_search(0.040)
    metrics.engine.observe_search(0.040)
    assert read(metrics)["learning_search_p99_seconds",] == pytest.approx(0.040, rel=0.022)


def test_error_ratios_are_of_all_that_was_tried(metrics):
    metrics.engine.observe_registration(0.01, patterns=999)
    metrics.engine.observe_error("register")
    metrics.engine.observe_search(0.001)
    metrics.engine.observe_error("search", 3)
    seen = read(metrics)
    assert seen["learning_registration_error_ratio",] == pytest.approx(0.001)
    assert seen["learning_search_error_ratio",] == pytest.approx(0.75)


def test_a_failure_before_any_success_is_a_ratio_of_one(metrics):
    metrics.engine.observe_error("search")
    seen = read(metrics)
    assert seen["learning_search_error_ratio",] == 1.0
    assert ("learning_registration_error_ratio",) not in seen


def test_ratios_look_back_five_minutes_and_are_absent_without_traffic(metrics, clock):
    metrics.engine.observe_search(0.001)
    metrics.engine.observe_error("search")
    assert ("learning_search_error_ratio",) in read(metrics)
    clock.now += 301.0
    seen = read(metrics)
    assert ("learning_search_error_ratio",) not in seen
    assert ("learning_search_p99_seconds",) not in seen
    assert ("learning_cache_hit_ratio",) not in seen
    assert seen["learning_errors_total", "search"] == 1


def test_every_operation_starts_at_no_failures(metrics):
    seen = read(metrics)
    assert all(seen["learning_errors_total", operation] == 0 for operation in OPERATIONS)


def test_what_is_held_is_asked_for_at_each_reading(metrics):
    held = [EngineFigures(patterns=1), EngineFigures(7, 1024, 4096, 3, 2, 5)]
    metrics.engine.watch(lambda: held.pop(0))
    assert read(metrics)["learning_pattern_count",] == 1
    seen = read(metrics)
    assert [
        seen[f"learning_{name}",]
        for name in ("pattern_count", "memory_bytes", "disk_bytes", "queue", "families", "behind")
    ] == [7, 1024, 4096, 3, 2, 5]


def test_openings_count_as_enough_or_escalated(metrics):
    for escalated in (True, False, False):
        metrics.engine.observe_opening(escalated=escalated)
    seen = read(metrics)
    assert seen["learning_escalations_total", "enough"] == 2
    assert seen["learning_escalations_total", "escalated"] == 1


def test_a_request_with_an_opening_is_counted_from_its_record(metrics):
    opened = {"opening_in_force": 1}
    asked_more = RoundRecord(1, ("gpt", "claude"), 100.0, escalated=("claude",))
    metrics.observe(answered(advice=opened, round_details=(asked_more,)))
    metrics.observe(answered(advice=opened, round_details=(RoundRecord(1, ("gpt",), 100.0),)))
    metrics.observe(answered())
    seen = read(metrics)
    assert seen["learning_escalations_total", "enough"] == 1
    assert seen["learning_escalations_total", "escalated"] == 1


def test_advice_is_counted_by_its_outcome_and_apart_when_drawn(metrics):
    metrics.engine.observe_advice("neighbours")
    metrics.engine.observe_advice("neighbours", explored=True)
    seen = read(metrics)
    assert seen["learning_advice_total", "neighbours"] == 2
    assert seen["learning_explored_total",] == 1


def test_threads_lose_no_count(metrics):
    def search(_):
        for _ in range(500):
            metrics.engine.observe_search(0.001)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(search, range(4)))
    metrics.engine.observe_error("search", 2000)
    assert read(metrics)["learning_search_error_ratio",] == 0.5


def test_learnings_own_page_shows_its_families_alone(metrics):
    metrics.engine.observe_search(0.001)
    body, content_type = metrics.render_learning()
    names = {family.name for family in text_string_to_metric_families(body.decode())}
    assert content_type.startswith("text/plain")
    assert {"learning_search_p99_seconds", "learning_errors", "learning_lessons"} <= names
    assert all(name.startswith("learning_") for name in names)


def test_learnings_own_page_is_json_for_who_accepts_that(metrics):
    metrics.engine.observe_error("register", 2)
    body, content_type = metrics.render_learning("application/json")
    shown = json.loads(body)
    assert content_type == "application/json"
    assert {
        "name": "learning_errors_total",
        "labels": {"operation": "register"},
        "value": 2.0,
    } in shown["learning_errors"]["samples"]
    assert shown["learning_pattern_count"]["type"] == "gauge"


def test_any_worker_answers_for_all_of_them(tmp_path):
    first = start_worker(tmp_path, 500, 5, 3)
    try:
        until_ready(first)
        second = start_worker(tmp_path, 498, 1, 2, "render")
        try:
            seen = parsed(until_ready(second))
        finally:
            second.communicate("\n")
    finally:
        first.communicate("\n")
    assert seen["learning_pattern_count",] == 500
    assert seen["learning_memory_bytes",] == 200
    assert seen["learning_queue",] == 4
    # Of all searches, not the mean of the workers' ratios: 6 of 8.
    assert seen["learning_cache_hit_ratio",] == 0.75
    # In force is what all follow.
    assert seen["learning_policy_version",] == 2
