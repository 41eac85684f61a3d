"""How much each answer counts: prior weights of the providers, less for a vendor heard twice."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DEFAULT_WEIGHT = 1.0
"""Weight of a provider nobody weighed. Equal weights are the honest start: on ten recorded sets no
vendor is best on more than half of them; unequal ones have to be learned."""

SAME_VENDOR_CORRELATION = 0.5
"""How much of a further answer of one vendor only repeats its first: siblings share training data
and so mistakes. A guess until outcomes are seen; every vendor's heaviest answer counts in full."""


class Weighable(Protocol):
    """What a vote's weight rests on. A `consensus.transcript.Attempt` is one."""

    @property
    def provider(self) -> str:
        """The provider's name."""

    @property
    def vendor(self) -> str:
        """Whose model it is."""


@dataclass(frozen=True, slots=True)
class Voter:
    """A provider whose vote may still be out."""

    provider: str
    vendor: str


def panel_weights(
    answers: Sequence[Weighable],
    weights: Mapping[str, float],
    *,
    correlation: float = SAME_VENDOR_CORRELATION,
) -> tuple[float, ...]:
    """The weight of each answer, in order; they sum to 1.

    Args:
        answers: The answers that stand, one a provider.
        weights: Prior weight by provider, on any scale; absent providers get `DEFAULT_WEIGHT`.
            Where all are 0 they count the same.
        correlation: In [0, 1]: the part that a vendor's second and further answers lose.

    Raises:
        ValueError: A weight is negative or not finite.
    """
    raw = [weights.get(answer.provider, DEFAULT_WEIGHT) for answer in answers]
    for n, weight in enumerate(raw):
        if not 0.0 <= weight < math.inf:
            name = answers[n].provider
            raise ValueError(f"the weight of {name} must be finite and >= 0, not {weight}")
    if not any(raw):
        raw = [DEFAULT_WEIGHT] * len(raw)
    # Scaled first: weights may come on any scale, and huge ones must not overflow the sum.
    peak = max(raw, default=1.0)
    scaled = [weight / peak for weight in raw]
    kept = scaled
    if len({answer.vendor for answer in answers}) < len(answers):
        heaviest = _heaviest_by_vendor(answers, scaled)
        kept = [
            weight * (1.0 if i in heaviest else 1.0 - correlation)
            for i, weight in enumerate(scaled)
        ]
    total = math.fsum(kept)
    return tuple([weight / total for weight in kept])


def _heaviest_by_vendor(answers: Sequence[Weighable], weights: Sequence[float]) -> frozenset[int]:
    """The position of each vendor's heaviest answer, the first of equals."""
    heaviest: dict[str, int] = {}
    for i, answer in enumerate(answers):
        held = heaviest.get(answer.vendor)
        if held is None or weights[i] > weights[held]:
            heaviest[answer.vendor] = i
    return frozenset(heaviest.values())
