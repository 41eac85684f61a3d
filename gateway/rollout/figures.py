"""What a change was decided on, as figures for the history. Pure."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.rollout.verdict import Alarm, Comparison, Verdict


def alarm_figures(alarm: Alarm) -> Mapping[str, object]:
    """The window the alarm was raised on."""
    return asdict(alarm.figures)


def verdict_figures(verdicts: Iterable[Verdict]) -> Mapping[str, object]:
    """Each arm's decision, its window, and its comparisons with the control."""
    return {
        verdict.arm: {
            "decision": str(verdict.decision),
            "health": str(verdict.health),
            "requests": verdict.requests,
            **asdict(verdict.figures),
            "comparisons": {c.measure: _comparison(c) for c in verdict.comparisons},
        }
        for verdict in verdicts
    }


def _comparison(seen: Comparison) -> Mapping[str, object]:
    return {
        "finding": str(seen.finding),
        "arm": seen.arm,
        "control": seen.control,
        "difference": seen.difference,
        "interval": None if seen.interval is None else list(seen.interval),
        "margin": seen.margin,
        "evidence": seen.evidence,
        "needed": seen.needed,
        "arm_count": seen.arm_count,
        "control_count": seen.control_count,
    }
