"""Whether a stage has proven enough to go on: the risk of the next one, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.rollout.comparing import NAMES
from gateway.rollout.measures import COST, ERROR_RATE, LATENCY, QUALITY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateway.rollout.rules import Rules
    from gateway.rollout.terms import StageTerms
    from gateway.rollout.verdict import Comparison

SLOWER = 0.05
"""Requests of the whole service that may take longer than the scaled p95, beyond the 5 % that do: then it
is a p90."""

DEARER = 0.05
"""Of the cost ceiling (4 x p95): how much the whole service's mean may lie above the margin."""

DOUBTFUL = 2 / 3
"""The part of the evidence needed for a rollback from which on a difference is warned of."""


def unproven(found: Iterable[Comparison], rules: Rules, next_share: float) -> Iterator[str]:
    """What still stands against moving on to ``next_share``.

    The upper end of each difference, times the share it would then fall upon, must be within what the
    whole service may lose: moving on cannot, at 1 - alpha, make it worse by more. Quality
    is asked for less, as labels are few or none: the lower end of its interval must not lie above
    the margin. So the absence of labels blocks nothing, and neither do a few of them.
    """
    allowances = {ERROR_RATE: rules.margins.error_rate, LATENCY: SLOWER, COST: DEARER}
    for comparison in found:
        interval = comparison.interval
        if interval is None:
            if comparison.measure in (ERROR_RATE, LATENCY):
                yield f"{NAMES[comparison.measure]} cannot be compared with the control yet"
            continue
        if comparison.measure == QUALITY and interval[0] > comparison.margin:
            yield f"answers are worse than the control's: {comparison.said}"
        allowance = allowances.get(comparison.measure)
        if allowance is not None and interval[1] * next_share > allowance:
            yield (
                f"{NAMES[comparison.measure]}: up to {interval[1] * 100:.2f} points worse than the "
                f"control is not excluded; on {next_share:.0%} of traffic that is "
                f"{interval[1] * next_share * 100:.2f} points of the whole, "
                f"{allowance * 100:g} may be risked"
            )


def unfinished(requests: int, terms: StageTerms) -> Iterator[str]:
    """What the stage's own terms still ask for."""
    if terms.elapsed < terms.minimum_time:
        yield f"{terms.elapsed} of the stage's least {terms.minimum_time} are over"
    if requests < terms.minimum_sample:
        yield f"{requests} requests of the stage's least {terms.minimum_sample} are in"


def doubts(found: Iterable[Comparison]) -> Iterator[str]:
    """Differences above their margin with evidence on the way to a rollback."""
    for comparison in found:
        above = comparison.difference is not None and comparison.difference > comparison.margin
        if above and comparison.evidence >= DOUBTFUL * comparison.needed:
            yield comparison.said
