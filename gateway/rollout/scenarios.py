"""Made-up traffic for a dry run: two arms whose rates are known, one of them harmed from a moment on."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Final

from gateway.rollout.arms import arm_of, place_among_arms
from gateway.rollout.buckets import bucket
from gateway.rollout.dry_run import Moment
from gateway.rollout.observation import CONTROL, Label, Observation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

    from gateway.rollout.plan import ArmPolicy

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
"""When made-up traffic begins; a fixed moment, so that the same seed tells the same story."""

EXPERIMENT = "dry-run"
CALLERS = 50_000
"""Different callers: many enough that no stage depends on a few."""

LABELLED = 0.3
"""The fraction of answers that feedback speaks of."""

LABEL_DELAY = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class World:
    """How one arm does. Rates in [0, 1]; latency is log-normal by its median (ms) and sigma; USD."""

    error_rate: float
    latency_ms: float
    cost_usd: float
    correct: float
    confidence: float | None = None
    sigma: float = 0.5
    all_down: bool = False


CONTROL_WORLD: Final = World(error_rate=0.002, latency_ms=900, cost_usd=0.002, correct=0.85)
"""One vendor, asked once."""

ARM_WORLD: Final = World(
    error_rate=0.002, latency_ms=1_600, cost_usd=0.006, correct=0.88, confidence=0.86
)
"""Three vendors, asked at once: slower and dearer within the default margins, and a little better."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What the control does, and what the new path does before and after harm sets in."""

    told: str
    """What happens, in words."""
    harmed: World
    control_harmed: World

    @property
    def harms(self) -> bool:
        """Whether anything changes at all."""
        return self.harmed != ARM_WORLD


def _down(world: World) -> World:
    return replace(world, error_rate=1.0, all_down=True, confidence=None, correct=0.0)


SCENARIOS: Final[Mapping[str, Scenario]] = {
    "healthy": Scenario("no harm is done", ARM_WORLD, CONTROL_WORLD),
    "errors": Scenario(
        "the new path fails 6 requests of 100 instead of 1 of 500",
        replace(ARM_WORLD, error_rate=0.06),
        CONTROL_WORLD,
    ),
    "slow": Scenario(
        "the new path takes 4 times as long as it did",
        replace(ARM_WORLD, latency_ms=4 * ARM_WORLD.latency_ms),
        CONTROL_WORLD,
    ),
    "outage": Scenario(
        "every vendor is down, for both paths",
        _down(ARM_WORLD),
        _down(CONTROL_WORLD),
    ),
    "quality": Scenario(
        "the new path is right in 75 answers of 100 instead of 88",
        replace(ARM_WORLD, correct=0.75),
        CONTROL_WORLD,
    ),
}


class MadeUpTraffic:
    """Requests at an even pace by many callers; feedback on some. Endless: who asks counts.

    A request gets its arm by the share in force when it comes in, and is seen when it ends, so that
    slow ones are still under way when a stage changes, as in service.

    Args:
        scenario: What goes wrong.
        rng: All chance there is.
        per_second: Requests a second, both arms together.
        onset: The number of requests before the harm.
        arms: The new path's arms; all are alike.
    """

    def __init__(
        self,
        scenario: Scenario,
        rng: Random,
        *,
        per_second: float,
        onset: int,
        arms: Sequence[ArmPolicy],
    ) -> None:
        self._scenario = scenario
        self._rng = rng
        self._step = timedelta(seconds=1 / per_second)
        self._onset = onset
        self._arms = tuple(arms)
        self._made = 0
        self._order = count()
        self._pending: list[tuple[datetime, int, Moment]] = []

    @property
    def made(self) -> int:
        """Requests that came in so far."""
        return self._made

    def next(self, share: float, closed: Sequence[str]) -> Moment:
        """What becomes known next, while ``share`` of the traffic takes the open arms."""
        while not self._pending or self._pending[0][0] > self._arrival():
            self._arrive(share, closed)
        return heapq.heappop(self._pending)[2]

    def _arrival(self) -> datetime:
        return BEGIN + self._made * self._step

    def _arrive(self, share: float, closed: Sequence[str]) -> None:
        rng, at = self._rng, self._arrival()
        caller = f"caller-{rng.randrange(CALLERS)}"
        place, among = bucket(EXPERIMENT, caller), place_among_arms(EXPERIMENT, caller)
        arm = arm_of(place, share, among, self._arms, closed)
        world = self._world(arm)
        error = rng.random() < world.error_rate
        latency_ms = world.latency_ms * math.exp(world.sigma * rng.gauss(0.0, 1.0))
        seen = Observation(
            request_id=f"made-up-{self._made}",
            at=at,
            arm=arm,
            share=share,
            measured=True,
            error=error,
            latency_ms=latency_ms,
            cost_usd=None if error else world.cost_usd * math.exp(0.3 * rng.gauss(0.0, 1.0)),
            confidence=_confidence(world, rng, error=error),
            caller=caller,
            all_down=error and world.all_down,
            alive=not (error and world.all_down),
        )
        ended = at + timedelta(milliseconds=latency_ms)
        self._push(ended, seen)
        if not error and rng.random() < LABELLED:
            correct = rng.random() < world.correct
            self._push(ended + LABEL_DELAY, Label(seen.request_id, arm, at, correct=correct))
        self._made += 1

    def _world(self, arm: str) -> World:
        harmed = self._made >= self._onset
        if arm == CONTROL:
            return self._scenario.control_harmed if harmed else CONTROL_WORLD
        return self._scenario.harmed if harmed else ARM_WORLD

    def _push(self, at: datetime, seen: Observation | Label) -> None:
        heapq.heappush(self._pending, (at, next(self._order), Moment(at, seen)))


def _confidence(world: World, rng: Random, *, error: bool) -> float | None:
    if world.confidence is None or error:
        return None
    return min(1.0, max(0.0, rng.gauss(world.confidence, 0.08)))
