"""How each vendor did in each labelled pattern, held in arrays: a few bytes a vendor and pattern.

What advice weighs is read here while a request waits, and a run over the graph starts from it. Derived
from the patterns; a file keeps it from one start to the next, with the number of the last change in it.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from learning.graph.places import GONE, PlaceIndex
from learning.graph.replacing import BROKEN, replacing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from learning.patterns.changes import Change
    from learning.patterns.pattern import Pattern

    Ids = NDArray[np.int64]
    Counts = NDArray[np.uint16]

FILE = "tally_table.npz"
_VERSION = 1
_MOST = 65_535
"""Counts stop there: a question right so often needs no more evidence."""

_LEAST_ROOM = 1024


class TallyTable:
    """The vendors' right and wrong answers of patterns that have a label. Safe for threads.

    ``saved``: the number of the last change that is on disk.
    """

    def __init__(self) -> None:
        self.saved = 0
        self._number = 0
        self._vendors: list[str] = []
        self._kinds: list[str] = []
        self._ids: Ids = np.zeros(0, np.int64)
        self._right: Counts = np.zeros((0, 0), np.uint16)
        self._wrong: Counts = np.zeros((0, 0), np.uint16)
        self._kind: NDArray[np.uint8] = np.zeros(0, np.uint8)
        self._places = PlaceIndex(self._ids, np.zeros(0, np.int32))
        self._free: list[int] = []
        self._used = 0
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._places)

    @property
    def nbytes(self) -> int:
        """Memory, about."""
        arrays = (self._ids, self._right, self._wrong, self._kind)
        return sum(array.nbytes for array in arrays) + self._places.nbytes

    def apply(self, changes: Sequence[Change]) -> None:
        """Take in what changed; of several changes of one pattern the last counts."""
        with self._lock:
            for change in changes:
                if change.pattern is None or not change.pattern.labelled:
                    self._forget(change.id)
                else:
                    self._hold(change.pattern)
                self._number = max(self._number, change.number)

    def of(self, id_: int) -> dict[str, tuple[float, float]] | None:
        """A pattern's (right, wrong) by vendor; None for one without labels."""
        with self._lock:
            place = self._places.place(id_)
            if place == GONE:
                return None
            right, wrong = self._right[place].tolist(), self._wrong[place].tolist()
        return {
            vendor: (float(r), float(w))
            for vendor, r, w in zip(self._vendors, right, wrong, strict=True)
            if r or w
        }

    def whole(self) -> dict[str, dict[str, tuple[float, float]]]:
        """Sums over all patterns: (right, wrong) by vendor, by kind of question."""
        with self._lock:
            used = slice(0, self._used)
            right, wrong = self._right[used], self._wrong[used]
            found = {}
            for code, kind in enumerate(self._kinds):
                # Free rows are zeros, whatever their kind.
                these = self._kind[used] == code
                sums = zip(
                    self._vendors,
                    right[these].sum(axis=0, dtype=np.int64).tolist(),
                    wrong[these].sum(axis=0, dtype=np.int64).tolist(),
                    strict=True,
                )
                found[kind] = {v: (float(r), float(w)) for v, r, w in sums if r or w}
            return found

    def columns(self) -> tuple[Ids, tuple[str, ...], NDArray[np.float32], NDArray[np.float32]]:
        """As a run over the graph takes them: ids (n,), vendors (v,), right and wrong (n, v)."""
        with self._lock:
            ids, places = self._places.all()
            right = self._right[places].astype(np.float32)
            wrong = self._wrong[places].astype(np.float32)
            return ids.copy(), tuple(self._vendors), right, wrong

    def save(self, folder: Path) -> None:
        """Put it on disk, in the place of what was there."""
        with self._lock:
            ids, places = self._places.all()
            columns: dict[str, Any] = {
                "version": np.array([_VERSION]),
                "number": np.array([self._number]),
                "vendors": np.array(self._vendors, dtype=np.str_),
                "kinds": np.array(self._kinds, dtype=np.str_),
                "ids": ids.copy(),
                "right": self._right[places],
                "wrong": self._wrong[places],
                "kind": self._kind[places],
            }
            number = self._number
        with replacing(folder / FILE) as file:
            np.savez(file, **columns)
        self.saved = number

    @staticmethod
    def load(folder: Path) -> TallyTable:
        """What was put there; an empty one where nothing is, or it cannot be read."""
        table = TallyTable()
        try:
            with np.load(folder / FILE, allow_pickle=False) as kept:
                if kept["version"].tolist() != [_VERSION]:
                    return TallyTable()
                ids, right, wrong, kind = (kept[n] for n in ("ids", "right", "wrong", "kind"))
                table._vendors, table._kinds = kept["vendors"].tolist(), kept["kinds"].tolist()
                (number,) = kept["number"].tolist()
        except (FileNotFoundError, *BROKEN):
            return TallyTable()
        shape = (len(ids), len(table._vendors))
        if right.shape != shape or wrong.shape != shape or kind.shape != shape[:1]:
            return TallyTable()
        table._ids, table._right, table._wrong, table._kind = ids, right, wrong, kind
        table._places = PlaceIndex(ids, np.arange(len(ids), dtype=np.int32))
        table._used, table.saved, table._number = len(ids), number, number
        return table

    def _hold(self, pattern: Pattern) -> None:
        place = self._places.place(pattern.id)
        if place == GONE:
            place = self._claimed()
            self._places.put([(pattern.id, place)])
        self._know(pattern.vendors)
        self._ids[place] = pattern.id
        self._kind[place] = self._code(pattern.scenario.kind)
        for row, told in ((self._right, "right"), (self._wrong, "wrong")):
            row[place] = 0
            for vendor, tally in pattern.vendors.items():
                row[place, self._vendors.index(vendor)] = min(getattr(tally, told), _MOST)

    def _forget(self, id_: int) -> None:
        place = self._places.place(id_)
        if place != GONE:
            self._right[place], self._wrong[place] = 0, 0
            self._places.put([(id_, GONE)])
            self._free.append(place)

    def _claimed(self) -> int:
        if self._free:
            return self._free.pop()
        if self._used == len(self._ids):
            room = max(_LEAST_ROOM, self._used // 4)
            self._ids = np.concatenate([self._ids, np.zeros(room, np.int64)])
            self._kind = np.concatenate([self._kind, np.zeros(room, np.uint8)])
            more = np.zeros((room, len(self._vendors)), np.uint16)
            self._right = np.concatenate([self._right, more])
            self._wrong = np.concatenate([self._wrong, more])
        self._used += 1
        return self._used - 1

    def _know(self, vendors: Iterable[str]) -> None:
        """A column for each vendor."""
        new = [vendor for vendor in vendors if vendor not in self._vendors]
        if new:
            self._vendors += new
            more = np.zeros((len(self._ids), len(new)), np.uint16)
            self._right = np.concatenate([self._right, more], axis=1)
            self._wrong = np.concatenate([self._wrong, more], axis=1)

    def _code(self, kind: str) -> int:
        if kind not in self._kinds:
            self._kinds.append(kind)
        return self._kinds.index(kind)
