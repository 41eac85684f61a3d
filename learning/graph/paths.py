"""Experience carried along paths: what labelled patterns a few edges away say of a question. Pure.

Where the direct neighbours of a question have no labels, those of their neighbours may. A path's worth
is the product of its cosines, and of ``decay`` for each edge; a pattern counts by the best path to it.
That is Dijkstra's shortest path (1959) with edges as long as -log(cosine * decay), stopped after
``max_nodes`` patterns or where nothing worth counting is left.
"""

from __future__ import annotations

from heapq import heappop, heappush
from math import exp, log
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Tallies = Callable[[int], Mapping[str, tuple[float, float]] | None]

DECAY = 0.5
"""A pattern one edge further counts half."""

MAX_NODES = 32
"""Patterns looked at: bounds the time (docs/learning.md)."""

LEAST_WORTH = 0.02
"""Paths worth less are not followed: fifty such labels would count as one of the question itself."""


class Edges(Protocol):
    """Who is next to whom: `learning.graph.edges.NeighbourEdges`."""

    def of(self, id_: int) -> Iterable[tuple[int, float]]:
        """A pattern's neighbours and their cosines."""


def reached(
    neighbours: Iterable[tuple[int, float]],
    edges: Edges,
    *,
    decay: float = DECAY,
    max_nodes: int = MAX_NODES,
) -> list[tuple[int, float]]:
    """The patterns that paths lead to, and what the best path to each is worth; the best first.

    Args:
        neighbours: The question's nearest patterns and their cosines; worth their cosine.
        edges: Of the patterns.
        decay: What each further edge takes, in (0, 1].
        max_nodes: At most so many patterns, the neighbours included.
    """
    step, farthest = -log(decay), -log(LEAST_WORTH)
    near: dict[int, float] = {}
    heap: list[tuple[float, int]] = []
    for id_, cosine in neighbours:
        length = -log(min(cosine, 1.0)) if cosine > 0.0 else farthest
        if length < near.get(id_, farthest):
            near[id_] = length
            heappush(heap, (length, id_))
    found: list[tuple[int, float]] = []
    while heap and len(found) < max_nodes:
        length, id_ = heappop(heap)
        if length > near[id_]:
            continue  # a better path came after this one was noted
        found.append((id_, exp(-length)))
        onward = length + step
        for other, cosine in edges.of(id_) if onward < farthest else ():
            if cosine > 0.0:
                there = onward - log(min(cosine, 1.0))
                if there < near.get(other, farthest):
                    near[other] = there
                    heappush(heap, (there, other))
    return found


def experience(
    neighbours: Iterable[tuple[int, float]],
    edges: Edges,
    tallies: Tallies,
    decay: float = DECAY,
    max_nodes: int = MAX_NODES,
) -> dict[str, tuple[float, float]]:
    """How often each vendor was right and wrong around a question, each label by its path's worth.

    Args:
        neighbours: See `reached`.
        edges: See `reached`.
        tallies: A pattern's (right, wrong) by vendor; None or empty for one without labels, or gone.
        decay: See `reached`.
        max_nodes: See `reached`.
    """
    found: dict[str, tuple[float, float]] = {}
    for id_, worth in reached(neighbours, edges, decay=decay, max_nodes=max_nodes):
        for vendor, (right, wrong) in (tallies(id_) or {}).items():
            had = found.get(vendor, (0.0, 0.0))
            found[vendor] = (had[0] + worth * right, had[1] + worth * wrong)
    return found
