"""What advice says. Plain values; the floors above and below agree on these words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Expected:
    """A figure expected, with the interval it lies in nine times of ten."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Advice:
    """How a request had best be answered.

    Attributes:
        providers: Whom to ask, in order; empty leaves it to the task type's table.
        opening: Of these, how many are asked first; the rest only when what comes back is not enough.
            0 asks all at once.
        enough: Confidence in [0, 1] from which the rest is not asked; only with an ``opening``.
        weights: What each provider's vote counts on questions like this, 1 the most; empty leaves
            the configured ones.
        offsets: What each provider's vote counts more or less on questions like this, in log odds;
            0 where not named. `consensus.trust.shifting` applies them. Unlike ``weights`` they leave
            it a whole vote, and may add to it.
        harder: Log odds of "none is right" on questions like this, beyond what holds everywhere.
        depth: Rounds at most in sequential mode; None leaves it.
        accuracy: How likely the answer is right; None while nothing is known.
        cost_usd: What it costs.
        latency_ms: How long it takes.
        explored: The choice was drawn, not the best known.
        propensity: How likely this choice was, in (0, 1]; 1 where nothing is drawn.
        family: The family of questions it was taken for; None for none.
        neighbours: Patterns it rests on, by number.
        policy: Version of the policy document in force.
        why: The reasons, in words.
    """

    providers: tuple[str, ...] = ()
    opening: int = 0
    enough: float = 1.0
    weights: Mapping[str, float] = field(default_factory=dict)
    offsets: Mapping[str, float] = field(default_factory=dict)
    harder: float = 0.0
    depth: int | None = None
    accuracy: Expected | None = None
    cost_usd: Expected | None = None
    latency_ms: Expected | None = None
    explored: bool = False
    propensity: float = 1.0
    family: int | None = None
    neighbours: tuple[int, ...] = ()
    policy: int = 0
    why: str = ""
