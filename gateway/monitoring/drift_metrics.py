"""Shows what is watched of the vendors, for `GET /metrics`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from prometheus_client import Gauge

from gateway.monitoring.family import Family

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from prometheus_client import CollectorRegistry

    from learning.monitor.drift import Change
    from learning.monitor.vendors import Watched


LATELY = timedelta(days=1)
"""How long a vendor that was found changed is an alert; `ops/prometheus/rules` asks for as long."""


class DriftMetrics:
    """The vendors as the database knows them; of several workers the one that looked last is right."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, meaning: str, *labels: str) -> Gauge:
            return Gauge(
                name, meaning, labels, registry=registry, multiprocess_mode="livemostrecent"
            )

        self._evidence = Family(
            gauge(
                "provider_drift_evidence_ratio",
                "Evidence that a figure of a vendor has changed, of what is called a change.",
                "provider",
                "measure",
            )
        )
        self._changed = Family(
            gauge(
                "provider_changed_timestamp_seconds",
                "When a figure of a vendor was last found changed, since 1970.",
                "provider",
                "measure",
                "direction",
            )
        )
        self._rolled_up = gauge(
            "daily_figures_timestamp_seconds", "When daily figures were last complete, since 1970."
        )
        self._shown: set[tuple[str, str]] = set()
        self._changes: Sequence[Change] = ()

    def show(
        self, standing: Iterable[Watched], changes: Sequence[Change], rolled_up: datetime | None
    ) -> None:
        """Show where every watch stands, the changes found (oldest first), and how fresh that is."""
        evidence = {(w.provider, w.measure.value): w.evidence or 0.0 for w in standing}
        # After a found change a figure has no evidence, and none of before.
        for key in self._shown - evidence.keys():
            self._evidence.of(*key).set(0.0)
        for key, value in evidence.items():
            self._evidence.of(*key).set(value)
        self._shown |= evidence.keys()
        self._changes = changes
        for change in changes:
            labels = change.provider, change.measure.value, change.direction.value
            self._changed.of(*labels).set(change.at.timestamp())
        if rolled_up is not None:
            self._rolled_up.set(rolled_up.timestamp())

    def lately(self, now: datetime) -> Mapping[str, str]:
        """Vendors' figures found changed within `LATELY`, as ``gpt latency up``, with how far in words."""
        return {
            f"{change.provider} {change.measure.value} {change.direction.value}": (
                f"from {change.before:.4g} to {change.after:.4g}, "
                f"likely since {change.since:%Y-%m-%d %H:%M} UTC"
            )
            for change in self._changes
            if now - change.at < LATELY
        }
