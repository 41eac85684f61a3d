"""Unit rows as whole numbers of eight bits. Pure.

Rows are rotated first, which changes no cosine and makes every column alike: the first columns of the
static embedder vary six times as much as the last, and one scale for all would leave those three
bits (recall of the ten nearest 0.95 against 0.99 among 100,000). A random rotation before scalar
quantisation is the way of RaBitQ (Gao & Long 2024, section 3) and TurboQuant (Zandieh et al. 2025).
All rows are scaled alike, so that dot products of codes rank like cosines.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from consensus.embedding.embedder import FloatArray

LARGEST_CODE = 127

SPREADS = 4.0
"""Times the spread of a rotated unit row's numbers that become the largest code: 0.25 for 256 columns.
One row in two hundred has a number beyond, which is cut there."""

BLOCK = 256
"""Columns that are rotated, kept or left out together: a text in one script uses a part of the
embedder's dimensions only (`consensus.embedding.static`: 256 for tokens, 512 for Japanese)."""

_SEED = 0
"""Written codes mean nothing under another rotation."""


def rotated(rows: FloatArray) -> FloatArray:
    """(n, d) rows, block by block of columns in a fixed random basis: (n, d) with the same cosines.

    What is not finite counts as zero.
    """
    finite = np.nan_to_num(np.asarray(rows, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    turned = np.zeros_like(finite)
    for start in range(0, finite.shape[1], BLOCK):
        part = finite[:, start : start + BLOCK]
        if part.any():  # two blocks of three are Japanese, and often nobody asked in it
            np.matmul(part, _rotation(part.shape[1]), out=turned[:, start : start + BLOCK])
    return turned


@lru_cache(maxsize=4)
def _rotation(size: int) -> FloatArray:
    """(size, size) orthogonal, drawn evenly from all of them (Stewart 1980)."""
    drawn = np.random.default_rng(_SEED).standard_normal((size, size))
    basis, triangle = np.linalg.qr(drawn)
    turned: FloatArray = (basis * np.sign(np.diag(triangle))).astype(np.float32)
    return turned


def quantised(turned: FloatArray) -> NDArray[np.int8]:
    """(n, d) rotated rows: (n, d) codes."""
    narrowest = min(BLOCK, turned.shape[1] % BLOCK or BLOCK)
    codes = np.rint(turned * np.float32(LARGEST_CODE / SPREADS * np.sqrt(narrowest)))
    cut: NDArray[np.int8] = np.clip(codes, -LARGEST_CODE, LARGEST_CODE).astype(np.int8)
    return cut


def unit(codes: NDArray[np.int8]) -> FloatArray:
    """(n, w) codes: the unit rows they stand for; zeros for zeros."""
    rows = codes.astype(np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    found: FloatArray = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return found


def spans(codes: NDArray[np.int8]) -> NDArray[np.int64]:
    """(n, d) codes: (n, 2) first and last column, in whole blocks, outside of which a row is zero.

    (0, 0) for a row of zeros.
    """
    count, dimensions = codes.shape
    starts = np.arange(0, dimensions, BLOCK)
    used = np.logical_or.reduceat(codes != 0, starts, axis=1)
    first = used.argmax(axis=1)
    last = used.shape[1] - used[:, ::-1].argmax(axis=1)
    found = np.stack([first * BLOCK, np.minimum(last * BLOCK, dimensions)], axis=1)
    found[~used.any(axis=1)] = 0
    return found.reshape(count, 2)
