"""The labelled requests that are learned from, by where they are among the patterns.

The teacher holds what labels say, the newest of them and bounded; the database knows which pattern each
is of. Joined, they are what advice looks through: a product of one matrix and one vector, exact and below
a millisecond for two thousand.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from learning.advice.advising import Like

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consensus.embedding.embedder import FloatArray
    from gateway.storage.pattern_store import SqlPatternStore, Whereabouts
    from learning.lessons import Lesson, LessonBook

CHUNK = 200
"""Requests looked up at once."""

TRIES = 20
"""Looks for a request's pattern, one every two seconds; one that is none by then never will be."""


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """Lessons and where they are, oldest first.

    ``vectors`` (n, d) are unit rows, one a lesson. ``models``: of each provider the last that answered,
    as the vendor names it; that may be more exact than the name it is asked by.
    """

    lessons: tuple[Lesson, ...]
    places: tuple[Whereabouts, ...]
    vectors: FloatArray
    models: Mapping[str, str]

    def like(self, embedding: FloatArray, most: int, family: int | None) -> Like:
        """The nearest lessons, nearest first; ties by the order they came in."""
        cosines = self.vectors @ embedding
        nearest = (-cosines).argsort(kind="stable")[:most].tolist()
        places = [self.places[n] for n in nearest]
        return Like(
            lessons=[self.lessons[n] for n in nearest],
            patterns=tuple(dict.fromkeys(place.pattern for place in places)),
            family=family,
            costs_usd=[place.cost_usd for place in places if place.cost_usd is not None],
            latencies_ms=[place.latency_ms for place in places],
        )


class LessonShelf:
    """Keeps a `Shelf` in step with the teacher's book. For one event loop; ``shelf`` may be read by any."""

    def __init__(self, store: SqlPatternStore) -> None:
        self.shelf: Shelf | None = None
        self._store = store
        self._known: dict[str, Whereabouts] = {}
        self._tries: dict[str, int] = {}
        self._state = (-1, 0)

    async def follow(self, book: LessonBook) -> None:
        """Take in what changed in the book. A request that is no pattern yet is looked for again.

        Raises:
            gateway.storage.errors.StorageError: The database is away; what was known stays.
        """
        state = (book.newest, len(book))
        sought = any(tries < TRIES for tries in self._tries.values())
        if state == self._state and not sought:
            return
        held = book.by_request()
        self._known = {name: place for name, place in self._known.items() if name in held}
        self._tries = {name: self._tries.get(name, 0) for name in held if name not in self._known}
        missing = [name for name, tries in self._tries.items() if tries < TRIES]
        for start in range(0, len(missing), CHUNK):
            for place in await self._store.whereabouts(missing[start : start + CHUNK]):
                self._known[place.request_id] = place
                del self._tries[place.request_id]
        for name in missing:
            if name in self._tries:
                self._tries[name] += 1
        self.shelf = await asyncio.to_thread(_shelved, held, dict(self._known))
        self._state = state


def _shelved(held: Mapping[str, Lesson], known: Mapping[str, Whereabouts]) -> Shelf | None:
    names = [name for name in held if name in known]
    if not names:
        return None
    lessons = tuple(held[name] for name in names)
    return Shelf(
        lessons,
        tuple(known[name] for name in names),
        np.stack([known[name].embedding for name in names]),
        {voter.provider: voter.model for lesson in lessons for voter in lesson.ballot.voters},
    )
