"""What `GET /metrics` says."""

import asyncio
import os
import re
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from gateway.monitoring.metrics import JournalFigures, Metrics
from gateway.rollout.state import Trip
from gateway.rollout.status import SharedStateHealth, Standing
from gateway.rollout.verdict import Health
from learning.monitor.drift import Change, Direction, Measure
from learning.monitor.vendors import Watched
from learning.records import Feedback, FlipRecord, RoundRecord
from providers.resilience.circuit import Outcome, State
from providers.resilience.endpoint import EndpointFigures
from tests.support.records import (
    NOON,
    all_down,
    answered,
    failed,
    filtered,
    impatient,
    shadowed,
    vote,
)
from tests.support.verdicts import comparison, verdict

IN_STEP = SharedStateHealth(database=True, redis=None, words="in step")
WATCHED = Watched("gpt", Measure.LATENCY, 1_000, 800.0, 20, 0.5)
CHANGE = Change(NOON, NOON, "gpt", "m", Measure.LATENCY, Direction.UP, 800.0, 1_600.0, 90, 8.0)

ROOT = Path(__file__).parents[4]


class Clock:
    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def metrics(clock):
    return Metrics(CollectorRegistry(), monotonic=clock)


def read(metrics):
    """Every sample by name and labels."""
    body, content_type = metrics.render()
    assert content_type.startswith("text/plain")
    return parse(body.decode())


def parse(text):
    return {
        (s.name, *sorted(s.labels.values())): s.value
        for family in text_string_to_metric_families(text)
        for s in family.samples
    }


CHALLENGED = (
    RoundRecord(1, ("gpt", "claude"), 100.0, support=0.5),
    RoundRecord(
        2,
        ("gpt", "claude"),
        80.0,
        support=1.0,
        agreement_gain=0.5,
        confidence_gain=0.2,
        support_gain=0.5,
        flips=(
            FlipRecord("gpt", "4", "5", ("number",)),
            FlipRecord("claude", "4", "5", conformed=True),
            FlipRecord("claude", "5", "6"),
        ),
    ),
    RoundRecord(3, ("gpt",), 70.0, agreement_gain=-0.1, support_gain=0.0),
)


def test_rounds_are_counted_by_what_they_did_to_the_support(metrics):
    metrics.observe(answered(round_details=CHALLENGED))
    seen = read(metrics)
    assert seen["consensus_rounds_total", "1", "first"] == 1
    assert seen["consensus_rounds_total", "2", "raised"] == 1
    assert seen["consensus_rounds_total", "3", "unmoved"] == 1
    assert seen["consensus_round_gain_avg",] == pytest.approx((0.5 - 0.1) / 2)


def test_changed_answers_are_counted_by_what_they_brought(metrics):
    metrics.observe(answered(round_details=CHALLENGED))
    seen = read(metrics)
    assert seen["consensus_flips_total", "gpt", "new"] == 1
    assert seen["consensus_flips_total", "claude", "conformed"] == 1
    assert seen["consensus_flips_total", "claude", "none"] == 1


def test_requests_are_counted_by_arm_and_code(metrics):
    for record in (answered(), answered(), failed(), answered(arm="legacy")):
        metrics.observe(record)
    metrics.observe(answered(arm=None, status=422, code="invalid_request", votes=()))
    seen = read(metrics)
    assert seen["wallbounce_requests_total", "ok", "wall_bounce"] == 2
    assert seen["wallbounce_requests_total", "all_providers_failed", "wall_bounce"] == 1
    assert seen["wallbounce_requests_total", "legacy", "ok"] == 1
    assert seen["wallbounce_requests_total", "invalid_request", "none"] == 1
    assert seen["wallbounce_request_duration_seconds_count", "wall_bounce"] == 3
    assert seen["wallbounce_request_duration_seconds_sum", "wall_bounce"] == pytest.approx(0.3)


