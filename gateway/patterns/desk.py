"""Where requests become patterns: taken in after the response, written in batches, then searchable.

Learning never holds up a request, and never fails one. What comes in waits in a bounded queue; a thread
reads it, the database commits it, the engine takes it in, one batch after the other. A request counts as
registered once it is committed: what a killed process had only queued is lost, what it had committed is
found again by whoever follows. Other processes' changes are looked for every second.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

import structlog

from gateway.patterns.bringing_up import fits, follow, read_anew
from gateway.patterns.intake import Intake, Waiting
from gateway.patterns.preparing import prepared
from gateway.patterns.registering import Registrar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
    from typing import Any

    from gateway.monitoring.engine_metrics import EngineMetrics, Operation
    from gateway.patterns.scenarios import ScenarioReader
    from gateway.requests import GenerateRequest
    from gateway.storage.pattern_store import SqlPatternStore
    from learning.engine import Engine
    from learning.patterns.changes import Change
    from learning.records import RequestRecord

_log = structlog.get_logger(__name__)

BATCH = 256
"""Requests a transaction at most: some 50 ms of a thread."""

LABELS = 256
"""Labels a transaction at most."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often what is done; in seconds. ``start_s``: after the start, before the engine is opened."""

    gather_s: float = 0.05
    follow_s: float = 1.0
    flush_s: float = 15.0
    sweep_s: float = 60.0
    start_s: float = 1.0
    retry_s: float = 5.0


class OpenEngine(Protocol):
    """Opens the engine of this process; called in a thread."""

    def __call__(self) -> Engine:
        """Raises whatever it cannot be opened for."""


@dataclass(frozen=True, slots=True)
class DeskFigures:
    """What one process has done since its start, and what waits.

    ``reading``: patterns read and to be read while the index is made anew; None otherwise.
    """

    waiting: int
    registered: int
    labelled: int
    dropped: int
    ready: bool
    reading: tuple[int, int] | None


SWEPT_AT_START = 20_000
SWEPT = 2_000
"""Labels looked through for those that no pattern counts yet."""

LAYER_LESSONS = 16
"""Labels of a batch that teach how much the layers of the index count: some 30 ms of a thread."""

CHANGES_KEPT = 500_000
"""Changes kept for those who follow; who is further behind reads all patterns anew, which is quicker."""


