"""Reads a plan from plain values, as YAML and JSON have them, and says all that is wrong by its path."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, Literal

from gateway.rollout.plan import ArmPolicy, RolloutPlan, Stage
from gateway.rollout.plan_checks import InvalidPlanError, Problem
from gateway.rollout.presets import DEFAULT_PRESET, PRESET_NAMES, preset_plan, stage_of
from gateway.rollout.reading import Reading, duration, number, text, texts, whole
from gateway.rollout.rules import Margins

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLAN_KEYS = ("preset", *(field.name for field in fields(RolloutPlan)))
_STAGE_KEYS = tuple(field.name for field in fields(Stage))
_ARM_KEYS = tuple(field.name for field in fields(ArmPolicy))
_MARGIN_KEYS = tuple(field.name for field in fields(Margins))
_UNREAD = float("nan")
"""Stands for a percentage that could not be read: in no range, so that no other stage is blamed."""


def read_plan(document: object, *, unknown: Literal["refuse", "ignore"] = "refuse") -> RolloutPlan:
    """The plan a document describes (docs/rollout-plans.md).

    Args:
        document: Mappings, lists, texts and numbers.
        unknown: What to do with keys that mean nothing here. Who writes a plan has mistyped one;
            what was stored may come from a newer version of this code.

    Raises:
        InvalidPlanError: It describes none; ``problems`` are all that is wrong with it.
    """
    reader = _PlanReading(refuses_unknown=unknown == "refuse")
    plan = reader.plan(document)
    if plan is None or reader.problems:
        raise InvalidPlanError(tuple(reader.problems))
    return plan


class _PlanReading(Reading):
    def plan(self, document: object) -> RolloutPlan | None:
        if not isinstance(document, dict):
            self.expected("", "a mapping with a name and stages", document)
            return None
        self.known(document, "", _PLAN_KEYS)
        preset = self.one_of(document, "preset", "", PRESET_NAMES, DEFAULT_PRESET)
        base = preset_plan(preset)
        if document.get("name") is None:
            self.problems.append(Problem("name", "expected a name for the plan, found none"))
        choose = {
            "advance": ("manual", "automatic"),
            "after_rollback": ("restart", "same"),
        }
        try:
            return RolloutPlan(
                name=self.field(document, "name", "", text, base.name),
                stages=self._stages(document, preset, base.stages),
                arms=self._arms(document, base.arms),
                margins=self._margins(document),
                alpha=self.field(document, "alpha", "", number, base.alpha),
                shadow=self.field(document, "shadow", "", number, base.shadow),
                **{  # type: ignore[arg-type]  # one of the choices
                    key: self.one_of(document, key, "", choices, getattr(base, key))
                    for key, choices in choose.items()
                },
            )
        except InvalidPlanError as error:
            self.add(error.problems)
            return None

    def _stages(
        self, document: Mapping[str, Any], preset: str, own: tuple[Stage, ...]
    ) -> tuple[Stage, ...]:
        if "stages" not in document:
            return own
        listed = self.listed(document["stages"], "stages", "a list of percentages or mappings")
        if listed is None:
            return own
        return tuple(
            self._stage(stage, f"stages[{n}]", preset, first=n == 0)
            for n, stage in enumerate(listed)
        )

    def _stage(self, value: object, at: str, preset: str, *, first: bool) -> Stage:
        if not isinstance(value, dict):
            value = {"percentage": value}
        self.known(value, at, _STAGE_KEYS)
        if value.get("percentage") is None:
            self.problems.append(Problem(f"{at}.percentage", "expected a number, found none"))
        percentage = self.field(value, "percentage", at, number, _UNREAD)
        base = stage_of(preset, percentage)
        rollback = self.field(value, "error_rate_rollback", at, number, base.error_rate_rollback)
        # A limit set below the preset's warning takes the warning with it: nobody set that one.
        warning = min(base.error_rate_warning, rollback)
        return Stage(
            percentage=percentage,
            minimum_time=self.field(value, "minimum_time", at, duration, base.minimum_time),
            minimum_sample=self.field(value, "minimum_sample", at, whole, base.minimum_sample),
            approvals=self.field(value, "approvals", at, whole, 0 if first else base.approvals),
            error_rate_rollback=rollback,
            error_rate_warning=self.field(value, "error_rate_warning", at, number, warning),
        )

    def _arms(
        self, document: Mapping[str, Any], own: tuple[ArmPolicy, ...]
    ) -> tuple[ArmPolicy, ...]:
        if "arms" not in document:
            return own
        listed = self.listed(document["arms"], "arms", "a list of names or mappings")
        if listed is None:
            return own
        return tuple(self._arm(arm, f"arms[{n}]") for n, arm in enumerate(listed))

    def _arm(self, value: object, at: str) -> ArmPolicy:
        stand_in = f"unread{len(self.problems)}"
        if not isinstance(value, dict):
            return ArmPolicy(self.read(value, f"{at}.name", text, stand_in))
        self.known(value, at, _ARM_KEYS)
        if value.get("name") is None:
            self.problems.append(Problem(f"{at}.name", "expected a name, found none"))
        mode: Any = self.one_of(value, "mode", at, ("parallel", "sequential"), "")
        return ArmPolicy(
            name=self.field(value, "name", at, text, stand_in),
            split=self.field(value, "split", at, number, 1.0),
            providers=self.field(value, "providers", at, texts, None),
            weights=self._weights(value, at),
            mode=mode or None,
            depth=self.field(value, "depth", at, whole, None),
        )

    def _weights(self, value: Mapping[str, Any], at: str) -> dict[str, float] | None:
        weights = value.get("weights")
        if weights is None:
            return None
        if not isinstance(weights, dict) or not all(isinstance(name, str) for name in weights):
            self.expected(f"{at}.weights", "a mapping of provider names to numbers", weights)
            return None
        at = f"{at}.weights"
        return {name: self.field(weights, name, at, number, 1.0) for name in weights}

    def _margins(self, document: Mapping[str, Any]) -> Margins:
        value = document.get("margins")
        if value is None:
            return Margins()
        if not isinstance(value, dict):
            self.expected("margins", f"a mapping of {', '.join(_MARGIN_KEYS)}", value)
            return Margins()
        self.known(value, "margins", _MARGIN_KEYS)
        usual = asdict(Margins())
        return Margins(
            **{key: self.field(value, key, "margins", number, usual[key]) for key in _MARGIN_KEYS}
        )
