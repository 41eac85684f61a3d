"""Follows the labels in the database, so that all workers and instances hold the same lessons.

PostgreSQL gives numbers out before it commits, so a label may appear after a later one. A look
therefore goes back to what was the newest some time ago, by this process's own clock: instances'
clocks need not agree. What even that misses, and what was deleted, the next whole reading settles.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from learning.lessons import LessonBook

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from gateway.storage.lesson_store import KeptBallot, LessonStore, Outcomes
    from learning.lessons import Label, Lesson, Outcome

OVERLAP_S = 30.0
"""How far back a look goes: writing feedback is given up after 5 s, a record's after 10."""

PAGE = 1_000
"""Labels read at once: a millisecond of the event loop."""

PAGES = 8
"""Read at most: requests without a ballot and repeated labels fill pages and teach nothing."""

CHUNK = 200
"""Ballots read at once, some 200 kB."""


class LessonFeed:
    """The lessons one process knows of. For one event loop; looks must not overlap.

    Args:
        store: Where labels and ballots are kept.
        capacity: Lessons held at most.
        monotonic: Seconds that never jump.
        decode: Reads ballots off the event loop (`gateway.storage.lesson_store.outcomes_of`).
    """

    def __init__(
        self,
        store: LessonStore,
        capacity: int,
        monotonic: Callable[[], float],
        decode: Callable[[Mapping[str, KeptBallot]], Awaitable[Outcomes]],
    ) -> None:
        self._store = store
        self._capacity = capacity
        self._monotonic = monotonic
        self._decode = decode
        self._book = LessonBook(capacity)
        self._next: LessonBook | None = None
        self._newest: deque[tuple[float, int]] = deque()
        self._settled: set[int] = set()

    @property
    def book(self) -> LessonBook:
        """What is known now."""
        return self._book

    def lessons(self) -> tuple[Lesson, ...]:
        """What is learned from now, oldest first."""
        return self._book.lessons()

    def take(self, label: Label, outcome: Outcome) -> bool:
        """Take in a label that this process has stored itself; whether that changed the lessons."""
        if self._next is not None:
            # Stored perhaps after its page was read.
            self._next.add(label, outcome)
        return self._book.add(label, outcome)

    async def read_all(self) -> bool:
        """Read everything that may matter anew; whether the lessons changed.

        Raises:
            gateway.storage.errors.StorageError: The database is away; what was known stays.
        """
        self._next = LessonBook(self._capacity)
        try:
            newest, _ = await self._read(self._next, after=-1)
            changed = self._next.labels() != self._book.labels()
            self._book = self._next
        finally:
            self._next = None
        self._newest.clear()
        self._settled.clear()
        self._newest.append((self._monotonic(), max(-1, newest - PAGE)))
        return changed

    async def read_new(self) -> bool:
        """Read what was added since; whether the lessons changed. Raises as `read_all`."""
        after = self._looked_back_to()
        newest, changed = await self._read(self._book, after=after)
        self._newest.append((self._monotonic(), newest))
        self._settled = {number for number in self._settled if number > after}
        return changed

    def _looked_back_to(self) -> int:
        """The number from which on a label may still be new to this process."""
        long_ago = self._monotonic() - OVERLAP_S
        while len(self._newest) > 1 and self._newest[1][0] <= long_ago:
            self._newest.popleft()
        return self._newest[0][1] if self._newest else -1

    async def _read(self, book: LessonBook, *, after: int) -> tuple[int, bool]:
        """Into ``book``, newest first; the newest number seen, and whether it changed the book."""
        newest, before, changed = after, None, False
        for _ in range(PAGES):
            labels = await self._store.labels(after=after, before=before, limit=PAGE)
            if labels:
                newest, before = max(newest, labels[0].number), labels[-1].number
            changed |= await self._take_all(book, labels)
            oldest = book.oldest
            if len(labels) < PAGE or (
                oldest is not None and before is not None and before < oldest
            ):
                break
        return newest, changed

    async def _take_all(self, book: LessonBook, labels: Sequence[Label]) -> bool:
        # Newest first: of several labels of a request the first met is the one that counts.
        wanted: dict[str, Label] = {}
        for label in labels:
            if label.number not in self._settled and book.wants(label):
                wanted.setdefault(label.request_id, label)
        names, changed = list(wanted), False
        for start in range(0, len(names), CHUNK):
            kept = await self._store.ballots(names[start : start + CHUNK])
            # A label without a record is looked at again: feedback may be stored before its request.
            for request_id, outcome in (await self._decode(kept)).items():
                label = wanted[request_id]
                if outcome is not None:
                    changed |= book.add(label, outcome)
                else:
                    self._settled.add(label.number)
        return changed
