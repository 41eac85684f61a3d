"""The wire shape of the rollout's status. Shares and rates are fractions of 1, percentages say so."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gateway.rollout.minimum_sample import minimum_sample
from gateway.rollout.plan_codec import plan_document

if TYPE_CHECKING:
    from gateway.rollout.plan import RolloutPlan
    from gateway.rollout.rules import Limits
    from gateway.rollout.state import RolloutEvent
    from gateway.rollout.status import RolloutStatus
    from gateway.rollout.verdict import Verdict

_HEALTH = ("CRITICAL", "WARNING", "NOT_ENOUGH_DATA", "HEALTHY")
_DECISIONS = ("ROLL_BACK", "INCONCLUSIVE", "HOLD", "ADVANCE")
"""The most urgent first."""


def rollout_body(status: RolloutStatus) -> dict[str, Any]:
    """What is in force and why, the plan, each arm's figures and verdict, limits, history.

    ``verdict``, ``decision`` and ``sample_ratio`` are those of the arm that needs looking at first;
    ``verdicts`` has all of them.
    """
    standing, state = status.standing, status.standing.state
    closed = () if state is None else state.closed
    foremost = most_urgent([v for v in status.verdicts.values() if v.arm not in closed])
    return {
        "instance": status.instance,
        "enabled": standing.enabled,
        "stage": standing.stage,
        "share": standing.share,
        "ceiling": standing.ceiling,
        "traffic_percentage": standing.share * 100,
        "rule": standing.rule,
        "because": standing.because,
        "tripped": standing.tripped,
        "trip": standing.trip,
        "delivered": standing.delivered,
        "state_known": standing.known,
        "held": state is not None and state.held,
        "closed": list(closed),
        "approvals": [] if state is None else list(state.approvals),
        "plan": None if state is None or state.plan is None else plan_body(state.plan),
        "stages": [] if state is None else stages_body(state.plan, state.stage),
        "since": None if state is None else state.since,
        "arms": status.figures,
        "decision": foremost.decision,
        "verdict": verdict_body(foremost),
        "verdicts": {v.arm: verdict_body(v) for v in status.verdicts.values()},
        "comparisons": [
            {"variant": verdict.arm, **asdict(comparison)}
            for verdict in status.verdicts.values()
            for comparison in verdict.comparisons
        ],
        "sample_ratio": ratio_body(foremost),
        "best_arm": status.best_arm,
        "limits": limits_body(status.rules.limits),
        "shared_state": {
            "version": None if state is None else state.version,
            **asdict(status.shared),
        },
        "history": None if status.history is None else [event_body(e) for e in status.history],
    }


def most_urgent(verdicts: list[Verdict]) -> Verdict:
    """The verdict that needs looking at first; it is ADVANCE only if all are."""
    return min(verdicts, key=lambda v: (_HEALTH.index(v.health), _DECISIONS.index(v.decision)))


def event_body(event: RolloutEvent) -> dict[str, Any]:
    """What was done; the states that followed are left to `wallbounce rollout history --json`."""
    return {
        "version": event.version,
        "at": event.at,
        "kind": event.kind,
        "by": event.by,
        "reason": event.reason,
        "figures": event.figures,
        "digest": event.digest,
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


def limits_body(limits: Limits) -> dict[str, Any]:
    """The absolute guards in force; a sample nobody set is the one derived from the error rate."""
    sample = limits.minimum_sample
    return {
        "error_rate": limits.error_rate,
        "warning_error_rate": limits.warning_error_rate,
        "latency_p95_ms": limits.latency_ms,
        "window_s": limits.window.total_seconds(),
        "minimum_sample": minimum_sample(limits.error_rate) if sample is None else sample,
        "minimum_errors": limits.minimum_errors,
    }
