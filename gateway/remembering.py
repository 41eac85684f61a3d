"""Opens the memory of one process: patterns of requests, the engine over them, families of questions."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import structlog

from gateway.configuration import steering_terms_of
from gateway.monitoring.engine_metrics import EngineFigures
from gateway.patterns.desk import PatternDesk
from gateway.patterns.family_runs import FamilyRuns
from gateway.patterns.folders import engine_in
from gateway.patterns.pruning import Pruning
from gateway.patterns.scenarios import ScenarioReader
from gateway.steering import Steering
from gateway.storage.exploration_cost import explored_cost_usd
from gateway.storage.pattern_store import SqlPatternStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from consensus.ballot import TrustModel
    from consensus.embedding.embedder import Embedder
    from gateway.monitoring.engine_metrics import EngineMetrics
    from gateway.settings import Settings
    from gateway.storage.sql import Database
    from gateway.teaching.teacher import Teacher

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


@asynccontextmanager
async def open_steering(  # noqa: PLR0913 - what is joined here, by keyword but three
    settings: Settings,
    database: Database,
    embedder: Embedder | None,
    *,
    desk: PatternDesk | None,
    teacher: Teacher | None,
    models: Mapping[str, str],
    trust: Callable[[], TrustModel],
    policy: Callable[[], int],
    metrics: EngineMetrics,
) -> AsyncIterator[Steering | None]:
    """Have the engine advise requests until the context ends; None, and no cost, where steering is off.

    ``models``: of each provider that can be asked, best first; ``trust`` and ``policy`` give what is in
    force.
    """
    if settings.learning.steering == "off":
        yield None
        return
    if desk is None or teacher is None or embedder is None:
        log.warning("no_steering", why="patterns are not kept, or nothing is learned")
        yield None
        return
    # Imported here because they bring numpy, which a start without steering must not pay for.
    import numpy as np  # noqa: PLC0415 - see above

    from gateway.patterns.advising import Circumstances, PatternAdvisor  # noqa: PLC0415 - see above
    from gateway.patterns.lesson_shelf import LessonShelf  # noqa: PLC0415 - see above

    terms = steering_terms_of(settings)
    advisor = PatternAdvisor(
        desk,
        LessonShelf(SqlPatternStore(database, settings.consensus.embedding)),
        teacher=teacher,
        reader=ScenarioReader(embedder, keeps_words=settings.learning.words == "plain"),
        around=Circumstances(
            models=models,
            trust=trust,
            terms=lambda: terms,
            policy=policy,
            clock=lambda: datetime.now(UTC),
            monotonic=time.monotonic,
        ),
        metrics=metrics,
        rng=np.random.default_rng(),
        spent=partial(explored_cost_usd, database),
    )
    await advisor.start()
    try:
        yield Steering(advisor, terms, metrics.observe_advice)
    finally:
        await advisor.aclose()


def _figures(desk: PatternDesk) -> EngineFigures:
    done, engine = desk.figures, desk.engine
    waiting = done.waiting
    if engine is None:
        read, of = done.reading or (0, 0)
        return EngineFigures(queue=waiting, behind=of - read)
    held = engine.figures()
    return EngineFigures(
        patterns=held.patterns,
        memory_bytes=held.memory_bytes,
        disk_bytes=held.disk_bytes,
        queue=waiting,
        families=held.families,
    )
