"""Has the families of questions found anew now and then, in another process that no request waits for."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.monitoring.engine_metrics import EngineMetrics
    from gateway.storage.pattern_store import SqlPatternStore
    from learning.engine import Engine
    from learning.graph.runner import GraphRunner
    from learning.patterns.pattern import Pattern

_log = structlog.get_logger(__name__)

LOOK_S = 2.0
"""Between two looks whether a run is due."""

SAMPLE = 20_000
"""Patterns whose words and vectors name and place the families: 30 MB, a second of a thread."""

CHUNK = 500
"""Patterns read at once."""

FEWEST = 30
"""Patterns below which there is nothing to group."""


class FamilyRuns:
    """The runs over one engine's graph, one at a time.

    Args:
        engine: The engine, None until it is there.
        store: Where words and vectors are read.
        interval_s: From the start of one run to the next; the first comes as long after the start.
        metrics: Told of each.
        monotonic: Seconds that never jump.
    """

    def __init__(
        self,
        engine: Callable[[], Engine | None],
        store: SqlPatternStore,
        *,
        interval_s: float,
        metrics: EngineMetrics,
        monotonic: Callable[[], float],
    ) -> None:
        self._engine = engine
        self._store = store
        self._interval_s = interval_s
        self._metrics = metrics
        self._monotonic = monotonic
        self._born = monotonic()
        self._runner: GraphRunner | None = None
        self._seen = 0
        self._failure = ""
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look, unless the interval is 0."""
        if self._interval_s > 0:
            self._task = asyncio.create_task(self._look(), name="pattern-families")

    async def aclose(self) -> None:
        """Stop; a run under way is ended."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self._perhaps()
            except Exception as error:  # noqa: BLE001 - the families that are in force go on
                self._metrics.observe_error("recompute")
                cause = f"{type(error).__name__}: {error}"
                if cause != self._failure:
                    _log.error("families_not_found", error=cause)
                self._failure = cause

    async def _perhaps(self) -> None:
        engine = self._engine()
        if engine is None:
            return
        runner = self._runner or await self._adopted(engine)
        now = self._monotonic()
        waited = now - self._born >= self._interval_s
        changed = engine.applied != self._seen and len(engine) >= FEWEST
        if waited and runner.due(now, changed=changed):
            self._seen = engine.applied
            await self._run(engine, runner)

    async def _adopted(self, engine: Engine) -> GraphRunner:
        """The runner; families that an earlier process found are in force."""
        from learning.graph.runner import GraphRunner  # noqa: PLC0415 - it brings numpy

        runner = await asyncio.to_thread(
            GraphRunner, engine.graph_folder, interval_s=self._interval_s
        )
        if runner.unread:
            _log.warning("families_unread", error=runner.unread)
        engine.families = runner.families
        self._runner = runner
        return runner

    async def _run(self, engine: Engine, runner: GraphRunner) -> None:
        began = self._monotonic()
        runner.started(began)
        try:
            await asyncio.to_thread(engine.write_material, await self._sample(engine))
            status, output = await self._process(runner)
        except Exception as error:  # noqa: BLE001 - told by the runner, which must know of the end
            status, output = 1, f"{type(error).__name__}: {error}"
        engine.families = families = runner.ended(status, output)
        self._failure = ""
        self._metrics.observe_recompute(self._monotonic() - began)
        _log.info("families_found", families=len(families), patterns=families.patterns)

    async def _sample(self, engine: Engine) -> list[Pattern]:
        ids = await asyncio.to_thread(engine.sampled_ids, SAMPLE)
        found: list[Pattern] = []
        for start in range(0, len(ids), CHUNK):
            found += await self._store.get(ids[start : start + CHUNK])
        return found

    async def _process(self, runner: GraphRunner) -> tuple[int, str]:
        """How the run ended, and what it said; one that takes too long is killed."""
        process = await asyncio.create_subprocess_exec(
            *runner.command(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        talk = asyncio.create_task(process.communicate())
        try:
            while not talk.done():
                await asyncio.wait([talk], timeout=LOOK_S)
                if runner.overdue(self._monotonic()):
                    break
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
            _, said = await talk
        return process.returncode or 0, said.decode(errors="replace")
