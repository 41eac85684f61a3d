"""One record for each pattern: what its layers are told from, and where its vector lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from learning.index.growing_map import GrowingMap

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

WORDS = 12
"""Words kept of a pattern: the rarest."""

ROW = np.dtype(
    [
        ("id", "<i8"),
        ("place", "<u4"),  # of the vector in its class
        ("last_at", "<u4"),  # seconds since 1970
        ("configuration", "<u2"),
        ("task", "<u2"),
        ("kind", "u1"),
        ("language", "u1"),
        ("outcome", "u1"),
        ("state", "u1"),  # 0 gone, 1 without a vector, 2 + class of the vector
        ("words", "<u4", (WORDS,)),  # hashed; 0 for none
    ]
)
GONE, BARE, FIRST_CLASS = 0, 1, 2

_FEW = 4_096


class Rows:
    """The records, by slot, and the slots by id. One thread writes, any may read."""

    def __init__(self, path: Path) -> None:
        self._map = GrowingMap(path, ROW)
        self.used = 0
        self.free: list[int] = []
        self._ids: NDArray[np.int64] = np.zeros(0, np.int64)
        self._slots: NDArray[np.uint32] = np.zeros(0, np.uint32)
        self._recent: dict[int, int] = {}
        self.alive = 0

    @property
    def array(self) -> NDArray[Any]:
        """(at least ``used``,) of `ROW`."""
        return self._map.array

    def recover(self, used: int) -> None:
        """Take the first ``used`` records as they lie in the file. Raises ValueError for damage."""
        if used > len(self.array):
            raise ValueError("the file of records is too short")
        self.used = used
        self._renumber()
        living = self.array["state"][:used] != GONE
        self.alive = int(living.sum())
        self.free = np.flatnonzero(~living).tolist()
        if len(self._ids) and (np.diff(self._ids) == 0).any():
            raise ValueError("two records of one pattern")

    def slots(self, ids: Sequence[int]) -> NDArray[np.int64]:
        """(n,) the slot of each id; -1 for one that is not here."""
        wanted = np.asarray(ids, dtype=np.int64)
        found = np.full(len(wanted), -1, np.int64)
        if len(self._ids):
            at = np.minimum(np.searchsorted(self._ids, wanted), len(self._ids) - 1)
            found = np.where(self._ids[at] == wanted, self._slots[at].astype(np.int64), -1)
        if self._recent:
            recent = self._recent
            found = np.array(
                [recent.get(one, slot) for one, slot in zip(ids, found.tolist(), strict=True)],
                dtype=np.int64,
            )
        held = found >= 0
        records = self.array[found[held]]
        found[held] = np.where(
            (records["state"] != GONE) & (records["id"] == wanted[held]), found[held], -1
        )
        return found

    def take(self, ids: Sequence[int]) -> NDArray[np.int64]:
        """(n,) a slot for each of these new ids, freed ones first. Records are the caller's to write."""
        again = [self.free.pop() for _ in range(min(len(self.free), len(ids)))]
        fresh = range(self.used, self.used + len(ids) - len(again))
        self._map.reserve(fresh.stop)
        slots = [*again, *fresh]
        self._recent.update(zip(ids, slots, strict=True))
        self.used = fresh.stop
        self.alive += len(ids)
        return np.array(slots, dtype=np.int64)

    def drop(self, slots: NDArray[np.int64]) -> None:
        """Free ``slots``, each once, none gone already."""
        self.array["state"][slots] = GONE
        self.free.extend(slots.tolist())
        self.alive -= len(slots)

    def settle(self) -> None:
        """Sort the ids that came since, once they are many."""
        if len(self._recent) > max(_FEW, self.used // 8):
            self._renumber()

    @property
    def memory_bytes(self) -> int:
        """Of the records and what they are found by."""
        return self.used * ROW.itemsize + self._ids.nbytes + self._slots.nbytes

    def sync(self) -> None:
        """Have the records on disk."""
        self._map.sync()

    def close(self) -> None:
        """Let go of the file."""
        self._map.close()

    def _renumber(self) -> None:
        records = self.array[: self.used]
        living = np.flatnonzero(records["state"] != GONE)
        ids = records["id"][living]
        order = np.argsort(ids, kind="stable")
        # Read without a lock: the older pair stays whole for whoever holds it.
        self._ids, self._slots = ids[order], living[order].astype(np.uint32)
        self._recent = {}
