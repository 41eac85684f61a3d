"""Counts what the learning engine does: registrations, searches, advice, and what it holds.

Safe to call from any thread; a call takes microseconds and never fails for what it is told. Figures
over the last minutes are summed here and turned into quantiles and ratios where `/metrics` is read
(`gateway.monitoring.derived`), so that those of several workers add up.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Literal

from prometheus_client import Counter, Gauge, Histogram

from gateway.monitoring.derived import latency_bin
from gateway.monitoring.family import Family

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from prometheus_client import CollectorRegistry

    from gateway.monitoring.learning_log import LearningLog
    from gateway.monitoring.rolling import Key

Operation = Literal[
    "register",
    "search",
    "label",
    "follow",
    "recompute",
    "rebuild",
    "prune",
    "advise",
    "policy",
    "log",
]
"""What can fail: taking in patterns, looking for like ones, taking in a label, reading others' changes,
finding families, making the index anew, dropping old patterns, advising, following the policy in force,
writing the logs of learning."""

OPERATIONS: tuple[Operation, ...] = (
    *("register", "search", "label", "follow", "recompute"),
    *("rebuild", "prune", "advise", "policy", "log"),
)

_REGISTRATION_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_SEARCH_SECONDS = (0.0005, 0.001, 0.002, 0.004, 0.008, 0.015, 0.03, 0.06, 0.125, 0.25, 1.0)
"""Around what a search is held to: 4 ms, and 15 ms from which an alert is told."""

_RECOMPUTE_SECONDS = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 150.0, 300.0, 600.0)


@dataclass(frozen=True, slots=True)
class EngineFigures:
    """What one process holds now.

    Attributes:
        patterns: Patterns searchable in this process.
        memory_bytes: What the index, the graph and what belongs to them take, as the engine counts it.
        disk_bytes: Its files.
        queue: Registrations and labels that wait to be written.
        families: Families of questions in force; 0 before the first are found.
        behind: Changes in the database this process has not taken in yet, as far as it knows.
    """

    patterns: int = 0
    memory_bytes: int = 0
    disk_bytes: int = 0
    queue: int = 0
    families: int = 0
    behind: int = 0


class EngineMetrics:
    """The learning engine of one process, in figures."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, *labels: str) -> Family[Counter]:
            return Family(Counter(name, text, labels, registry=registry))

        def histogram(name: str, text: str, buckets: tuple[float, ...]) -> Histogram:
            return Histogram(name, text, buckets=buckets, registry=registry)

        def gauge(name: str, text: str, mode: Literal["livemax", "livemin", "livesum"]) -> Gauge:
            return Gauge(name, text, registry=registry, multiprocess_mode=mode)

        self._registration = histogram(
            "learning_registration_duration_seconds",
            "From taking up a batch of patterns until it is durable and found.",
            _REGISTRATION_SECONDS,
        )
        self._registered = counter("learning_registrations", "Patterns registered.")
        self._search = histogram(
            "learning_search_duration_seconds",
            "Length of a search the cache did not answer.",
            _SEARCH_SECONDS,
        )
        self._searches = counter("learning_searches", "Searches, by who answered.", "cached")
        self._errors = counter("learning_errors", "Failures, by operation.", "operation")
        self._dropped = counter("learning_dropped", "Requests not learned from, by cause.", "cause")
        self._labels = counter("learning_labels", "Labels that reached a pattern.")
        self._removed = counter("learning_removed", "Patterns removed, by cause.", "cause")
        self._advice = counter("learning_advice", "Requests, by the advice they got.", "outcome")
        self._explored = counter("learning_explored", "Requests whose choice was drawn.")
        self._escalations = counter(
            "learning_escalations", "Requests with an opening, by how they went on.", "outcome"
        )
        self._recompute = histogram(
            "learning_recompute_seconds", "Length of finding the families.", _RECOMPUTE_SECONDS
        )
        self._rebuilds = counter("learning_rebuilds", "Times the index was made anew.")
        # All workers of an instance follow the same patterns: the one that has most speaks. What each
        # holds and what waits in each adds up. A policy is in force once all follow it.
        self._patterns = gauge("learning_pattern_count", "Patterns that are found.", "livemax")
        self._memory = gauge("learning_memory_bytes", "Memory of the learning engine.", "livesum")
        self._disk = gauge("learning_disk_bytes", "Files of the learning engine.", "livesum")
        self._queue = gauge("learning_queue", "What waits to be registered.", "livesum")
        self._families = gauge("learning_families", "Families of questions.", "livemax")
        self._behind = gauge("learning_behind", "Changes not followed yet.", "livemax")
        self._policy = gauge("learning_policy_version", "Policy in force.", "livemin")
        for operation in OPERATIONS:
            self._errors.of(operation)  # shown as 0: a rate of what never was is no figure
        self._source: Callable[[], EngineFigures] | None = None
        self._log: LearningLog | None = None
        self._lock = Lock()
        self._recent: defaultdict[Key, float] = defaultdict(float)

    def observe_registration(
        self, seconds: float, patterns: int = 1, *, ids: Iterable[int] = ()
    ) -> None:
        """Count a batch of ``patterns`` that is durable and searchable ``seconds`` after it was begun.

        ``ids``: the patterns they became, for the log.
        """
        self._registration.observe(seconds)
        self._registered.of().inc(patterns)
        with self._lock:
            self._recent["registrations", ""] += patterns
        self._tell("register", ids=ids, ms=_ms(seconds), count=patterns)

    def observe_search(
        self, seconds: float, *, cached: bool = False, ids: Iterable[int] = ()
    ) -> None:
        """Count a search; ``cached``: it was answered from the cache, and its time is not counted.

        ``ids``: the patterns it found, for the log.
        """
        self._searches.of("true" if cached else "false").inc()
        if not cached:
            self._search.observe(seconds)
        with self._lock:
            self._recent["searches", ""] += 1
            if cached:
                self._recent["cache_hits", ""] += 1
            else:
                self._recent["search_latency", str(latency_bin(seconds * 1000))] += 1
        self._tell("search", ids=ids, ms=_ms(seconds), cached=cached)

    def observe_label(self, count: int = 1, *, ids: Iterable[int] = ()) -> None:
        """Count labels that reached their patterns, ``ids``."""
        self._labels.of().inc(count)
        if count:
            self._tell("label", ids=ids, count=count)

    def observe_error(
        self, operation: Operation, count: int = 1, *, error: BaseException | None = None
    ) -> None:
        """Count failures; of ``register`` one for each pattern, of ``search`` one for each search."""
        self._errors.of(operation).inc(count)
        with self._lock:
            self._recent["learning_errors", operation] += count
        if self._log is not None and operation != "log":
            self._log.failure(operation, count=count, error=error)

    def observe_dropped(self, cause: str, count: int = 1) -> None:
        """Count requests that are not learned from: ``full`` (the queue), ``away`` (the database)."""
        self._dropped.of(cause).inc(count)
        self._tell("drop", count=count, cause=cause)

    def observe_removed(self, cause: str, count: int) -> None:
        """Count patterns removed for good: ``prune``, ``merge`` or others."""
        self._removed.of(cause).inc(count)
        self._tell("remove", count=count, cause=cause)

    def observe_recompute(self, seconds: float) -> None:
        """Count one finding of the families, wherever it ran."""
        self._recompute.observe(seconds)
        self._tell("recompute", ms=_ms(seconds))

    def observe_rebuild(self) -> None:
        """Count one making of the whole index from the database."""
        self._rebuilds.of().inc()
        self._tell("rebuild")

    def observe_advice(self, outcome: str, *, explored: bool = False) -> None:
        """Count a request by the advice it got: few words, the same for the same reason."""
        self._advice.of(outcome).inc()
        if explored:
            self._explored.of().inc()
        self._tell("advise", outcome=outcome, explored=explored)

    def observe_opening(self, *, escalated: bool) -> None:
        """Count a request that asked an opening first, and whether it asked the rest too."""
        self._escalations.of("escalated" if escalated else "enough").inc()

    def show_policy(self, version: int) -> None:
        """Show the version of the policy in force; 0 for none."""
        self._policy.set(version)
        self._tell("policy", version=version)

    def log_to(self, log: LearningLog) -> None:
        """Tell ``log`` of everything from now on."""
        self._log = log

    def watch(self, source: Callable[[], EngineFigures]) -> None:
        """Ask ``source`` for what is held before each reading, on the event loop."""
        self._source = source

    def refresh(self) -> None:
        """Bring what is not counted event by event up to date."""
        if self._source is None:
            return
        held = self._source()
        self._patterns.set(held.patterns)
        self._memory.set(held.memory_bytes)
        self._disk.set(held.disk_bytes)
        self._queue.set(held.queue)
        self._families.set(held.families)
        self._behind.set(held.behind)

    def drain(self) -> Mapping[Key, float]:
        """What was counted since the last call, for sums over the last minutes."""
        with self._lock:
            recent, self._recent = self._recent, defaultdict(float)
        return recent

    def _tell(self, operation: str, *, ids: Iterable[int] = (), **figures: float | str) -> None:
        if self._log is not None:
            self._log.operation(operation, ids=ids, **figures)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
