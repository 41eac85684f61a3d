"""An array in a file, mapped into memory, that grows.

Growing maps the longer file anew and leaves the old mapping to whoever still reads it: both show the
same pages. Blocks are reserved on disk before they are mapped, so that a full disk is an `OSError`
here and not a signal that ends the process at the first write.
"""

from __future__ import annotations

import mmap
import os
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import DTypeLike, NDArray

_GROWTH = 1.25
_LEAST_BYTES = 1 << 18


class GrowingMap:
    """``array`` is (rows, *shape) of ``dtype``; rows never written are zeros."""

    def __init__(self, path: Path, dtype: DTypeLike, shape: tuple[int, ...] = ()) -> None:
        self._dtype = np.dtype(dtype)
        self._shape = shape
        self._row_bytes = self._dtype.itemsize * int(np.prod(shape, dtype=np.int64))
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._map: mmap.mmap | None = None
        self.array: NDArray[Any] = np.zeros((0, *shape), dtype=self._dtype)
        try:
            self._remap(os.fstat(self._file).st_size // self._row_bytes)
        except BaseException:
            os.close(self._file)
            raise

    def reserve(self, rows: int) -> None:
        """Make room for ``rows`` in all. Raises OSError when the disk is full."""
        if rows <= len(self.array):
            return
        rows = max(rows, int(len(self.array) * _GROWTH), _LEAST_BYTES // self._row_bytes + 1)
        size = rows * self._row_bytes
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(self._file, 0, size)
        else:  # macOS
            os.ftruncate(self._file, size)
        self._remap(rows)

    def sync(self) -> None:
        """Have every page written so far on disk."""
        os.fsync(self._file)

    def forget(self, start: int, stop: int) -> None:
        """Let rows [start, stop) leave this process's memory until they are touched again."""
        if self._map is None or not hasattr(mmap, "MADV_DONTNEED"):
            return
        first = -(-start * self._row_bytes // mmap.PAGESIZE) * mmap.PAGESIZE
        last = stop * self._row_bytes // mmap.PAGESIZE * mmap.PAGESIZE
        if last > first:
            self._map.madvise(mmap.MADV_DONTNEED, first, last - first)

    def close(self) -> None:
        """Let go of the file; ``array`` stays readable for whoever still holds it."""
        self.array = self.array[:0]
        self._map = None
        os.close(self._file)

    def _remap(self, rows: int) -> None:
        if not rows:
            return
        self._map = mmap.mmap(self._file, rows * self._row_bytes)
        flat: NDArray[Any] = np.frombuffer(self._map, dtype=self._dtype)
        self.array = flat.reshape(rows, *self._shape)
