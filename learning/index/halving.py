"""A list of vectors that grew too long, taken apart. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from consensus.embedding.embedder import FloatArray

_ROUNDS = 6


def centre(rows: FloatArray) -> FloatArray:
    """(n, w) rows: (w,) their mean's direction; zeros where they cancel out."""
    mean: FloatArray = rows.mean(axis=0)
    length = float(np.sqrt(mean @ mean))
    return mean / np.float32(length) if length > 0 else mean


def parts(rows: FloatArray, most: int) -> list[NDArray[np.int64]]:
    """Indices of unit ``rows`` (n, w) in parts of at most ``most``, like with like."""
    todo = [np.arange(len(rows))]
    done = []
    while todo:
        part = todo.pop()
        if len(part) <= most:
            done.append(part)
            continue
        second = halves(rows[part])
        todo += [part[second], part[~second]]
    return done


def halves(rows: FloatArray) -> NDArray[np.bool_]:
    """Which of two halves each of unit ``rows`` (n, w) belongs to; neither is empty.

    Spherical 2-means (Dhillon & Modha 2001) begun at a row far from the middle and the one farthest
    from that. Rows all alike are cut in the middle.
    """
    one = rows[int((rows @ centre(rows)).argmin())]
    other = rows[int((rows @ one).argmin())]
    for _ in range(_ROUNDS):
        second: NDArray[np.bool_] = rows @ (other - one) > 0
        count = int(second.sum())
        if not 0 < count < len(rows):
            break
        one, other = centre(rows[~second]), centre(rows[second])
    if not 0 < int(second.sum()) < len(rows):
        return np.arange(len(rows)) >= len(rows) // 2
    return second
