"""Which patterns hold a word: an inverted index of hashed words that grows by merging.

Only what is rare is looked up: reading the postings of every word of a question takes a third of a
second among 200,000 patterns, its few rarest words some tens of microseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from consensus.embedding.embedder import FloatArray

POSTED = 8
"""Words of a pattern that are posted: its rarest."""

LOOKED_UP = 4
"""Words of a question whose postings are read: its rarest."""

LONGEST = 4_096
"""Postings of a word that are read at most; a word in more patterns tells too little."""

_KEPT = 4 * LONGEST
"""Of words in more patterns nothing is kept at all."""

_TAIL = 1 << 16
"""Postings not merged yet: a word is looked for among them one by one, in some 10 µs."""

_COUNTERS = 1 << 18
"""Words are counted by the last 18 bits of their hash: those that share a counter look less rare."""


def hashed(words: Sequence[str]) -> NDArray[np.uint32]:
    """(n,) a number for each of ``words``, never 0; each number once, in the order of the words."""
    return np.array(
        list(dict.fromkeys(crc32(word.encode("utf-8", "surrogatepass")) or 1 for word in words)),
        dtype=np.uint32,
    )


class _Merged(NamedTuple):
    words: NDArray[np.uint32]  # (u,) rising
    starts: NDArray[np.uint32]  # (u + 1,) of each word's slots
    slots: NDArray[np.uint32]


@dataclass(slots=True)
class _Tail:
    pairs: NDArray[np.uint32]  # (2, _TAIL) words, slots
    used: int = 0


class Postings:
    """Words to slots. One thread writes, any may read. Slots may be stale: look before you trust."""

    def __init__(self) -> None:
        # Replaced whole and filled from the left: who reads needs no lock.
        self._merged = _Merged(
            np.zeros(0, np.uint32), np.zeros(1, np.uint32), np.zeros(0, np.uint32)
        )
        self._tail = _Tail(np.zeros((2, _TAIL), np.uint32))
        self._counts = np.zeros(_COUNTERS, np.uint32)
        self.patterns = 0

    @classmethod
    def of(cls, words: NDArray[np.uint32], slots: NDArray[np.uint32]) -> Postings:
        """Of patterns with ``words`` (n, m), 0 for none, in ``slots`` (n,)."""
        postings = cls()
        postings._count(words)
        rarest = postings.rarest(words, POSTED)
        postings._merge(rarest.reshape(-1), np.repeat(slots, rarest.shape[1]))
        return postings

    def idf(self, words: NDArray[np.uint32]) -> FloatArray:
        """Inverse document frequency of each, smoothed; 0 for 0 (Robertson 2004, section 3)."""
        counts = self._counts[words & np.uint32(_COUNTERS - 1)].astype(np.float32)
        idf: FloatArray = np.log1p(np.float32(self.patterns) / (counts + np.float32(1)))
        return np.where(words == 0, np.float32(0), idf)

    def add(self, words: NDArray[np.uint32], slots: NDArray[np.int64]) -> None:
        """Post patterns with ``words`` (n, m), 0 for none, in ``slots`` (n,)."""
        self._count(words)
        rarest = self.rarest(words, POSTED)
        held = rarest != 0
        found, where = rarest[held], np.repeat(slots.astype(np.uint32), held.sum(axis=1))
        tail = self._tail
        end = tail.used + len(found)
        if end > _TAIL:
            words_before, slots_before = tail.pairs[:, : tail.used]
            self._merge(
                np.concatenate([words_before, found]), np.concatenate([slots_before, where])
            )
            return
        tail.pairs[0, tail.used : end] = found
        tail.pairs[1, tail.used : end] = where
        tail.used = end

    def forget(self, words: NDArray[np.uint32]) -> None:
        """Count patterns with ``words`` (n, m) no longer; their postings go stale."""
        np.subtract.at(self._counts, words[words != 0] & np.uint32(_COUNTERS - 1), np.uint32(1))
        self.patterns -= len(words)

    def lookup(self, words: NDArray[np.uint32], most: int) -> NDArray[np.int64]:
        """Slots that hold the rarest of ``words``, those first that hold most; ``most`` at most."""
        if not len(words):
            return np.zeros(0, np.int64)
        idf = self.idf(words)
        rarest = np.argsort(-idf, kind="stable")[:LOOKED_UP]
        found, worth = [], []
        left = LONGEST
        for at in rarest.tolist():
            slots = self._of(words[at])
            if len(slots) > left:
                continue
            left -= len(slots)
            found.append(slots)
            worth.append(np.full(len(slots), idf[at], np.float32))
        if not found:
            return np.zeros(0, np.int64)
        slots, inverse = np.unique(np.concatenate(found), return_inverse=True)
        if len(slots) > most:
            sums = np.bincount(inverse, np.concatenate(worth))
            slots = slots[np.argsort(-sums, kind="stable")[:most]]
        return slots.astype(np.int64)

    @property
    def memory_bytes(self) -> int:
        """Of what is kept."""
        return sum(array.nbytes for array in (*self._merged, self._tail.pairs, self._counts))

    def _of(self, word: np.uint32) -> NDArray[np.uint32]:
        tail = self._tail  # first: what leaves it is merged by then
        used = tail.used
        recent: NDArray[np.uint32] = tail.pairs[1, :used][tail.pairs[0, :used] == word]
        words, starts, slots = self._merged
        at = int(np.searchsorted(words, word))
        if at == len(words) or words[at] != word:
            return recent
        held: NDArray[np.uint32] = slots[int(starts[at]) : int(starts[at + 1])]
        return np.concatenate([held, recent])

    def _count(self, words: NDArray[np.uint32]) -> None:
        held = words[words != 0] & np.uint32(_COUNTERS - 1)
        if len(held) > _COUNTERS // 8:
            self._counts += np.bincount(held, minlength=_COUNTERS).astype(np.uint32)
        else:
            np.add.at(self._counts, held, np.uint32(1))
        self.patterns += len(words)

    def rarest(self, words: NDArray[np.uint32], count: int) -> NDArray[np.uint32]:
        """The ``count`` rarest of each row of ``words`` (n, m), 0 for none: (n, count)."""
        counts = self._counts[words & np.uint32(_COUNTERS - 1)]
        counts = np.where(words == 0, np.uint32(2**32 - 1), counts)
        order: NDArray[np.int64] = np.argsort(counts, axis=1, kind="stable")[:, :count]
        rarest: NDArray[np.uint32] = np.take_along_axis(words, order, axis=1)
        return rarest

    def _merge(self, words: NDArray[np.uint32], slots: NDArray[np.uint32]) -> None:
        held = words != 0
        keys = (words[held].astype(np.uint64) << np.uint64(32)) | slots[held]
        keys.sort()
        before = self._merged
        old = np.repeat(before.words, np.diff(before.starts))
        new_words = (keys >> np.uint64(32)).astype(np.uint32)
        at = np.searchsorted(old, new_words, side="right")
        merged = np.insert(old, at, new_words)
        all_slots = np.insert(before.slots, at, keys.astype(np.uint32))
        unique, starts, counts = np.unique(merged, return_index=True, return_counts=True)
        if (counts > _KEPT).any():
            rare = np.repeat(counts <= _KEPT, counts)
            all_slots = all_slots[rare]
            unique, counts = unique[counts <= _KEPT], counts[counts <= _KEPT]
            starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        ends = np.append(starts, len(all_slots)).astype(np.uint32)
        self._merged = _Merged(unique, ends, all_slots)
        self._tail = _Tail(np.zeros((2, _TAIL), np.uint32))
