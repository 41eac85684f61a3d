"""Keeps the model of trust in step with the lessons: one fit at a time, off the event loop.

A fit that fails leaves the model that stands (fail open): answers go on, judged by what was learned
before, and the failure is logged and counted.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from concurrent.futures import Executor

    from consensus.ballot import TrustModel
    from learning.lessons import Learner, Lesson

_log = structlog.get_logger(__name__)

REST = 9.0
"""Pauses after fits, in the processor time they took beyond what was saved up: in the long run learning
takes a tenth of one core at most."""

SAVED_CPU_S = 5.0
"""Processor time that may be saved up: while there are few lessons fits are quick, and each label is to
count in the next answer."""

LONGEST_REST_S = 10.0
"""However long a fit took, the next feedback is not held up for longer."""


@dataclass(frozen=True, slots=True)
class Fit:
    """One fit of so many lessons; ``model`` is None when it failed.

    ``seconds`` passed meanwhile, ``cpu_seconds`` of them on the processor.
    """

    lessons: int
    seconds: float
    cpu_seconds: float
    model: TrustModel | None


class Refitter:
    """Fits anew when told to; however often it is told meanwhile, the next fit takes all in.

    Args:
        learner: Makes models; used by one thread at a time.
        lessons: What there is to learn from now, oldest first.
        thread: Runs the fits; of one worker.
        monotonic: Seconds that never jump.
        on_fit: Told of each fit on the event loop; must not raise.
        cpu: Processor seconds of the thread that asks. A busy machine makes fits long, not dear.
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
        cpu: Callable[[], float] = time.thread_time,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._learner = learner
        self._lessons = lessons
        self._thread = thread
        self._monotonic = monotonic
        self._on_fit = on_fit
        self._cpu = cpu
        self._pause = pause
        self._asked = 0
        self._done = 0
        self._due = asyncio.Event()
        self._progress = asyncio.Event()
        self._last_failure: str | None = None
        self._saved_s = SAVED_CPU_S
        self._saved_at = monotonic()

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
            await self._pause(min(REST * self._overdrawn(fit.cpu_seconds), LONGEST_REST_S))

    def _overdrawn(self, spent_s: float) -> float:
        """Processor seconds spent beyond what was saved up; time that passes saves its share."""
        now = self._monotonic()
        earned_s = (now - self._saved_at) / (1.0 + REST)
        left_s = min(SAVED_CPU_S, self._saved_s + earned_s) - spent_s
        self._saved_s, self._saved_at = max(0.0, left_s), now
        return max(0.0, -left_s)

    async def _fit(self, lessons: Sequence[Lesson]) -> Fit:
        loop, started = asyncio.get_running_loop(), self._monotonic()
        model, cpu_s, failure = await loop.run_in_executor(self._thread, self._try_fit, lessons)
        if failure is None:
            self._last_failure = None
        else:
            self._report(failure, len(lessons))
        return Fit(len(lessons), self._monotonic() - started, cpu_s, model)

    def _try_fit(
        self, lessons: Sequence[Lesson]
    ) -> tuple[TrustModel | None, float, Exception | None]:
        """On the thread: the model or why there is none, and the processor seconds it took."""
        before = self._cpu()
        try:
            model = _checked(self._learner.fit(lessons), lessons)
        except Exception as failure:  # noqa: BLE001 - fail open: the model that stands goes on
            return None, self._cpu() - before, failure
        return model, self._cpu() - before, None

    def _report(self, failure: Exception, lessons: int) -> None:
        """Once a cause: the same lessons fail the same way with every feedback."""
        cause = f"{type(failure).__name__}: {failure}"
        if cause != self._last_failure:
            _log.error("learning_fit_failed", error=cause, lessons=lessons, exc_info=failure)
        self._last_failure = cause


def _checked(model: TrustModel, lessons: Sequence[Lesson]) -> TrustModel:
    if lessons:
        chances = model.probabilities(lessons[-1].ballot, {})
        # Not a number is in no range: a fit that ran away must not judge a single request.
        if not all(0.0 <= chance <= 1.0 for chance in chances):
            raise ArithmeticError(f"the fit gives no probabilities: {chances}")
    return model
