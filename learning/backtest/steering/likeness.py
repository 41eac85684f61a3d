"""Which labelled requests speak for a question: every way of finding them that a backtest compares.

Everything here knows the labelled requests it was handed and nothing else, so that whoever walks forward
decides what may be known. Layers rank as in the index: added to the cosine of the prompts, each by its
share of the composite there (`learning.index.layer_weights`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from learning.graph.communities import NONE, adjacency, communities
from learning.graph.paths import reached
from learning.index.layer_weights import LAYERS, LayerWeights
from learning.index.layers import configuration_likeness, task_layer
from learning.patterns.pattern import Configuration

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from learning.backtest.steering.cases import Case, Labelled

    Floats = NDArray[np.float32]
    Ids = NDArray[np.int64]

EDGES = 8
"""Neighbours that a request is tied to in the graph, nearest first."""

FAMILY = 200
"""Of a family the newest so many lessons speak."""

REFRESHED = 200
"""Labels after which families are found anew."""

RECENT = 700.0
"""Labels after which a request counts half in the layer of recency: as lessons do in `learning.trust`."""

SHARES = dict(zip(LAYERS, LayerWeights().values, strict=True))
"""What each layer counts in the composite of the index, before anything is learned."""


class Found(NamedTuple):
    """Positions of labelled requests, nearest first, and what each counts; empty: the same."""

    at: Sequence[int]
    counts: Sequence[float] = ()


class Known:
    """The labelled requests known so far.

    Args:
        labelled: Oldest first.
        before: What was known before; its graph and families are gone on with where these only add to it.
    """

    def __init__(self, labelled: Sequence[Labelled], before: Known | None = None) -> None:
        self.labelled = labelled
        self._vectors = np.stack([known.case.embedding for known in labelled])
        self._kinds = np.array([known.case.kind for known in labelled])
        self._languages = np.array([known.case.language for known in labelled])
        self._words: Words | None = None
        self._configurations: dict[tuple[str, ...], NDArray[np.float64]] = {}
        goes_on = before is not None and _begins_with(labelled, before.labelled)
        self.graph: Graph | None = before.graph if before and goes_on else None
        self.families: Families | None = before.families if before and goes_on else None

    def __len__(self) -> int:
        return len(self.labelled)

    def nearest(
        self, case: Case, wanted: int, layers: Sequence[str] = (), *, same_kind: bool = False
    ) -> Found:
        """By the cosine of the prompts, and the layers named, each by its share of the composite."""
        near = self._vectors @ case.embedding
        for layer in layers:
            alike = self._layer(layer, case)
            near = near + SHARES[layer] / SHARES["vector"] * alike
        return Found(self._best(near, case, wanted, same_kind=same_kind))

    def newest_of_kind(self, case: Case, wanted: int) -> Found:
        """By the kind of question alone, the newest first."""
        newness = np.arange(len(self), dtype=np.float64)
        return Found(self._best(newness, case, wanted, same_kind=True))

    def of_family(self, case: Case) -> Found:
        """The newest `FAMILY` of the family whose middle is nearest, the newest first."""
        if self.families is None or len(self) >= self.families.made_of + REFRESHED:
            self.families = Families(self._tied(), self._vectors)
        mine = self.families.members(self._vectors, case.embedding)
        return Found(mine[::-1][:FAMILY].tolist())

    def along_paths(self, case: Case, wanted: int) -> Found:
        """By the best path from the question's nearest: a request one edge further counts half."""
        graph = self._tied()
        near = self._vectors @ case.embedding
        first = np.argsort(-near, kind="stable")[:EDGES]
        starts = zip(first.tolist(), near[first].tolist(), strict=True)
        found = reached(starts, graph, max_nodes=wanted)
        return Found([at for at, _ in found], [min(1.0, worth) for _, worth in found])

    def _best(
        self, near: NDArray[np.floating], case: Case, wanted: int, *, same_kind: bool
    ) -> list[int]:
        if same_kind:
            at = np.flatnonzero(self._kinds == case.kind)
            return list(at[np.argsort(-near[at], kind="stable")[:wanted]])
        return list(np.argsort(-near, kind="stable")[:wanted])

    def _layer(self, name: str, case: Case) -> Floats | NDArray[np.float64]:
        if name == "lexical":
            if self._words is None:
                self._words = Words([known.case.words for known in self.labelled])
            return self._words.like(case.words)
        if name == "task":
            task = np.ones(len(self), dtype=bool)  # one task type is asked in the whole stream
            return task_layer(task, self._kinds == case.kind, self._languages == case.language)
        if name == "recency":
            age = np.arange(len(self) - 1, -1, -1.0)
            return np.exp2(-age / RECENT)
        if name == "configuration":
            return self._configured(case.providers)
        raise ValueError(f"no layer of a backtest is called {name}")

    def _configured(self, providers: tuple[str, ...]) -> NDArray[np.float64]:
        if providers not in self._configurations:
            here = Configuration(providers)
            asked = (
                tuple(v.provider for v in known.lesson.ballot.voters) for known in self.labelled
            )
            self._configurations[providers] = np.array(
                [configuration_likeness(here, Configuration(names)) for names in asked]
            )
        return self._configurations[providers]

    def _tied(self) -> Graph:
        self.graph = Graph.grown(self._vectors, self.graph)
        return self.graph


