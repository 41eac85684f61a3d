"""Turns what the processes of one instance count into what Prometheus reads."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import psutil
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from gateway.monitoring.derived import from_counts, from_window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from gateway.monitoring.rolling import Key

WINDOW = "wallbounce_window"
"""The sums workers publish for each other; they are read here and not shown."""

_WORKER_FILE = re.compile(r"_(\d+)\.db$")


class Exposition(Collector):
    """All families of one instance: counted, derived, and of the process itself.

    Args:
        registry: Where this process counts.
        workers_dir: Where the workers of this instance share their counts
            (``PROMETHEUS_MULTIPROC_DIR``), None for a single process.
    """

    def __init__(self, registry: CollectorRegistry, workers_dir: Path | None) -> None:
        own = CollectorRegistry()
        self._counted: Collector = registry
        self._process: list[Collector] = [PlatformCollector(registry=None)]
        if workers_dir is None:
            self._process.append(ProcessCollector(registry=None))
        else:
            self._counted = MultiProcessCollector(own, str(workers_dir))  # type: ignore[no-untyped-call]  # theirs is untyped
            self._process.append(WorkersCollector(workers_dir))

    def collect(self) -> Iterator[Metric]:
        """Everything, each family once."""
        families = list(self._counted.collect())
        shown = [_plain(family) for family in families if family.name != WINDOW]
        yield from shown
        yield from from_window(_window_sums(families))
        yield from from_counts(shown)
        for collector in self._process:
            yield from collector.collect()


class WorkersCollector(Collector):
    """Memory and CPU of all live workers together; prometheus-client measures one process only."""

    def __init__(self, workers_dir: Path) -> None:
        self._workers_dir = workers_dir

    def collect(self) -> Iterator[Metric]:
        """The two sums. A worker that ends takes its CPU time along: a reset to Prometheus."""
        memory, cpu = 0, 0.0
        for pid in self._pids():
            try:
                process = psutil.Process(pid)
                with process.oneshot():
                    times = process.cpu_times()
                    memory += process.memory_info().rss
                    cpu += times.user + times.system
            except psutil.NoSuchProcess:
                continue  # its file outlives a worker
        yield GaugeMetricFamily(
            "process_resident_memory_bytes", "Resident memory of all workers.", value=memory
        )
        yield CounterMetricFamily("process_cpu_seconds", "CPU time of all workers.", value=cpu)

    def _pids(self) -> set[int]:
        found = (_WORKER_FILE.search(path.name) for path in self._workers_dir.glob("*.db"))
        return {int(match[1]) for match in found if match} | {os.getpid()}


class Families(Collector):
    """Of another collector those families whose names begin with ``prefix``."""

    def __init__(self, whole: Collector, prefix: str) -> None:
        self._whole = whole
        self._prefix = prefix

    def collect(self) -> Iterator[Metric]:
        """In their order."""
        return (f for f in self._whole.collect() if f.name.startswith(self._prefix))


def as_json(families: Iterable[Metric]) -> dict[str, Any]:
    """Families by name, each with what it means and its samples.

    ``{"learning_errors": {"type": "counter", "help": …, "samples": [{"name": "learning_errors_total",
    "labels": {"operation": "search"}, "value": 0.0}]}}``
    """
    return {
        family.name: {
            "type": family.type,
            "help": family.documentation,
            "samples": [
                {"name": s.name, "labels": dict(s.labels), "value": s.value} for s in family.samples
            ],
        }
        for family in families
    }


def _plain(family: Metric) -> Metric:
    """The family without creation times: one more series a series, and no reader of it."""
    plain = Metric(family.name, family.documentation, family.type)
    plain.samples = [s for s in family.samples if not s.name.endswith("_created")]
    return plain


def _window_sums(families: Iterable[Metric]) -> dict[Key, float]:
    return {
        (sample.labels["figure"], sample.labels["label"]): sample.value
        for family in families
        if family.name == WINDOW
        for sample in family.samples
    }
