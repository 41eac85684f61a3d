"""Counts requests, votes and feedback for `GET /metrics`; docs/metrics.md lists every name.

With several workers, ``PROMETHEUS_MULTIPROC_DIR`` must be set before prometheus-client is imported
anywhere in the process; all workers of one instance share that folder, and it starts out empty.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import mark_process_dead

from gateway.monitoring.alert_metrics import AlertMetrics
from gateway.monitoring.derived import latency_bin
from gateway.monitoring.drift_metrics import DriftMetrics
from gateway.monitoring.endpoint_metrics import EndpointMetrics
from gateway.monitoring.engine_metrics import EngineMetrics
from gateway.monitoring.exposition import WINDOW, Exposition, Families, as_json
from gateway.monitoring.family import Family
from gateway.monitoring.learning_log import figures_of
from gateway.monitoring.learning_metrics import LearningMetrics
from gateway.monitoring.rolling import RollingSums
from gateway.monitoring.rollout_metrics import RolloutMetrics
from gateway.monitoring.shadow_metrics import ShadowMetrics
from gateway.rollout.window import HTTP_CLIENT_ERROR, is_measured
from learning.records import IMPATIENT_DEADLINE_MS, SINGLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.monitoring.rolling import Key
    from learning.records import Feedback, RequestRecord, RoundRecord

WINDOW_S = 300.0
"""What averages look back over: the 5 minutes of the warning alerts (MISSION.md R6)."""

REFRESH_S = 1.0

JSON_TYPE = "application/json"

SUPPORT_GRAIN = 1e-6
"""Shares of weight nearer than this are equal: sums of the same weights differ by their order."""

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 60.0)
"""Around the limits that matter: 5 s warns, 10 s rolls back, 60 s is the default deadline."""

_OVERHEAD_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
_CONFIDENCE = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
_RATINGS = (1.0, 2.0, 3.0, 4.0, 5.0)


@dataclass(frozen=True, slots=True)
class JournalFigures:
    """Records waiting to be written now; written and given up since the start."""

    pending: int
    written: int
    dropped: int


class Metrics:
    """The counts of one process.

    Args:
        registry: Where they are registered; one of its own for each process, so that tests and
            embedded gateways do not meet.
        monotonic: Seconds that never jump.
        workers_dir: The folder shared by several workers, None for one process.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        *,
        monotonic: Callable[[], float],
        workers_dir: Path | None = None,
    ) -> None:
        self._monotonic = monotonic
        self._exposition = Exposition(registry, workers_dir)
        self._rolling = RollingSums(WINDOW_S)
        self._in_flight_source: Callable[[], int] | None = None
        self._journal_source: Callable[[], JournalFigures] | None = None
        self._written_seen = 0
        self._dropped_seen = 0

        def counter(name: str, text: str, *labels: str) -> Family[Counter]:
            return Family(Counter(name, text, labels, registry=registry))

        def histogram(
            name: str, text: str, buckets: tuple[float, ...], *labels: str
        ) -> Family[Histogram]:
            return Family(Histogram(name, text, labels, buckets=buckets, registry=registry))

        self._requests = counter(
            "wallbounce_requests", "Requests ended, by arm and problem code.", "arm", "code"
        )
        self._duration = histogram(
            "wallbounce_request_duration_seconds", "Whole request, by arm.", _SECONDS, "arm"
        )
        self._overhead = histogram(
            "wallbounce_overhead_seconds",
            "Answered request less the wait for vendors.",
            _OVERHEAD_SECONDS,
        )
        self._confidence = histogram(
            "consensus_confidence", "Confidence of consensus answers.", _CONFIDENCE
        )
        self._rounds = counter(
            "consensus_rounds", "Rounds held, by what they did to the support.", "round", "outcome"
        )
        self._flips = counter(
            "consensus_flips", "Changed answers, by what they brought.", "provider", "evidence"
        )
        self._calls = counter(
            "provider_requests", "Calls of vendors, by outcome.", "provider", "outcome"
        )
        self._provider_latency = histogram(
            "provider_latency_seconds", "Wait for one vendor's reply.", _SECONDS, "provider"
        )
        self._cost = counter("wallbounce_cost_usd", "Cost of vendors' calls.", "provider")
        self._unpriced = counter(
            "wallbounce_cost_unknown", "Answers of vendors whose cost nobody knows.", "provider"
        )
        self._features = counter("feature_requests", "Requests that used a feature.", "feature")
        self._feedback = counter("feedback", "Feedback, by its verdict.", "correct")
        self._rating = histogram("feedback_rating", "Ratings given.", _RATINGS)
        self._written = counter("journal_written", "Records written to the journal.")
        self._dropped = counter("journal_dropped", "Records given up by the journal.")
        # A worker's share in these sums ends with the worker: "live".
        self._pending = Gauge(
            "journal_pending",
            "Records waiting to be written.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._in_flight = Gauge(
            "wallbounce_requests_in_flight",
            "Requests being answered.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._tasks = Gauge(
            "asyncio_tasks",
            "Tasks of the event loop that have not ended.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.rollout = RolloutMetrics(registry)
        self._window = Family(
            Gauge(
                WINDOW,
                "Sums over the window, for the averages.",
                ("figure", "label"),
                registry=registry,
                multiprocess_mode="livesum",
            )
        )
        self._published: set[Key] = set()
        self.learning = LearningMetrics(registry)
        self.engine = EngineMetrics(registry)
        self.shadow = ShadowMetrics(registry, _SECONDS, _CONFIDENCE)
        self.alerts = AlertMetrics(registry)
        self.drift = DriftMetrics(registry)
        self.endpoints = EndpointMetrics(registry)

    def observe(self, record: RequestRecord) -> None:
        """Count a finished request; a few microseconds a vote.

        Of a shadow only what its calls say of the vendors stands beside callers' requests.
        """
        if record.is_shadow:
            self.shadow.observe(record)
            sums = self._rolling.current(self._monotonic())
            self._count_votes(record, sums, cost=self.shadow.cost)
            return
        arm = record.arm
        if record.is_single:
            self._observe_single(record)
            return
        self._requests.of(arm or "none", record.code or "ok").inc()
        if arm is None:
            return
        sums = self._rolling.current(self._monotonic())
        self._duration.of(arm).observe(record.latency_ms / 1000)
        if record.status < HTTP_CLIENT_ERROR:
            self._overhead.of().observe(record.overhead_ms / 1000)
        if is_measured(record):
            sums["requests", arm] += 1
            sums["errors", arm] += record.is_error
            sums["latency", f"{arm}|{latency_bin(record.latency_ms)}"] += 1
            if record.cost_usd is not None:
                sums["cost_sum", arm] += record.cost_usd
                sums["cost_count", arm] += 1
        self._count_consensus(record, sums)
        self._count_votes(record, sums, cost=self._cost)
        if record.escalated is not None:
            self.engine.observe_opening(escalated=record.escalated)
        for feature, used in (
            ("stream", record.streamed),
            ("sequential", record.mode == "sequential"),
            ("synthesize", record.aggregation == "synthesize"),
        ):
            counted = self._features.of(feature)  # shown as 0 before it is used
            if used:
                counted.inc()

    def _observe_single(self, record: RequestRecord) -> None:
        """One provider asked alone: a request and calls like others, of no arm and in no average."""
        self._requests.of(SINGLE, record.code or "ok").inc()
        self._duration.of(SINGLE).observe(record.latency_ms / 1000)
        if record.status < HTTP_CLIENT_ERROR:
            self._overhead.of().observe(record.overhead_ms / 1000)
        sums = self._rolling.current(self._monotonic())
        self._count_votes(record, sums, cost=self._cost)

    def observe_feedback(self, feedback: Feedback) -> None:
        """Count what a caller said of an answer."""
        verdict = {True: "true", False: "false", None: "unsaid"}[feedback.correct]
        self._feedback.of(verdict).inc()
        self._features.of("feedback").inc()
        if feedback.rating is not None:
            self._rating.of().observe(feedback.rating)

    def watch_in_flight(self, source: Callable[[], int]) -> None:
        """Ask ``source`` for the requests in flight before each reading."""
        self._in_flight_source = source

    def watch_journal(self, source: Callable[[], JournalFigures]) -> None:
        """Ask ``source`` for the journal's figures before each reading."""
        self._journal_source = source

    def refresh(self) -> None:
        """Bring what is not counted event by event up to date."""
        if self._in_flight_source is not None:
            self._in_flight.set(self._in_flight_source())
        with suppress(RuntimeError):  # no loop runs in this thread: the last reading stands
            self._tasks.set(len(asyncio.all_tasks()))
        self.shadow.refresh()
        self.engine.refresh()
        self.endpoints.refresh()
        recent = self._rolling.current(self._monotonic())
        for key, value in self.engine.drain().items():
            recent[key] += value
        if self._journal_source is not None:
            journal = self._journal_source()
            self._pending.set(journal.pending)
            self._written.of().inc(journal.written - self._written_seen)
            self._dropped.of().inc(journal.dropped - self._dropped_seen)
            self._written_seen, self._dropped_seen = journal.written, journal.dropped
        totals = self._rolling.totals(self._monotonic())
        for key in self._published - totals.keys():
            self._window.of(*key).set(0)
        for key, value in totals.items():
            self._window.of(*key).set(value)
        self._published = set(totals)

    async def keep_fresh(self) -> None:
        """Refresh every second until cancelled; needed where another worker may be scraped."""
        while True:
            self.refresh()
            await asyncio.sleep(REFRESH_S)

    def render(self, accept: str = "") -> tuple[bytes, str]:
        """The body and content type of `GET /metrics`, for the ``Accept`` header given."""
        self.refresh()
        encode, content_type = choose_encoder(accept)
        return encode(self._exposition), content_type

    def render_learning(self, accept: str = "") -> tuple[bytes, str]:
        """The body and content type of `GET /learning/metrics`: the families of learning alone.

        JSON for an ``Accept`` that names it, else as `render`.
        """
        self.refresh()
        families = Families(self._exposition, "learning_")
        if JSON_TYPE in accept:
            return orjson.dumps(as_json(families.collect())), JSON_TYPE
        encode, content_type = choose_encoder(accept)
        return encode(families), content_type

    def learning_figures(self) -> dict[str, float]:
        """What `render_learning` shows, by name and labels, without the buckets of histograms."""
        self.refresh()
        return figures_of(Families(self._exposition, "learning_").collect())

    def _count_consensus(self, record: RequestRecord, sums: dict[Key, float]) -> None:
        if record.confidence is not None:
            self._confidence.of().observe(record.confidence)
            sums["confidence_sum", ""] += record.confidence
            sums["confidence_count", ""] += 1
        if record.agreement is not None:
            sums["agreement_sum", ""] += record.agreement
            sums["agreement_count", ""] += 1
        for held in record.round_details:
            self._count_round(held, sums)

    def _count_round(self, held: RoundRecord, sums: dict[Key, float]) -> None:
        self._rounds.of(str(held.round), _outcome(held)).inc()
        if held.agreement_gain is not None:
            sums["round_gain_sum", ""] += held.agreement_gain
            sums["round_gain_count", ""] += 1
        for flip in held.flips:
            kind = "new" if flip.evidence else "conformed" if flip.conformed else "none"
            self._flips.of(flip.provider, kind).inc()

    def _count_votes(
        self, record: RequestRecord, sums: dict[Key, float], *, cost: Family[Counter]
    ) -> None:
        """What the calls say of the vendors, whomever they were made for; billed to ``cost``."""
        patient = record.timeout_ms >= IMPATIENT_DEADLINE_MS
        for vote in record.votes:
            provider = vote.provider
            self._calls.of(provider, vote.error_code or "answer").inc()
            self._provider_latency.of(provider).observe(vote.latency_ms / 1000)
            # A caller's haste says nothing of the vendor.
            if patient or vote.error_code != "timeout":
                sums["calls", provider] += 1
                sums["up", provider] += not vote.down
            if vote.cost_usd:
                cost.of(provider).inc(vote.cost_usd)
            elif vote.cost_usd is None and vote.error_code is None:
                self._unpriced.of(provider).inc()


def _outcome(held: RoundRecord) -> str:
    """What a round did to the support of the returned answer; a first round has nothing to move."""
    if held.support_gain is None:
        return "first"
    if abs(held.support_gain) <= SUPPORT_GRAIN:
        return "unmoved"
    return "raised" if held.support_gain > 0.0 else "lowered"


def retire_worker(pid: int, workers_dir: Path) -> None:
    """Take a worker that has ended out of the sums of live workers."""
    mark_process_dead(pid, str(workers_dir))  # type: ignore[no-untyped-call]  # theirs is untyped