class PatternDesk:
    """The patterns of one process. `learn`, `label` and `reused` never wait and never raise.

    Args:
        store: The truth.
        reader: Reads questions.
        open_engine: See `OpenEngine`; tried again until it succeeds.
        capacity: Requests, and labels, that may wait; further ones are dropped and counted.
        metrics: Told of everything.
        monotonic: Seconds that never jump.
        rhythm: How often what is done.
    """

    def __init__(  # noqa: PLR0913 - what a thin shell joins it is given, all by keyword but three
        self,
        store: SqlPatternStore,
        reader: ScenarioReader,
        open_engine: OpenEngine,
        *,
        capacity: int,
        metrics: EngineMetrics,
        monotonic: Callable[[], float],
        rhythm: Rhythm | None = None,
    ) -> None:
        self.engine: Engine | None = None
        self._store = store
        self._reader = reader
        self._open_engine = open_engine
        self._metrics = metrics
        self._monotonic = monotonic
        self._rhythm = rhythm or Rhythm()
        self._intake = Intake(capacity)
        self._registrar = Registrar(
            store,
            on_refused=lambda: self._drop("refused"),
            on_away=lambda: metrics.observe_error("register"),
        )
        self._something = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()
        self._reused: Counter[int] = Counter()
        self._tasks: list[asyncio.Task[None]] = []
        self._closing = False
        self._told: set[str] = set()
        self._registered = self._labelled = self._dropped = 0
        self._reading: tuple[int, int] | None = None
        self._layers: dict[str, float] = {}
        # Until it is known what is there, a repeated question would become a pattern each time.
        self._holding = True

    @property
    def figures(self) -> DeskFigures:
        """What was done so far."""
        return DeskFigures(
            waiting=len(self._intake),
            registered=self._registered,
            labelled=self._labelled,
            dropped=self._dropped,
            ready=self.engine is not None,
            reading=self._reading,
        )

    async def start(self) -> None:
        """Begin. Waits for nothing: the gateway is ready before the engine is."""
        self._tasks = [
            asyncio.create_task(self._bring_up(), name="patterns-bring-up"),
            asyncio.create_task(self._work(), name="patterns-work"),
        ]

    def learn(self, request: GenerateRequest, record: RequestRecord) -> None:
        """Take in a request that is over. See `gateway.recording.Learn`."""
        # A question about an image is none of its words alone.
        if not record.votes or request.images:
            return
        if self._closing or not self._intake.put(Waiting(request.question, record)):
            self._drop("closed" if self._closing else "full")
            return
        self._wake()

    def label(self, request_id: str) -> None:
        """A label of this request is stored as feedback: have it count."""
        if self._intake.put_label(request_id):
            self._wake()
        else:
            self._drop("full")

    def reused(self, ids: Iterable[int]) -> None:
        """Advice rested on these patterns."""
        self._reused.update(ids)

    def weigh_layers(self, layers: Mapping[str, float]) -> None:
        """Have the index count its layers so, as soon as there is an engine. Raises as the engine's.

        None takes back what was said before: the layers begin anew, and labels teach them on.
        """
        if not layers and not self._layers:
            return
        self._layers = dict(layers)
        if self.engine is not None:
            self.engine.weigh_layers(self._layers)

    async def settled(self) -> None:
        """Wait until everything taken in so far is committed, and applied where there is an engine."""
        await self._settled.wait()

    async def aclose(self, timeout_s: float = 5.0) -> None:
        """Write what waits, for at most ``timeout_s`` seconds, and stop; the engine is put on disk."""
        self._closing = True
        if not self._tasks:
            return
        self._something.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self.settled()
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        self._tasks = []
        if self._intake:
            _log.error("patterns_closed_unwritten", waiting=len(self._intake))
        if self.engine is not None:
            engine, self.engine = self.engine, None
            try:
                await asyncio.to_thread(engine.close)
            except Exception:  # noqa: BLE001 - what was registered is in the database
                _log.exception("pattern_engine_not_closed")

    def _wake(self) -> None:
        self._settled.clear()
        self._something.set()

    async def _bring_up(self) -> None:
        """Open the engine and bring it in step; again and again until that succeeds."""
        await asyncio.sleep(self._rhythm.start_s)
        while True:
            engine: Engine | None = None
            try:
                engine = await asyncio.to_thread(self._open_engine)
                if not await fits(engine, self._store):
                    self._release()  # it may take minutes
                    self._metrics.observe_rebuild()
                    await read_anew(engine, self._store, self._progress)
                await follow(engine, self._store)
            except Exception as error:  # noqa: BLE001 - requests go on without it
                self._release()
                self._failed("rebuild", error)
                if engine is not None:
                    with suppress(Exception):  # it is to be opened anew
                        await asyncio.to_thread(engine.close)
                await asyncio.sleep(self._rhythm.retry_s)
            except asyncio.CancelledError:
                if engine is not None:
                    await asyncio.to_thread(engine.close)
                raise
            else:
                self._reading = None
                self.engine = engine
                self._weigh_as_told(engine)
                self._release()
                _log.info("pattern_engine_ready", patterns=len(engine))
                return

    @property
    def _holds(self) -> bool:
        """Whether requests wait to be written until the engine is there."""
        return self._holding and not self._closing

    def _release(self) -> None:
        """Write what waits, whatever is known."""
        self._holding = False
        self._something.set()

    def _weigh_as_told(self, engine: Engine) -> None:
        if self._layers:
            try:
                engine.weigh_layers(self._layers)
            except (KeyError, ValueError) as error:
                self._failed("policy", error)

    def _progress(self, done: int, of: int) -> None:
        self._reading = (done, of)

    async def _work(self) -> None:
        clock, rhythm = self._monotonic, self._rhythm
        followed = flushed = swept = clock()
        sweeps = 0
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(rhythm.follow_s):
                    await self._something.wait()
            if self._intake.requests < BATCH and not self._closing:
                await asyncio.sleep(rhythm.gather_s)
            self._something.clear()
            await self._guarded("register", self._take_requests())
            await self._guarded("label", self._take_labels())
            now = clock()
            if now - followed >= rhythm.follow_s:
                await self._guarded("follow", self._follow())
                followed = clock()
            if now - flushed >= rhythm.flush_s:
                await self._guarded("register", self._flush())
                flushed = clock()
            if now - swept >= rhythm.sweep_s or not sweeps:
                back = SWEPT if sweeps else SWEPT_AT_START
                await self._guarded("label", self._sweep(back))
                swept, sweeps = clock(), sweeps + 1
            if not self._intake:
                self._settled.set()
            elif not self._holds:
                self._something.set()

    async def _take_requests(self) -> None:
        if self._holds:
            return
        waiting = self._intake.take(BATCH)
        if not waiting:
            return
        began = self._monotonic()
        made = await asyncio.to_thread(
            prepared, waiting, self._reader, self.engine, self._unreadable
        )
        changes = await self._registrar.register(made.batch)
        self._registered += len(made.batch)
        await self._apply(changes, made.near)
        self._metrics.observe_registration(
            self._monotonic() - began, len(made.batch), ids=[change.id for change in changes]
        )

    async def _take_labels(self) -> None:
        labels = self._intake.take_labels(LABELS)
        if labels:
            await self._settle(labels)

    async def _sweep(self, back: int) -> None:
        left = await self._store.unsettled(back)
        for start in range(0, len(left), LABELS):
            await self._settle(left[start : start + LABELS])

    async def _settle(self, labels: Sequence[str]) -> None:
        changes = await self._registrar.patiently(partial(self._store.settle, labels))
        self._labelled += len(changes)
        self._metrics.observe_label(len(changes), ids=[change.id for change in changes])
        await self._apply(changes, {})
        if self.engine is not None and not self._layers:
            told = [change.pattern for change in changes if change.pattern is not None]
            await asyncio.to_thread(self.engine.learn_layers, told[:LAYER_LESSONS])

    async def _apply(self, changes: list[Change], near: Any) -> None:
        """Have the engine take in what this process has just changed, and what came before it."""
        engine = self.engine
        if engine is None or not changes:
            return
        # Numbers commit in order: what is below our first is there, or never will be.
        await follow(engine, self._store, until=changes[0].number - 1)
        await asyncio.to_thread(engine.apply, changes, near)

    async def _follow(self) -> None:
        if self.engine is not None:
            await follow(self.engine, self._store)
        if self._reused:
            reused, self._reused = self._reused, Counter()
            await self._store.reused(reused)

    async def _flush(self) -> None:
        engine = self.engine
        if engine is not None and engine.applied > engine.watermark:
            newest = await self._store.get(await asyncio.to_thread(engine.sampled_ids, 4))
            await asyncio.to_thread(engine.flush, newest)
            await self._store.prune_changes(engine.applied - CHANGES_KEPT)

    async def _guarded(self, operation: Operation, work: Coroutine[Any, Any, None]) -> None:
        """Learning must outlive any failure; each cause is logged once."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 - see above
            self._failed(operation, error)

    def _failed(self, operation: Operation, error: Exception) -> None:
        self._metrics.observe_error(operation, error=error)
        cause = f"{operation}: {type(error).__name__}"
        if cause not in self._told:
            self._told.add(cause)
            _log.error("patterns_failed", operation=operation, exc_info=error)

    def _unreadable(self, operation: Operation, error: Exception) -> None:
        """From the thread: a request that cannot be read, or neighbours that cannot be found."""
        self._failed(operation, error)

    def _drop(self, why: str) -> None:
        self._dropped += 1
        self._metrics.observe_dropped(why)
        if f"dropped: {why}" not in self._told:
            self._told.add(f"dropped: {why}")
            _log.warning("patterns_dropped", why=why, waiting=len(self._intake))
