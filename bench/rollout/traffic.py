"""Made traffic of two arms: what a judge is told of it, request by request, from a seed."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from gateway.rollout.observation import CONTROL, Label, Observation
from gateway.rollout.plan import MAIN_ARM

if TYPE_CHECKING:
    from collections.abc import Iterator

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
BATCH = 2_048


@dataclass(frozen=True, slots=True)
class Side:
    """How one arm's requests go. Rates in [0, 1]; latency and cost are factors of the usual ones."""

    errors: float = 0.01
    latency: float = 1.0
    cost: float = 1.0
    correct: float = 0.85
    confidence: float = 0.85


USUAL = Side()


@dataclass(frozen=True, slots=True)
class Scenario:
    """Both sides before and after the arm's first ``onset`` requests, and how traffic comes.

    ``rate`` requests a second, a share of ``labelled`` of them gets feedback up to ``label_delay`` requests
    later. Latencies are lognormal about 500 ms with ``sigma``, as of language models; costs likewise.
    The run ends with ``requests``, or ``after`` requests of the arm past the onset.
    """

    share: float = 0.1
    arm: Side = USUAL
    control: Side = USUAL
    later_arm: Side = USUAL
    later_control: Side = USUAL
    onset: int = 0
    rate: float = 10.0
    labelled: float = 0.3
    label_delay: int = 200
    sigma: float = 0.55
    requests: int = 20_000
    after: int | None = None


MEDIAN_MS = 500.0
MEDIAN_USD = 0.002
COST_SIGMA = 0.8
CONFIDENCE_SPREAD = 0.12


@dataclass(frozen=True, slots=True)
class Event:
    """A request, or the feedback to one; ``after`` counts the arm's requests since the onset."""

    now: float
    after: int
    seen: Observation | Label


def events(scenario: Scenario, seed: int) -> Iterator[Event]:
    """The run's events in order. Every caller is a new one without id."""
    rng = np.random.default_rng(seed)
    waiting: deque[tuple[int, Label]] = deque()
    arm_requests = number = 0
    while True:
        for draw in zip(*_draws(rng, scenario), strict=True):
            to_arm, error, latency, cost, confidence, label, correct = draw
            arm_requests += to_arm
            after = arm_requests - scenario.onset
            if number == scenario.requests or after == scenario.after:
                return
            if after > 0:
                side = scenario.later_arm if to_arm else scenario.later_control
            else:
                side = scenario.arm if to_arm else scenario.control
            now = number / scenario.rate
            at = BEGIN + timedelta(seconds=now)
            name, key = MAIN_ARM if to_arm else CONTROL, str(number)
            seen = Observation(
                key,
                at,
                name,
                scenario.share,
                measured=True,
                error=error < side.errors,
                latency_ms=MEDIAN_MS * side.latency * latency,
                cost_usd=MEDIAN_USD * side.cost * cost,
                confidence=min(1.0, max(0.0, side.confidence + confidence)) if to_arm else None,
            )
            yield Event(now, after, seen)
            if label < scenario.labelled:
                due = number + scenario.label_delay
                waiting.append((due, Label(key, name, at, correct < side.correct)))
            while waiting and waiting[0][0] <= number:
                yield Event(now, after, waiting.popleft()[1])
            number += 1


def _draws(rng: np.random.Generator, scenario: Scenario) -> tuple[list[float], ...]:
    """A batch of what chance decides, drawn at once: one list a quantity."""
    return (
        (rng.random(BATCH) < scenario.share).tolist(),
        rng.random(BATCH).tolist(),
        rng.lognormal(0.0, scenario.sigma, BATCH).tolist(),
        rng.lognormal(0.0, COST_SIGMA, BATCH).tolist(),
        rng.normal(0.0, CONFIDENCE_SPREAD, BATCH).tolist(),
        rng.random(BATCH).tolist(),
        rng.random(BATCH).tolist(),
    )
