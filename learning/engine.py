"""The learning engine of one process: index, graph and tallies of patterns, searched and advised from.

Everything here is derived from the pattern store and lies in one folder that one process writes. Changes
are applied in the order of their numbers, by one thread at a time; any thread may search meanwhile. What
is on disk may lag behind (`watermark`): whoever owns the engine replays what came later.
"""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from learning.graph.edges import NeighbourEdges
from learning.graph.material_files import TALLIES, WORDS, write_tallies, write_vectors, write_words
from learning.graph.replacing import BROKEN, replacing
from learning.graph.rows import NEIGHBOURS
from learning.index.hits import predicted
from learning.index.index import PatternIndex
from learning.index.layer_weights import LAYERS, LayerWeights, learned
from learning.patterns.changes import Change
from learning.patterns.merging import SAME_COSINE
from learning.search_cache import SearchCache
from learning.tally_table import FILE as TALLY_FILE
from learning.tally_table import TallyTable

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from numpy.typing import NDArray

    from consensus.embedding.embedder import FloatArray
    from learning.graph.families import Families
    from learning.index.neighbours import Neighbour
    from learning.patterns.pattern import Configuration, Pattern, Scenario

    Ids = NDArray[np.int64]
    Floats = NDArray[np.float32]

INDEX, GRAPH = "index", "graph"
MARK = "engine.json"
"""What the folder was derived from; it lies beside the folders of the index and the graph."""

SAMPLE = 8
"""Patterns noted in the mark."""

LEAST_WITH_EDGES = 0.9
"""Share of the patterns whose edges are there, below which a file of them was lost."""

EFFORT = 0.2
"""Of what a search reads, for the neighbours of new patterns: a near-duplicate is still found, and most of
the nearest; families are found by edges in great number."""

LAYER_NEIGHBOURS = 20
"""Neighbours a label teaches the layers by: both kinds must be among them for an order to be better."""

NOBODY = 0
"""Number of no pattern."""