def test_the_error_rate_is_that_of_the_last_5_minutes_by_the_rollbacks_rules(metrics, clock):
    for record in (answered(), answered(), answered(), failed(), impatient(), filtered()):
        metrics.observe(record)
    assert read(metrics)["srp_error_rate", "wall_bounce"] == pytest.approx(0.25)
    clock.now += 200
    metrics.observe(answered())
    assert read(metrics)["srp_error_rate", "wall_bounce"] == pytest.approx(0.2)
    clock.now += 110
    assert read(metrics)["srp_error_rate", "wall_bounce"] == 0
    clock.now += 310
    assert ("srp_error_rate", "wall_bounce") not in read(metrics)


def test_without_data_an_average_is_absent_rather_than_zero(metrics):
    names = {name for name, *_ in read(metrics)}
    assert names.isdisjoint(
        {
            "consensus_confidence_avg",
            "consensus_agreement_avg",
            "srp_error_rate",
            "srp_latency_p95_seconds",
            "provider_availability",
            "user_satisfaction_avg",
            "feature_adoption_ratio",
        }
    )


def test_averages_are_of_what_is_known(metrics):
    for confidence, agreement, cost in ((0.9, 0.8, 0.01), (0.5, None, None), (None, None, 0.03)):
        metrics.observe(answered(confidence=confidence, agreement=agreement, cost_usd=cost))
    seen = read(metrics)
    assert seen["consensus_confidence_avg",] == pytest.approx(0.7)
    assert seen["consensus_agreement_avg",] == pytest.approx(0.8)
    assert seen["cost_per_request_usd_avg", "wall_bounce"] == pytest.approx(0.02)
    assert seen["consensus_confidence_count",] == 2


@pytest.mark.parametrize("slow", [5, 6])
def test_p95_latency_is_within_a_fortieth_of_the_latency_met(metrics, slow):
    for latency in [8_000.0] * slow + [120.0] * (100 - slow):
        metrics.observe(answered(latency_ms=latency))
    expected = 0.12 if slow == 5 else 8.0
    assert read(metrics)["srp_latency_p95_seconds", "wall_bounce"] == pytest.approx(
        expected, rel=0.025
    )


def test_votes_show_a_vendors_availability_latency_outcomes_and_cost(metrics):
    metrics.observe(answered(votes=(vote(cost_usd=0.002), vote("server_error", down=True))))
    metrics.observe(answered(votes=(vote("content_filtered", cost_usd=None),)))
    metrics.observe(answered(votes=(vote(cost_usd=0.003),)))
    # A caller who waits 100 ms learns nothing of the vendor.
    metrics.observe(impatient(votes=(vote("timeout", down=True, cost_usd=None),)))
    seen = read(metrics)
    assert seen["provider_availability", "gpt"] == pytest.approx(0.75)
    assert seen["provider_requests_total", "answer", "gpt"] == 2
    assert seen["provider_requests_total", "gpt", "server_error"] == 1
    assert seen["provider_latency_seconds_count", "gpt"] == 5
    assert seen["wallbounce_cost_usd_total", "gpt"] == pytest.approx(0.006)


def test_adoption_is_the_share_of_requests_that_use_a_feature(metrics):
    metrics.observe(answered(streamed=True))
    metrics.observe(answered(mode="sequential", aggregation="synthesize"))
    metrics.observe(answered())
    metrics.observe(answered(streamed=True))
    metrics.observe(answered(arm=None, status=429, votes=()))
    metrics.observe_feedback(Feedback("r", NOON, correct=True))
    seen = read(metrics)
    assert seen["feature_adoption_ratio", "stream"] == 0.5
    assert seen["feature_adoption_ratio", "sequential"] == 0.25
    assert seen["feature_adoption_ratio", "synthesize"] == 0.25
    assert seen["feature_adoption_ratio", "feedback"] == 0.25


def test_feedback_is_counted_and_ratings_averaged(metrics):
    for correct, rating in ((True, 5), (False, 2), (None, 5), (True, None)):
        metrics.observe_feedback(Feedback("r", NOON, correct=correct, rating=rating))
    seen = read(metrics)
    assert seen["feedback_total", "true"] == 2
    assert seen["feedback_total", "false"] == 1
    assert seen["feedback_total", "unsaid"] == 1
    assert seen["user_satisfaction_avg",] == 4


