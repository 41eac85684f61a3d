"""Made traffic of two arms: what a judge is told of it, request by request, from a seed."""

from __future__ import annotations

import heapq
import math
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

    ``rate`` requests a second come in, and are told as they end. A share of ``labelled`` of them gets feedback ``label_delay``
    requests after its end. Latencies are lognormal about 500 ms with ``sigma``, as of language models; costs likewise.
    The run ends with ``requests``, or ``after`` requests of the arm past the onset.
    """

    share: float = 0.1
    arm: Side = USUAL
    control: Side = USUAL
    later_arm: Side = USUAL
    later_control: Side = USUAL
    onset: int = 0
    rate: float = 20.0
    labelled: float = 0.3
    label_delay: int = 200
    sigma: float = 0.55
    requests: int = 20_000
    after: int | None = None


MEDIAN_MS = 500.0
FAILURE_MS = 50.0
"""What fails, fails at once, and so is known before the answers of its time."""

MEDIAN_USD = 0.002
COST_SIGMA = 0.8
CONFIDENCE_SPREAD = 0.12


@dataclass(frozen=True, slots=True)
class Event:
    """A request's end, or the feedback to it; ``after``: the arm's requests that came in since the onset."""

    now: float
    after: int
    seen: Observation | Label


class _Traffic:
    """What is under way, and the feedback that is due."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._under_way: list[tuple[float, int, float, float, Observation]] = []
        self._labels: deque[tuple[int, Label]] = deque()
        self.arm_requests = 0
        self.number = 0

    @property
    def after(self) -> int:
        """The arm's requests since the onset, as they come in."""
        return self.arm_requests - self._scenario.onset

    def arrive(self, draw: tuple[float, ...]) -> None:
        """Let the next request come in."""
        to_arm, error, latency, cost, confidence, label, correct = draw
        scenario, now = self._scenario, self.number / self._scenario.rate
        self.arm_requests += bool(to_arm)
        if self.after > 0:
            side = scenario.later_arm if to_arm else scenario.later_control
        else:
            side = scenario.arm if to_arm else scenario.control
        failed = error < side.errors
        seen = Observation(
            str(self.number),
            BEGIN + timedelta(seconds=now),
            MAIN_ARM if to_arm else CONTROL,
            scenario.share,
            measured=True,
            error=failed,
            latency_ms=FAILURE_MS if failed else MEDIAN_MS * side.latency * latency,
            cost_usd=MEDIAN_USD * side.cost * cost,
            confidence=min(1.0, max(0.0, side.confidence + confidence)) if to_arm else None,
        )
        ended = now + seen.latency_ms / 1000
        heapq.heappush(
            self._under_way, (ended, self.number, label, float(correct < side.correct), seen)
        )
        self.number += 1

    def ended(self, until: float) -> Iterator[Event]:
        """What ends before ``until``, in that order, and the feedback that is due with it."""
        while self._under_way and self._under_way[0][0] <= until:
            now, _, label, correct, seen = heapq.heappop(self._under_way)
            yield Event(now, self.after, seen)
            if label < self._scenario.labelled:
                due = self.number + self._scenario.label_delay
                said = Label(seen.request_id, seen.arm, seen.at, correct=bool(correct))
                self._labels.append((due, said))
            while self._labels and self._labels[0][0] <= self.number:
                yield Event(now, self.after, self._labels.popleft()[1])


def events(scenario: Scenario, seed: int) -> Iterator[Event]:
    """The run's events as they become known: requests as they end. Every caller is a new one without id."""
    rng = np.random.default_rng(seed)
    traffic = _Traffic(scenario)
    while True:
        for draw in zip(*_draws(rng, scenario), strict=True):
            if traffic.number == scenario.requests or traffic.after == scenario.after:
                yield from traffic.ended(math.inf)
                return
            yield from traffic.ended(traffic.number / scenario.rate)
            traffic.arrive(draw)


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
