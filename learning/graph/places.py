"""Where each id's row is: 12 bytes an id, found by bisection; the newest in a dictionary. Pure."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Ids = NDArray[np.int64]
    Places = NDArray[np.int32]

LEAST_RECENT = 4096
RECENT_SHARE = 32
"""The dictionary is merged into the arrays when it holds so many, or one in so many of all: it stays
small beside them, and merging costs a few microseconds for each id that came in."""

GONE = -1


class PlaceIndex:
    """A map from id to place. Not safe for threads by itself."""

    def __init__(self, ids: Ids, places: Places) -> None:
        """Of several places of one id the last counts."""
        self._recent: dict[int, int] = {}
        self._hold(*_sorted(ids, places))
        self._count = len(self._ids)

    def __len__(self) -> int:
        return self._count

    def place(self, id_: int) -> int:
        """Its place, or `GONE`."""
        recent = self._recent.get(id_)
        return self._settled(id_) if recent is None else recent

    def places(self, ids: Ids) -> Places:
        """The place of each, (n,); `GONE` for none."""
        found = np.full(len(ids), GONE, dtype=np.int32)
        if len(self._ids):
            at = np.minimum(np.searchsorted(self._ids, ids), len(self._ids) - 1)
            found = np.where(self._ids[at] == ids, self._places[at], GONE).astype(np.int32)
        if self._recent:
            for i, id_ in enumerate(ids.tolist()):
                recent = self._recent.get(id_)
                if recent is not None:
                    found[i] = recent
        return found

    def put(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Note places; `GONE` takes an id out."""
        for id_, place in pairs:
            self._count += (place != GONE) - (self.place(id_) != GONE)
            self._recent[id_] = place
        if len(self._recent) >= max(LEAST_RECENT, len(self._ids) // RECENT_SHARE):
            self._settle()

    def all(self) -> tuple[Ids, Places]:
        """Every id there is, ascending, and its place."""
        self._settle()
        return self._ids, self._places

    @property
    def nbytes(self) -> int:
        """Memory, about: the arrays, and 100 bytes for each in the dictionary."""
        return self._ids.nbytes + self._places.nbytes + 100 * len(self._recent)

    def _hold(self, ids: Ids, places: Places) -> None:
        self._ids, self._places = ids, places
        self._view = memoryview(ids)  # type: ignore[arg-type] # bisected twice as fast as the array

    def _settled(self, id_: int) -> int:
        at = bisect_left(self._view, id_)
        if at < len(self._view) and self._view[at] == id_:
            return int(self._places[at])
        return GONE

    def _settle(self) -> None:
        if not self._recent:
            return
        ids = np.fromiter(self._recent.keys(), np.int64, len(self._recent))
        places = np.fromiter(self._recent.values(), np.int32, len(self._recent))
        self._hold(
            *_sorted(np.concatenate([self._ids, ids]), np.concatenate([self._places, places]))
        )
        self._recent.clear()


def _sorted(ids: Ids, places: Places) -> tuple[Ids, Places]:
    order = np.argsort(ids, kind="stable")
    ids, places = ids[order], places[order]
    last = np.ones(len(ids), dtype=bool)
    last[:-1] = ids[1:] != ids[:-1]
    last &= places != GONE
    return ids[last], places[last]
