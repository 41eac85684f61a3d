"""The vectors of one span of columns, in lists of like ones: an inverted file that grows by splitting.

A vector goes into the list whose centre is nearest; a list that grew too long is taken apart
(`learning.index.halving`), as in SPFresh (Xu et al. 2023, section 4.1), so nothing is ever trained
or built anew. A search reads the lists nearest to the question. Against a graph (HNSW): a fraction of
the cost to add a vector, no links to keep in memory, and rows lie together where they are read.

A list's vectors lie in extents of a file, mostly one. Places that are named on disk are not written
over: a list is rewritten elsewhere, and its old extents are free only after the next durable state.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from learning.index.halving import centre, parts
from learning.index.quantising import unit
from learning.index.scanner import EXTENT, Scanner, extents_in, room_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from consensus.embedding.embedder import FloatArray

LONGEST = int(EXTENT * 0.75)
"""Vectors a list has at most after it was taken apart: it shall not be full at once."""

NONE = -1

_BATCH = 512
"""Vectors compared with all centres at once."""


@dataclass(frozen=True, slots=True)
class Directory:
    """The lists as a search sees them; replaced whole when lists are taken apart.

    Attributes:
        centres: (l, w) unit rows.
        first: (l,) an extent of each list; -1 for an empty list.
        more: The further extents of those that have some.
    """

    centres: FloatArray
    first: NDArray[np.int64]
    more: dict[int, list[int]]

    def extents(self, number: int) -> list[int]:
        """All extents of a list, the one it grows in last."""
        first = int(self.first[number])
        return [] if first == NONE else [first, *self.more.get(number, ())]


class Vectors:
    """Vectors of columns [start, stop). One thread writes, any may read."""

    def __init__(self, folder: Path, start: int, stop: int) -> None:
        self.start, self.stop = start, stop
        self.width = stop - start
        self._path = folder / f"vectors-{start}-{stop}"
        there = extents_in(self._path, self.width)
        self.scanner = Scanner(self._path, self.width, there or room_for(0, 0))
        self.held = 0
        self.directory = Directory(np.zeros((0, self.width), np.float32), np.zeros(0, np.int64), {})
        self.changed = False
        """Whether `structure` is another than when this was last set to False."""
        self.freed = 0
        """Times extents became free: who reads meanwhile may have read another list in them."""
        self._used = 0  # extents
        self._free: list[int] = []
        self._left: list[int] = []  # since the last durable state

    @property
    def memory_bytes(self) -> int:
        """Of the vectors, their slots and the centres."""
        return self.held * (self.width + 8) + self.directory.centres.nbytes

    def add(self, codes: NDArray[np.int8], slots: NDArray[np.int64]) -> NDArray[np.int64]:
        """Take in vectors (n, w) of ``slots`` (n,): their places (n,)."""
        lists = self._nearest_list(codes)
        places = np.empty(len(codes), np.int64)
        order = np.argsort(lists, kind="stable")
        cuts = np.flatnonzero(np.diff(lists[order])) + 1
        fill: dict[int, int] = {}
        for group in np.split(order, cuts):
            number = int(lists[group[0]])
            extents = self.directory.extents(number)
            before = len(extents)
            places[group] = self._append(extents, fill, len(group))
            if not before:
                self.directory.first[number] = extents[0]
            if len(extents) > max(before, 1):
                self.directory.more[number] = extents[1:]
        self._write(places, codes, slots)
        self._show(fill)
        self.held += len(places)
        return places

    def remove(self, places: NDArray[np.int64]) -> None:
        """Forget what lies at ``places``: a zero is near to nothing."""
        self._write(
            places, np.zeros((len(places), self.width), np.int8), np.full(len(places), NONE)
        )
        self.held -= len(places)

    def split(self, moved: Callable[[NDArray[np.int64], NDArray[np.int64]], None]) -> None:
        """Take apart the lists that are too long; ``moved`` is told slots and their new places.

        By then the vectors are on disk at the new places, and still at the old ones.
        """
        held = self.directory
        fill = self.scanner.fill
        full = np.flatnonzero((held.first >= 0) & (fill[held.first] == EXTENT)).tolist()
        if not full:
            return
        first, more = held.first.copy(), dict(held.more)
        centres, new_centres = held.centres.copy(), []
        new_first: list[int] = []
        moves: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
        shown: dict[int, int] = {}
        for number in full:
            extents = held.extents(number)
            self._left += extents
            more.pop(number, None)
            first[number] = NONE
            old = self._living(extents)
            codes, slots = self.scanner.codes(old), self.slots(old)
            rows = unit(codes)
            for part in parts(rows, LONGEST) if len(old) else []:
                target: list[int] = []
                places = self._append(target, shown, len(part))
                self._write(places, codes[part], slots[part])
                moves.append((slots[part], places))
                if first[number] == NONE:
                    first[number], centres[number] = target[0], centre(rows[part])
                else:
                    new_first.append(target[0])
                    new_centres.append(centre(rows[part]))
        self.sync()
        for slots, places in moves:
            moved(slots, places)
        self._show(shown)
        if new_centres:
            centres = np.concatenate([centres, np.stack(new_centres)])
        self.directory = Directory(
            centres, np.concatenate([first, np.array(new_first, np.int64)]), more
        )
        self.changed = True

    def slots(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """(n,) of what lies at ``places`` (n,); -1 for nothing."""
        found: NDArray[np.int64] = self.scanner.slots[places // EXTENT, places % EXTENT]
        return found

    def sync(self) -> None:
        """Have the vectors on disk."""
        file = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        try:
            os.fsync(file)
        finally:
            os.close(file)

    def leaving(self) -> list[int]:
        """Extents that nothing names once the state at hand is durable; then `free` them."""
        leaving, self._left = self._left, []
        return leaving

    def free(self, extents: list[int]) -> None:
        """``extents`` may be used again."""
        if extents:
            self.freed += 1
            self.scanner.fill[extents] = 0
            for extent in extents:
                self.scanner.forget(extent)
            self._free += extents

    def structure(self) -> dict[str, NDArray[np.generic]]:
        """What `recover` needs beside the file."""
        owners = np.full(self._used, NONE, np.int32)
        for number in range(len(self.directory.first)):
            owners[self.directory.extents(number)] = number
        return {"centres": self.directory.centres, "owners": owners}

    def recover(
        self,
        centres: FloatArray,
        owners: NDArray[np.int32],
        slots: NDArray[np.int64],
        places: NDArray[np.int64],
    ) -> None:
        """Take the vectors of ``slots`` (n,) as they lie at ``places`` (n,).

        Extents without an owner that hold some (written after the structure was) get a list of
        their own. Raises ValueError for what cannot be.
        """
        used = max(int(places.max(initial=-1)) // EXTENT + 1, len(owners))
        if used > self.scanner.extents:
            raise ValueError("a file of vectors is too short")
        if centres.shape[1:] != (self.width,) or owners.max(initial=-1) >= len(centres):
            raise ValueError("lists do not fit their vectors")
        named = np.zeros((used, EXTENT), np.bool_)
        named.reshape(-1)[places] = True
        if int(named.sum()) != len(places) or (self.slots(places) != slots).any():
            raise ValueError("vectors and records do not fit")
        self.held, self._used = len(places), used
        # What was written after the durable state is not there: near to nothing, as a gap is.
        unnamed = np.flatnonzero(~named.reshape(-1))
        unnamed = unnamed[self.slots(unnamed) != NONE]
        fill = np.where(named.any(axis=1), EXTENT - named[:, ::-1].argmax(axis=1), 0)
        inside = unnamed[unnamed % EXTENT < fill[unnamed // EXTENT]]
        self._write(inside, np.zeros((len(inside), self.width), np.int8), np.full(len(inside), -1))
        self.scanner.fill[:used] = fill
        first = np.full(len(centres), NONE, np.int64)
        more: dict[int, list[int]] = {}
        orphans = []
        owner = np.full(used, NONE, np.int64)
        owner[: len(owners)] = owners
        for extent in np.argsort(-fill, kind="stable").tolist():  # the one with room last
            number = int(owner[extent])
            if not fill[extent]:
                self._free.append(extent)
            elif number == NONE:
                orphans.append(extent)
            elif first[number] == NONE:
                first[number] = extent
            else:
                more.setdefault(number, []).append(extent)
        middles = [centre(unit(self.scanner.codes(self._living([extent])))) for extent in orphans]
        self.directory = Directory(
            np.concatenate([centres, np.array(middles, np.float32).reshape(-1, self.width)]),
            np.concatenate([first, np.array(orphans, np.int64)]),
            more,
        )
        self.changed = bool(orphans)

    def _living(self, extents: list[int]) -> NDArray[np.int64]:
        """(n,) the places of a list that are no gaps."""
        found: list[NDArray[np.int64]] = [
            np.arange(extent * EXTENT, extent * EXTENT + int(self.scanner.fill[extent]))
            for extent in extents
        ]
        places = np.concatenate(found) if found else np.zeros(0, np.int64)
        living: NDArray[np.int64] = places[self.slots(places) != NONE]
        return living

    def _nearest_list(self, codes: NDArray[np.int8]) -> NDArray[np.int64]:
        if not len(self.directory.first):
            middle = centre(unit(codes))[None, :]
            self.directory = Directory(middle, np.full(1, NONE), {})
            self.changed = True
            return np.zeros(len(codes), np.int64)
        across = self.directory.centres.T
        found = [
            (codes[at : at + _BATCH].astype(np.float32) @ across).argmax(axis=1)
            for at in range(0, len(codes), _BATCH)
        ]
        return np.concatenate(found)

    def _append(self, extents: list[int], fill: dict[int, int], count: int) -> NDArray[np.int64]:
        """Places for ``count`` more vectors of a list; ``extents`` and ``fill`` grow with them."""
        found = []
        while count:
            if not extents or fill.get(extents[-1], int(self.scanner.fill[extents[-1]])) == EXTENT:
                extents.append(self._extent())
                fill[extents[-1]] = 0
            last = extents[-1]
            begin = fill.get(last, int(self.scanner.fill[last]))
            taken = min(count, EXTENT - begin)
            found.append(np.arange(last * EXTENT + begin, last * EXTENT + begin + taken))
            fill[last] = begin + taken
            count -= taken
        return np.concatenate(found)

    def _extent(self) -> int:
        self.changed = True
        if self._free:
            return self._free.pop()
        self._used += 1
        if self._used > self.scanner.extents:
            fill = self.scanner.fill
            longer = Scanner(self._path, self.width, room_for(self._used, len(fill)))
            longer.fill[: len(fill)] = fill
            self.scanner = longer
        return self._used - 1

    def _write(
        self, places: NDArray[np.int64], codes: NDArray[np.int8], slots: NDArray[np.int64]
    ) -> None:
        self.scanner.write(places, codes)
        self.scanner.slots[places // EXTENT, places % EXTENT] = slots

    def _show(self, fill: dict[int, int]) -> None:
        """Searches see the vectors of these extents from here on."""
        self.scanner.fill[list(fill)] = list(fill.values())
