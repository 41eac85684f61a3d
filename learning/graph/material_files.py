"""What a run reads, beside the edges: files in one folder.

| file | what |
|---|---|
| tallies.npz | labels by pattern and vendor; `write_tallies`; without it no family has figures |
| vectors.npy, vector_ids.npy | (n, d) rows of floats or of whole numbers of one scale, and their patterns, a sample of each family will do; `write_vectors`; without them no question is placed in a family |
| words.npz | the words of patterns, a sample will do; `write_words`; without them families have no names |

Each is replaced as a whole, so a reader finds the old one or the new one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from learning.graph.errors import GraphFileError
from learning.graph.replacing import BROKEN, replacing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Ids = NDArray[np.int64]
    Floats = NDArray[np.float32]

TALLIES = "tallies.npz"
VECTORS = "vectors.npy"
VECTOR_IDS = "vector_ids.npy"
WORDS = "words.npz"


def write_tallies(
    path: Path, ids: Ids, vendors: Sequence[str], right: Floats, wrong: Floats
) -> None:
    """Write labels, one row a pattern. Vendors are named as text: of any number, by any name.

    Args:
        path: Its place, see the head of this module.
        ids: (n,) patterns with a label; others may be left out.
        vendors: (v,) names.
        right: (n, v) right answers of each; sums of weights will do.
        wrong: (n, v) wrong ones.
    """
    shape = (len(ids), len(vendors))
    if right.shape != shape or wrong.shape != shape:
        raise ValueError(f"{right.shape} right and {wrong.shape} wrong for {shape}")
    with replacing(path) as file:
        np.savez(
            file,
            ids=ids.astype(np.int64),
            vendors=np.frombuffer(json.dumps(list(vendors)).encode(), np.uint8),
            right=right.astype(np.float32),
            wrong=wrong.astype(np.float32),
        )


def read_tallies(path: Path) -> tuple[Ids, tuple[str, ...], Floats, Floats]:
    """What `write_tallies` was given: ids, vendors, right, wrong. No rows where there is no file.

    Raises:
        GraphFileError: the file is not of such rows.
    """
    if not path.exists():
        none = np.zeros((0, 0), np.float32)
        return np.zeros(0, np.int64), (), none, none
    try:
        with np.load(path, allow_pickle=False) as found:
            vendors = tuple(map(str, json.loads(found["vendors"].tobytes())))
            ids = found["ids"].astype(np.int64)
            right, wrong = (found[side].astype(np.float32) for side in ("right", "wrong"))
    except BROKEN as error:
        raise GraphFileError(f"{path} holds no tallies: {error}") from error
    shape = (*ids.shape, len(vendors))
    if (
        ids.ndim != 1
        or right.shape != shape
        or wrong.shape != shape
        or not (np.isfinite(right).all() and np.isfinite(wrong).all())
        or min(right.min(initial=0.0), wrong.min(initial=0.0)) < 0.0
    ):
        raise GraphFileError(f"{path} holds tallies that count nothing")
    return ids, vendors, right, wrong


def write_vectors(folder: Path, ids: Ids, vectors: NDArray[np.number[Any]]) -> None:
    """Write embeddings (n, d) and the patterns (n,) they are of.

    Rows are unit rows, or all scaled alike (codes of the index).

    A crash between the two files leaves columns of different length or of the run before: `read_vectors`
    refuses the first; the second are vectors that no longer fit, until the next run.
    """
    with replacing(folder / VECTORS) as file:
        np.save(file, vectors, allow_pickle=False)
    with replacing(folder / VECTOR_IDS) as file:
        np.save(file, ids.astype(np.int64), allow_pickle=False)


def read_vectors(folder: Path) -> tuple[Ids, NDArray[np.number[Any]]] | None:
    """Ids, and the vectors mapped; None where there are none.

    Raises:
        GraphFileError: they are not such arrays.
    """
    if not (folder / VECTORS).exists():
        return None
    try:
        vectors = np.load(folder / VECTORS, mmap_mode="r", allow_pickle=False)
        ids = np.load(folder / VECTOR_IDS, allow_pickle=False)
    except BROKEN as error:
        raise GraphFileError(f"{folder / VECTORS} cannot be read: {error}") from error
    if vectors.ndim != 2 or vectors.dtype.kind not in "fi" or ids.shape != (len(vectors),):  # noqa: PLR2004
        raise GraphFileError(f"{vectors.shape} vectors for {ids.shape} patterns in {folder}")
    return ids.astype(np.int64), vectors


def write_words(path: Path, ids: Ids, words: Sequence[Sequence[str]]) -> None:
    """Write the words (n,) of patterns ``ids`` (n,); a word with a blank in it counts as several."""
    lines = "\n".join(" ".join(said) for said in words)
    with replacing(path) as file:
        np.savez(file, ids=ids.astype(np.int64), text=np.frombuffer(lines.encode(), np.uint8))


def read_words(path: Path) -> list[tuple[int, list[str]]]:
    """Patterns and their words; empty where there is no file.

    Raises:
        GraphFileError: the file is not of words.
    """
    if not path.exists():
        return []
    try:
        with np.load(path, allow_pickle=False) as found:
            ids = found["ids"].tolist()
            lines = found["text"].tobytes().decode().split("\n") if ids else []
            return [
                (id_, line.split(" ") if line else []) for id_, line in zip(ids, lines, strict=True)
            ]
    except BROKEN as error:
        raise GraphFileError(f"{path} holds no words: {error}") from error
