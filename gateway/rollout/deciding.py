"""From what is known of an arm to a decision: the grounds in order, the first that holds decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.rollout.ramp import doubts, unfinished, unproven
from gateway.rollout.verdict import Decision, Health

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.rollout.rules import Rules
    from gateway.rollout.terms import StageTerms
    from gateway.rollout.verdict import Comparison, SampleRatio
    from gateway.rollout.window import Figures

Ground = tuple[Decision, Health, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known: why the arm must go at once, a warning of its guards, windows, comparisons, split."""

    critical: tuple[str, ...]
    warning: str | None
    figures: Figures
    control: Figures
    comparisons: tuple[Comparison, ...]
    ratio: SampleRatio
    requests: int


def decide(known: Known, rules: Rules, terms: StageTerms) -> Ground:
    """The decision and its reasons; going on needs that nothing stands against it."""
    for decision, health, reasons in _against_going_on(known, rules, terms):
        if reasons:
            return decision, health, reasons
    said = tuple(comparison.said for comparison in known.comparisons)
    if terms.next_share is None:
        return Decision.HOLD, Health.HEALTHY, ("there is no next stage", *said)
    return Decision.ADVANCE, Health.HEALTHY, said


def _against_going_on(known: Known, rules: Rules, terms: StageTerms) -> Iterator[Ground]:
    yield Decision.ROLL_BACK, Health.CRITICAL, known.critical
    yield Decision.INCONCLUSIVE, Health.NOT_ENOUGH_DATA, tuple(_silent(known, terms))
    yield Decision.INCONCLUSIVE, Health.WARNING, tuple(_mismatched(known.ratio))
    warning = (known.warning,) if known.warning else ()
    yield Decision.HOLD, Health.WARNING, (*warning, *doubts(known.comparisons))
    few = known.requests < terms.minimum_sample
    health = Health.NOT_ENOUGH_DATA if few else Health.HEALTHY
    yield Decision.HOLD, health, tuple(unfinished(known.requests, terms))
    if terms.next_share is not None:
        risks = unproven(known.comparisons, rules, terms.next_share)
        yield Decision.HOLD, Health.HEALTHY, tuple(risks)


def _silent(known: Known, terms: StageTerms) -> Iterator[str]:
    if not known.figures.requests:
        yield "no traffic in the arm within the window: silence is not health"
    if not known.control.requests and terms.share < 1:
        yield "no traffic in the control within the window: there is nothing to compare with"


def _mismatched(ratio: SampleRatio) -> Iterator[str]:
    if ratio.mismatch:
        yield (
            f"the new path got {ratio.seen or 0:.2%} of {ratio.count} callers and requests without "
            f"id instead of {ratio.expected or 0:.2%}: what compares them cannot be trusted"
        )
