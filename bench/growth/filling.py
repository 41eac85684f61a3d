"""Fills a whole pattern store and its engine: one by one as requests come, and in bulk as an import."""

from __future__ import annotations

import asyncio
import gc
import itertools
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import orjson
from prometheus_client import CollectorRegistry

from bench.communities import Run, one_run
from bench.corpus import distinct_texts
from bench.figures import PROGRESS
from consensus.ballot import DIFFICULTY, SIGNS, Ballot, BallotVoter
from consensus.embedding.static import StaticEmbedder
from gateway.monitoring.engine_metrics import EngineMetrics
from gateway.patterns.desk import PatternDesk
from gateway.patterns.family_runs import SAMPLE
from gateway.patterns.folders import engine_in
from gateway.patterns.scenarios import Asked, ScenarioReader
from gateway.requests import GenerateRequest
from gateway.storage.pattern_store import SqlPatternStore
from gateway.storage.sql import Database
from learning.patterns.contribution import contribution_of
from learning.patterns.exchange import document, pattern_from
from learning.patterns.merging import first_pattern
from learning.records import RequestRecord, VoteRecord
from providers.messages import Usage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from learning.engine import Engine

SEED = 11
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
PANEL = (
    BallotVoter("gpt", "openai", "gpt-5"),
    BallotVoter("claude", "anthropic", "claude-sonnet-4-6"),
    BallotVoter("gemini", "google", "gemini-2.5-pro"),
)
SPLITS = (((0, 1, 2),), ((0, 1), (2,)), ((0, 2), (1,)), ((1, 2), (0,)))
ONE_BY_ONE = 5_000
"""Requests of each size that come through the desk, after which the rest comes in bulk."""

BULK = 1_000
"""Patterns a transaction in bulk, as `wallbounce patterns import` has them."""

WAITING = 2_000
"""Requests that may wait at the desk meanwhile."""

EMBEDDER = "static"


CHUNK = 10_000
"""Patterns of a bulk made up at once."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Patterns a second by wall time, and the processor's milliseconds each took, on all its cores."""

    per_s: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Rates:
    """``one_by_one``: from the response until durable and found; ``bulk`` is None where none came so."""

    one_by_one: Rate
    bulk: Rate | None


def request_stream() -> Iterator[tuple[GenerateRequest, RequestRecord]]:
    """Made-up requests, over and always the same ones."""
    rng = random.Random(SEED)
    for number, text in enumerate(distinct_texts(1 << 60, SEED)):
        yield GenerateRequest(prompt=text), _record(rng, number)


def _record(rng: random.Random, number: int) -> RequestRecord:
    groups = rng.choice(SPLITS)
    ballot = Ballot(
        kind=rng.choice(("number", "choice", "text")),
        language="en",
        voters=PANEL,
        groups=groups,
        refuses=(False,) * len(groups),
        signs=((0.0,) * len(SIGNS),) * len(groups),
        difficulty=(0.0,) * len(DIFFICULTY),
    )
    return RequestRecord(
        request_id=f"r-{number}",
        at=BEGINNING + timedelta(seconds=number),
        instance="bench",
        arm="wall_bounce",
        status=200,
        code=None,
        latency_ms=900.0 + rng.random() * 400.0,
        confidence=rng.random(),
        cost_usd=0.004,
        ballot=ballot,
        returned_group=0,
        votes=tuple(
            VoteRecord(v.provider, v.vendor, v.model, 1, 500.0 + rng.random(), 0.001, Usage())
            for v in PANEL
        ),
    )


