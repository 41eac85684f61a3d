"""Keeps the model of trust in step with the lessons: one fit at a time, off the event loop.

A fit that fails leaves the model that stands (fail open): answers go on, judged by what was learned
before, and the failure is logged and counted.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from concurrent.futures import Executor

    from consensus.ballot import TrustModel
    from learning.trust import Learner, Lesson

_log = structlog.get_logger(__name__)

REST = 4.0
"""Pauses after a fit, in its own lengths: learning takes a fifth of one core at most."""

LONGEST_REST_S = 10.0
"""A fit that was slow once, on a busy machine, must not hold up the next ones for long."""


@dataclass(frozen=True, slots=True)
class Fit:
    """One fit: how many lessons, how many seconds; ``model`` is None when it failed."""

    lessons: int
    seconds: float
    model: TrustModel | None


class Refitter:
    """Fits anew when told to; however often it is told meanwhile, the next fit takes all in.

    Args:
        learner: Makes models; used by one thread at a time.
        lessons: What there is to learn from now, oldest first.
        thread: Runs the fits; of one worker.
        monotonic: Seconds that never jump.
        on_fit: Told of each fit on the event loop; must not raise.
        pause: Waits so many seconds.
    """

    def __init__(  # noqa: PLR0913 - what a thin shell joins it is given, all by keyword but two
        self,
        learner: Learner,
        lessons: Callable[[], Sequence[Lesson]],
        *,
        thread: Executor,
        monotonic: Callable[[], float],
        on_fit: Callable[[Fit], None],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._learner = learner
        self._lessons = lessons
        self._thread = thread
        self._monotonic = monotonic
        self._on_fit = on_fit
        self._pause = pause
        self._asked = 0
        self._done = 0
        self._due = asyncio.Event()
        self._progress = asyncio.Event()
        self._last_failure: str | None = None

    def due(self) -> None:
        """The lessons have changed."""
        self._asked += 1
        self._due.set()

    async def settled(self) -> None:
        """Wait until a fit has taken in, or failed on, everything that was due before this call."""
        asked = self._asked
        while self._done < asked:
            await self._progress.wait()

    async def run(self) -> None:
        """Fit whenever it is due, until cancelled."""
        while True:
            await self._due.wait()
            self._due.clear()
            asked = self._asked
            fit = await self._fit(self._lessons())
            self._on_fit(fit)
            self._done = asked
            self._progress.set()
            self._progress = asyncio.Event()
            await self._pause(min(REST * fit.seconds, LONGEST_REST_S))

    async def _fit(self, lessons: Sequence[Lesson]) -> Fit:
        loop, started = asyncio.get_running_loop(), self._monotonic()
        try:
            model = await loop.run_in_executor(self._thread, _fitted, self._learner, lessons)
        except Exception as failure:  # noqa: BLE001 - fail open: the model that stands goes on
            self._report(failure, len(lessons))
            model = None
        else:
            self._last_failure = None
        return Fit(len(lessons), self._monotonic() - started, model)

    def _report(self, failure: Exception, lessons: int) -> None:
        """Once a cause: the same lessons fail the same way with every feedback."""
        cause = f"{type(failure).__name__}: {failure}"
        if cause != self._last_failure:
            _log.error("learning_fit_failed", error=cause, lessons=lessons, exc_info=failure)
        self._last_failure = cause


def _fitted(learner: Learner, lessons: Sequence[Lesson]) -> TrustModel:
    model = learner.fit(lessons)
    if lessons:
        chances = model.probabilities(lessons[-1].ballot, {})
        # Not a number is in no range: a fit that ran away must not judge a single request.
        if not all(0.0 <= chance <= 1.0 for chance in chances):
            raise ArithmeticError(f"the fit gives no probabilities: {chances}")
    return model
