"""What a search comes back with. Plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A pattern found.

    Attributes:
        id: Its number in the store.
        similarity: The composite, in [0, 1]: the layers' weighted sum.
        layers: (6,) by layer, in [0, 1], in the order of `learning.index.layer_weights.LAYERS`; 0 for
            a layer the question has nothing to say on, which then does not count.
    """

    id: int
    similarity: float
    layers: tuple[float, ...]
