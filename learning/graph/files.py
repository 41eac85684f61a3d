"""The graph's files in one folder: what a run reads, and the families it leaves.

| file | what |
|---|---|
| edges.rows | `learning.graph.edges` |
| tallies.npy | labels by pattern and vendor; `write_tallies`; without it no family has figures |
| vectors.npy, vector_ids.npy | (n, d) rows in any float type, and their patterns; `write_vectors`; without them no question is placed in a family |
| words.npz | the words of patterns, a sample will do; `write_words`; without them families have no names |
| families.npz | the outcome, with each pattern's family |

Each is replaced as a whole, so a reader finds the old one or the new one.
"""

from __future__ import annotations

import json
import os
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from learning.graph.errors import GraphFileError
from learning.graph.families import Families

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from numpy.typing import NDArray

    Ids = NDArray[np.int64]
    Floats = NDArray[np.float32]

TALLIES = "tallies.npy"
VECTORS = "vectors.npy"
VECTOR_IDS = "vector_ids.npy"
WORDS = "words.npz"
FAMILIES = "families.npz"

FORMAT = 1
"""Of `FAMILIES`."""

_BROKEN = (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile)
"""What numpy and zipfile say of a file that is not what it should be."""


def write_tallies(
    path: Path, ids: Ids, vendors: Sequence[str], right: Floats, wrong: Floats
) -> None:
    """Write labels as a structured array, one row a pattern: ``id``, ``right`` and ``wrong`` by vendor.

    Args:
        path: Its place, see the head of this module.
        ids: (n,) patterns with a label; others may be left out.
        vendors: (v,) names.
        right: (n, v) right answers of each; sums of weights will do.
        wrong: (n, v) wrong ones.
    """
    columns = np.dtype([(vendor, "<f4") for vendor in vendors])
    rows = np.zeros(len(ids), np.dtype([("id", "<i8"), ("right", columns), ("wrong", columns)]))
    rows["id"] = ids
    for v, vendor in enumerate(vendors):
        rows["right"][vendor] = right[:, v]
        rows["wrong"][vendor] = wrong[:, v]
    with _replacing(path) as file:
        np.save(file, rows, allow_pickle=False)


def read_tallies(path: Path) -> tuple[Ids, tuple[str, ...], Floats, Floats]:
    """What `write_tallies` was given: ids, vendors, right, wrong. No rows where there is no file.

    Raises:
        GraphFileError: the file is not of such rows.
    """
    if not path.exists():
        none = np.zeros((0, 0), np.float32)
        return np.zeros(0, np.int64), (), none, none
    try:
        rows = np.load(path, allow_pickle=False)
        vendors = tuple(rows["right"].dtype.names)
        right, wrong = (
            np.stack([rows[side][name] for name in vendors], axis=1)
            if vendors
            else np.zeros((len(rows), 0), np.float32)
            for side in ("right", "wrong")
        )
        ids = rows["id"].astype(np.int64)
    except (*_BROKEN, IndexError) as error:
        raise GraphFileError(f"{path} holds no tallies: {error}") from error
    if (
        not (np.isfinite(right).all() and np.isfinite(wrong).all())
        or min(right.min(initial=0.0), wrong.min(initial=0.0)) < 0.0
    ):
        raise GraphFileError(f"{path} holds tallies that count nothing")
    return ids, vendors, right, wrong


def write_vectors(folder: Path, ids: Ids, vectors: NDArray[np.floating[Any]]) -> None:
    """Write embeddings (n, d), unit rows, and the patterns (n,) they are of.

    A crash between the two files leaves columns of different length or of the run before: `read_vectors`
    refuses the first; the second are vectors that no longer fit, until the next run.
    """
    with _replacing(folder / VECTORS) as file:
        np.save(file, vectors, allow_pickle=False)
    with _replacing(folder / VECTOR_IDS) as file:
        np.save(file, ids.astype(np.int64), allow_pickle=False)


def read_vectors(folder: Path) -> tuple[Ids, NDArray[np.floating[Any]]] | None:
    """Ids, and the vectors mapped; None where there are none.

    Raises:
        GraphFileError: they are not such arrays.
    """
    if not (folder / VECTORS).exists():
        return None
    try:
        vectors = np.load(folder / VECTORS, mmap_mode="r", allow_pickle=False)
        ids = np.load(folder / VECTOR_IDS, allow_pickle=False)
    except _BROKEN as error:
        raise GraphFileError(f"{folder / VECTORS} cannot be read: {error}") from error
    if vectors.ndim != 2 or vectors.dtype.kind != "f" or ids.shape != (len(vectors),):  # noqa: PLR2004
        raise GraphFileError(f"{vectors.shape} vectors for {ids.shape} patterns in {folder}")
    return ids.astype(np.int64), vectors


