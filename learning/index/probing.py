"""Which vectors lie nearest to a question: the lists nearest to it are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from learning.index.vectors import NONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from consensus.embedding.embedder import FloatArray
    from learning.index.vectors import Vectors

LEAST = 24_576
"""Vectors of a class that are read where there are as many: recall of the ten nearest among 100,000
is 0.97."""

SHARE = 0.15
"""Of a class that is read where that is more: recall of the ten nearest among a million is 0.96 (0.95 at
0.12, 0.97 at 0.2; bench/vector_libraries.py)."""


_ATTEMPTS = 3
"""What was read while extents were freed is read again: they may have held another list by then."""


class Found(NamedTuple):
    """Slots (q, m), -1 for none, and their dot products with the query (q, m), in no order."""

    slots: NDArray[np.int64]
    products: FloatArray


def nearest(
    classes: Sequence[Vectors], queries: FloatArray, count: int, effort: float = 1.0
) -> Found:
    """The ``count`` vectors of each class nearest to each query.

    Args:
        classes: All vectors, by span of columns.
        queries: (q, d) unit rows.
        count: How many are wanted.
        effort: Share of the usual reading.
    """
    slots, products = [], []
    for vectors in classes:
        part = queries[:, vectors.start : vectors.stop]
        if not len(vectors.directory.first) or not part.any():
            continue
        for _ in range(_ATTEMPTS):
            freed = vectors.freed
            found, near = _nearest(vectors, part, count, effort)
            if freed == vectors.freed:
                break
        slots.append(found)
        products.append(near)
    if not slots:
        empty = np.zeros((len(queries), 0))
        return Found(empty.astype(np.int64), empty.astype(np.float32))
    return Found(np.concatenate(slots, axis=1), np.concatenate(products, axis=1))


def _nearest(
    vectors: Vectors, part: FloatArray, count: int, effort: float
) -> tuple[NDArray[np.int64], FloatArray]:
    held = vectors.directory
    scanner = vectors.scanner
    most = effort * max(LEAST, SHARE * vectors.held)
    chosen = _chosen(part @ held.centres.T, held.first, scanner.fill, most)
    if held.more:
        chosen = _with_more(chosen, held.first, held.more)
    return scanner.search(part, chosen, count)


def _chosen(
    scores: FloatArray, first: NDArray[np.int64], fill: NDArray[np.uint64], most: float
) -> NDArray[np.int64]:
    """(q, p) extents of the lists with the best ``scores`` (q, l), until ``most`` vectors are in."""
    filled = fill[first].astype(np.int64)
    total = int(filled.sum())
    if total <= most:
        return np.broadcast_to(first, scores.shape)
    # Lists are of like length: take what is surely enough of them, sort it, and cut.
    lists = min(scores.shape[1], int(scores.shape[1] * most / total * 1.5) + 8)
    best = np.argpartition(-scores, lists - 1, axis=1)[:, :lists]
    order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1)
    best = np.take_along_axis(best, order, axis=1)
    before = np.cumsum(filled[best], axis=1) - filled[best]
    kept = int((before < most).sum(axis=1).max())
    chosen = np.where(before < most, first[best], NONE)
    return chosen[:, :kept]


def _with_more(
    chosen: NDArray[np.int64], first: NDArray[np.int64], more: dict[int, list[int]]
) -> NDArray[np.int64]:
    """``chosen`` with the further extents of lists that have some beside."""
    further = [
        np.where((chosen == first[number]).any(axis=1, keepdims=True), extents, NONE)
        for number, extents in list(more.items())
    ]
    return np.concatenate([chosen, *further], axis=1)
