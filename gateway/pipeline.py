"""The way of one request, from its place in the split to its record; reads like its diagram."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gateway.answer import Answer, RolloutPlace
from gateway.errors import AllProvidersFailedError, GatewayError, NotAvailableError
from gateway.events import Accepted, Emit, RoundSeen, VoteSeen, nobody
from gateway.paths import AnsweringPath, Asked
from gateway.recording import Recording
from gateway.selection import select_providers
from learning.records import RequestRecord
from providers.messages import Usage
from providers.provider import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.events import Event
    from gateway.guard.admission import Admission
    from gateway.requests import GenerateRequest
    from gateway.rollout.controller import RolloutController

CALLER_HASH_CHARS = 16
"""64 bits: enough to tell callers apart, and no way back to their id."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Answers requests. One serves all at once; it holds no state of any.

    ``paths`` by arm, ``available`` all configured providers, best first; ``append`` takes finished
    records, ``status_of`` an error's HTTP status; ``caller_salt`` keeps callers' hashes our own.
    """

    admission: Admission
    rollout: RolloutController
    paths: Mapping[str, AnsweringPath]
    available: tuple[str, ...]
    append: Callable[[RequestRecord], None]
    status_of: Callable[[GatewayError], int]
    instance: str
    caller_salt: str

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
        with Recording(draft, self.append, self.status_of, loop.time) as recording:
            self._refuse_unbuilt(request)
            async with self.admission.enter():
                selection = select_providers(
                    request.task_type,
                    requested=request.providers,
                    available=self.available,
                    minimum=request.minimum,
                    maximum=request.max_providers,
                    budget_usd=request.budget_usd,
                )
                arm = self.rollout.assign(request.user_id)
                place = RolloutPlace(arm.stage, arm.bucket, arm.arm)
                recording.place(place, arm.share)
                if not selection.providers:
                    raise AllProvidersFailedError(())
                path = self.paths[arm.arm]
                emit(Accepted(request_id, arm.arm, path.asks(request, selection)))
                watched = _noting(recording, emit)
                asked = Asked(request, request.to_prompt(), selection, deadline, watched)
                outcome = await path.answer(asked)
                answer = Answer(
                    request_id=request_id,
                    content=outcome.content,
                    answer_source=outcome.answer_source,
                    rollout=place,
                    consensus=outcome.consensus,
                    attempts=outcome.attempts,
                    usage=sum((a.usage for a in outcome.attempts), Usage()),
                    cost_usd=outcome.cost_usd,
                    processing_time_ms=recording.elapsed_ms,
                    overhead_ms=max(0.0, recording.elapsed_ms - outcome.waited_s * 1000),
                    metadata=request.metadata,
                    note=outcome.note,
                    rounds=outcome.rounds,
                )
                recording.finish(answer)
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
        caller = None
        if request.user_id is not None:
            salted = f"{self.caller_salt}\0{request.user_id}".encode()
            caller = hashlib.sha256(salted).hexdigest()[:CALLER_HASH_CHARS]
        text = request.prompt or "\0".join(turn.content for turn in request.messages or ())
        return RequestRecord(
            request_id=request_id,
            at=datetime.now(UTC),
            instance=self.instance,
            arm=None,
            status=0,
            code=None,
            latency_ms=0.0,
            caller=caller,
            task_type=request.task_type,
            mode=request.mode,
            aggregation=request.aggregation,
            streamed=request.stream,
            timeout_ms=request.timeout_ms,
            prompt_sha256=hashlib.sha256(text.encode()).hexdigest(),
            prompt_chars=len(text),
            metadata=request.metadata,
        )


def _noting(recording: Recording, emit: Emit) -> Emit:
    """``emit``, with each attempt and each round noted in the record on its way."""

    def tell(event: Event) -> None:
        match event:
            case VoteSeen():
                recording.saw(event.attempt)
            case RoundSeen():
                recording.saw_round(event.result)
            case _:
                pass
        emit(event)

    return tell
