"""The six-layer index. Derived from the pattern store, which holds the truth and can fill it anew.

A search asks two layers for candidates, the vectors nearest to the question and the patterns that hold
its rarest words; of these it works out all six layers exactly and ranks by their weighted sum.

On disk are records and vectors in mapped files, changed in place, and beside them a state that tells
up to which change they are to be trusted. What came later may be in the files or not: it is told
again, and a change that is told twice changes nothing. So a process may end at any moment.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from learning.index.heap import trim
from learning.index.neighbours import Neighbour
from learning.index.postings import Postings, hashed
from learning.index.probing import Found, nearest
from learning.index.quantising import rotated
from learning.index.rows import FIRST_CLASS, GONE, Rows
from learning.index.scoring import Question, layers_of, similarities
from learning.index.state import (
    DamagedError,
    State,
    locked,
    read_state,
    throw_away,
    write_state,
)
from learning.index.tables import Tables
from learning.index.vectors import Vectors
from learning.index.writing import Writer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from numpy.typing import NDArray

    from consensus.embedding.embedder import FloatArray
    from learning.index.layer_weights import LayerWeights
    from learning.patterns.changes import Change
    from learning.patterns.pattern import Configuration, Scenario

CANDIDATES = 48
"""Patterns each of the two layers puts forward at least; more are when more are wanted."""

SPARE = 8
"""Vectors looked at exactly beyond those wanted: what eight bits rank wrongly is near the end."""

BATCH = 2_048
"""Changes taken in at once, after which lists that grew too long are taken apart."""


class PatternIndex:
    """Finds patterns; see `open`. One thread may write while any number search."""

    def __init__(self, folder: Path, dimensions: int) -> None:
        self._folder = folder
        self._held = ExitStack()
        folder.mkdir(parents=True, exist_ok=True)
        self._held.enter_context(locked(folder))
        self.dimensions = dimensions
        self.rebuilt_from_nothing = False
        """What lay in the folder could not be used and was thrown away; `watermark` is 0."""
        self._writing = threading.Lock()
        self._flushing = threading.Lock()
        try:
            self._state = self._recover()
        except DamagedError:
            self._held.close()
            throw_away(folder)
            self._held.enter_context(locked(folder))
            self.rebuilt_from_nothing = True
            self._state = self._recover()
        except BaseException:
            self._held.close()
            raise
        self._seen = self._state.watermark

    @staticmethod
    def open(folder: Path, dimensions: int) -> PatternIndex:
        """Open the index in ``folder`` for embeddings of ``dimensions``, or begin one.

        What is damaged, or was made for other dimensions, is thrown away
        (`rebuilt_from_nothing`). Tell it all changes after its `watermark`.

        Raises:
            IndexInUseError: Another index is open on the folder.
            OSError: The folder cannot be read or written.
        """
        return PatternIndex(folder, dimensions)

    @property
    def watermark(self) -> int:
        """Every change up to this number is in what is durable on disk."""
        return self._state.watermark

    def apply(self, changes: Sequence[Change]) -> None:
        """Take in ``changes``; searches find them at once.

        Raises:
            ValueError: An embedding has other dimensions.
            OSError: The disk is full.
        """
        last = {change.id: change for change in changes}
        ordered = list(last.values())
        for start in range(0, len(ordered), BATCH):
            with self._writing:
                self._writer.take(ordered[start : start + BATCH])
                if self._writer.unsettled >= BATCH:
                    self._writer.settle()
        with self._writing:
            self._seen = max(self._seen, max((change.number for change in changes), default=0))

    def search(
        self,
        scenario: Scenario,
        k: int = 10,
        *,
        configuration: Configuration | None = None,
        now: datetime,
    ) -> list[Neighbour]:
        """The ``k`` patterns most like ``scenario``, the most alike first; ties by id.

        Args:
            scenario: What is asked.
            k: How many are wanted.
            configuration: How it is to be answered; without one that layer does not count.
            now: What recency is told by.
        """
        if k <= 0 or not self._rows.alive:
            return []
        turned = rotated(np.asarray(scenario.embedding, dtype=np.float32)[None, :])
        words = hashed(scenario.words)
        count = max(CANDIDATES, 2 * k)
        near = _best(nearest(self._vectors, turned, count), count)
        slots = np.unique(np.concatenate([near, self._postings.lookup(words, count)]))
        slots, records = self._living(slots)
        question = Question(
            turned[0],
            words,
            self._postings.idf(words),
            self._tables.task.known(scenario.task),
            self._tables.kind.known(scenario.kind),
            self._tables.language.known(scenario.language),
            configuration,
            now.timestamp(),
        )
        cosines = self._cosines(turned, slots[None, :], records[None, :])[0]
        layers = layers_of(
            question,
            records,
            cosines,
            self._postings.idf(records["words"]),
            self._tables.configurations,
        )
        similarity = similarities(self.weights, layers, question)
        ids = records["id"]
        best = np.lexsort((ids, -similarity))[:k]
        return [
            Neighbour(one, alike, tuple(row))
            for one, alike, row in zip(
                ids[best].tolist(), similarity[best].tolist(), layers[best].tolist(), strict=True
            )
        ]

    def nearest(
        self, embeddings: FloatArray, k: int, *, effort: float = 1.0
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The patterns nearest by the vector layer alone, the nearest first; ties by id.

        Of more than ``k`` + `SPARE` that are exactly alike, which are found is not told by id.

        Args:
            embeddings: (n, d) unit rows.
            k: How many are wanted of each.
            effort: Share of the usual reading: at 0.2 a near-duplicate is still found, and most
                of the nearest.

        Returns:
            (n, k) ids, -1 where there are no more, and (n, k) cosines, 0 there.
        """
        turned = rotated(np.asarray(embeddings, dtype=np.float32))
        ids = np.full((len(turned), k), -1, np.int64)
        cosines = np.zeros((len(turned), k), np.float32)
        slots = nearest(self._vectors, turned, k + SPARE, effort).slots
        if not slots.size:
            return ids, cosines
        records = self._rows.array[np.maximum(slots, 0)]
        near = self._cosines(turned, slots, records)
        near[(slots < 0) | (records["state"] < FIRST_CLASS)] = -np.inf
        best = np.lexsort((records["id"], -near), axis=1)[:, :k]
        found = np.take_along_axis(near, best, axis=1)
        there = np.isfinite(found)
        width = best.shape[1]
        ids[:, :width] = np.where(there, np.take_along_axis(records["id"], best, axis=1), -1)
        cosines[:, :width] = np.where(there, found, 0)
        return ids, cosines

    @property
    def weights(self) -> LayerWeights:
        """The layers' weights in force; durable with the next `flush`."""
        return self._weights

    @weights.setter
    def weights(self, weights: LayerWeights) -> None:
        self._weights = weights

    def flush(self) -> None:
        """Make all that was applied durable; then `watermark` moves. Raises OSError."""
        with self._flushing:
            with self._writing:
                if self._seen == self._state.watermark and self._weights == self._state.weights:
                    return
                self._writer.settle()
                changed = any(vectors.changed for vectors in self._vectors)
                state = State(
                    dimensions=self.dimensions,
                    watermark=self._seen,
                    slots=self._rows.used,
                    spans=tuple((vectors.start, vectors.stop) for vectors in self._vectors),
                    codes=self._tables.texts(),
                    weights=self._weights,
                    structure="" if changed else self._state.structure,
                    structure_crc=self._state.structure_crc,
                )
                if changed or not state.structure:
                    state = replace(state, structure="", arrays=self._structure())
                leaving = [(vectors, vectors.leaving()) for vectors in self._vectors]
            for vectors, _ in leaving:
                vectors.sync()
            self._rows.sync()
            self._state = replace(write_state(self._folder, state), arrays={})
            with self._writing:
                for vectors, extents in leaving:
                    vectors.free(extents)

    def close(self) -> None:
        """Flush, and let go of the files."""
        try:
            self.flush()
        finally:
            self._rows.close()
            self._held.close()

    @property
    def memory_bytes(self) -> int:
        """Of records, vectors and postings."""
        return (
            self._rows.memory_bytes
            + self._postings.memory_bytes
            + sum(vectors.memory_bytes for vectors in self._vectors)
        )

    def __len__(self) -> int:
        return self._rows.alive

    def __contains__(self, pattern_id: int) -> bool:
        return bool(self._rows.slots([pattern_id])[0] >= 0)

    def _living(self, slots: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.void]]:
        """Those of ``slots`` (n,) that hold a pattern, and their records."""
        slots = slots[slots >= 0]
        records = self._rows.array[slots]
        living = records["state"] != GONE
        return slots[living], records[living]

    def _cosines(
        self, turned: FloatArray, slots: NDArray[np.int64], records: NDArray[np.void]
    ) -> FloatArray:
        """(q, m) of each rotated row (q, d) with its ``slots`` (q, m)."""
        cosines = np.zeros(slots.shape, np.float32)
        for number, vectors in enumerate(self._vectors):
            row, column = np.nonzero((records["state"] == FIRST_CLASS + number) & (slots >= 0))
            if len(row):
                codes = vectors.scanner.codes(records["place"][row, column].astype(np.int64))
                # Not as unit rows: numbers for each row, not for each of its columns, are divided.
                rows = codes.astype(np.float32)
                part = turned[row, vectors.start : vectors.stop]
                lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
                dots = np.einsum("ij,ij->i", rows, part)
                cosines[row, column] = dots / np.maximum(lengths, np.float32(1.0))
        return cosines

    def _structure(self) -> dict[str, NDArray[np.generic]]:
        arrays = {}
        for number, vectors in enumerate(self._vectors):
            for name, array in vectors.structure().items():
                arrays[f"{number}-{name}"] = array
            vectors.changed = False
        return arrays

    def _recover(self) -> State:
        """Take what lies in the folder. Raises DamagedError."""
        state = read_state(self._folder)
        if state is None:
            throw_away(self._folder)  # of an index that never came to its first flush
            state = State(self.dimensions)
        if state.dimensions != self.dimensions:
            raise DamagedError("made for other embeddings")
        try:
            self._rows = Rows(self._folder / "records")
            self._rows.recover(state.slots)
            self._tables = Tables(state.codes)
            self._vectors: list[Vectors] = []
            records = self._rows.array[: state.slots]
            if (records["state"] >= FIRST_CLASS + len(state.spans)).any():
                raise DamagedError("a vector of no class")
            for number, (start, stop) in enumerate(state.spans):
                vectors = Vectors(self._folder, start, stop)
                held = np.flatnonzero(records["state"] == FIRST_CLASS + number)
                vectors.recover(
                    state.arrays[f"{number}-centres"],
                    state.arrays[f"{number}-owners"],
                    held,
                    records["place"][held].astype(np.int64),
                )
                self._vectors.append(vectors)
            living = np.flatnonzero(records["state"] != GONE)
            self._postings = Postings.of(records["words"][living], living.astype(np.uint32))
        except (ValueError, KeyError) as error:
            raise DamagedError(str(error)) from error
        self._weights = state.weights
        self._writer = Writer(
            self._folder, self.dimensions, self._rows, self._vectors, self._postings, self._tables
        )
        trim()
        return replace(state, arrays={})


def _best(found: Found, count: int) -> NDArray[np.int64]:
    """The slots of the ``count`` best of one query."""
    slots, products = found.slots.reshape(-1), found.products.reshape(-1)
    if len(slots) > count:
        slots = slots[np.argpartition(-products, count - 1)[:count]]
    return slots