class Words:
    """Words of the labelled requests, to compare a question's with.

    Args:
        rows: By request.
    """

    def __init__(self, rows: Sequence[tuple[str, ...]]) -> None:
        self._place: dict[str, int] = {}
        words = np.array(
            [self._place.setdefault(word, len(self._place)) for row in rows for word in row],
            np.int64,
        )
        owners = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
        self._rows = len(rows)
        self._idf = np.log1p(len(rows) / (np.bincount(words, minlength=len(self._place)) + 1.0))
        squares = self._idf[words] ** 2
        self._lengths = np.sqrt(np.bincount(owners, weights=squares, minlength=len(rows)))
        order = np.argsort(words, kind="stable")
        self._owners = owners[order]
        self._starts = np.searchsorted(words[order], np.arange(len(self._place) + 1))

    def like(self, asked: Sequence[str]) -> NDArray[np.float64]:
        """(rows,) cosines of inverse document frequencies, as `learning.index.layers.lexical_layer`."""
        shared = np.zeros(self._rows)
        squares = 0.0
        for word in asked:
            at = self._place.get(word)
            if at is None:
                squares += float(np.log1p(self._rows)) ** 2
                continue
            squares += self._idf[at] ** 2
            shared[self._owners[self._starts[at] : self._starts[at + 1]]] += self._idf[at] ** 2
        lengths = self._lengths * np.sqrt(squares)
        layer: NDArray[np.float64] = np.divide(
            shared, lengths, out=np.zeros(self._rows), where=lengths > 0.0
        )
        return layer


class Graph:
    """Each request tied to the `EDGES` nearest that were there before it, and to who came to it later."""

    def __init__(self, out: list[list[tuple[int, float]]]) -> None:
        self.out = out
        self._both: list[list[tuple[int, float]]] = []
        for source, edges in enumerate(out):
            self._both.append(list(edges))
            for target, cosine in edges:
                self._both[target].append((source, cosine))

    @staticmethod
    def grown(vectors: Floats, before: Graph | None = None) -> Graph:
        """The graph of these rows; ``before``: of the first of them."""
        out = [] if before is None else before.out
        if before is not None and len(out) == len(vectors):
            return before
        out = list(out)
        first = len(out)
        cosines = vectors[first:] @ vectors.T
        for at in range(first, len(vectors)):
            row = cosines[at - first, :at]
            nearest = np.argsort(-row, kind="stable")[:EDGES]
            out.append([(int(n), float(row[n])) for n in nearest if row[n] > 0.0])
        return Graph(out)

    def tied(self) -> tuple[Ids, Ids, Floats]:
        """Sources, targets and cosines of all edges, each once."""
        edges = [(s, t, c) for s, told in enumerate(self.out) for t, c in told]
        sources, targets, cosines = zip(*edges, strict=True) if edges else ((), (), ())
        return (
            np.array(sources, np.int64),
            np.array(targets, np.int64),
            np.array(cosines, np.float32),
        )

    def of(self, id_: int) -> Iterable[tuple[int, float]]:
        """See `learning.graph.paths.Edges`."""
        return self._both[id_]

    def __len__(self) -> int:
        return len(self.out)


class Families:
    """Families of questions as they were found among the requests known at a time.

    Args:
        graph: Of these requests.
        vectors: (n, d) of their prompts.
    """

    def __init__(self, graph: Graph, vectors: Floats) -> None:
        self.made_of = len(vectors)
        partition = communities(adjacency(np.arange(len(vectors)), *graph.tied()))
        sums = np.zeros((len(partition.sizes), vectors.shape[1]), dtype=np.float32)
        tied = partition.labels != NONE
        np.add.at(sums, partition.labels[tied], vectors[tied])
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        self._middles = np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 0.0)
        self._of = np.zeros(0, dtype=np.int64)

    def members(self, vectors: Floats, embedding: Floats) -> Ids:
        """Positions of those whose nearest middle is also this embedding's, ascending."""
        if not len(self._middles):
            return np.zeros(0, dtype=np.int64)
        if len(self._of) < len(vectors):
            joined = (vectors[len(self._of) :] @ self._middles.T).argmax(axis=1)
            self._of = np.concatenate([self._of, joined])
        return np.flatnonzero(self._of == (self._middles @ embedding).argmax())


def _begins_with(labelled: Sequence[Labelled], before: Sequence[Labelled]) -> bool:
    if not before or len(before) > len(labelled):
        return False
    return labelled[0] is before[0] and labelled[len(before) - 1] is before[-1]
