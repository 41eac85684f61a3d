"""Shows where the rollout stands, for `GET /metrics`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Gauge

from gateway.monitoring.family import Family
from gateway.rollout.verdict import Health

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prometheus_client import CollectorRegistry

    from gateway.rollout.status import SharedStateHealth, Standing
    from gateway.rollout.verdict import Verdict


class RolloutMetrics:
    """The rollout as one process knows it.

    All workers follow one state and judge the same requests: the latest word is the right one.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, meaning: str, *labels: str, mode: str = "livemostrecent") -> Gauge:
            return Gauge(name, meaning, labels, registry=registry, multiprocess_mode=mode)  # type: ignore[arg-type]  # one of their words

        self._share = gauge(
            "srp_traffic_percentage", "Share of traffic on the wall-bounce path, in percent."
        )
        self._rolled_back = gauge("srp_rolled_back", "1 while a rollback stands.")
        self._version = gauge(
            "srp_rollout_version", "Version of the shared state this process follows."
        )
        self._health = Family(
            gauge("srp_rollout_health", "1 for the health an arm has now.", "arm", "health")
        )
        self._evidence = Family(
            gauge(
                "srp_rollout_evidence_ratio",
                "Evidence of harm against the control, of what a rollback needs; 1 rolls back.",
                "arm",
                "measure",
            )
        )
        self._redis = gauge(
            "srp_rollout_redis_up",
            "1 while the other processes are reached over Redis, or there is none.",
            mode="livemin",
        )

    def show(self, standing: Standing) -> None:
        """Show what is in force; fits the rollout's ``on_change``."""
        self._share.set(standing.share * 100)
        self._rolled_back.set(standing.tripped)
        self._version.set(0 if standing.state is None else standing.state.version)

    def show_verdicts(self, verdicts: Mapping[str, Verdict], shared: SharedStateHealth) -> None:
        """Show how the arms are, once a second."""
        for arm, verdict in verdicts.items():
            for health in Health:
                self._health.of(arm, str(health)).set(verdict.health is health)
            for seen in verdict.comparisons:
                ratio = max(0.0, seen.evidence / seen.needed) if seen.needed > 0 else 0.0
                self._evidence.of(arm, seen.measure).set(ratio)
        self._redis.set(shared.redis is not False)
