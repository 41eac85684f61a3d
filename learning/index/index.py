"""The six-layer index. Derived from the pattern store, which holds the truth and can fill it anew."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from learning.index.layer_weights import LAYERS, LayerWeights
from learning.index.layers import (
    OUTCOMES,
    configuration_likeness,
    lexical_layer,
    recency_layer,
    task_layer,
)
from learning.index.neighbours import Neighbour

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from numpy.typing import NDArray

    from consensus.embedding.embedder import FloatArray
    from learning.patterns.changes import Change
    from learning.patterns.pattern import Configuration, Pattern, Scenario

_DAY = 86_400.0
_WORDS = 12


@dataclass(slots=True, eq=False)
class _Row:
    embedding: FloatArray
    words: NDArray[np.uint32]
    task: str
    kind: str
    language: str
    configuration: Configuration
    outcome: float
    last_at: float


class PatternIndex:
    """The six-layer index in memory; see `search`."""

    def __init__(self, folder: Path, dimensions: int) -> None:
        self.folder = folder
        self.dimensions = dimensions
        self.watermark = 0
        self.rebuilt_from_nothing = True
        self.weights = LayerWeights()
        self._rows: dict[int, _Row] = {}
        self._seen = 0
        self._writing = threading.Lock()

    @staticmethod
    def open(folder: Path, dimensions: int) -> PatternIndex:
        """Open what lies in ``folder``, or begin there; broken files are thrown away."""
        folder.mkdir(parents=True, exist_ok=True)
        return PatternIndex(folder, dimensions)

    def apply(self, changes: Sequence[Change]) -> None:
        """Take in ``changes``; searches find them at once."""
        with self._writing:
            rows = dict(self._rows)
            for change in changes:
                if change.pattern is None:
                    rows.pop(change.id, None)
                else:
                    rows[change.id] = _row(change.pattern)
                self._seen = max(self._seen, change.number)
            self._rows = rows

    def search(
        self,
        scenario: Scenario,
        k: int = 10,
        *,
        configuration: Configuration | None = None,
        now: datetime,
    ) -> list[Neighbour]:
        """The ``k`` patterns most like ``scenario``, most alike first; ties by id."""
        rows = self._rows
        if not rows:
            return []
        ids = np.fromiter(rows, np.int64, len(rows))
        kept = list(rows.values())
        asked = _hashes(scenario.words)
        words = np.stack([row.words for row in kept])
        layers = np.zeros((len(kept), len(LAYERS)), dtype=np.float32)
        layers[:, 0] = np.clip(np.stack([row.embedding for row in kept]) @ scenario.embedding, 0, 1)
        layers[:, 1] = lexical_layer(
            asked, np.ones(len(asked), np.float32), words, (words != 0).astype(np.float32)
        )
        layers[:, 2] = task_layer(
            np.array([row.task == scenario.task for row in kept]),
            np.array([row.kind == scenario.kind for row in kept]),
            np.array([row.language == scenario.language for row in kept]),
        )
        told = np.array(self.weights.values)
        if configuration is not None:
            layers[:, 3] = [configuration_likeness(configuration, r.configuration) for r in kept]
        else:
            told[3] = 0
        layers[:, 4] = [row.outcome for row in kept]
        ages = [(now.timestamp() - row.last_at) / _DAY for row in kept]
        layers[:, 5] = recency_layer(np.array(ages, dtype=np.float32))
        similarity = layers @ (told / told.sum() if told.sum() else told)
        best = np.lexsort((ids, -similarity))[:k]
        return [
            Neighbour(int(ids[at]), float(similarity[at]), tuple(layers[at].tolist()))
            for at in best
        ]

    def nearest(
        self, embeddings: FloatArray, k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The ``k`` nearest by cosine: ids (n, k), -1 for none, and cosines (n, k)."""
        rows = self._rows
        ids = np.full((len(embeddings), k), -1, np.int64)
        cosines = np.zeros((len(embeddings), k), np.float32)
        if rows:
            numbers = np.fromiter(rows, np.int64, len(rows))
            near = np.asarray(embeddings) @ np.stack([r.embedding for r in rows.values()]).T
            best = np.argsort(-near, axis=1, kind="stable")[:, :k]
            ids[:, : best.shape[1]] = numbers[best]
            cosines[:, : best.shape[1]] = np.take_along_axis(near, best, axis=1)
        return ids, cosines

    def flush(self) -> None:
        """Make what was applied durable; `watermark` moves."""

    def close(self) -> None:
        """Flush, and let go of the files."""

    @property
    def memory_bytes(self) -> int:
        """Of the patterns held."""
        return len(self._rows) * (self.dimensions * 4 + _WORDS * 4 + 40)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, pattern_id: int) -> bool:
        return pattern_id in self._rows


def _row(pattern: Pattern) -> _Row:
    words = np.zeros(_WORDS, dtype=np.uint32)
    hashed = _hashes(pattern.scenario.words)[:_WORDS]
    words[: len(hashed)] = hashed
    return _Row(
        np.asarray(pattern.scenario.embedding, dtype=np.float32),
        words,
        pattern.scenario.task,
        pattern.scenario.kind,
        pattern.scenario.language,
        pattern.configuration,
        OUTCOMES[pattern.outcome],
        pattern.last_at.timestamp(),
    )


def _hashes(words: Sequence[str]) -> NDArray[np.uint32]:
    return np.array([crc32(word.encode()) or 1 for word in words], dtype=np.uint32)
