"""The way of one request, from its place in the split to its record; reads like its diagram."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gateway.advice_terms import noted
from gateway.answer import Answer, RolloutPlace
from gateway.arrangement import arrange
from gateway.callers import caller_hash
from gateway.errors import (
    AllProvidersFailedError,
    BudgetTooSmallError,
    GatewayError,
    NotAvailableError,
)
from gateway.events import Accepted, Emit, nobody
from gateway.paths import AnsweringPath, Asked
from gateway.recording import Recording, learning
from gateway.selection import nobody_away
from learning.records import RequestRecord
from providers.provider import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.answer import Path
    from gateway.guard.admission import Admission
    from gateway.recording import Learn
    from gateway.requests import GenerateRequest
    from gateway.rollout.controller import RolloutController
    from gateway.shadow.runner import Shadow
    from gateway.steering import Steering


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Answers requests. One serves all at once; it holds no state of any.

    ``available``: all configured providers, best first; ``append`` takes finished records,
    ``status_of`` an error's HTTP status; ``caller_salt`` keeps callers' hashes our own. ``shadow`` is
    told of what the legacy path answered; None runs no shadows. ``steering`` advises requests of the new
    path; None leaves them to the table. ``learn`` is told of each request that is over. ``away``: who would not
    be asked now, and why in words.
    """

    admission: Admission
    rollout: RolloutController
    paths: Mapping[Path, AnsweringPath]
    available: tuple[str, ...]
    append: Callable[[RequestRecord], None]
    status_of: Callable[[GatewayError], int]
    instance: str
    caller_salt: str
    shadow: Shadow | None = None
    steering: Steering | None = None
    learn: Learn | None = None
    away: Callable[[], Mapping[str, str]] = nobody_away

    async def answer(
        self, request: GenerateRequest, request_id: str, emit: Emit = nobody
    ) -> Answer:
        """One request, answered.

        Raises:
            gateway.errors.GatewayError: it cannot be answered; the error says why.
        """
        loop = asyncio.get_running_loop()
        deadline = Deadline(loop.time() + request.timeout_ms / 1000)
        draft = self._draft(request, request_id)
        append = learning(self.append, self.learn, request)
        with Recording(draft, append, self.status_of, loop.time) as recording:
            self._refuse_unbuilt(request)
            async with self.admission.enter():
                away = self.away()
                arranged = arrange(request, self.available, away=away)
                arm = self.rollout.assign(request.user_id)
                place = RolloutPlace(arm.stage, arm.bucket, arm.arm)
                recording.place(place, arm.share)
                advice = None
                if self.steering is not None and place.path == "wall_bounce":
                    advice = await self.steering.advise(request)
                if arm.policy is not None or advice is not None:
                    # Anew, for who asks what cannot be met is refused before it gets an arm.
                    arranged = arrange(request, self.available, arm.policy, advice, away)
                recording.arrange(arranged.request.mode, noted(advice, arranged))
                if not arranged.selection.providers:
                    raise AllProvidersFailedError(())
                path = self.paths[place.path]
                asks = path.asks(arranged.request, arranged.selection)
                emit(Accepted(request_id, place.path, asks))
                asked = Asked.of(arranged, deadline, recording.noting(emit))
                try:
                    outcome = await path.answer(asked)
                except BudgetTooSmallError:
                    if "providers" not in arranged.taken:
                        raise
                    # Nobody was asked yet, and whom the table names may be cheaper.
                    arranged = arrange(request, self.available, arm.policy, away=away)
                    recording.arrange(arranged.request.mode, noted(advice, arranged))
                    outcome = await path.answer(Asked.of(arranged, deadline, asked.emit))
                answer = Answer.of(
                    request_id,
                    place,
                    outcome,
                    elapsed_ms=recording.elapsed_ms,
                    metadata=request.metadata,
                )
                recording.finish(answer)
                if (
                    self.shadow is not None
                    and place.path == "legacy"
                    and not self.admission.draining
                ):
                    self.shadow.follow(request, replace(draft, share=arm.share), answer)
                return answer

    def reject(self, request_id: str, error: GatewayError) -> None:
        """Record a request whose body could not even be read."""
        self.append(
            RequestRecord(
                request_id=request_id,
                at=datetime.now(UTC),
                instance=self.instance,
                arm=None,
                status=self.status_of(error),
                code=error.code,
                latency_ms=0.0,
            )
        )

    @staticmethod
    def _refuse_unbuilt(request: GenerateRequest) -> None:
        if request.session_id is not None:
            raise NotAvailableError(
                "conversations by session_id are not offered yet: send the turns as messages",
                field="session_id",
            )

    def _draft(self, request: GenerateRequest, request_id: str) -> RequestRecord:
        text = "\0".join(request.texts)
        words = hashlib.sha256(text.encode())
        for image in request.images:
            words.update(b"\0image\0" + image.encode())
        return RequestRecord(
            request_id=request_id,
            at=datetime.now(UTC),
            instance=self.instance,
            arm=None,
            status=0,
            code=None,
            latency_ms=0.0,
            caller=caller_hash(self.caller_salt, request.user_id),
            task_type=request.task_type,
            mode=request.mode,
            aggregation=request.aggregation,
            streamed=request.stream,
            timeout_ms=request.timeout_ms,
            prompt_sha256=words.hexdigest(),
            prompt_chars=len(text),
            metadata=request.metadata,
        )
