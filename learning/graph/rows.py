"""One pattern's neighbours as 64 bytes: how they are laid out, sealed, and found whole again. Pure.

A row is written in place while readers look on, and the process may die at any moment: the seal tells
a row that is whole from one that is torn or was never written.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ids = NDArray[np.int64]
    Floats = NDArray[np.float32]
    Rows = NDArray[np.void]

NEIGHBOURS = 8
"""Most neighbours a pattern keeps: the nearest known."""

ROW = np.dtype(
    [
        ("id", "<i8"),
        ("away", "<i4", (NEIGHBOURS,)),
        ("cosine", "<f2", (NEIGHBOURS,)),
        ("kept", "<u4"),
        ("seal", "<u4"),
    ]
)
"""``away``: a neighbour's id less the pattern's own, 0 for none; ``kept`` is reserved, 0."""

ROW_BYTES = ROW.itemsize
SCALARS = struct.Struct(f"<q{NEIGHBOURS}i{NEIGHBOURS}eII")
"""The same row for `struct`, which reads a single one far faster than numpy."""

FARTHEST = 2**31 - 1
"""Ids further apart than this are not kept as neighbours of each other."""

NO_COSINE = -2.0
"""In the place of no neighbour: below every cosine."""

_WORDS = ROW_BYTES // 4 - 1
_SALT = np.uint32(0x9E3779B9)
"""A row of zeros has no seal of zero."""
# Odd factors: any change of a single word changes the sum (multilinear hashing, Lemire & Kaser 2014).
_FACTORS = np.array(
    [(k * 0x9E3779B97F4A7C15 >> 32) & 0xFFFFFFFF | 1 for k in range(1, _WORDS + 1)], dtype=np.uint32
)


def packed(ids: Ids, neighbours: Ids, cosines: Floats) -> Rows:
    """Sealed rows.

    Args:
        ids: (n,) above 0.
        neighbours: (n, k), k at most `NEIGHBOURS`; 0 or less, or the pattern itself, for none.
        cosines: (n, k) in [-1, 1].
    """
    rows = np.zeros(len(ids), dtype=ROW)
    rows["id"] = ids
    rows["cosine"] = NO_COSINE
    away = neighbours - ids[:, None]
    there = (neighbours > 0) & (np.abs(away) <= FARTHEST) & np.isfinite(cosines)
    width = neighbours.shape[1]
    rows["away"][:, :width] = np.where(there, away, 0)
    rows["cosine"][:, :width] = np.where(there & (away != 0), cosines, NO_COSINE)
    sealed(rows)
    return rows


def sealed(rows: Rows) -> None:
    """Write each row's seal, in place."""
    rows["seal"] = _seals(rows)


def whole(rows: Rows) -> NDArray[np.bool_]:
    """Which rows were written completely; one of zeros was not."""
    seals: NDArray[np.bool_] = rows["seal"] == _seals(rows)
    return seals & (rows["id"] > 0)


def joined(rows: Rows, sources: Ids, cosines: Floats) -> Rows:
    """The rows with one more neighbour each, in the place of the farthest; sealed.

    Unchanged where the neighbour is there already, farther than all of eight, or too far in number.

    Args:
        rows: (n,) whole rows, of as many patterns.
        sources: (n,) the neighbour of each.
        cosines: (n,) and how near it is.
    """
    rows = rows.copy()
    away = sources - rows["id"]
    held = rows["cosine"].astype(np.float32)
    place = held.argmin(axis=1)
    each = np.arange(len(rows))
    new = (
        (cosines > held[each, place])
        & (away != 0)
        & (np.abs(away) <= FARTHEST)
        & ~(rows["away"] == away[:, None]).any(axis=1)
    )
    rows["away"][each[new], place[new]] = away[new]
    rows["cosine"][each[new], place[new]] = cosines[new]
    sealed(rows)
    return rows


def unpacked(rows: Rows) -> tuple[Ids, Ids, Floats]:
    """Edges of whole rows as three columns (e,): pattern, neighbour, cosine."""
    there = rows["away"] != 0
    at, place = np.nonzero(there)
    ids = rows["id"].astype(np.int64)
    source = ids[at]
    return (
        source,
        source + rows["away"][at, place].astype(np.int64),
        rows["cosine"][at, place].astype(np.float32),
    )


def _seals(rows: Rows) -> NDArray[np.uint32]:
    words = np.ascontiguousarray(rows).view("<u4").reshape(len(rows), _WORDS + 1)[:, :_WORDS]
    seals: NDArray[np.uint32] = words @ _FACTORS + _SALT  # modulo 2^32
    return seals