def test_the_rollout_in_force_is_shown(metrics):
    metrics.rollout.show(Standing(0.35, "35", 0.35, True, True, None, True))
    seen = read(metrics)
    assert (seen["srp_traffic_percentage",], seen["srp_rolled_back",]) == (35, 0)
    trip = Trip("a hunch", {}, "operator", NOON)
    metrics.rollout.show(Standing(0, "0", 0.35, True, True, trip, True))
    seen = read(metrics)
    assert (seen["srp_traffic_percentage",], seen["srp_rolled_back",]) == (0, 1)


def test_the_journal_and_the_door_are_asked_at_each_reading(metrics):
    figures = [JournalFigures(5, 10, 0), JournalFigures(1, 25, 2)]
    metrics.watch_journal(lambda: figures.pop(0))
    metrics.watch_in_flight(lambda: 7)
    first, second = read(metrics), read(metrics)
    assert (first["journal_pending",], first["journal_written_total",]) == (5, 10)
    assert (second["journal_pending",], second["journal_written_total",]) == (1, 25)
    assert second["journal_dropped_total",] == 2
    assert second["wallbounce_requests_in_flight",] == 7


def test_memory_and_cpu_of_the_process_are_shown(metrics):
    seen = read(metrics)
    assert seen["process_resident_memory_bytes",] > 1e6
    assert seen["process_cpu_seconds_total",] > 0


def test_overhead_is_that_of_answered_requests(metrics):
    metrics.observe(answered(overhead_ms=4.0))
    metrics.observe(failed())
    seen = read(metrics)
    assert seen["wallbounce_overhead_seconds_count",] == 1
    assert seen["wallbounce_overhead_seconds_sum",] == pytest.approx(0.004)


def test_a_shadow_counts_in_no_figure_of_what_callers_met(metrics):
    metrics.observe(answered(confidence=0.9, agreement=0.8, cost_usd=0.01, latency_ms=100.0))
    before = read(metrics)
    metrics.observe(
        shadowed(
            confidence=0.1,
            agreement=0.1,
            cost_usd=0.5,
            latency_ms=9_000.0,
            mode="sequential",
            round_details=CHALLENGED,
        )
    )
    metrics.observe(shadowed(status=503, code="all_providers_failed"))
    after = read(metrics)
    theirs = ("wallbounce_shadow", "provider_", "process_", "python_")
    for (name, *labels), value in after.items():
        if not name.startswith(theirs):
            assert before[name, *labels] == value, name


def test_a_shadow_s_calls_say_of_the_vendors_what_any_call_says_and_cost_apart(metrics):
    votes = (vote(cost_usd=0.002), vote("server_error", down=True, cost_usd=None))
    metrics.observe(shadowed(votes=votes))
    seen = read(metrics)
    assert seen["provider_availability", "gpt"] == 0.5
    assert seen["provider_requests_total", "gpt", "server_error"] == 1
    assert seen["wallbounce_shadow_cost_usd_total", "gpt"] == pytest.approx(0.002)
    assert ("wallbounce_cost_usd_total", "gpt") not in seen


def test_shadows_are_counted_by_how_they_ended_and_whether_they_agree(metrics):
    metrics.observe(shadowed(metadata={"agrees": "true"}))
    metrics.observe(shadowed(metadata={"agrees": "false"}))
    metrics.observe(shadowed())
    metrics.observe(shadowed(status=503, code="all_providers_failed"))
    metrics.observe(shadowed(status=503, code="shutting_down"))
    metrics.observe(shadowed(status=422, code="budget_too_small", votes=()))
    metrics.shadow.count_skipped()
    metrics.shadow.watch_in_flight(lambda: 3)
    seen = read(metrics)
    ends = {
        labels[0]: v for (name, *labels), v in seen.items() if name == "wallbounce_shadow_total"
    }
    assert ends == {"answered": 3, "failed": 1, "cut_short": 1, "unmeasured": 1, "skipped": 1}
    said = {
        labels[0]: v
        for (name, *labels), v in seen.items()
        if name == "wallbounce_shadow_agreement_total"
    }
    assert said == {"true": 1, "false": 1, "unknown": 1}
    assert seen["wallbounce_shadow_in_flight",] == 3


