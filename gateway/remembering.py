"""Opens the memory of one process: patterns of requests, the engine over them, families of questions."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import structlog

from gateway.monitoring.engine_metrics import EngineFigures
from gateway.patterns.desk import PatternDesk
from gateway.patterns.family_runs import FamilyRuns
from gateway.patterns.folders import engine_in
from gateway.patterns.pruning import Pruning
from gateway.patterns.scenarios import ScenarioReader
from gateway.storage.pattern_store import SqlPatternStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from consensus.embedding.embedder import Embedder
    from gateway.monitoring.engine_metrics import EngineMetrics
    from gateway.settings import Settings
    from gateway.storage.sql import Database

log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_patterns(
    settings: Settings, database: Database, embedder: Embedder | None, metrics: EngineMetrics
) -> AsyncIterator[PatternDesk | None]:
    """Take requests in and follow others' until the context ends; None where that is switched off.

    Costs a start nothing: the engine is opened afterwards, and what comes in meanwhile waits.
    """
    learning = settings.learning
    if not (learning.enabled and learning.patterns):
        yield None
        return
    if embedder is None:
        log.warning("no_patterns", why="WALLBOUNCE_EMBEDDING is off")
        yield None
        return
    store = SqlPatternStore(database, settings.consensus.embedding)
    desk = PatternDesk(
        store,
        ScenarioReader(embedder, keeps_words=learning.words == "plain"),
        partial(
            engine_in,
            settings.learning_dir,
            embedder,
            settings.consensus.embedding,
            cache_ttl_s=learning.index_cache_ttl.total_seconds(),
            monotonic=time.monotonic,
        ),
        capacity=learning.buffer_size,
        metrics=metrics,
        monotonic=time.monotonic,
    )
    families = FamilyRuns(
        lambda: desk.engine,
        store,
        interval_s=learning.graph_interval.total_seconds(),
        metrics=metrics,
        monotonic=time.monotonic,
    )
    pruning = Pruning(database, store, at_most=learning.max_patterns, metrics=metrics)
    metrics.watch(lambda: _figures(desk))
    await desk.start()
    await families.start()
    await pruning.start()
    try:
        yield desk
    finally:
        await pruning.aclose()
        await families.aclose()
        await desk.aclose()


def _figures(desk: PatternDesk) -> EngineFigures:
    waiting, engine = desk.figures.waiting, desk.engine
    if engine is None:
        return EngineFigures(queue=waiting)
    held = engine.figures()
    return EngineFigures(
        patterns=held.patterns,
        memory_bytes=held.memory_bytes,
        disk_bytes=held.disk_bytes,
        queue=waiting,
        families=held.families,
    )
