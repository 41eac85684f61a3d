"""Counts what the alerts see and tell, for `GET /metrics`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge

from gateway.monitoring.family import Family

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prometheus_client import CollectorRegistry


class AlertMetrics:
    """The alerts of one process, and the two figures that only they know."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._firing = Family(
            Gauge(
                "wallbounce_alerts_firing",
                "Alerts that fire, by name and level.",
                ("alert", "level"),
                registry=registry,
                multiprocess_mode="livemax",
            )
        )
        self._messages = Family(
            Counter(
                "wallbounce_alert_messages",
                "Messages to channels, by what became of them.",
                ("channel", "outcome"),
                registry=registry,
            )
        )
        self._all_down = Gauge(
            "wallbounce_all_vendors_down",
            "1 while requests of different callers in a row find every vendor down.",
            registry=registry,
            multiprocess_mode="livemax",
        )
        # Of a worker that has ended, too: what it found stays found.
        self._crash = Gauge(
            "wallbounce_crash_timestamp_seconds",
            "When a process was last found to have ended without a goodbye, since 1970; 0 for never.",
            registry=registry,
            multiprocess_mode="max",
        )

    def observe_message(self, channel: str, outcome: str) -> None:
        """Count a message: ``sent``, ``failed`` or ``dropped``."""
        self._messages.of(channel, outcome).inc()

    def show_firing(self, firing: Mapping[tuple[str, str], int]) -> None:
        """Show how many alerts fire, by name and level; name all there are."""
        for labels, count in firing.items():
            self._firing.of(*labels).set(count)

    def show_all_down(self, *, down: bool) -> None:
        """Show whether every vendor is down."""
        self._all_down.set(down)

    def show_crash(self, at: float) -> None:
        """Show when a crash was found, in seconds since 1970."""
        self._crash.set(at)
