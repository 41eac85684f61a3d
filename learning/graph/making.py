"""One run's families from what it read. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from learning.graph.communities import RESOLUTION, SEED, adjacency, communities
from learning.graph.families import Families
from learning.graph.naming import names
from learning.graph.numbering import NO_FAMILY, numbered
from learning.graph.shrinkage import shrunk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from learning.graph.communities import Partition

    Ids = NDArray[np.int64]
    Floats = NDArray[np.float32]
    Labels = NDArray[np.int32]

AT_ONCE = 16384
"""Vectors summed at once."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What makes a family.

    Attributes:
        resolution: Above 0; the higher, the more and smaller families (`learning.graph.communities`).
        seed: Of the one draw in it.
        least_members: A smaller group of questions is no family: its few labels would be shrunk away.
        most_families: The largest are kept: a question is placed by one product with all their middles.
    """

    resolution: float = RESOLUTION
    seed: int = SEED
    least_members: int = 20
    most_families: int = 512


TERMS = Terms()


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What a run reads.

    Attributes:
        sources: (e,) patterns.
        targets: (e,) their neighbours.
        cosines: (e,).
        labelled: (t,) patterns with labels.
        vendors: (v,) names.
        right: (t, v) right answers.
        wrong: (t, v) wrong ones.
        vector_ids: (m,) patterns with a vector.
        vectors: (m, d) unit rows, or all scaled alike.
        words: Patterns with their words.
    """

    sources: Ids
    targets: Ids
    cosines: Floats
    labelled: Ids
    vendors: tuple[str, ...]
    right: Floats
    wrong: Floats
    vector_ids: Ids
    vectors: NDArray[np.number[Any]]
    words: Sequence[tuple[int, Sequence[str]]]


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """What a run knows of the one before; see `learning.graph.family_file.save_families`."""

    run: int
    ids: Ids
    members: Ids
    next_number: int


FIRST = Before(0, np.zeros(0, np.int64), np.zeros(0, np.int64), NO_FAMILY + 1)


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A run's outcome; see `learning.graph.family_file.save_families`."""

    families: Families
    ids: Ids
    members: Ids
    next_number: int


def made(material: Material, before: Before = FIRST, terms: Terms = TERMS) -> Made:
    """The families of the patterns that have edges; the same for the same arguments."""
    ids = np.unique(material.sources)
    graph = adjacency(ids, material.sources, material.targets, material.cosines)
    partition = communities(graph, resolution=terms.resolution, seed=terms.seed)
    labels, sizes = _large_enough(partition, terms.least_members, terms.most_families)
    count = len(sizes)
    known = _at(before.ids, ids, before.members, NO_FAMILY)
    numbers, following = numbered(labels, known, before.next_number)
    of_labelled = _at(ids, material.labelled, labels, -1)
    right, wrong = (_sums(x, of_labelled, count) for x in (material.right, material.wrong))
    belief = shrunk(
        right,
        wrong,
        material.right.sum(axis=0, dtype=np.float64),
        material.wrong.sum(axis=0, dtype=np.float64),
    )
    said = np.array([id_ for id_, _ in material.words], dtype=np.int64)
    named = zip(_at(ids, said, labels, -1).tolist(), (w for _, w in material.words), strict=True)
    families = Families(
        run=before.run + 1,
        numbers=numbers,
        names=names(named, count),
        sizes=tuple(sizes.tolist()),
        centroids=centroids(material.vectors, _at(ids, material.vector_ids, labels, -1), count),
        vendors=material.vendors,
        right=right.astype(np.float32),
        wrong=wrong.astype(np.float32),
        alpha=belief.alpha.astype(np.float32),
        beta=belief.beta.astype(np.float32),
        whole_alpha=belief.whole_alpha.astype(np.float32),
        whole_beta=belief.whole_beta.astype(np.float32),
        strength=belief.strength.astype(np.float32),
        patterns=len(ids),
        modularity=partition.modularity,
    )
    by_label = np.array([*numbers, NO_FAMILY], dtype=np.int64)  # no label, -1, is the last
    return Made(families, ids, by_label[labels], following)


def centroids(vectors: NDArray[np.number[Any]], labels: Labels, count: int) -> Floats:
    """The middle of each family (f, d): the mean of its vectors, a unit row; zeros for none.

    Args:
        vectors: (m, d), read piece by piece.
        labels: (m,) the family of each from 0 on, below 0 for none.
        count: How many families.
    """
    sums = np.zeros((count, vectors.shape[1]), dtype=np.float64)
    for start in range(0, len(vectors), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        sums += _sums(np.asarray(vectors[part], dtype=np.float32), labels[part], count)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    middles: Floats = np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 0.0).astype(
        np.float32
    )
    return middles


def _large_enough(partition: Partition, least: int, most: int) -> tuple[Labels, NDArray[np.int64]]:
    """Labels and sizes of the communities that are families; the largest come first already."""
    count = min(int((partition.sizes >= least).sum()), most)
    labels = np.where(partition.labels < count, partition.labels, -1).astype(np.int32)
    return labels, partition.sizes[:count]


def _sums(values: Floats, labels: Labels, count: int) -> NDArray[np.float64]:
    """Rows (n, k) summed by label (f, k)."""
    order = np.argsort(labels, kind="stable")
    ordered = labels[order]
    first = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)])
    sums = np.zeros((count + 1, values.shape[1]), dtype=np.float64)
    if len(first):
        # No label, -1, falls into the last row.
        sums[ordered[first]] = np.add.reduceat(values[order].astype(np.float64), first, axis=0)
    return sums[:count]


def _at(ids: Ids, wanted: Ids, values: NDArray[Any], none: int) -> NDArray[Any]:
    """The value of each wanted id, ``none`` where ``ids`` (ascending) do not have it."""
    if not len(ids):
        return np.full(len(wanted), none, dtype=values.dtype)
    at = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    return np.where(ids[at] == wanted, values[at], none).astype(values.dtype)
