"""All the evidence against one arm: its requests and labels beside the control's, measure by measure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gateway.rollout.measures import (
    CONFIDENCE,
    COST,
    ERROR_RATE,
    LATENCY,
    PARTS,
    QUALITY,
    bars,
    bet,
)
from gateway.rollout.own_past import OwnPast
from gateway.rollout.statistics.betting import TwoSample
from gateway.rollout.statistics.pairing import Block, Pairing
from gateway.rollout.statistics.quantile import RecentP95
from gateway.rollout.tally import Callers, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.rollout.observation import Label, Observation
    from gateway.rollout.rules import Rules
    from gateway.rollout.statistics.detector import Bars, Detector

CEILING = 4.0
"""Times its p95: the cost above which a control request counts as costing just that. Means of costs
without a ceiling cannot be compared at all, as one request might cost anything."""

Outcome = tuple[float, str | None]
"""How bad, in [0, 1], and whose request it was."""


class Against:
    """One measure's test against the control."""

    def __init__(self, measure: str, rules: Rules) -> None:
        self.measure = measure
        self.bars: Bars = bars(measure, rules)
        self.test = TwoSample(bet(measure, rules.margins))
        self.tally = Tally()
        self.callers = Callers()

    @property
    def detector(self) -> Detector:
        """The evidence itself."""
        return self.test.detector

    @property
    def harmful(self) -> bool:
        """Whether harm is proven, by enough callers' requests."""
        return self.test.detector.reaches(self.bars) and self.callers.enough

    def add(self, arm: Sequence[Outcome], control: Sequence[float]) -> None:
        """Take in a block's outcomes."""
        values = [y for y, _ in arm]
        usual = self.tally.control / self.tally.control_count if self.tally.control_count else 0.0
        for y, caller in arm:
            if y > usual:
                self.callers.add(caller)
        self.tally.add(values, control)
        self.test.add(values, control)

    def clear(self) -> None:
        """Forget the evidence."""
        self.test.clear()
        self.tally.clear()
        self.callers.clear()


