"""Who is shadowed: always the same callers, and an even spread of those without an id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.rollout.buckets import bucket
from gateway.rollout.spread import AnonymousSpread

if TYPE_CHECKING:
    from random import Random


class Sampling:
    """The choice of one process.

    Its salt is not the rollout's: those whom the rollout has left on the legacy path lie in one part
    of its buckets, and a share of that part would pick other callers with each stage.

    Args:
        experiment: The rollout's salt.
        rng: Spreads callers without an id.
    """

    def __init__(self, experiment: str, rng: Random) -> None:
        self._salt = f"{experiment}/shadow"
        self._spread = AnonymousSpread(rng)

    def picks(self, caller_id: str | None, share: float) -> bool:
        """Whether this request is among the ``share`` (0 to 1) that is shadowed."""
        if share <= 0:
            return False
        if caller_id is None:
            return self._spread.draw(share) < share
        return bucket(self._salt, caller_id) < share
