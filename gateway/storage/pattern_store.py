"""The truth about patterns: registered, labelled and followed in SQL, the same in every process.

All that writes takes its turn (`PatternStatements.lock`), so the numbers of changes commit in order. A
request counts once, however often it is registered; a label may come before its pattern or after it,
once or corrected, and the sums come out the same.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from gateway.storage.learning_schema import patterns
from gateway.storage.pattern_labelling import label, settle
from gateway.storage.pattern_registering import drafts_of, register
from gateway.storage.pattern_rows import packed, pattern_of, pattern_row, unpacked
from gateway.storage.pattern_statements import PatternStatements
from gateway.storage.sql import in_our_words
from learning.patterns.changes import Change
from learning.patterns.merging import DatedFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from consensus.embedding.embedder import FloatArray
    from gateway.storage.prepared import Prepared, Step
    from gateway.storage.sql import Database
    from learning.patterns.contribution import NewPattern
    from learning.patterns.pattern import Pattern

P = ParamSpec("P")
T = TypeVar("T")

LAST = 2**63 - 1
"""Above the number of every change."""

STATIC = "static"
"""The embedder that is shipped (`WALLBOUNCE_EMBEDDING`)."""


@dataclass(frozen=True, slots=True, eq=False)
class Whereabouts:
    """Where a request is among the patterns, and what it took; ``embedding`` is its pattern's."""

    request_id: str
    pattern: int
    embedding: FloatArray
    cost_usd: float | None
    latency_ms: float


class SqlPatternStore:
    """The tables of patterns of one database, for one event loop.

    Every method raises `gateway.storage.errors.DatabaseAwayError` when the database cannot be used now;
    those that write may have written then, and may be called again.

    Args:
        database: Open and migrated; stays the caller's to close.
        embedder: Whose vectors the patterns hold. Those of another one's are as if they were not there:
            their vectors mean nothing beside these.
    """

    def __init__(self, database: Database, embedder: str = STATIC) -> None:
        self._database = database
        self._embedder = embedder
        self._statements = PatternStatements(database.dialect)

    async def register(self, batch: Sequence[NewPattern]) -> list[Change]:
        """Take requests in, all or none; what changed, ascending by number.

        Each joins a pattern that is the same question, of the batch or of its ``alike``, or makes one.
        What is there already stays as it is, so that a batch may be registered again.

        Raises:
            DataRefusedError: The database takes these values neither now nor later.
        """
        drafts = await asyncio.to_thread(drafts_of, batch)
        return await self._step(register, drafts, self._embedder) if drafts else []

    async def settle(self, request_ids: Sequence[str]) -> list[Change]:
        """Have the last label that is stored as feedback count for each of these requests.

        One that is not registered yet takes its label when it is.
        """
        return await self._step(settle, request_ids) if request_ids else []

    async def label(self, request_id: str, *, correct: bool) -> Change | None:
        """Have this label count, whatever is stored as feedback; None where that changes nothing."""
        changes = await self._step(label, {request_id: correct})
        return changes[0] if changes else None

    async def unsettled(self, back: int) -> list[str]:
        """Requests whose last label their pattern does not count, of the newest ``back`` labels.

        What a process left undone when it died, or could not do while the database was away.
        """
        found = await self._fetch(self._statements.unsettled, back=back)
        return [request_id for (request_id,) in found]

    async def add(self, batch: Sequence[Pattern]) -> list[Change]:
        """Put in patterns that come from elsewhere, under new numbers; their requests stay unknown."""
        if not batch:
            return []
        embeddings = await asyncio.to_thread(_packed_all, batch)
        return await self._step(_add, batch, embeddings, self._embedder)

    async def whereabouts(self, request_ids: Sequence[str]) -> list[Whereabouts]:
        """Where these requests are among the patterns; of those whose record is written too."""
        said = self._statements
        rows = await self._fetch(
            said.whereabouts, these=said.listed(list(request_ids)), embedder_=self._embedder
        )
        return await asyncio.to_thread(
            lambda: [Whereabouts(row[0], row[1], unpacked(row[2]), row[3], row[4]) for row in rows]
        )

    async def get(self, ids: Iterable[int]) -> list[Pattern]:
        """Those of these that are there, ascending."""
        return [
            change.pattern for change in await self._states(dict.fromkeys(ids, 0)) if change.pattern
        ]

    async def page(self, after_id: int, limit: int) -> list[Pattern]:
        """Patterns with a number above ``after_id``, ascending, ``limit`` at most."""
        found = await self._fetch(
            self._statements.page, after=after_id, embedder_=self._embedder, most=limit
        )
        return await asyncio.to_thread(lambda: [pattern_of(row) for row in found])

    async def count(self) -> int:
        """How many patterns there are, of whatever embedder."""
        ((count,),) = await self._fetch(self._statements.count)
        return int(count)

    async def changes(self, after: int, limit: int, until: int | None = None) -> list[Change]:
        """What changed past number ``after``, ascending: ``limit`` changes at most are looked at.

        ``until``: the last number that is of interest; None for all.

        Of several changes of one pattern among them only the last is told, with the pattern as it
        stands now. Nothing at all comes back only where nothing is newer.
        """
        last = LAST if until is None else until
        found = await self._fetch(self._statements.changes, after=after, until=last, most=limit)
        return await self._states({id_: number for number, id_ in found})

    async def first_change(self) -> int:
        """The number of the oldest change that is kept; 0 for none."""
        return (await self._ends())[0]

    async def last_change(self) -> int:
        """The number of the newest; 0 for none."""
        return (await self._ends())[1]

    async def reused(self, ids: Mapping[int, int]) -> None:
        """Add to how often each pattern was among those that advice rested on. No change is told."""
        rows = [{"id": id_, "more": more} for id_, more in sorted(ids.items()) if more]
        await self._step(lambda step, said: said.run(step, said.reuse, rows))

    async def remove(self, ids: Iterable[int]) -> list[Change]:
        """Forget patterns and which requests they stood for; those that were there."""
        return await self._step(_remove, sorted(set(ids)))

    async def prune_changes(self, before: int) -> None:
        """Forget changes with a number below ``before``, but never the last one.

        Who has not read them yet has to read all patterns anew.
        """
        await self._step(_execute, self._statements.prune, before=before)

    async def forget_members(self, before: datetime) -> None:
        """Forget which requests from before that time the patterns stand for; their figures stay.

        A label that comes for one of them later finds nothing.
        """
        await self._step(_execute, self._statements.forget, before=before)

    async def _states(self, numbers: Mapping[int, int]) -> list[Change]:
        """The patterns of these ids as they stand, each under its number, ascending by it."""
        if not numbers:
            return []
        said = self._statements
        rows = await self._fetch(said.patterns, these=said.listed(list(numbers)))
        return await asyncio.to_thread(_changes, numbers, rows, self._embedder)

    async def _ends(self) -> tuple[int, int]:
        ((first, last),) = await self._fetch(self._statements.ends)
        return first or 0, last or 0

    async def _fetch(self, prepared: Prepared, **values: Any) -> list[tuple[Any, ...]]:
        with in_our_words():
            bound = prepared.bound(values)
        async with self._database.read() as connection:
            found = await connection.exec_driver_sql(prepared.sql, bound)
            return [tuple(row) for row in found]

    async def _step(
        self,
        work: Callable[Concatenate[Step, PatternStatements, P], T],
        *arguments: P.args,
        **named: P.kwargs,
    ) -> T:
        def done(step: Step) -> T:
            with in_our_words():
                return work(step, self._statements, *arguments, **named)

        return await self._database.step(done)


