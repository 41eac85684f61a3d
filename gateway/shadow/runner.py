"""Runs shadows: each in the background, after the caller's answer, bounded in number and in time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from gateway.advice_terms import noted
from gateway.answer import Answer
from gateway.arrangement import arrange
from gateway.errors import AllProvidersFailedError, GatewayError, ShuttingDownError
from gateway.events import nobody
from gateway.paths import Asked
from gateway.recording import Recording, learning
from gateway.selection import nobody_away
from gateway.shadow.scoring import agreement, notes
from gateway.shadow.terms import terms_in_force
from learning.records import SHADOW_ARM
from providers.provider import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from gateway.arrangement import Arrangement
    from gateway.paths import AnsweringPath
    from gateway.recording import Learn
    from gateway.requests import GenerateRequest
    from gateway.rollout.plan import ArmPolicy
    from gateway.rollout.status import Standing
    from gateway.shadow.sampling import Sampling
    from gateway.shadow.terms import ShadowLimits
    from gateway.steering import Steering
    from learning.records import RequestRecord

log = structlog.get_logger(__name__)

HEAD_START_S = 0.02
"""By then the caller's answer is on its way. A task begun at once would run before it: asking several
vendors takes milliseconds of the event loop."""

CLOSING_PATIENCE_S = 1.0
"""How long a process that ends waits for the shadows it cuts short; closing their calls takes less."""


def never() -> bool:
    """Vendors have room for everybody."""
    return False


class Shadow:
    """The shadows of one process, on one event loop.

    A shadow has a record of its own, with the id of its request and ``-shadow``, its own votes and
    cost. It holds no place at the door, counts in none of the callers' limits, begins only while vendors have
    room for both, and nothing it does reaches the caller. ``limits`` may be replaced while requests run (SIGHUP).

    Args:
        path: The new path.
        available: All configured providers, best first.
        append: Takes finished records.
        status_of: An error's HTTP status.
        sampling: Who is shadowed.
        standing: What is in force of the rollout.
        limits: What the environment says.
        clock: The time in UTC, for what is written down.
        on_skip: Told of each shadow left out because too many were running, or vendors were busy; must not raise.
        steering: Advises them as it does requests of the new path; None for none.
        learn: Told of each shadow that is over; None for nobody.
        away: Who would not be asked now, and why in words.
        crowded: Whether a vendor has not much room left for callers; then none begins.
    """

    def __init__(  # noqa: PLR0913 - what a thin shell joins it is given, all by keyword
        self,
        *,
        path: AnsweringPath,
        available: tuple[str, ...],
        append: Callable[[RequestRecord], None],
        status_of: Callable[[GatewayError], int],
        sampling: Sampling,
        standing: Callable[[], Standing],
        limits: ShadowLimits,
        clock: Callable[[], datetime],
        on_skip: Callable[[], None],
        steering: Steering | None = None,
        learn: Learn | None = None,
        away: Callable[[], Mapping[str, str]] = nobody_away,
        crowded: Callable[[], bool] = never,
    ) -> None:
        self.limits = limits
        self._path = path
        self._available = available
        self._append = append
        self._status_of = status_of
        self._sampling = sampling
        self._standing = standing
        self._clock = clock
        self._on_skip = on_skip
        self._steering = steering
        self._learn = learn
        self._away = away
        self._crowded = crowded
        self._running: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def in_flight(self) -> int:
        """Shadows begun and not over."""
        return len(self._running)

    def follow(self, request: GenerateRequest, draft: RequestRecord, answer: Answer) -> None:
        """Perhaps run a shadow of a request the legacy path has just answered. Never waits or raises.

        Args:
            request: As it came.
            draft: Its record before any outcome, with the share that was in force.
            answer: What the caller gets.
        """
        try:
            terms = terms_in_force(self.limits, self._standing())
            if self._closed or not self._sampling.picks(request.user_id, terms.share):
                return
            if len(self._running) >= self.limits.in_flight or self._crowded():
                self._on_skip()
                return
            begun = self._run(request, draft, answer, terms.policy)
            task = asyncio.create_task(begun, name="shadow")
        except Exception:  # the caller's answer is ready: whatever is wrong here is not its concern
            log.exception("shadow_not_begun", request_id=answer.request_id)
            return
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def aclose(self) -> None:
        """Cut short what runs; their records say so. One that asked nobody yet leaves none."""
        self._closed = True
        for task in self._running:
            task.cancel()
        if self._running:
            _, left = await asyncio.wait(self._running, timeout=CLOSING_PATIENCE_S)
            if left:
                log.warning("shadows_left_behind", shadows=len(left))

    async def _run(
        self,
        request: GenerateRequest,
        draft: RequestRecord,
        returned: Answer,
        policy: ArmPolicy | None,
    ) -> None:
        clock = asyncio.get_running_loop().time
        own = replace(
            draft,
            request_id=f"{returned.request_id}-shadow",
            streamed=False,
            metadata=notes(returned.request_id),
        )
        try:
            await asyncio.sleep(HEAD_START_S)
            own = replace(own, at=self._clock())
            append = learning(self._append, self._learn, request)
            recording = Recording(own, append, self._status_of, clock)
            # Before the record is opened: a shadow cut short while it is advised has asked nobody.
            advice = None if self._steering is None else await self._steering.advise(request)
            with recording:
                arranged = arrange(request, self._available, policy, advice, self._away())
                recording.place(replace(returned.rollout, variant=SHADOW_ARM), own.share)
                recording.arrange(arranged.request.mode, noted(advice, arranged))
                answer = await self._answer(arranged, own, returned, recording)
                recording.finish(answer)
        except GatewayError:
            return  # told by its record
        except Exception:
            log.exception("shadow_crashed", request_id=own.request_id)

    async def _answer(
        self,
        arranged: Arrangement,
        own: RequestRecord,
        returned: Answer,
        recording: Recording,
    ) -> Answer:
        if not arranged.selection.providers:
            raise AllProvidersFailedError(())
        timeout_s = arranged.request.timeout_ms / 1000
        deadline = Deadline(asyncio.get_running_loop().time() + timeout_s)
        # Nobody reads along, so nothing can be broken off.
        whole = replace(arranged, request=arranged.request.model_copy(update={"stream": False}))
        asked = Asked.of(whole, deadline, recording.noting(nobody))
        try:
            outcome = await self._path.answer(asked)
        except asyncio.CancelledError as end:
            # Nobody else cancels it. What the record says must not read as a caller who left.
            raise ShuttingDownError("the server is shutting down") from end
        agrees = agreement(asked.prompt.question, returned.content, outcome.content)
        return Answer.of(
            own.request_id,
            replace(returned.rollout, variant=SHADOW_ARM),
            outcome,
            elapsed_ms=recording.elapsed_ms,
            metadata=notes(returned.request_id, agrees),
        )
