"""The records not written yet: in order, bounded, found by their id. Pure: no clock, no loop."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from learning.records import RequestRecord


class Backlog:
    """A queue in two parts: the batch being written, and behind it at most ``capacity`` waiting.

    Each record added gets the next number, from 1. A record leaves by `settle`, or, when it is the
    oldest of a full queue, by the next `add`.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._waiting: dict[str, tuple[int, RequestRecord]] = {}
        self._taken: dict[str, tuple[int, RequestRecord]] = {}
        self._last = 0

    def __len__(self) -> int:
        return len(self._taken) + len(self._waiting)

    def __iter__(self) -> Iterator[RequestRecord]:
        for part in (self._taken, self._waiting):
            for _, record in part.values():
                yield record

    @property
    def waiting(self) -> int:
        """Records that are not being written."""
        return len(self._waiting)

    @property
    def last(self) -> int:
        """The number of the record added last; 0 before the first."""
        return self._last

    @property
    def oldest(self) -> int | None:
        """The number of the oldest record still here."""
        for part in (self._taken, self._waiting):
            for number, _ in part.values():
                return number
        return None

    def get(self, request_id: str) -> RequestRecord | None:
        """The record of that id, if it is still here."""
        entry = self._waiting.get(request_id) or self._taken.get(request_id)
        return None if entry is None else entry[1]

    def add(self, record: RequestRecord) -> RequestRecord | None:
        """Take a record in; returns the oldest waiting one if it had to give way.

        A second record of an id that is still here is not taken: the first one stands, as it does
        in the database.
        """
        if self.get(record.request_id) is not None:
            return None
        self._last += 1
        self._waiting[record.request_id] = (self._last, record)
        if len(self._waiting) <= self._capacity:
            return None
        oldest = next(iter(self._waiting))
        return self._waiting.pop(oldest)[1]

    def take(self, limit: int) -> list[RequestRecord]:
        """Begin to write the oldest ``limit`` records, or those left of the batch begun before."""
        if not self._taken:
            for request_id in list(islice(self._waiting, limit)):
                self._taken[request_id] = self._waiting.pop(request_id)
        return [record for _, record in self._taken.values()]

    def settle(self, records: Iterable[RequestRecord]) -> None:
        """These are written, or never will be."""
        for record in records:
            self._taken.pop(record.request_id, None)