def _execute(step: Step, _: PatternStatements, /, prepared: Prepared, **values: Any) -> None:
    step.run(prepared.sql, [prepared.bound(values)])


def _packed_all(batch: Sequence[Pattern]) -> list[bytes]:
    import numpy as np  # noqa: PLC0415 - 0.1 s of a start

    return packed(np.stack([pattern.scenario.embedding for pattern in batch]))


def _add(
    step: Step,
    statements: PatternStatements,
    batch: Sequence[Pattern],
    embeddings: Sequence[bytes],
    embedder: str,
) -> list[Change]:
    statements.lock(step)
    ids = statements.reserve(step, patterns, len(batch))
    placed = [replace(pattern, id=id_) for pattern, id_ in zip(batch, ids, strict=True)]
    rows = [
        pattern_row(pattern, embedder, embedding, _dated(pattern))
        for pattern, embedding in zip(placed, embeddings, strict=True)
    ]
    step.run(*statements.insert_patterns.batch(rows))
    numbers = statements.announce(step, ids)
    return [Change(number, p.id, p) for number, p in zip(numbers, placed, strict=True)]


def _dated(pattern: Pattern) -> DatedFailure | None:
    """Of a pattern whose requests are unknown: as of its last one."""
    if pattern.failure is None:
        return None
    return DatedFailure(pattern.last_at, "", pattern.failure)


def _remove(step: Step, statements: PatternStatements, ids: Sequence[int]) -> list[Change]:
    statements.lock(step)
    gone = sorted(id_ for (id_,) in step.fetch(statements.remove, these=statements.listed(ids)))
    numbers = statements.announce(step, gone)
    return [Change(number, id_, None) for number, id_ in zip(numbers, gone, strict=True)]


def _changes(
    numbers: Mapping[int, int], rows: Sequence[Sequence[Any]], embedder: str
) -> list[Change]:
    found = {row[0]: pattern_of(row) for row in rows if row[1] == embedder}
    return sorted(
        (Change(number, id_, found.get(id_)) for id_, number in numbers.items()),
        key=lambda change: (change.number, change.id),
    )
