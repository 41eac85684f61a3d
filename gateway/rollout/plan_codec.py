"""A plan as the JSON document that is kept of it, and back: the same form a plan's YAML file has."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from gateway.rollout.durations import duration_text
from gateway.rollout.plan_reading import read_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.rollout.plan import ArmPolicy, RolloutPlan, Stage


def plan_document(plan: RolloutPlan) -> dict[str, object]:
    """The plan as JSON has it: every field, so that no later default changes what was adopted."""
    return {
        "name": plan.name,
        "advance": plan.advance,
        "after_rollback": plan.after_rollback,
        "stages": [_stage(stage) for stage in plan.stages],
        "arms": [_arm(arm) for arm in plan.arms],
        "margins": asdict(plan.margins),
        "alpha": plan.alpha,
        "shadow": plan.shadow,
    }


def plan_from(document: Mapping[str, object]) -> RolloutPlan:
    """The plan that was kept. Fields this version does not know are passed over.

    Instances of two versions share the state while one replaces the other, and both must follow it.

    Raises:
        InvalidPlanError: The document describes no plan, or one that makes no sense.
    """
    return read_plan(document, unknown="ignore")


def _stage(stage: Stage) -> dict[str, object]:
    return asdict(stage) | {"minimum_time": duration_text(stage.minimum_time)}


def _arm(arm: ArmPolicy) -> dict[str, object]:
    return {
        "name": arm.name,
        "split": arm.split,
        "providers": None if arm.providers is None else list(arm.providers),
        "weights": None if arm.weights is None else dict(arm.weights),
        "mode": arm.mode,
        "depth": arm.depth,
    }