def write_words(path: Path, ids: Ids, words: Sequence[Sequence[str]]) -> None:
    """Write the words (n,) of patterns ``ids`` (n,); a word with a blank in it counts as several."""
    lines = "\n".join(" ".join(said) for said in words)
    with _replacing(path) as file:
        np.savez(file, ids=ids.astype(np.int64), text=_bytes(lines))


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
            return [(id_, line.split(" ")) for id_, line in zip(ids, lines, strict=True)]
    except _BROKEN as error:
        raise GraphFileError(f"{path} holds no words: {error}") from error


def save_families(path: Path, families: Families, ids: Ids, members: Ids, following: int) -> None:
    """Write families, and what the next run needs to number them.

    Args:
        path: Its place, see the head of this module.
        families: Of this run.
        ids: (n,) the patterns it saw, ascending.
        members: (n,) the number of each one's family, or `learning.graph.numbering.NO_FAMILY`.
        following: The next number that nobody has had.
    """
    document = {
        "format": FORMAT,
        "run": families.run,
        "numbers": families.numbers,
        "names": families.names,
        "sizes": families.sizes,
        "vendors": families.vendors,
        "patterns": families.patterns,
        "modularity": families.modularity,
        "next_number": following,
    }
    arrays = {name: getattr(families, name) for name in _ARRAYS}
    with _replacing(path) as file:
        np.savez(file, document=_bytes(json.dumps(document)), ids=ids, members=members, **arrays)


def load_families(path: Path) -> Families:
    """The families of the last run that ended well.

    Raises:
        GraphFileError: there are none, or the file is not of families.
    """
    try:
        with np.load(path, allow_pickle=False) as found:
            document = _document(found)
            arrays = {name: found[name] for name in _ARRAYS}
        families = Families(
            run=int(document["run"]),
            numbers=tuple(map(int, document["numbers"])),
            names=tuple(tuple(map(str, words)) for words in document["names"]),
            sizes=tuple(map(int, document["sizes"])),
            vendors=tuple(map(str, document["vendors"])),
            patterns=int(document["patterns"]),
            modularity=float(document["modularity"]),
            **arrays,
        )
        _check(families)
    except _BROKEN as error:
        raise GraphFileError(f"{path} holds no families: {error}") from error
    return families


def load_members(path: Path) -> tuple[Ids, Ids, int]:
    """Patterns ascending, the number of each one's family, and the next number; see `save_families`.

    Raises:
        GraphFileError: there are none, or the file is not of families.
    """
    try:
        with np.load(path, allow_pickle=False) as found:
            ids, members = found["ids"].astype(np.int64), found["members"].astype(np.int64)
            following = int(_document(found)["next_number"])
    except _BROKEN as error:
        raise GraphFileError(f"{path} holds no families: {error}") from error
    if ids.ndim != 1 or ids.shape != members.shape or members.max(initial=0) >= following:
        raise GraphFileError(f"{path} does not tell whose family is which")
    return ids, members, following


_ARRAYS = (
    "centroids",
    "right",
    "wrong",
    "alpha",
    "beta",
    "whole_alpha",
    "whole_beta",
    "strength",
)


def _document(found: Any) -> dict[str, Any]:
    document = json.loads(found["document"].tobytes())
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError("not of this format")
    return document


def _check(families: Families) -> None:
    f, v = len(families.numbers), len(families.vendors)
    by_family = (families.right, families.wrong, families.alpha, families.beta)
    by_vendor = (families.whole_alpha, families.whole_beta, families.strength)
    if (
        len(families.names) != f
        or len(families.sizes) != f
        or families.centroids.ndim != 2  # noqa: PLR2004
        or len(families.centroids) != f
        or any(array.shape != (f, v) for array in by_family)
        or any(array.shape != (v,) for array in by_vendor)
    ):
        raise ValueError("columns that do not fit each other")
    if not all(np.isfinite(getattr(families, name)).all() for name in _ARRAYS):
        raise ValueError("figures that are no numbers")
    if any((array <= 0.0).any() for array in (*by_family[2:], *by_vendor)):
        raise ValueError("beliefs that are none")


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file, in the place of the old one and on disk once the block ends; gone if it fails."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        with fresh.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
