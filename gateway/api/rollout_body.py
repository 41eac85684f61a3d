"""The wire shape of the rollout's status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateway.rollout.status import RolloutStatus


def rollout_body(status: RolloutStatus) -> dict[str, Any]:
    """Stage, arms, figures, verdict, limits, history. Shares and rates are fractions of 1."""
    standing = status.standing
    return {
        "instance": status.instance,
        "enabled": standing.enabled,
        "stage": standing.stage,
        "share": standing.share,
        "ceiling": standing.ceiling,
        "traffic_percentage": standing.share * 100,
        "tripped": standing.tripped,
        "trip": standing.trip,
        "delivered": standing.delivered,
        "state_known": standing.known,
        "arms": status.arms,
        "verdict": {
            "health": status.verdict.health,
            "reasons": status.verdict.reasons,
            "figures": status.verdict.figures,
        },
        "limits": {
            "error_rate": status.limits.error_rate,
            "warning_error_rate": status.limits.warning_error_rate,
            "latency_p95_ms": status.limits.latency_ms,
            "window_s": status.limits.window.total_seconds(),
            "minimum_sample": status.limits.minimum_sample,
            "minimum_errors": status.limits.minimum_errors,
        },
        "history": status.history,
    }
