"""Taking changes into the index: which files are written, in which order.

A record is gone while it is written, and names a vector only after that was written: whoever ends the
process in between leaves no record that is half of one pattern and half of another.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from learning.index.postings import hashed
from learning.index.quantising import quantised, rotated, spans
from learning.index.rows import BARE, FIRST_CLASS, GONE, ROW, WORDS
from learning.index.scoring import BANDS
from learning.index.vectors import Vectors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from learning.index.postings import Postings
    from learning.index.rows import Rows
    from learning.index.tables import Tables
    from learning.patterns.changes import Change
    from learning.patterns.pattern import Pattern

_LAST_SECOND = 2**32 - 1


class Writer:
    """The one writer; whoever calls it holds the index's lock."""

    def __init__(  # noqa: PLR0913, PLR0917 - the index's parts
        self,
        folder: Path,
        dimensions: int,
        rows: Rows,
        vectors: list[Vectors],
        postings: Postings,
        tables: Tables,
    ) -> None:
        self._folder = folder
        self._dimensions = dimensions
        self._rows = rows
        self._vectors = vectors
        self._postings = postings
        self._tables = tables
        self.unsettled = 0
        """Vectors added since `settle`."""

    def take(self, changes: Sequence[Change]) -> None:
        """Take in ``changes``, each of another pattern."""
        gone = [change.id for change in changes if change.pattern is None]
        if gone:
            slots = self._rows.slots(gone)
            self._drop(slots[slots >= 0])
        kept = [(change.id, change.pattern) for change in changes if change.pattern is not None]
        if kept:
            self._put([one for one, _ in kept], [pattern for _, pattern in kept])

    def settle(self) -> None:
        """Take apart the lists that grew too long, sort what is to be looked up."""
        for number, vectors in enumerate(self._vectors):
            vectors.split(partial(self._moved, number))
        self._rows.settle()
        self.unsettled = 0

    def _moved(self, number: int, slots: NDArray[np.int64], places: NDArray[np.int64]) -> None:
        records = self._rows.array
        held = (slots >= 0) & (records["state"][slots] == FIRST_CLASS + number)
        records["place"][slots[held]] = places[held]

    def _drop(self, slots: NDArray[np.int64]) -> None:
        records = self._rows.array[slots]
        self._rows.drop(slots)
        self._postings.forget(records["words"])
        self._blank(records)

    def _blank(self, records: NDArray[Any]) -> None:
        for number, vectors in enumerate(self._vectors):
            held = records["state"] == FIRST_CLASS + number
            if held.any():
                vectors.remove(records["place"][held].astype(np.int64))

    def _put(self, ids: list[int], patterns: list[Pattern]) -> None:
        codes = self._codes(patterns)
        known = self._rows.slots(ids)
        new = np.flatnonzero(known < 0)
        slots = known.copy()
        slots[new] = self._rows.take([ids[at] for at in new.tolist()])
        old = self._rows.array[slots]
        old["state"][new] = GONE
        records = self._records(ids, patterns)
        self._place(records, old, codes, slots)
        same_words = (old["words"] == records["words"]).all(axis=1) & (old["state"] != GONE)
        states = records["state"].copy()
        records["state"] = GONE
        array = self._rows.array
        array["state"][slots] = GONE
        array[slots] = records
        array["state"][slots] = states
        moved = (old["state"] != states) | (old["place"] != records["place"])
        self._blank(old[moved])
        changed = np.flatnonzero(~same_words)
        if len(changed):
            self._postings.forget(old["words"][changed][old["state"][changed] != GONE])
            self._postings.add(records["words"][changed], slots[changed])

    def _codes(self, patterns: list[Pattern]) -> NDArray[np.int8]:
        embeddings = [pattern.scenario.embedding for pattern in patterns]
        if any(embedding.shape != (self._dimensions,) for embedding in embeddings):
            raise ValueError(f"an embedding of other than {self._dimensions} dimensions")
        return quantised(rotated(np.stack(embeddings)))

    def _records(self, ids: list[int], patterns: list[Pattern]) -> NDArray[Any]:
        """(n,) of `ROW`, without state and place."""
        tables = self._tables
        words = [hashed(pattern.scenario.words) for pattern in patterns]
        wide = np.zeros((len(words), max(WORDS, *(len(one) for one in words))), np.uint32)
        for row, one in zip(wide, words, strict=True):
            row[: len(one)] = one
        records = np.zeros(len(ids), ROW)
        records["id"] = ids
        records["words"] = self._postings.rarest(wide, WORDS)
        records["last_at"] = [
            min(max(int(pattern.last_at.timestamp()), 0), _LAST_SECOND) for pattern in patterns
        ]
        records["outcome"] = [BANDS.index(pattern.outcome) for pattern in patterns]
        scenarios = [pattern.scenario for pattern in patterns]
        records["task"] = [tables.task.number(one.task) for one in scenarios]
        records["kind"] = [tables.kind.number(one.kind) for one in scenarios]
        records["language"] = [tables.language.number(one.language) for one in scenarios]
        records["configuration"] = [tables.configuration(one.configuration) for one in patterns]
        return records

    def _place(
        self,
        records: NDArray[Any],
        old: NDArray[Any],
        codes: NDArray[np.int8],
        slots: NDArray[np.int64],
    ) -> None:
        """Write the vectors that are new or changed; ``records`` learn where they lie."""
        records["state"] = BARE
        found = spans(codes)
        for start, stop in {(int(start), int(stop)) for start, stop in found if stop}:
            number, vectors = self._class(start, stop)
            here = np.flatnonzero((found[:, 0] == start) & (found[:, 1] == stop))
            records["state"][here] = FIRST_CLASS + number
            own = np.ascontiguousarray(codes[here, start:stop])
            there = old["state"][here] == FIRST_CLASS + number
            places = old["place"][here].astype(np.int64)
            same = np.zeros(len(here), np.bool_)
            same[there] = (vectors.scanner.codes(places[there]) == own[there]).all(axis=1)
            if not same.all():
                places[~same] = vectors.add(own[~same], slots[here[~same]])
                self.unsettled += int((~same).sum())
            records["place"][here] = places

    def _class(self, start: int, stop: int) -> tuple[int, Vectors]:
        for number, vectors in enumerate(self._vectors):
            if (vectors.start, vectors.stop) == (start, stop):
                return number, vectors
        self._vectors.append(Vectors(self._folder, start, stop))
        return len(self._vectors) - 1, self._vectors[-1]
