"""The rollout bench: every scenario, beside the thresholds, against the issue's bars."""

from __future__ import annotations

import math
import os
import shutil
from dataclasses import dataclass, replace
from typing import Any

from bench.figures import PROGRESS, Bar, Result
from bench.rollout import propagation, thresholds
from bench.rollout.simulation import Runs, simulate
from bench.rollout.traffic import USUAL, Scenario
from gateway.rollout.measures import LATENCY

RUNS = int(os.environ.get("RUNS", "1000"))
"""Runs of the A/A scenario (environment: RUNS); the others take a part of them."""

ENDLESS = 10**9
HARM = replace(USUAL, errors=0.06)
FAILING = replace(USUAL, errors=0.3)
EDGE = replace(USUAL, errors=0.015)
STORM = replace(USUAL, errors=0.05)
SLOW, TOLERATED = replace(USUAL, latency=4.0), replace(USUAL, latency=2.0)
WRONG = replace(USUAL, correct=0.80)


@dataclass(frozen=True, slots=True)
class Case:
    """A scenario with its name in the table, and which part of `RUNS` it takes."""

    what: str
    scenario: Scenario
    part: float = 0.3


def _found(what: str, part: float = 0.3, most: int = 4_000, **scenario: Any) -> Case:
    """A harm that is looked for until it is found, or ``most`` requests of the arm have passed."""
    return Case(what, Scenario(requests=ENDLESS, after=most, **scenario), part)


CASES = {
    "aa": Case("A/A, 10 % arm, 20,000 requests", Scenario(), 1.0),
    "start": _found("errors 1 → 6 %, from the start", 1.0, later_arm=HARM),
    "late": _found("errors 1 → 6 %, after 2,000 healthy", onset=2_000, later_arm=HARM),
    "latency": _found("latency x 4, margin 3 x", later_arm=SLOW),
    "tolerated": Case("latency x 2, 20,000 requests", Scenario(later_arm=TOLERATED)),
    "quality": _found("correct 85 → 80 %, 30 % labelled", 0.2, 10_000, later_arm=WRONG),
    "latency_wide": _found("latency x 4, sigma 1", 0.1, later_arm=SLOW, sigma=1.0),
    "share_1": _found("errors 1 → 6 %, 1 % arm", 0.1, later_arm=HARM, share=0.01),
    "share_50": _found("errors 1 → 6 %, 50 % arm", later_arm=HARM, share=0.5),
    "slow_traffic": _found(
        "errors 1 → 6 %, after 500 healthy, 2 requests/s", 0.2, onset=500, later_arm=HARM, rate=2.0
    ),
    "quick_traffic": _found(
        "errors 1 → 6 %, after 500 healthy, 200 requests/s",
        0.2,
        onset=500,
        later_arm=HARM,
        rate=200.0,
    ),
    "restart": Case(
        "no harm, 50 % arm of 4 s beside 2 s, 200 requests/s",
        Scenario(
            share=0.5,
            arm=replace(USUAL, latency=8.0),
            later_arm=replace(USUAL, latency=8.0),
            control=replace(USUAL, latency=4.0),
            later_control=replace(USUAL, latency=4.0),
            sigma=0.3,
            rate=200.0,
            requests=4_000,
        ),
    ),
    "alone": _found("errors 30 %, 100 % arm, no control", 1.0, later_arm=FAILING, share=1.0),
    "edge": Case("errors 1.5 %: the margin's edge, 20,000 requests", Scenario(later_arm=EDGE), 0.2),
    "storm": Case(
        "both sides 1 → 5 %, after 500 requests of the arm",
        Scenario(onset=500, later_arm=STORM, later_control=STORM),
        0.1,
    ),
}

COLUMNS = ("scenario", "runs", "rolled back", "by comparison", "median requests of the arm")
NO_MEDIAN = {"aa", "tolerated", "restart", "edge", "storm"}
"""Where a rollback is no find."""