def test_arms_by_other_names_have_their_own_figures(metrics):
    metrics.observe(answered(arm="thrifty"))
    metrics.observe(failed(arm="bold"))
    seen = read(metrics)
    assert (seen["srp_error_rate", "thrifty"], seen["srp_error_rate", "bold"]) == (0, 1)
    assert seen["wallbounce_requests_total", "ok", "thrifty"] == 1


def test_open_metrics_are_served_to_whoever_asks_for_them(metrics):
    metrics.observe(answered())
    body, content_type = metrics.render("application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text")
    assert body.endswith(b"# EOF\n")


def test_two_gateways_in_one_process_do_not_meet(clock):
    one, other = (Metrics(CollectorRegistry(), monotonic=clock) for _ in range(2))
    one.observe(answered())
    assert ("wallbounce_requests_total", "ok", "wall_bounce") not in read(other)


WORKER = """
    import sys, time
    from pathlib import Path
    from prometheus_client import CollectorRegistry
    from gateway.monitoring.metrics import Metrics
    from tests.support.records import answered, failed
    metrics = Metrics(
        CollectorRegistry(), monotonic=time.monotonic, workers_dir=Path(sys.argv[1])
    )
    for _ in range(int(sys.argv[2])):
        metrics.observe(answered(confidence=float(sys.argv[4]), latency_ms=100.0))
    for _ in range(int(sys.argv[3])):
        metrics.observe(failed(latency_ms=100.0))
    metrics.refresh()
    if len(sys.argv) > 5:
        print(metrics.render()[0].decode())
    print("ready", flush=True)
    sys.stdin.readline()
"""


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


def test_any_worker_answers_for_all_of_them(tmp_path):
    first = start_worker(tmp_path, 30, 0, 0.9)
    try:
        until_ready(first)
        second = start_worker(tmp_path, 6, 4, 0.5, "render")
        try:
            seen = parse(until_ready(second))
        finally:
            second.communicate("\n")
    finally:
        first.communicate("\n")
    assert seen["wallbounce_requests_total", "ok", "wall_bounce"] == 36
    assert seen["srp_error_rate", "wall_bounce"] == pytest.approx(4 / 40)
    # The mean of all answers, not of the workers' means: (30 x 0.9 + 6 x 0.5) / 36.
    assert seen["consensus_confidence_avg",] == pytest.approx(30 / 36)
    assert seen["srp_latency_p95_seconds", "wall_bounce"] == pytest.approx(0.1, rel=0.025)
    assert seen["process_resident_memory_bytes",] > 20e6
    assert seen["process_cpu_seconds_total",] > 0
    assert not any(name.startswith("wallbounce_window") for name, *_ in seen)


def test_the_rollout_s_health_and_its_evidence_of_what_is_needed_are_shown_by_arm(metrics):
    seen = verdict(
        "deep", health=Health.WARNING, comparisons=[comparison(evidence=1.5, needed=3.0)]
    )
    metrics.rollout.show_verdicts({"deep": seen}, replace(IN_STEP, redis=False))
    read = parse(metrics.render()[0].decode())
    assert read["srp_rollout_health", "WARNING", "deep"] == 1
    assert read["srp_rollout_health", "HEALTHY", "deep"] == 0
    assert read["srp_rollout_evidence_ratio", "deep", "error_rate"] == 0.5
    assert read["srp_rollout_redis_up",] == 0


