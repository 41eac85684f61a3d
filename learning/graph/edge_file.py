"""The file of edges: rows of `learning.graph.rows` behind a header, by whom it is written and read."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

import numpy as np

from learning.graph.errors import EdgesInUseError, GraphFileError
from learning.graph.replacing import replacing
from learning.graph.rows import ROW, ROW_BYTES, unpacked, whole

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    Ids = NDArray[np.int64]
    Floats = NDArray[np.float32]
    Places = NDArray[np.int32]
    Rows = NDArray[np.void]

FILE = "edges.rows"
LOCK = "edges.lock"
HEADER = b"wallbounce edges 1\n".ljust(ROW_BYTES, b"\0")
"""In the place of row 0."""

AT_ONCE = 8192
"""Rows worked on at once: bounds memory, and how long others wait."""


def read_edges(folder: Path) -> tuple[Ids, Ids, Floats]:
    """All edges as columns (e,): pattern, neighbour, cosine; while another process may write them.

    Rows torn or just being written are left out. A neighbour need not be a pattern any more.

    Raises:
        GraphFileError: there are none, or the file is of something else.
    """
    path = folder / FILE
    if not headed(path):
        raise GraphFileError(f"{path} holds no edges")
    found = []
    with path.open("rb") as file:
        file.seek(ROW_BYTES)
        while data := file.read(AT_ONCE * ROW_BYTES):
            rows = np.frombuffer(data[: len(data) // ROW_BYTES * ROW_BYTES], dtype=ROW)
            found.append(unpacked(rows[whole(rows)]))
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32)
    sources, targets, cosines = (np.concatenate(column) for column in zip(*found, strict=True))
    return sources, targets, cosines


def owned(folder: Path) -> int:
    """A descriptor that holds the folder for its only writer, until it is closed or the process ends.

    Raises:
        EdgesInUseError: another has it.
    """
    path = folder / LOCK
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise EdgesInUseError(f"another process writes the edges in {folder}") from error
    return lock


def headed(path: Path) -> bool:
    """Whether it is a file of edges."""
    try:
        with path.open("rb") as file:
            return file.read(ROW_BYTES) == HEADER
    except FileNotFoundError:
        return False


def scanned(file: int, capacity: int) -> tuple[Ids, Places]:
    """Ids and places of whole rows. What is read here need not stay in memory, unlike a map's pages."""
    ids, places = [], []
    for start in range(1, capacity, AT_ONCE):
        data = os.pread(file, min(AT_ONCE, capacity - start) * ROW_BYTES, start * ROW_BYTES)
        rows = np.frombuffer(data, dtype=ROW)
        at = np.flatnonzero(whole(rows))
        ids.append(rows["id"][at].astype(np.int64))
        places.append((at + start).astype(np.int32))
    if not ids:
        return np.zeros(0, np.int64), np.zeros(0, np.int32)
    return np.concatenate(ids), np.concatenate(places)


def create(path: Path, parts: Iterable[Rows]) -> None:
    """A file of these rows in the place of the old one, as a whole."""
    with replacing(path) as file:
        file.write(HEADER)
        for part in parts:
            file.write(part.tobytes())
