"""Learns from feedback while the gateway serves, in every worker and instance the same.

A caller's label counts in the process that took it at once; the others, looking into the database
every second, follow. Learning never holds up a request: while the database is away, or a fit fails,
the last model stays in service (fail open), and before the first reading it is the shipped prior.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import structlog

from gateway.storage.lesson_store import outcomes_of
from gateway.teaching.lesson_feed import LessonFeed
from gateway.teaching.refitting import Fit, Refitter
from learning.lessons import Label, Outcome

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from consensus.ballot import TrustModel
    from gateway.storage.lesson_store import KeptBallot, LessonStore, Outcomes
    from learning.lessons import Learner, LessonBook
    from learning.records import Feedback, RequestRecord

_log = structlog.get_logger(__name__)

POLL_INTERVAL_S = 1.0
"""Between two looks for others' labels: a small read by the table's key."""

REREAD_S = 600.0
"""Between two whole readings, which notice records that were deleted and labels that came very late."""

STORE_PATIENCE_S = 30.0
"""How long a whole reading may take before it is given up and tried anew."""


class Teacher:
    """The learning of one process. All but the fits runs on its event loop.

    Args:
        store: Where labels and ballots are read.
        learner: Makes models of lessons.
        window: Lessons learned from at most.
        monotonic: Seconds that never jump.
        on_model: Puts a model in service.
        on_fit: Told of each fit, after ``on_model``; must not raise.
        pause: Waits so many seconds between fits.
    """

    def __init__(  # noqa: PLR0913 - what a thin shell joins it is given, all by keyword but two
        self,
        store: LessonStore,
        learner: Learner,
        *,
        window: int,
        monotonic: Callable[[], float],
        on_model: Callable[[TrustModel], None],
        on_fit: Callable[[Fit], None],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._monotonic = monotonic
        self._on_model = on_model
        self._on_fit = on_fit
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="learning")
        self._feed = LessonFeed(store, window, monotonic, self._decoded)
        self._fits = Refitter(
            learner,
            self._feed.lessons,
            thread=self._thread,
            monotonic=monotonic,
            on_fit=self._fitted,
            pause=pause,
        )
        self._looking = asyncio.Lock()
        self._last_reread_s: float | None = None
        self._healthy = True
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def lessons(self) -> int:
        """How many lessons are held."""
        return len(self._feed.book)

    @property
    def book(self) -> LessonBook:
        """The lessons themselves; to be looked at only."""
        return self._feed.book

    def knows(self, request_id: str) -> bool:
        """Whether a label of this request is held."""
        return request_id in self._feed.book

    async def start(self) -> None:
        """Begin to read and to fit. Waits for neither: the gateway is ready before it has learned."""
        self._tasks = [
            asyncio.create_task(self._fits.run(), name="learning-fits"),
            asyncio.create_task(self._follow(), name="learning-follow"),
        ]

    async def aclose(self) -> None:
        """Stop. What was learned is in the database; a fit under way ends unheard."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._tasks = []
        self._thread.shutdown(wait=False, cancel_futures=True)

    def learn(self, number: int, said: Feedback, record: RequestRecord) -> None:
        """Take in feedback that is stored under ``number``: it is in the next model.

        Only ``correct`` teaches. Feedback without it, such as a rating, leaves an earlier label as
        it is: it does not say that the label was wrong.
        """
        outcome = Outcome.of(record.ballot, record.returned_group)
        if said.correct is None or outcome is None:
            return
        if self._feed.take(Label(number, said.request_id, said.correct), outcome):
            self._fits.due()

    async def look(self) -> None:
        """Read once what others have stored. A database that is away leaves everything as it is."""
        async with self._looking:
            try:
                async with asyncio.timeout(STORE_PATIENCE_S):
                    changed = await self._read()
            except Exception as failure:  # noqa: BLE001 - following must outlive any failure
                if self._healthy:
                    _log.warning("learning_store_failed", error=type(failure).__name__)
                self._healthy = False
                return
        self._healthy = True
        if changed:
            self._fits.due()

    async def settled(self) -> None:
        """Wait until every label known now is in the model, or its fit has failed."""
        await self._fits.settled()

    async def _read(self) -> bool:
        last = self._last_reread_s
        if last is not None and self._monotonic() - last < REREAD_S:
            return await self._feed.read_new()
        changed = await self._feed.read_all()
        self._last_reread_s = self._monotonic()
        return changed

    async def _follow(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(POLL_INTERVAL_S)

    async def _decoded(self, kept: Mapping[str, KeptBallot]) -> Outcomes:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, outcomes_of, kept)

    def _fitted(self, fit: Fit) -> None:
        if fit.model is not None:
            self._on_model(fit.model)
        self._on_fit(fit)