async def test_tasks_that_have_not_ended_are_counted(metrics):
    alone = read(metrics)["asyncio_tasks",]
    waiting = [asyncio.create_task(asyncio.Event().wait()) for _ in range(3)]
    assert read(metrics)["asyncio_tasks",] == alone + 3
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    assert read(metrics)["asyncio_tasks",] == alone


async def test_a_reading_outside_of_the_loop_leaves_the_tasks_as_last_seen(metrics):
    seen = read(metrics)["asyncio_tasks",]
    assert (await asyncio.to_thread(read, metrics))["asyncio_tasks",] == seen >= 1


def test_answers_of_unknown_cost_are_counted_and_failures_are_not(metrics):
    free, unknown = vote(cost_usd=0.0), vote(cost_usd=None)
    down = vote("server_error", cost_usd=None)
    metrics.observe(answered(votes=(free, unknown, unknown, down)))
    figures = read(metrics)
    assert figures["wallbounce_cost_unknown_total", unknown.provider] == 2


OPEN = EndpointFigures(
    provider="gpt",
    endpoint="eu",
    state=State.OPEN,
    reason=Outcome.FAILED,
    opens=1,
    asked=7,
    p50_s=0.5,
    p95_s=0.8,
    first_p95_s=0.2,
    limit=4,
    in_flight=2,
    waiting=1,
)


def test_endpoints_are_shown_as_they_stand_and_counted_since_the_last_look(metrics):
    metrics.endpoints.show(OPEN)
    metrics.endpoints.show(replace(OPEN, state=State.CLOSED, asked=9, p95_s=None))
    metrics.endpoints.show_hedges("gpt", asked=3, won=1)
    shown = metrics.render()[0].decode()
    at = 'endpoint="eu",provider="gpt"'
    assert f"provider_circuit_state{{{at}}} 0.0" in shown
    assert f"provider_endpoint_calls_total{{{at}}} 9.0" in shown
    assert f"provider_circuit_opens_total{{{at}}} 1.0" in shown
    assert f"provider_learned_p95_seconds{{{at}}} 0.8" in shown
    assert 'provider_hedges_total{outcome="lost",provider="gpt"} 2.0' in shown


def test_every_metric_is_documented_and_every_documented_metric_is_there(metrics):
    metrics.observe(
        answered(confidence=0.9, agreement=0.9, cost_usd=0.01, round_details=CHALLENGED)
    )
    metrics.observe(answered(votes=(vote(cost_usd=None),)))
    metrics.observe(all_down())
    metrics.observe(shadowed(confidence=0.9, cost_usd=0.01))
    metrics.observe_feedback(Feedback("r", NOON, correct=True, rating=5))
    metrics.learning.observe_fit(fitted_at=1.0, seconds=0.1)
    metrics.learning.observe_outcome(0.9, correct=True)
    metrics.engine.observe_registration(0.01, patterns=2)
    metrics.engine.observe_search(0.001)
    metrics.engine.observe_dropped("full")
    metrics.engine.observe_removed("prune", 1)
    metrics.engine.observe_advice("family")
    metrics.engine.observe_opening(escalated=True)
    metrics.alerts.observe_message("slack", "sent")
    metrics.alerts.show_firing({("Crashed", "emergency"): 1})
    metrics.rollout.show_verdicts({"a": verdict("a", comparisons=[comparison()])}, IN_STEP)
    metrics.drift.show([WATCHED], [CHANGE], NOON)
    metrics.endpoints.show(OPEN)
    metrics.endpoints.show_hedges("gpt", asked=2, won=1)
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z0-9_]+)` \| (\w+) \| ([^|]+) \|", page, flags=re.MULTILINE)
    documented = {(name, kind, labels.strip()) for name, kind, labels in rows}
    there = set()
    for family in text_string_to_metric_families(metrics.render()[0].decode()):
        name = family.name + ("_total" if family.type == "counter" else "")
        if name.startswith("python_"):
            continue
        labels = {label for s in family.samples for label in s.labels} - {"le"}
        shown = ", ".join(f"`{label}`" for label in sorted(labels)) or "–"
        there.add((name, family.type, shown))
    assert there == documented
