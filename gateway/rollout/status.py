"""What the rollout says of itself: where a request goes, and the snapshot operators read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from gateway.rollout.verdict import Health
from providers.values import value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.rollout.best_arm import BestArm
    from gateway.rollout.plan import ArmPolicy
    from gateway.rollout.precedence import Rule
    from gateway.rollout.rules import Rules
    from gateway.rollout.state import RolloutEvent, RolloutState, Trip
    from gateway.rollout.terms import StageTerms
    from gateway.rollout.verdict import Verdict
    from gateway.rollout.window import Figures

WORST_FIRST = (Health.CRITICAL, Health.WARNING, Health.NOT_ENOUGH_DATA, Health.HEALTHY)
"""Which arm speaks for all."""

Arm: TypeAlias = str
"""``legacy``, or the name of an arm of the new path, ``wall_bounce`` by default."""


@value(frozen=True, slots=True)
class Assignment:
    """Where one request goes: to ``legacy`` if ``bucket`` is not below ``share``, or its arm is closed.

    ``policy`` is how the arm asks; None leaves everything as the request and the settings have it.
    """

    arm: Arm
    bucket: float
    share: float
    stage: str
    policy: ArmPolicy | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is in force: told to whoever listens, whenever it changes.

    ``share`` is the effective one, ``ceiling`` what the environment asks for, both in [0, 1]; ``rule``
    decided it, ``because`` says so in words. ``trip`` is the rollback that stands, None without;
    ``delivered`` is False while something is in effect here and not stored yet. ``known`` is False until
    the stored state was known for the first time, and ``state`` None. ``state`` has in it what is in
    effect here alone.
    """

    share: float
    stage: str
    ceiling: float
    enabled: bool
    known: bool
    trip: Trip | None
    delivered: bool
    state: RolloutState | None = None
    rule: Rule | None = None
    because: str = ""

    @property
    def tripped(self) -> bool:
        """Whether a rollback stands that no operator acknowledged."""
        return self.trip is not None


@dataclass(frozen=True, slots=True)
class SharedStateHealth:
    """How this process reaches the others: the database, and Redis where there is one (else None).

    ``words`` says what is amiss, or that nothing is.
    """

    database: bool
    redis: bool | None
    words: str


@dataclass(frozen=True, slots=True)
class RolloutStatus:
    """One process's view for `GET /api/v1/rollout`.

    ``verdicts`` has one for each arm of the new path, ``figures`` the window of every arm with the
    control's. With Redis they are made of all processes' requests, without it there is one process.
    ``best_arm`` compares several arms, None for one. ``history`` is shared, newest first, and None
    when the store cannot be read now.
    """

    instance: str
    standing: Standing
    figures: Mapping[Arm, Figures]
    verdicts: Mapping[Arm, Verdict]
    terms: StageTerms
    rules: Rules
    shared: SharedStateHealth
    history: tuple[RolloutEvent, ...] | None
    best_arm: BestArm | None = None

    @property
    def worst(self) -> Verdict:
        """The verdict of the arm that is worst off."""
        return min(self.verdicts.values(), key=lambda v: WORST_FIRST.index(v.health))
