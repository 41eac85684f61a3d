"""Brings the engine in step with the database: by what changed since, or by reading all patterns anew.

What the engine has on disk may lag behind, be broken, or be of another database. It is never waited for:
requests are answered without it, and patterns are written meanwhile; it learns of them by following.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from learning.patterns.changes import Change

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.storage.pattern_store import SqlPatternStore
    from learning.engine import Engine

_log = structlog.get_logger(__name__)

PAGE = 500
"""Patterns read at once: 20 ms of a thread."""

FLUSH_EVERY = 100
"""Pages after which a rebuild puts on disk what it has, so that memory stays bounded."""


async def fits(engine: Engine, store: SqlPatternStore) -> bool:
    """Whether following the changes brings the engine in step; otherwise it has to begin anew."""
    first, last = await store.first_change(), await store.last_change()
    if not engine.whole or engine.watermark > last:
        return False
    if engine.watermark + 1 < first:
        return False  # changes in between are gone
    if engine.watermark == 0:
        # Nothing is known yet. All that ever changed is there to be followed, or reading all is quicker.
        return last == 0
    known = {pattern.id: pattern.first_at.isoformat() for pattern in await store.get(engine.sample)}
    return all(engine.sample[id_] == at for id_, at in known.items())


async def read_anew(
    engine: Engine, store: SqlPatternStore, on_progress: Callable[[int, int], None]
) -> None:
    """Apply every pattern to an engine that begins anew.

    ``on_progress`` is told how many of about how many are done. What changes meanwhile is followed
    afterwards, from the change that was the last when this began. A process that dies before the end
    begins anew again.
    """
    start, of = await store.last_change(), await store.count()
    await asyncio.to_thread(engine.begin_anew)
    after, done, pages = 0, 0, 0
    while page := await store.page(after, PAGE):
        after = page[-1].id
        changes = [Change(0, pattern.id, pattern) for pattern in page]
        await asyncio.to_thread(engine.apply, changes)
        done += len(page)
        pages += 1
        on_progress(done, max(of, done))
        if pages % FLUSH_EVERY == 0:
            await asyncio.to_thread(engine.flush, page)
    await asyncio.to_thread(engine.reached, start)
    await asyncio.to_thread(engine.flush)
    _log.info("patterns_read_anew", patterns=done)


async def follow(
    engine: Engine, store: SqlPatternStore, until: int | None = None, limit: int = PAGE
) -> int:
    """Apply what changed since; up to change ``until``, or to the last. How many changes there were."""
    taken = 0
    while until is None or engine.applied < until:
        changes = await store.changes(engine.applied, limit, until)
        if not changes:
            break
        await asyncio.to_thread(engine.apply, changes)
        taken += len(changes)
    return taken
