"""The wire shape of the rollout's status."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gateway.rollout.plan_codec import plan_document

if TYPE_CHECKING:
    from gateway.rollout.plan import RolloutPlan
    from gateway.rollout.status import RolloutStatus
    from gateway.rollout.verdict import Verdict


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


def verdict_body(verdict: Verdict) -> dict[str, Any]:
    """One arm's verdict."""
    return {
        "arm": verdict.arm,
        "decision": verdict.decision,
        "health": verdict.health,
        "reasons": verdict.reasons,
        "requests": verdict.requests,
        "figures": verdict.figures,
        "sample_ratio": ratio_body(verdict),
    }


def ratio_body(verdict: Verdict) -> dict[str, Any]:
    """Whether the arm got the share of traffic it was meant to get."""
    return asdict(verdict.ratio) | {"mismatch": verdict.ratio.mismatch}


def plan_body(plan: RolloutPlan) -> dict[str, Any]:
    """What was decided beforehand, but for the stages; as a plan's file has it."""
    return {name: value for name, value in plan_document(plan).items() if name != "stages"}


def stages_body(plan: RolloutPlan | None, stage: int | None = None) -> list[dict[str, Any]]:
    """The plan's stages in order. ``is_now`` marks number ``stage``, rolled back or not."""
    return [
        {
            "stage": f"{held.percentage:g}",
            "percentage": held.percentage,
            "is_now": number == stage,
            "minimum_time_s": held.minimum_time.total_seconds(),
            "minimum_sample": held.minimum_sample,
            "approvals": held.approvals,
            "error_rate_rollback": held.error_rate_rollback,
            "error_rate_warning": held.error_rate_warning,
        }
        for number, held in enumerate(plan.stages if plan else ())
    ]