@dataclass(frozen=True, slots=True, eq=False)
class Near:
    """The nearest patterns of each of n embeddings: ids (n, k), -1 for none, and cosines (n, k)."""

    ids: Ids
    cosines: Floats

    def alike(self, row: int) -> tuple[int, ...]:
        """Those near enough to be the same question, the nearest first."""
        near = self.cosines[row] >= SAME_COSINE
        return tuple(id_ for id_ in self.ids[row][near].tolist() if id_ > 0)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the engine holds.

    ``labelled``: patterns with a label; ``applied``: the last change; ``hit_ratio``: see `SearchCache`.
    """

    patterns: int
    labelled: int
    edges: int
    families: int
    applied: int
    memory_bytes: int
    disk_bytes: int
    hit_ratio: float | None


class Engine:
    """The engine of one folder.

    Args:
        folder: One writer at a time.
        dimensions: Of the embedder.
        embedder: Its name; what was made with another one's vectors is thrown away.
        cache_ttl_s: How long a search's outcome may be given again; 0 searches each time.
        monotonic: Seconds that never jump.

    Attributes:
        families: In force; None before the first run.
        sample: When some of the patterns came in, by number, as the folder knew them when it was last
            written: a database where they came in at other times is not the one it was made from.

    Raises:
        learning.graph.errors.EdgesInUseError: another process has the folder.
        OSError: it cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        dimensions: int,
        *,
        embedder: str,
        cache_ttl_s: float,
        monotonic: Callable[[], float],
    ) -> None:
        self.families: Families | None = None
        self.sample: dict[int, str] = {}
        self._folder = folder
        self._dimensions = dimensions
        self._about = {"embedder": embedder, "dimensions": dimensions}
        self._cache: SearchCache[list[Neighbour]] = SearchCache(cache_ttl_s, monotonic)
        self._writing = Lock()
        self._closed = False
        folder.mkdir(parents=True, exist_ok=True)
        # The edges' lock is the folder's: nothing else is touched before it is held.
        self._edges = NeighbourEdges(self.graph_folder)
        try:
            self._open()
        except BaseException:
            self._edges.close()
            raise

    def _open(self) -> None:
        about, self.sample = _mark_of(self._folder)
        if about != self._about:
            self._empty()
        self._index = PatternIndex.open(self._folder / INDEX, self._dimensions)
        self._tallies = TallyTable.load(self._folder)
        self.applied = self.watermark

    def _empty(self) -> None:
        """Throw away what is derived; the lock stays held."""
        self.sample = {}
        (self._folder / MARK).unlink(missing_ok=True)
        (self._folder / TALLY_FILE).unlink(missing_ok=True)
        shutil.rmtree(self._folder / INDEX, ignore_errors=True)
        self._edges.remove(self._edges.ids().tolist())
        self._edges.compact()

    def begin_anew(self) -> None:
        """Forget everything: all patterns have to be applied again. Families stay in force."""
        with self._writing:
            self._index.close()
            self._empty()
            self._index = PatternIndex.open(self._folder / INDEX, self._dimensions)
            self._tallies = TallyTable()
            self._cache.clear()
            self.applied = 0

    def __len__(self) -> int:
        return len(self._index)

    @property
    def graph_folder(self) -> Path:
        """What a run over the graph reads and writes (`learning.graph.recompute`)."""
        return self._folder / GRAPH

    @property
    def watermark(self) -> int:
        """Every change up to this number is in what is on disk."""
        return min(self._index.watermark, self._tallies.saved)

    @property
    def whole(self) -> bool:
        """Whether the parts fit together; where they do not, all patterns have to be applied again."""
        return len(self._edges) >= len(self._index) * LEAST_WITH_EDGES

    def near(self, embeddings: FloatArray, k: int = NEIGHBOURS, *, effort: float = EFFORT) -> Near:
        """The ``k`` patterns nearest to each of the embeddings (n, d); a lower ``effort`` finds fewer of them, sooner."""
        return Near(*self._index.nearest(embeddings, k, effort=effort))

    def apply(
        self, changes: Sequence[Change], near: Mapping[Scenario, tuple[Ids, Floats]] | None = None
    ) -> None:
        """Take in changes, ascending by number; searches find them at once. Again does no harm.

        Args:
            changes: None may be missing between these and those applied before; their number is 0
                while all patterns are read, of which `reached` tells the end.
            near: The nearest patterns of new ones where they are known already, by the scenario itself.
        """
        if not changes:
            return
        with self._writing:
            self._index.apply(changes)
            self._tallies.apply(changes)
            last = {change.id: change.pattern for change in changes}
            self._edges.remove(id_ for id_, pattern in last.items() if pattern is None)
            self._join([pattern for pattern in last.values() if pattern is not None], near or {})
            self.applied = max(self.applied, changes[-1].number)

    def reached(self, number: int) -> None:
        """All patterns that stood at change ``number`` were applied."""
        self.apply([Change(number, NOBODY, None)])

    def search(
        self,
        scenario: Scenario,
        k: int = 10,
        *,
        configuration: Configuration | None = None,
        now: datetime,
    ) -> tuple[list[Neighbour], bool]:
        """The ``k`` patterns most like the scenario, the most alike first; and whether that was kept.

        What is found may be as old as the cache's time allows: patterns that came since are missing,
        and some found may be gone.
        """
        key = _key(scenario, k, configuration)
        kept = self._cache.get(key)
        if kept is not None:
            return kept, True
        found = self._index.search(scenario, k, configuration=configuration, now=now)
        self._cache.put(key, found)
        return found, False

    @property
    def layers(self) -> LayerWeights:
        """How much each layer of the index counts now."""
        return self._index.weights

    def weigh_layers(self, layers: Mapping[str, float]) -> None:
        """Have each layer of the index count so from now on, by name; a policy says how much.

        None at all: as they counted before anything was learned.

        Raises:
            KeyError: A layer is not named.
            ValueError: They are no weights, or do not sum to 1.
        """
        with self._writing:
            told = (
                LayerWeights(tuple(layers[name] for name in LAYERS)) if layers else LayerWeights()
            )
            self._index.weights = told
        self._cache.clear()

    def learn_layers(self, labelled: Sequence[Pattern]) -> int:
        """Move the layers' weights by what labels say of these patterns; of how many there was a lesson.

        A pattern's neighbours, as a search would have found them when it was asked, did well where
        labels say the same of their vendors as of its own (`learning.index.hits`). Those without labels
        teach nothing. Some 2 ms each.
        """
        lessons = 0
        for pattern in labelled:
            here = {name: (float(v.right), float(v.wrong)) for name, v in pattern.vendors.items()}
            found = self._index.search(
                pattern.scenario,
                LAYER_NEIGHBOURS,
                configuration=pattern.configuration,
                now=pattern.last_at,
            )
            told = [
                (neighbour.layers, hit)
                for neighbour in found
                if neighbour.id != pattern.id
                and (hit := predicted(self._tallies.of(neighbour.id) or {}, here)) is not None
            ]
            if not told:
                continue
            with self._writing:
                held = self._index.weights
                moved = learned(held, [row for row, _ in told], [hit for _, hit in told])
                self._index.weights = moved
            lessons += moved is not held
        if lessons:
            self._cache.clear()
        return lessons

    def tally(self, id_: int) -> dict[str, tuple[float, float]] | None:
        """A pattern's right and wrong answers by vendor; None for one without labels."""
        return self._tallies.of(id_)

    def told(self) -> dict[str, dict[str, tuple[float, float]]]:
        """The same over all patterns, by kind of question and vendor."""
        return self._tallies.whole()

    def sampled_ids(self, most: int) -> list[int]:
        """Patterns spread evenly over all, for `write_material`."""
        ids = self._edges.ids()
        picked = ids[:: max(1, -(-len(ids) // most))]
        return [int(id_) for id_ in picked]

    def write_material(self, sample: Sequence[Pattern]) -> None:
        """Write what a run over the graph reads beside the edges; ``sample`` gives words and vectors."""
        folder = self.graph_folder
        self._edges.flush()
        write_tallies(folder / TALLIES, *self._tallies.columns())
        ids = np.array([pattern.id for pattern in sample], dtype=np.int64)
        vectors = np.zeros((len(sample), self._dimensions), dtype=np.float16)
        for row, pattern in zip(vectors, sample, strict=True):
            row[:] = pattern.scenario.embedding
        write_vectors(folder, ids, vectors)
        write_words(folder / WORDS, ids, [pattern.scenario.words for pattern in sample])

    def flush(self, sample: Iterable[Pattern] = ()) -> None:
        """Put everything applied so far on disk; `watermark` moves.

        ``sample``: patterns that were applied, to know the database by; of the last ones given.
        """
        with self._writing:
            for pattern in sample:
                self.sample[pattern.id] = pattern.first_at.isoformat()
            self.sample = dict(list(self.sample.items())[-SAMPLE:])
            # What a later file says to be there, an earlier one must hold.
            self._edges.flush()
            self._tallies.save(self._folder)
            _write_mark(self._folder, self._about, self.sample)
            self._index.flush()

    def figures(self) -> Figures:
        """What is held now."""
        return Figures(
            patterns=len(self._index),
            labelled=len(self._tallies),
            edges=len(self._edges),
            families=0 if self.families is None else len(self.families),
            applied=self.applied,
            memory_bytes=self._index.memory_bytes + self._edges.nbytes + self._tallies.nbytes,
            disk_bytes=_size(self._folder),
            hit_ratio=self._cache.hit_ratio,
        )

    def close(self) -> None:
        """Put everything on disk and let go of the folder; harmless a second time."""
        if self._closed:
            return
        self._closed = True
        try:
            self.flush()
        finally:
            with self._writing:
                self._index.close()
                self._edges.close()

    def _join(
        self, patterns: Sequence[Pattern], near: Mapping[Scenario, tuple[Ids, Floats]]
    ) -> None:
        """Note the nearest neighbours of those that have none yet."""
        all_ids = np.array([pattern.id for pattern in patterns], dtype=np.int64)
        missing = set(self._edges.missing(all_ids).tolist())
        new = [pattern for pattern in patterns if pattern.id in missing]
        if not new:
            return
        ids = np.array([pattern.id for pattern in new], dtype=np.int64)
        embeddings = np.stack([pattern.scenario.embedding for pattern in new])
        if all(pattern.scenario in near for pattern in new):
            known = [near[pattern.scenario] for pattern in new]
            found = _with_each_other(
                ids, embeddings, np.stack([k[0] for k in known]), np.stack([k[1] for k in known])
            )
        else:
            found = _but_itself(
                ids, *self._index.nearest(embeddings, NEIGHBOURS + 1, effort=EFFORT)
            )
        self._edges.append(ids, *found)


def _with_each_other(
    ids: Ids, embeddings: FloatArray, near: Ids, cosines: Floats
) -> tuple[Ids, Floats]:
    """The nearest of those found (n, k) and of the batch itself: (n, k), in no order."""
    among = embeddings @ embeddings.T
    np.fill_diagonal(among, -1.0)
    found = np.concatenate([near, np.broadcast_to(ids, (len(ids), len(ids)))], axis=1)
    how = np.concatenate([np.where(near > 0, cosines, -1.0), among], axis=1).astype(np.float32)
    best = np.argpartition(-how, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS]
    picked = np.take_along_axis(how, best, axis=1)
    return np.where(picked > 0.0, np.take_along_axis(found, best, axis=1), 0), picked


def _but_itself(ids: Ids, near: Ids, cosines: Floats) -> tuple[Ids, Floats]:
    """Those found (n, k + 1) without the pattern itself: (n, k)."""
    itself = near == ids[:, None]
    order = np.argsort(itself, axis=1, kind="stable")[:, :NEIGHBOURS]
    found = np.take_along_axis(np.where(itself, 0, near), order, axis=1)
    return found, np.take_along_axis(cosines, order, axis=1)


def _key(scenario: Scenario, k: int, configuration: Configuration | None) -> Hashable:
    beside = None
    if configuration is not None:
        beside = (configuration.providers, configuration.mode, configuration.depth)
    return (
        scenario.embedding.tobytes(),
        scenario.words,
        (scenario.task, scenario.kind, scenario.language),
        k,
        beside,
    )


def _mark_of(folder: Path) -> tuple[dict[str, Any] | None, dict[int, str]]:
    """What the folder was derived from, and its sample; None for a new or broken one."""
    try:
        kept = json.loads((folder / MARK).read_text())
        return dict(kept["about"]), {int(id_): str(at) for id_, at in kept["sample"].items()}
    except (*BROKEN, AttributeError):
        return None, {}


def _write_mark(folder: Path, about: Mapping[str, Any], sample: Mapping[int, str]) -> None:
    with replacing(folder / MARK) as file:
        file.write(json.dumps({"about": about, "sample": sample}).encode())


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):  # replaced meanwhile
            total += path.stat().st_size
    return total
