"""Each pattern's nearest neighbours, kept as patterns come in: 64 bytes a pattern in a mapped file.

A new pattern brings its neighbours, and joins them as a neighbour where it is nearer than one of their
eight: so edges lead both ways, and old patterns know of new ones. Rows are written in place; the seal
of a row tells whether it is whole, so after a crash at any moment those rows are missing that were torn
(`missing` names them, the index fills them again) and nothing else is wrong. Edges can be made anew from
the vectors, so nothing is forced to disk here but by `flush` and `compact`.

One process writes a folder (`EdgesInUseError` for a second one), others read by `edge_file.read_edges`. Threads of
the writing process share one object.
"""

from __future__ import annotations

import mmap
import os
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from learning.graph.edge_file import AT_ONCE, FILE, create, headed, owned, scanned
from learning.graph.places import GONE, PlaceIndex
from learning.graph.rows import (
    NEIGHBOURS,
    ROW,
    ROW_BYTES,
    SCALARS,
    joined,
    packed,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    Ids = NDArray[np.int64]
    Floats = NDArray[np.float32]
    Places = NDArray[np.int32]
    Rows = NDArray[np.void]

LEAST_GROWTH = 4096
"""Rows the file grows by at least; else by a quarter."""


class NeighbourEdges:
    """The edges of one folder, open for writing.

    Raises:
        EdgesInUseError: another process has them open.
        OSError: the folder cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / FILE
        self._lock = Lock()
        self._owned = owned(folder)
        try:
            if not headed(self._path):
                create(self._path, [])
            self._open()
        except BaseException:
            os.close(self._owned)
            raise

    def _open(self) -> None:
        self._file = os.open(self._path, os.O_RDWR)
        capacity = os.fstat(self._file).st_size // ROW_BYTES
        ids, places = scanned(self._file, capacity)
        self._places = PlaceIndex(ids, places)
        self._used = int(places.max()) + 1 if len(places) else 1
        taken = np.zeros(self._used, dtype=bool)
        taken[0] = True
        taken[self._places.all()[1]] = True
        self._free: list[int] = np.flatnonzero(~taken).tolist()
        self._map(max(capacity, self._used))

    def _map(self, capacity: int) -> None:
        os.ftruncate(self._file, os.fstat(self._file).st_size // ROW_BYTES * ROW_BYTES)
        # A full disk is told here: a page of a map that finds no room ends the process.
        os.posix_fallocate(self._file, 0, capacity * ROW_BYTES)
        # A map that arrays still look at cannot be resized: they keep the old one.
        self._bytes = mmap.mmap(self._file, capacity * ROW_BYTES)
        self._rows: Rows = np.frombuffer(self._bytes, dtype=ROW)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, id_: int) -> bool:
        with self._lock:
            return self._places.place(id_) != GONE

    @property
    def nbytes(self) -> int:
        """Bytes resident at most, all rows read."""
        return self._used * ROW_BYTES + self._places.nbytes

    def append(self, ids: Ids, neighbours: Ids, cosines: Floats) -> None:
        """Note patterns with their nearest neighbours; of a pattern noted before, the new ones count.

        Args:
            ids: (n,) above 0, each once.
            neighbours: (n, k), k at most `NEIGHBOURS`, nearest or not first; 0 or less for none. They
                need not be noted themselves, nor ever be.
            cosines: (n, k) in [-1, 1].

        Raises:
            ValueError: shapes that do not fit, an id twice or below 1.
        """
        ids, neighbours, cosines = _checked(ids, neighbours, cosines)
        for start in range(0, len(ids), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            with self._lock:
                self._append(ids[part], neighbours[part], cosines[part])

    def _append(self, ids: Ids, neighbours: Ids, cosines: Floats) -> None:
        places = self._places.places(ids)
        new = np.flatnonzero(places == GONE)
        places[new] = self._claimed(len(new))
        self._rows[places] = packed(ids, neighbours, cosines)
        self._places.put(zip(ids.tolist(), places.tolist(), strict=True))
        targets = neighbours.ravel()
        sources = np.repeat(ids, neighbours.shape[1])
        near = cosines.ravel()
        at = np.where(targets > 0, self._places.places(targets), GONE)
        known = (at != GONE) & np.isfinite(near)
        self._join(at[known], sources[known], near[known])

    def _join(self, places: Places, sources: Ids, cosines: Floats) -> None:
        """Each source becomes a neighbour of the row at its place; a row takes one at a time."""
        while len(places):
            _, first = np.unique(places, return_index=True)
            at = places[first]
            self._rows[at] = joined(self._rows[at], sources[first], cosines[first])
            left = np.ones(len(places), dtype=bool)
            left[first] = False
            places, sources, cosines = places[left], sources[left], cosines[left]

    def _claimed(self, count: int) -> Places:
        reused = [self._free.pop() for _ in range(min(count, len(self._free)))]
        first, self._used = self._used, self._used + count - len(reused)
        if self._used > len(self._rows):
            grown = max(self._used, len(self._rows) + max(LEAST_GROWTH, len(self._rows) // 4))
            self._map(grown)
        return np.array([*reused, *range(first, self._used)], dtype=np.int32)

    def remove(self, ids: Iterable[int]) -> None:
        """Forget patterns.

        Others keep them as neighbours until something nearer comes: who follows an edge finds nothing.
        """
        with self._lock:
            for id_ in ids:
                place = self._places.place(id_)
                if place != GONE:
                    self._rows[place] = np.zeros((), dtype=ROW)
                    self._places.put([(id_, GONE)])
                    self._free.append(place)

    def of(self, id_: int) -> list[tuple[int, float]]:
        """A pattern's neighbours and how near they are, in no order; empty for one not noted."""
        with self._lock:
            place = self._places.place(id_)
            if place == GONE:
                return []
            row = SCALARS.unpack_from(self._bytes, place * ROW_BYTES)
        return [
            (id_ + away, cosine)
            for away, cosine in zip(
                row[1 : 1 + NEIGHBOURS], row[1 + NEIGHBOURS : 1 + 2 * NEIGHBOURS], strict=True
            )
            if away
        ]

    def missing(self, ids: Ids) -> Ids:
        """Those of ``ids`` (n,) that are not noted: to be filled from the index."""
        with self._lock:
            missing: Ids = ids[self._places.places(ids) == GONE]
        return missing

    def ids(self) -> Ids:
        """All patterns noted, ascending."""
        with self._lock:
            return self._places.all()[0].copy()

    def flush(self) -> None:
        """Put what is noted so far on disk."""
        with self._lock:
            self._bytes.flush()
            os.fsync(self._file)

    def compact(self) -> None:
        """Write the file anew without the room of removed rows, in order of ids; atomic."""
        with self._lock:
            _, places = self._places.all()
            parts = (self._rows[places[at : at + AT_ONCE]] for at in range(0, len(places), AT_ONCE))
            create(self._path, parts)
            os.close(self._file)
            self._open()

    def close(self) -> None:
        """Let go of the files; harmless a second time."""
        with self._lock:
            if self._owned >= 0:
                os.close(self._file)
                os.close(self._owned)
                self._owned = -1


def _checked(ids: Ids, neighbours: Ids, cosines: Floats) -> tuple[Ids, Ids, Floats]:
    ids = np.asarray(ids, dtype=np.int64)
    neighbours = np.asarray(neighbours, dtype=np.int64)
    cosines = np.asarray(cosines, dtype=np.float32)
    if ids.ndim != 1 or neighbours.ndim != 2 or cosines.shape != neighbours.shape:  # noqa: PLR2004
        raise ValueError(f"ids {ids.shape}, neighbours {neighbours.shape}, cosines {cosines.shape}")
    if len(neighbours) != len(ids) or neighbours.shape[1] > NEIGHBOURS:
        raise ValueError(f"{neighbours.shape} neighbours for {len(ids)} patterns")
    if len(ids) and (ids.min() < 1 or len(np.unique(ids)) != len(ids)):
        raise ValueError("ids are above 0, each once")
    return ids, neighbours, cosines