def run() -> Result:
    """Simulate everything; RUNS=4000 in the environment takes four times as many runs."""
    measured = _propagation()  # first: where the machine is too busy for it, that is said at once
    found = {key: simulate(c.what, c.scenario, _runs(c)) for key, c in CASES.items()}
    aa = found["aa"].rolled_back
    arm_requests = int(CASES["aa"].scenario.requests * CASES["aa"].scenario.share)
    rates = arm_requests, USUAL.errors, HARM.errors
    plain, tuned = thresholds.fixed(*rates), thresholds.tuned(aa, *rates)
    figures: dict[str, Any] = {
        "aa_rollback_rate": aa,
        "harm_requests_median": found["start"].median,
        "harm_requests_late_median": found["late"].median,
        "harm_requests_tuned_threshold": tuned.start,
        "latency_requests_median": found["latency"].median,
        "quality_requests_median": found["quality"].median,
        "harm_requests_late_tuned_threshold": tuned.late,
        "tuned_threshold_rate": tuned.errors / thresholds.WINDOW,
        "tuned_threshold_aa_rollback_rate": tuned.false_alarms,
        "fixed_threshold_aa_rollback_rate": plain.false_alarms,
        "scenarios": {key: _figures(key, runs) for key, runs in found.items()},
        **measured,
    }
    rows = [_row(key, found[key]) for key in CASES]
    rows += [_threshold_row("fixed 3 % of 100", plain), _threshold_row("tuned, of 100", tuned)]
    return Result("rollout", figures, COLUMNS, rows, _bars(figures, found, tuned))


def _bars(
    figures: dict[str, Any], found: dict[str, Runs], tuned: thresholds.Threshold
) -> tuple[Bar, ...]:
    start, late = found["start"].median, found["late"].median
    bars = [
        Bar("aa_rollback_rate", 0.05, figures["aa_rollback_rate"]),
        Bar("restart_rollback_rate", 0.05, found["restart"].rolled_back),
        Bar("harm_requests_median", 120, start),
        Bar("harm_requests_late_median", 200, late),
        Bar("harm_requests_median / tuned threshold", 1.2, start / tuned.start),
        Bar("harm_requests_late_median / tuned threshold", 1.2, late / tuned.late),
        Bar("latency_requests_median", 400, found["latency"].median),
        Bar("latency x 2 rolled back for it", 0, found["tolerated"].rolled_back_by(LATENCY)),
        Bar("quality_requests_median", 3_000, found["quality"].median),
    ]
    if figures["propagation_s_p99"] is not None:
        bars.append(Bar("propagation_s_p99", propagation.BAR_S, figures["propagation_s_p99"]))
    return tuple(bars)


def _propagation() -> dict[str, Any]:
    """Figures of several processes with a real Redis; None without one, and then it says so."""
    if shutil.which("redis-server") is None:
        PROGRESS.print("propagation left out: no redis-server (apt-get install redis-server)")
        return {"propagation_s_p99": None}
    found = propagation.run()
    return {"propagation_s_p99": found["propagation_s_p99"], "propagation": found}


def _runs(case: Case) -> int:
    return max(10, round(RUNS * case.part))


def _figures(key: str, runs: Runs) -> dict[str, Any]:
    median = None if key in NO_MEDIAN or math.isinf(runs.median) else runs.median
    return {
        "runs": len(runs.runs),
        "rolled_back": round(runs.rolled_back, 4),
        "by_comparison": round(runs.by_comparison, 4),
        "median": median,
    }


def _row(key: str, runs: Runs) -> tuple[str, ...]:
    return (
        CASES[key].what,
        str(len(runs.runs)),
        f"{runs.rolled_back:.1%}",
        f"{runs.by_comparison:.1%}",
        "" if key in NO_MEDIAN else f"{runs.median:g}",
    )


def _threshold_row(name: str, threshold: thresholds.Threshold) -> tuple[str, ...]:
    return (
        f"{name}: from {threshold.errors} errors on, A/A",
        str(thresholds.RUNS),
        f"{threshold.false_alarms:.1%}",
        "",
        f"{threshold.start:g}, late {threshold.late:g}",
    )
