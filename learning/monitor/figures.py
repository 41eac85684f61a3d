"""What a tally amounts to: rates with their intervals, means, quantiles; None for what is not known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from learning.monitor.bins import quantile
from learning.monitor.intervals import wilson

if TYPE_CHECKING:
    from collections.abc import Mapping

    from learning.monitor.intervals import Share
    from learning.monitor.tally import Tally


@dataclass(frozen=True, slots=True)
class Figures:
    """One arm or provider over some time. A figure without data is None, never a healthy 0.

    Attributes:
        requests: Requests of an arm, calls of a provider.
        measured: Of them those that say something (answered, or failed by our or the vendor's doing).
        errors: Of the measured those that failed.
        error_rate: Errors over measured.
        labelled: Answers with a label that says something.
        right: Of them those that were right.
        accuracy: Right over labelled.
        confidence: Mean of those given out, in [0, 1].
        calibration_error: Expected calibration error of labelled answers (Guo et al. 2017).
        agreement: Mean, in [0, 1].
        rating: Mean of 1 to 5.
        latency_p50_ms: Of answers, within 2.2 %.
        latency_p95_ms: The same.
        cost_usd: What is known of the cost, all together.
        cost_per_request_usd: Mean of those whose cost is known.
        input_tokens: All together.
        output_tokens: All together, reasoning included.
        refusal_rate: Answers that decline, over answers read.
        length_p50_tokens: Tokens an answer has, reasoning left out, within 2.2 %.
        with_returned: A provider's answers that say what the returned answer says.
        codes: Failures by their code.
    """

    requests: int
    measured: int
    errors: int
    error_rate: Share | None
    labelled: int
    right: int
    accuracy: Share | None
    confidence: float | None
    calibration_error: float | None
    agreement: float | None
    rating: float | None
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    cost_usd: float | None
    cost_per_request_usd: float | None
    input_tokens: int
    output_tokens: int
    refusal_rate: Share | None
    length_p50_tokens: float | None
    with_returned: Share | None
    codes: Mapping[str, int]


def figures_of(tally: Tally) -> Figures:
    """What the sums say."""
    labelled = tally.right + tally.wrong
    return Figures(
        requests=tally.count,
        measured=tally.measured,
        errors=tally.errors,
        error_rate=wilson(tally.errors, tally.measured),
        labelled=labelled,
        right=tally.right,
        accuracy=wilson(tally.right, labelled),
        confidence=_mean(tally.confidence, tally.confident),
        calibration_error=_calibration_error(tally),
        agreement=_mean(tally.agreement, tally.agreed),
        rating=_mean(tally.rating, tally.rated),
        latency_p50_ms=quantile(tally.latency, 0.5),
        latency_p95_ms=quantile(tally.latency, 0.95),
        cost_usd=tally.cost_usd if tally.priced else None,
        cost_per_request_usd=_mean(tally.cost_usd, tally.priced),
        input_tokens=tally.input_tokens,
        output_tokens=tally.output_tokens,
        refusal_rate=wilson(tally.refusals, tally.read),
        length_p50_tokens=quantile(tally.length, 0.5),
        with_returned=wilson(tally.with_returned, tally.compared),
        codes=dict(sorted(tally.codes.items())),
    )


def _calibration_error(tally: Tally) -> float | None:
    """The mean distance of confidence and accuracy over the bins, each by its answers."""
    total = sum(tally.labelled.values())
    if not total:
        return None
    return sum(abs(tally.stated[b] - tally.kept.get(b, 0)) for b in tally.labelled) / total


def _mean(total: float, count: int) -> float | None:
    return total / count if count else None
