"""Verdicts of arms, by what a case is about; everything else is plain."""

from __future__ import annotations

from gateway.rollout.verdict import Comparison, Decision, Finding, Health, SampleRatio, Verdict
from gateway.rollout.window import Window

NOTHING = Window(60, 1000).figures(0)


def comparison(measure="error_rate", *, interval=None, evidence=0.0, needed=3.0):
    """One measure beside the control."""
    return Comparison(
        measure=measure,
        finding=Finding.OPEN,
        arm=0.1,
        control=0.1,
        difference=None if interval is None else sum(interval) / 2,
        interval=interval,
        margin=0.0,
        evidence=evidence,
        needed=needed,
        arm_count=100,
        control_count=100,
        said="",
    )


def verdict(
    arm="wall_bounce", decision=Decision.HOLD, health=Health.HEALTHY, comparisons=(), reasons=()
):
    """One arm's verdict."""
    ratio = SampleRatio(None, None, 0, 0.0, 9.0)
    return Verdict(arm, decision, health, reasons, NOTHING, NOTHING, tuple(comparisons), ratio, 100)
