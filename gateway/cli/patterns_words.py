"""Patterns as plain values, as commands print them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from learning.index.layer_weights import LAYERS
from learning.lifetime import Use, dies_at

if TYPE_CHECKING:
    from learning.index.neighbours import Neighbour
    from learning.patterns.pattern import Pattern

DIGITS = 4


def summary(pattern: Pattern) -> dict[str, Any]:
    """A pattern in a line. ``words`` tell what was asked, no prompt is kept."""
    return {
        "id": pattern.id,
        "last_at": pattern.last_at.isoformat(),
        "task": pattern.scenario.task,
        "kind": pattern.scenario.kind,
        "language": pattern.scenario.language,
        "providers": list(pattern.configuration.providers),
        "count": pattern.count,
        "right": pattern.right,
        "wrong": pattern.wrong,
        "outcome": pattern.outcome,
        "confidence": _mean(pattern.confidence, pattern.confident),
        "words": list(pattern.scenario.words),
    }


def whole(pattern: Pattern) -> dict[str, Any]:
    """All that is known of a pattern but its vector; money and time are means of a request."""
    held = pattern.configuration
    return summary(pattern) | {
        "first_at": pattern.first_at.isoformat(),
        "mode": held.mode,
        "depth": held.depth,
        "weights": dict(held.weights),
        "cost_usd": _mean(pattern.cost_usd, pattern.count),
        "latency_ms": _mean(pattern.latency_ms, pattern.count),
        "vendors": {
            name: asdict(tally)
            | {
                "latency_ms": _mean(tally.latency_ms, tally.asked - tally.failed),
                "cost_usd": _mean(tally.cost_usd, tally.asked - tally.failed),
            }
            for name, tally in pattern.vendors.items()
        },
        "reused": pattern.reused,
        "predictive": pattern.predictive,
        "kept_until": dies_at(_use(pattern)).isoformat(),
        "failure": None if pattern.failure is None else asdict(pattern.failure),
        "lesson": pattern.lesson or None,
    }


def found_words(pattern: Pattern, near: Neighbour) -> dict[str, Any]:
    """A pattern that was looked for, with how it is like the question."""
    return summary(pattern) | {
        "similarity": round(near.similarity, DIGITS),
        "layers": {
            name: round(value, DIGITS) for name, value in zip(LAYERS, near.layers, strict=True)
        },
        "lesson": pattern.lesson or None,
    }


def _use(pattern: Pattern) -> Use:
    return Use(
        pattern.id,
        pattern.last_at,
        pattern.count,
        pattern.labelled,
        pattern.reused,
        pattern.predictive,
    )


def _mean(total: float, count: int) -> float | None:
    return round(total / count, 6) if count else None
