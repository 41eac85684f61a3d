"""Counts what is learned, and how the confidence given out compares with what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge, Histogram

from gateway.monitoring.family import Family

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

BINS = 10
"""Of equal width over [0, 1], as the expected calibration error is computed (Naeini et al. 2015)."""

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SQUARES = (0.01, 0.04, 0.09, 0.16, 0.25, 0.36, 0.49, 0.64, 0.81, 1.0)


def confidence_bin(confidence: float) -> str:
    """The lower edge of the bin a confidence falls in: ``0.0`` to ``0.9``; 1 is in the last."""
    return f"{min(int(confidence * BINS), BINS - 1) / BINS:.1f}"


class LearningMetrics:
    """What one process learns, and the labelled answers it was told of."""

    def __init__(self, registry: CollectorRegistry) -> None:
        # Of several workers the one behind the others is what an operator must see.
        self._lessons = Gauge(
            "learning_lessons",
            "Labelled answers that the process learns from.",
            registry=registry,
            multiprocess_mode="livemin",
        )
        self._fitted = Gauge(
            "learning_model_timestamp_seconds",
            "When the model in service was fitted, since 1970; 0 for the shipped prior.",
            registry=registry,
            multiprocess_mode="livemin",
        )
        self._fits = Family(
            Counter("learning_fits", "Fits, by their outcome.", ("outcome",), registry=registry)
        )
        self._seconds = Histogram(
            "learning_fit_seconds", "Length of a fit.", buckets=_SECONDS, registry=registry
        )
        self._outcomes = Family(
            Counter(
                "consensus_confidence_outcomes",
                "Labelled answers, by their confidence and whether they were right.",
                ("bin", "correct"),
                registry=registry,
            )
        )
        self._sums = Family(
            Counter(
                "consensus_confidence_outcomes_confidence",
                "Sum of the confidence of labelled answers.",
                ("bin",),
                registry=registry,
            )
        )
        self._squares = Histogram(
            "consensus_confidence_squared_error",
            "Squared difference of confidence and outcome; its mean is the Brier score.",
            buckets=_SQUARES,
            registry=registry,
        )

    def observe_fit(self, *, fitted_at: float | None, seconds: float) -> None:
        """Count a fit. ``fitted_at``: when, in seconds since 1970; None when it failed."""
        self._fits.of("failed" if fitted_at is None else "fitted").inc()
        self._seconds.observe(seconds)
        if fitted_at is not None:
            self._fitted.set(fitted_at)

    def observe_outcome(self, confidence: float, *, correct: bool) -> None:
        """Count an answer a caller has judged, with the confidence it was given out with."""
        bin_ = confidence_bin(confidence)
        self._outcomes.of(bin_, "true" if correct else "false").inc()
        self._sums.of(bin_).inc(confidence)
        self._squares.observe((confidence - correct) ** 2)

    def show_lessons(self, held: int) -> None:
        """Show how many lessons are held."""
        self._lessons.set(held)