class Store:
    """A store and an engine of their own, growing. For one event loop; made by `open`."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self.held = 0
        self._database = database
        self._store = SqlPatternStore(database, EMBEDDER)
        self._embedder = StaticEmbedder()
        self._reader = ScenarioReader(self._embedder)
        self._stream = request_stream()

    @staticmethod
    async def open(folder: Path) -> Store:
        """A new one in an empty folder, on SQLite."""
        database = await Database.open(f"sqlite+aiosqlite:///{folder / 'patterns.sqlite3'}")
        await database.migrate()
        return Store(folder, database)

    async def aclose(self) -> None:
        """Close the database; the engine is closed after each `grow`."""
        await self._database.aclose()

    async def grow(self, size: int) -> Rates:
        """Take in requests until there are ``size`` patterns, the last `ONE_BY_ONE` through the desk.

        Raises:
            RuntimeError: Two of the requests were taken for one question.
        """
        through_desk = min(ONE_BY_ONE, size - self.held)
        bulk = await self._in_bulk(size - self.held - through_desk)
        rate = await self._one_by_one(through_desk)
        self.held = size
        count = await self._store.count()
        if count != size:
            raise RuntimeError(f"{size} requests made {count} patterns: some were merged")
        return Rates(rate, bulk)

    async def _one_by_one(self, count: int) -> Rate:
        """As in service: `learn` after each response, until all is committed and searchable."""
        desk = PatternDesk(
            self._store,
            self._reader,
            self._opened,
            capacity=WAITING,
            metrics=EngineMetrics(CollectorRegistry()),
            monotonic=time.monotonic,
        )
        await desk.start()
        while desk.engine is None:  # noqa: ASYNC110 - the desk tells nobody, and nothing is timed yet
            await asyncio.sleep(0.05)
        coming = [next(self._stream) for _ in range(count)]
        gc.collect()
        began, used = time.perf_counter(), time.process_time()
        for request, record in coming:
            while desk.figures.waiting >= WAITING - 1:  # noqa: ASYNC110 - as callers slow down
                await asyncio.sleep(0.002)
            desk.learn(request, record)
        await desk.settled()
        took, cpu = time.perf_counter() - began, time.process_time() - used
        await desk.aclose(timeout_s=60.0)
        return Rate(count / took, cpu * 1000.0 / count)

    async def _in_bulk(self, count: int) -> Rate | None:
        """As an import does: documents are read, stored, and taken in by the engine, batch by batch."""
        if count <= 0:
            return None
        engine = self._opened()
        took = cpu = 0.0
        coming = itertools.islice(self._stream, count)
        while documents := self._documents(list(itertools.islice(coming, CHUNK))):
            began, used = time.perf_counter(), time.process_time()
            applying = asyncio.create_task(asyncio.sleep(0))
            for start in range(0, len(documents), BULK):
                batch = [pattern_from(orjson.loads(d)) for d in documents[start : start + BULK]]
                changes = await self._store.add(batch)
                await applying
                # The command stores, a gateway takes in what it has stored: at the same time.
                applying = asyncio.create_task(asyncio.to_thread(engine.apply, changes))
            await applying
            await asyncio.to_thread(engine.flush)
            took += time.perf_counter() - began
            cpu += time.process_time() - used
            PROGRESS.print(f"learning: {len(engine)} patterns")
        await asyncio.to_thread(engine.close)
        return Rate(count / took, cpu * 1000.0 / count)

    def _documents(self, some: list[tuple[GenerateRequest, RequestRecord]]) -> list[bytes]:
        """What an export of these requests' patterns would hold; making it up is not measured."""
        asked = [
            Asked(request.prompt or "", record.task_type, "number") for request, record in some
        ]
        found = []
        for scenario, (_, record) in zip(self._reader.read(asked), some, strict=True):
            new = contribution_of(record, scenario)
            if new is not None:
                found.append(orjson.dumps(document(first_pattern(0, new, correct=None))))
        return found

    async def families(self) -> Run:
        """One finding of the families, as the gateway has it done: what is read is written first."""
        engine = self._opened()
        try:
            ids = engine.sampled_ids(SAMPLE)
            sample = [
                pattern
                for start in range(0, len(ids), BULK)
                for pattern in await self._store.get(ids[start : start + BULK])
            ]
            engine.write_material(sample)
            return await asyncio.to_thread(one_run, engine.graph_folder)
        finally:
            engine.close()

    def _opened(self) -> Engine:
        opened = partial(
            engine_in,
            self.folder / "learning",
            self._embedder,
            EMBEDDER,
            cache_ttl_s=0.0,
            monotonic=time.monotonic,
        )
        return opened()