class ArmEvidence:
    """One arm's. Bounded in memory; a request costs O(1), amortised."""

    def __init__(self, rules: Rules) -> None:
        self._requests: Pairing[Observation] = Pairing()
        self._labels: Pairing[Label] = Pairing()
        self._share = 0.5
        self._own_past = OwnPast(rules.margins.confidence, _reference_alpha(rules))
        self.usual_latency, self.arm_latency = RecentP95(), RecentP95()
        self._usual_cost = RecentP95()
        self._set(rules)

    def _set(self, rules: Rules) -> None:
        self._rules = rules
        self.errors = Against(ERROR_RATE, rules)
        self.latency = Against(LATENCY, rules)
        self.cost = Against(COST, rules)
        self.quality = Against(QUALITY, rules)
        self.confidence_callers = Callers()
        self.confidence_bars = bars(CONFIDENCE, rules)
        self._clear_sums()

    @property
    def own_past(self) -> OwnPast:
        """The confidence beside its own past."""
        return self._own_past

    def observe(self, seen: Observation, share: float, *, to_arm: bool) -> bool:
        """Take in a measured request of the arm or of the control; whether any evidence moved.

        ``share`` is the arm's of both sides' requests, as expected, in [0, 1].
        """
        self._share = share
        if to_arm:
            self.requests += 1
            self._confide(seen)
        block = self._requests.add(seen, share, to_arm=to_arm)
        if block is not None:
            self._compare(block)
        return to_arm or block is not None

    def label(self, label: Label, *, to_arm: bool) -> bool:
        """Take in what was said of an answer of the arm or of the control, as `observe`."""
        block = self._labels.add(label, self._share, to_arm=to_arm)
        if block is None:
            return False
        self.quality.add(
            [(float(not seen.correct), seen.caller) for seen in block.arm],
            [float(not seen.correct) for seen in block.control],
        )
        return True

    def harms(self) -> Iterator[str]:
        """The measures in which harm is proven."""
        for against in (self.errors, self.quality, self.latency, self.cost):
            if against.harmful:
                yield against.measure
        detector = self._own_past.detector
        if (
            detector is not None
            and detector.reaches(self.confidence_bars)
            and self.confidence_callers.enough
        ):
            yield CONFIDENCE

    def clear(self) -> None:
        """A new stage: the evidence begins anew. What bets are placed by (usual p95, reference) stays."""
        self._requests.clear()
        self._labels.clear()
        for against in (self.errors, self.latency, self.cost, self.quality):
            against.clear()
        self._own_past.clear()
        self.confidence_callers.clear()
        self._set_bars()
        self._clear_sums()

    def adjust(self, rules: Rules) -> None:
        """Judge by other rules; evidence against other margins is none against these and ends.

        An arm that leaves does not lower the others' bars before the evidence begins anew: its part
        of alpha is spent.
        """
        before, self._rules = self._rules, rules
        if rules.margins != before.margins:
            self.clear()
            self._set(rules)
            self._own_past.adjust(rules.margins.confidence, _reference_alpha(rules))
        elif rules.alpha != before.alpha or len(rules.arms) > len(before.arms):
            self._set_bars()

    def _set_bars(self) -> None:
        for against in (self.errors, self.latency, self.cost, self.quality):
            against.bars = bars(against.measure, self._rules)
        self.confidence_bars = bars(CONFIDENCE, self._rules)
        self._own_past.allow(_reference_alpha(self._rules))

    def _clear_sums(self) -> None:
        self.requests = 0
        self.arm_latency.clear()
        self.arm_cost = self.control_cost = 0.0
        self.arm_costs = self.control_costs = 0

    def _confide(self, seen: Observation) -> None:
        if (
            seen.confidence is not None
            and not seen.error
            and self._own_past.add(min(max(seen.confidence, 0.0), 1.0))
        ):
            self.confidence_callers.add(seen.caller)

    def _compare(self, block: Block[Observation]) -> None:
        self.errors.add(
            [(float(seen.error), seen.caller) for seen in block.arm],
            [float(seen.error) for seen in block.control],
        )
        self._compare_latency(
            [seen for seen in block.arm if not seen.error],
            [seen.latency_ms for seen in block.control if not seen.error],
        )
        self._compare_cost(
            [(seen.cost_usd, seen.caller) for seen in block.arm if not seen.error],
            [seen.cost_usd for seen in block.control if not seen.error],
        )

    def _compare_latency(self, arm: list[Observation], control: list[float]) -> None:
        """Failures are left out: what fails at once is not quick, and is counted as a failure."""
        usual = self.usual_latency.value
        if usual is not None and math.isfinite(usual):
            limit = usual * self._rules.margins.latency
            self.latency.add(
                [(float(seen.latency_ms > limit), seen.caller) for seen in arm],
                [float(latency > usual) for latency in control],
            )
        for seen in arm:
            self.arm_latency.add(seen.latency_ms)
        for latency in control:
            self.usual_latency.add(latency)

    def _compare_cost(
        self, arm: list[tuple[float | None, str | None]], control: list[float | None]
    ) -> None:
        known_arm = [(cost, caller) for cost, caller in arm if cost is not None]
        known = [cost for cost in control if cost is not None]
        usual = self._usual_cost.value
        if usual is not None and 0 < usual < math.inf:
            ceiling = CEILING * usual
            scaled = ceiling * self._rules.margins.cost
            self.cost.add(
                [(min(cost / scaled, 1.0), caller) for cost, caller in known_arm],
                [min(cost / ceiling, 1.0) for cost in known],
            )
        self.arm_cost += math.fsum(cost for cost, _ in known_arm)
        self.arm_costs += len(known_arm)
        self.control_cost += math.fsum(known)
        self.control_costs += len(known)
        for cost in known:
            self._usual_cost.add(cost)


def _reference_alpha(rules: Rules) -> float:
    """Half of the confidence's part of alpha goes to the reference; the other half is the bet's."""
    return rules.alpha * PARTS[CONFIDENCE].start / 2 / max(1, len(rules.arms))
