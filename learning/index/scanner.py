"""The one door to faiss: lists of eight-bit vectors in a mapped file, and the search through some of them.

faiss (MIT) reads them in compiled code, in whatever instructions the processor has: 12,500 vectors of
256 dimensions in 125 lists take 0.09 ms; numpy would copy them first, and a loop over the lists in
Python takes ten times as long. Used of it is the scan alone (`IndexIVF.search_preassigned` over
`OnDiskInvertedLists`): which lists there are, how they grow, and what survives a crash is
`learning.index.vectors`' business.

The file is a row of extents of equal size, each `EXTENT` codes and then as many numbers of eight
bytes, the slots. To faiss each extent is a list of its own.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from consensus.embedding.embedder import FloatArray

EXTENT = 256
"""Vectors of an extent. Fewer find more among as many vectors read, but more lists to choose from."""

_GROWTH = 1.25
_LEAST_EXTENTS = 8
_SIGN = np.uint8(0x80)
"""faiss keeps the signed code c as c + 128."""

_LIBC = ctypes.CDLL(None)
_MADV_RANDOM, _MADV_DONTNEED = 1, 4  # of Linux; the mapping is faiss', not one of Python's

_TABLE = np.dtype([("size", "<u8"), ("capacity", "<u8"), ("offset", "<u8")])
"""`faiss::OnDiskOneList`, whose vector faiss hands out by address only."""


class Scanner:
    """The extents of one file of vectors of ``width`` dimensions, as many as it has room for.

    A longer file is another scanner: the older one keeps its own mapping of the same pages for
    whoever still reads it, and lets go of it when it is dropped.
    """

    def __init__(self, path: Path, width: int, extents: int) -> None:
        import faiss  # noqa: PLC0415 - 0.08 s and 16 MB, which a start without an index spares

        self._faiss = faiss
        self.width = width
        self.extents = extents
        self._bytes = EXTENT * (width + 8)
        size = extents * self._bytes
        reserve(path, size)
        self._lists = faiss.OnDiskInvertedLists(extents, width, os.fsencode(path).decode())
        self._lists.prefetch_nthread = 0  # it would start threads that touch pages ahead
        self._lists.totsize = size
        self._lists.do_mmap()
        self._lists.lists.resize(extents)  # type: ignore[attr-defined]
        address = int(self._lists.lists.data().this)  # type: ignore[attr-defined]
        raw = (ctypes.c_char * (_TABLE.itemsize * extents)).from_address(address)
        self._table: NDArray[Any] = np.frombuffer(raw, dtype=_TABLE)  # type: ignore[call-overload]
        self._table["capacity"] = EXTENT
        self._table["offset"] = np.arange(extents, dtype=np.uint64) * np.uint64(self._bytes)
        mapped = faiss.rev_swig_ptr(self._lists.ptr, size).reshape(extents, self._bytes)
        self._address = mapped.ctypes.data
        # Extents are half full: pages mapped or read ahead would be mostly those nobody needs.
        self._advise(_MADV_RANDOM, 0, size)
        # (extents, EXTENT, width), sign shifted; and (extents, EXTENT).
        self._codes: NDArray[np.uint8] = mapped[:, : EXTENT * width].reshape(extents, EXTENT, width)
        self.slots: NDArray[np.int64] = mapped[:, EXTENT * width :].view(np.int64)
        self._index = faiss.IndexIVFScalarQuantizer(
            faiss.IndexFlatIP(width),
            width,
            extents,
            faiss.ScalarQuantizer.QT_8bit_direct_signed,
            faiss.METRIC_INNER_PRODUCT,
            False,  # codes are the vectors, not what is left over a centre
        )
        self._index.replace_invlists(self._lists, False)
        self._index.is_trained = True
        self._index.parallel_mode = 0

    @property
    def fill(self) -> NDArray[np.uint64]:
        """(extents,) how many vectors of each are searched; set by whoever wrote them."""
        filled: NDArray[np.uint64] = self._table["size"]
        return filled

    def codes(self, places: NDArray[np.int64]) -> NDArray[np.int8]:
        """(n, w) what lies at ``places`` (n,): extent * EXTENT + position."""
        return (self._codes[places // EXTENT, places % EXTENT] ^ _SIGN).view(np.int8)

    def write(self, places: NDArray[np.int64], codes: NDArray[np.int8]) -> None:
        """Put ``codes`` (n, w) at ``places`` (n,)."""
        self._codes[places // EXTENT, places % EXTENT] = codes.view(np.uint8) ^ _SIGN

    def forget(self, extent: int) -> None:
        """Let an extent leave this process's memory until it is touched again."""
        first = -(-extent * self._bytes // mmap.PAGESIZE) * mmap.PAGESIZE
        last = (extent + 1) * self._bytes // mmap.PAGESIZE * mmap.PAGESIZE
        self._advise(_MADV_DONTNEED, first, last)

    def _advise(self, advice: int, first: int, last: int) -> None:
        """Tell the kernel about bytes [first, last) of the mapping; it may take it or leave it."""
        if sys.platform == "linux" and last > first:
            _LIBC.madvise(
                ctypes.c_void_p(self._address + first), ctypes.c_size_t(last - first), advice
            )

    def search(
        self, queries: FloatArray, extents: NDArray[np.int64], count: int
    ) -> tuple[NDArray[np.int64], FloatArray]:
        """The ``count`` largest dot products of each query with the vectors of its extents.

        Args:
            queries: (q, w).
            extents: (q, p) by query; -1 for none.
            count: How many are wanted.

        Returns:
            (q, count) slots, -1 for none, and (q, count) dot products.
        """
        # faiss cuts the queries to whole numbers as well: each gets a scale of its own, to the full.
        largest = np.abs(queries).max(axis=1, initial=1e-30, keepdims=True)
        queries = np.ascontiguousarray(np.rint(queries * (127 / largest)), dtype=np.float32)
        extents = np.ascontiguousarray(extents, dtype=np.int64)
        found = np.empty((len(queries), count), np.int64)
        products = np.empty((len(queries), count), np.float32)
        unread = np.empty(extents.shape, np.float32)
        self._faiss.omp_set_num_threads(1)  # of this thread; others would wait by burning CPU
        # Not by faiss' own wrapper: that takes `nprobe` from the index, which searches share.
        self._index.search_preassigned_c(  # type: ignore[attr-defined]
            len(queries),
            self._faiss.swig_ptr(queries),
            count,
            self._faiss.swig_ptr(extents),
            self._faiss.swig_ptr(unread),
            self._faiss.swig_ptr(products),
            self._faiss.swig_ptr(found),
            False,
            self._faiss.SearchParametersIVF(nprobe=extents.shape[1]),  # type: ignore[call-arg]
        )
        products *= largest / np.float32(127)
        return found, products


def room_for(extents: int, there: int) -> int:
    """How many extents a file that has ``there`` and needs ``extents`` gets."""
    return max(extents, int(there * _GROWTH) + 1, _LEAST_EXTENTS)


def extents_in(path: Path, width: int) -> int:
    """How many whole extents the file has."""
    return path.stat().st_size // (EXTENT * (width + 8)) if path.exists() else 0


def reserve(path: Path, size: int) -> None:
    """Make the file at least ``size`` bytes long; OSError when the disk is full.

    Its blocks are reserved: writing to a mapped page without one would end the process.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if os.fstat(file).st_size < size:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file, 0, size)
            else:  # macOS
                os.ftruncate(file, size)
    finally:
        os.close(file)
