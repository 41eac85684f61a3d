"""Counts shadow requests apart: nothing of them is in any figure of what callers met or paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge, Histogram

from gateway.monitoring.family import Family
from gateway.shadow.scoring import end_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from prometheus_client import CollectorRegistry

    from learning.records import RequestRecord

_AGREEMENT = {True: "true", False: "false", None: "unknown"}


class ShadowMetrics:
    """The counts of one process. ``cost`` is counted by whoever counts calls.

    Args:
        registry: Where they are registered.
        seconds: Bounds of the histogram of durations.
        shares: Bounds of the histogram of confidence.
    """

    def __init__(
        self, registry: CollectorRegistry, seconds: tuple[float, ...], shares: tuple[float, ...]
    ) -> None:
        self._source: Callable[[], int] | None = None
        self._ends = Family(
            Counter(
                "wallbounce_shadow",
                "Shadow requests, by how they ended.",
                ("outcome",),
                registry=registry,
            )
        )
        self._agreement = Family(
            Counter(
                "wallbounce_shadow_agreement",
                "Shadow answers, by whether they say what the returned answer says.",
                ("agrees",),
                registry=registry,
            )
        )
        self.cost = Family(
            Counter(
                "wallbounce_shadow_cost_usd",
                "Cost of shadows' calls of vendors.",
                ("provider",),
                registry=registry,
            )
        )
        self._duration = Family(
            Histogram(
                "wallbounce_shadow_duration_seconds",
                "Whole shadow request.",
                buckets=seconds,
                registry=registry,
            )
        )
        self._confidence = Family(
            Histogram(
                "wallbounce_shadow_confidence",
                "Confidence of shadows' answers.",
                buckets=shares,
                registry=registry,
            )
        )
        # A worker's share in the sum ends with the worker: "live".
        self._in_flight = Gauge(
            "wallbounce_shadow_in_flight",
            "Shadow requests running.",
            registry=registry,
            multiprocess_mode="livesum",
        )

    def observe(self, record: RequestRecord) -> None:
        """Count a shadow that is over."""
        end = end_of(record)
        self._ends.of(end).inc()
        self._duration.of().observe(record.latency_ms / 1000)
        if record.confidence is not None:
            self._confidence.of().observe(record.confidence)
        if end == "answered":
            self._agreement.of(_AGREEMENT[record.agrees]).inc()

    def count_skipped(self) -> None:
        """Count one left out because as many as allowed were running."""
        self._ends.of("skipped").inc()

    def watch_in_flight(self, source: Callable[[], int]) -> None:
        """Ask ``source`` for the shadows running before each reading."""
        self._source = source

    def refresh(self) -> None:
        """Bring what is not counted event by event up to date."""
        if self._source is not None:
            self._in_flight.set(self._source())
