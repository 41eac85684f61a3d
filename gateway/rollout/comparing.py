"""An arm's evidence as comparisons: figures, intervals, and a sentence each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.rollout.measures import CONFIDENCE, COST, ERROR_RATE, LATENCY, QUALITY
from gateway.rollout.verdict import Comparison, Finding

if TYPE_CHECKING:
    from gateway.rollout.evidence import Against, ArmEvidence
    from gateway.rollout.rules import Rules
    from gateway.rollout.statistics.detector import Bars, Detector
    from gateway.rollout.tally import Tally

Interval = tuple[float, float]

NAMES = {
    ERROR_RATE: "error rate",
    QUALITY: "wrong answers, by feedback",
    LATENCY: "latency",
    COST: "cost",
    CONFIDENCE: "confidence",
}


@dataclass(frozen=True, slots=True)
class _Values:
    """A measure in its own unit, and the words for what is compared."""

    arm: float | None
    control: float | None
    words: str


@dataclass(frozen=True, slots=True)
class _Tested:
    """A measure on the scale it is tested on; ``evidence`` with its bar, ``enough`` callers behind it."""

    difference: float | None
    interval: Interval | None
    margin: float
    evidence: tuple[float, float]
    enough: bool


def comparisons(evidence: ArmEvidence, rules: Rules) -> tuple[Comparison, ...]:
    """Every measure's comparison since the stage began; costs about a millisecond."""
    errors, quality = evidence.errors.tally, evidence.quality.tally
    return (
        _against(evidence.errors, rules, rules.margins.error_rate, _rates(ERROR_RATE, errors)),
        _against(evidence.quality, rules, rules.margins.quality, _rates(QUALITY, quality)),
        _against(evidence.latency, rules, 0.0, _latency(evidence, rules)),
        _against(evidence.cost, rules, 0.0, _cost(evidence, rules)),
        _confidence(evidence, rules),
    )


def strongest(detector: Detector | None, bars: Bars) -> tuple[float, float]:
    """Of the evidence since the start and the recent: that which is nearer to its bar, and the bar."""
    if detector is None or not detector.steps:
        return 0.0, bars.start
    start, recent = (detector.start, bars.start), (detector.recent, bars.recent)
    return max(start, recent, key=lambda pair: pair[0] - pair[1])


def _against(against: Against, rules: Rules, margin: float, values: _Values) -> Comparison:
    tested = _Tested(
        against.tally.difference,
        against.tally.interval(_level(rules)),
        margin,
        strongest(against.detector, against.bars),
        against.callers.enough,
    )
    return _comparison(against.measure, against.tally, tested, values, rules)


def _confidence(evidence: ArmEvidence, rules: Rules) -> Comparison:
    past = evidence.own_past
    tally, usual = past.tally, past.past
    now = tally.arm / tally.arm_count if tally.arm_count else None
    difference, interval = None, None
    words = "no past to compare with yet"
    if past.bound is not None and now is not None and usual is not None:
        low, high = tally.interval_of_arm(_level(rules))
        difference, interval = now - usual, (low - past.bound, high - usual)
        words = f"mean {1 - now:.3f} over {tally.arm_count} requests, {1 - usual:.3f} in its past"
    tested = _Tested(
        difference,
        interval,
        rules.margins.confidence,
        strongest(past.detector, evidence.confidence_bars),
        evidence.confidence_callers.enough,
    )
    values = _Values(None if now is None else 1 - now, None if usual is None else 1 - usual, words)
    return _comparison(CONFIDENCE, tally, tested, values, rules)


def _level(rules: Rules) -> float:
    """How often an interval misses, ever; so that all arms' of one measure hold together at alpha."""
    return rules.alpha / max(1, len(rules.arms))


def _comparison(
    measure: str, tally: Tally, tested: _Tested, values: _Values, rules: Rules
) -> Comparison:
    evidence, needed = tested.evidence
    if tested.difference is None or tested.interval is None:
        finding, said = Finding.NO_DATA, f"{NAMES[measure]}: {values.words}"
    else:
        finding = _finding(tested, tested.interval)
        said = (
            f"{NAMES[measure]}: {values.words}; difference {_signed(tested.difference)} "
            f"({_signed(tested.interval[0])} to {_signed(tested.interval[1])} at "
            f"{100 * (1 - _level(rules)):.4g}%, at all times), margin {_signed(tested.margin)}: "
            f"{_word(finding)}"
        )
        if evidence >= needed and finding is Finding.OPEN:
            said += ", as the bad requests came from fewer than three callers"
    return Comparison(
        measure=measure,
        finding=finding,
        arm=values.arm,
        control=values.control,
        difference=tested.difference,
        interval=tested.interval,
        margin=tested.margin,
        evidence=evidence,
        needed=needed,
        arm_count=tally.arm_count,
        control_count=tally.control_count,
        said=said,
    )


def _finding(tested: _Tested, interval: Interval) -> Finding:
    evidence, needed = tested.evidence
    if evidence >= needed:
        return Finding.HARM if tested.enough else Finding.OPEN
    return Finding.SAFE if interval[1] <= tested.margin else Finding.OPEN


def _word(finding: Finding) -> str:
    return {Finding.HARM: "harm", Finding.SAFE: "safe"}.get(finding, "open")


def _rates(measure: str, tally: Tally) -> _Values:
    if not tally.arm_count or not tally.control_count:
        return _Values(None, None, "no feedback yet" if measure == QUALITY else "nothing yet")
    arm, control = tally.arm / tally.arm_count, tally.control / tally.control_count
    words = (
        f"{arm:.2%} of {tally.arm_count} requests, {control:.2%} of {tally.control_count} of the "
        "control's"
    )
    return _Values(arm, control, words)


def _latency(evidence: ArmEvidence, rules: Rules) -> _Values:
    tally, arm, control = (
        evidence.latency.tally,
        evidence.arm_latency.now(),
        evidence.usual_latency.now(),
    )
    if not tally.arm_count or not tally.control_count or arm is None or control is None:
        return _Values(arm, control, "nothing yet")
    words = (
        f"p95 {arm:.0f} ms, {control:.0f} ms of the control's; longer than {rules.margins.latency:g} "
        f"x that took {tally.arm / tally.arm_count:.2%} of {tally.arm_count} requests, longer than "
        f"that {tally.control / tally.control_count:.2%} of {tally.control_count} of the control's"
    )
    return _Values(arm, control, words)


def _cost(evidence: ArmEvidence, rules: Rules) -> _Values:
    arm = evidence.arm_cost / evidence.arm_costs if evidence.arm_costs else None
    control = evidence.control_cost / evidence.control_costs if evidence.control_costs else None
    if arm is None or control is None:
        return _Values(arm, control, "not known")
    words = (
        f"mean {arm:.6f} USD, {control:.6f} USD of the control's, {_times(arm, control)}; allowed "
        f"{rules.margins.cost:g} x (rates below: of the ceiling, the arm's divided by that)"
    )
    return _Values(arm, control, words)


def _times(arm: float, control: float) -> str:
    return f"{arm / control:.2f} x" if control > 0 else "which is nothing"


def _signed(value: float) -> str:
    if math.isclose(value, 0, abs_tol=5e-6):
        value = 0.0
    return f"{value * 100:+.2f} points"
