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

LEAST = 49_152
"""The share that is read of each class is larger where so many of all vectors would not be reached:
recall of the ten nearest among 100,000 is 0.96."""

SHARE = 0.15
"""Of each class of vectors that is read: recall of the ten nearest among a million is 0.96 (0.95 at
0.12, 0.97 at 0.2)."""

_ATTEMPTS = 3
"""What was read while extents were freed is read again: they may have held another list by then."""


class Found(NamedTuple):
    """Slots (q, m), -1 for none, and their dot products with the query (q, m), in no order."""

    slots: NDArray[np.int64]
    products: FloatArray


def nearest(
    classes: Sequence[Vectors], queries: FloatArray, count: int, effort: float = 1.0
) -> Found:
    """The ``count`` vectors of each class nearest to each query, in its nearest lists.

    Args:
        classes: All vectors, by span of columns.
        queries: (q, d) unit rows.
        count: How many are wanted.
        effort: Share of the usual reading.
    """
    for _ in range(_ATTEMPTS):
        freed = [vectors.freed for vectors in classes]
        found = _nearest(classes, queries, count, effort)
        if freed == [vectors.freed for vectors in classes]:
            break
    return found


def _nearest(classes: Sequence[Vectors], queries: FloatArray, count: int, effort: float) -> Found:
    near = [
        vectors
        for vectors in classes
        if len(vectors.directory.first) and queries[:, vectors.start : vectors.stop].any()
    ]
    # Centres of different classes do not compare: each is read by its own share.
    share = effort * max(SHARE, LEAST / max(1, sum(vectors.held for vectors in classes)))
    slots = [np.zeros((len(queries), 0), np.int64)]
    products = [np.zeros((len(queries), 0), np.float32)]
    for vectors in near:
        part = queries[:, vectors.start : vectors.stop]
        held, scanner = vectors.directory, vectors.scanner
        fill = scanner.fill[held.first].astype(np.int64)
        lists = _chosen(part @ held.centres.T, fill, share * vectors.held)
        extents = np.where(lists == NONE, NONE, held.first[lists])
        if held.more:
            extents = _with_more(extents, held.first, held.more)
        found = scanner.search(part, extents, count)
        slots.append(found[0])
        products.append(found[1])
    return Found(np.concatenate(slots, axis=1), np.concatenate(products, axis=1))


def _chosen(scores: FloatArray, fill: NDArray[np.int64], most: float) -> NDArray[np.int64]:
    """(q, p) the lists with the best ``scores`` (q, l), until ``most`` vectors are in; -1 for none."""
    total = int(fill.sum())
    if total <= most:
        return np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
    # Lists are of like length: take what is surely enough of them, sort it, and cut.
    lists = min(scores.shape[1], int(scores.shape[1] * most / total * 1.5) + 8)
    best = np.argpartition(-scores, lists - 1, axis=1)[:, :lists]
    order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1)
    best = np.take_along_axis(best, order, axis=1)
    before = np.cumsum(fill[best], axis=1) - fill[best]
    kept = int((before < most).sum(axis=1).max())
    chosen: NDArray[np.int64] = np.where(before < most, best, NONE)[:, :kept]
    return chosen


def _with_more(
    chosen: NDArray[np.int64], first: NDArray[np.int64], more: dict[int, list[int]]
) -> NDArray[np.int64]:
    """``chosen`` with the further extents of lists that have some beside."""
    further = [
        np.where((chosen == first[number]).any(axis=1, keepdims=True), extents, NONE)
        for number, extents in list(more.items())
    ]
    return np.concatenate([chosen, *further], axis=1)
