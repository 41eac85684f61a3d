"""What searches found, for a while: the same question is often asked again within a minute."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")

MOST = 2_048
"""Outcomes kept, some 3 kB each."""


class SearchCache(Generic[T]):
    """Outcomes by what was looked for, the one used longest ago given up first. Safe for threads.

    Args:
        ttl_s: How long an outcome may be given again; 0 keeps none.
        monotonic: Seconds that never jump.

    Attributes:
        hits: How often an outcome was there.
        misses: How often not.
    """

    def __init__(self, ttl_s: float, monotonic: Callable[[], float]) -> None:
        self.hits = 0
        self.misses = 0
        self._ttl_s = ttl_s
        self._monotonic = monotonic
        self._kept: OrderedDict[Hashable, tuple[float, T]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> T | None:
        """The outcome kept under ``key``; None where there is none, or it is too old."""
        now = self._monotonic()
        with self._lock:
            found = self._kept.get(key)
            if found is None or found[0] <= now:
                self.misses += 1
                return None
            self.hits += 1
            self._kept.move_to_end(key)
            return found[1]

    def put(self, key: Hashable, outcome: T) -> None:
        """Keep it from now on."""
        if self._ttl_s <= 0:
            return
        with self._lock:
            self._kept[key] = (self._monotonic() + self._ttl_s, outcome)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        """Forget all outcomes."""
        with self._lock:
            self._kept.clear()

    @property
    def hit_ratio(self) -> float | None:
        """Share of the questions that were answered from here; None before the first."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else None
