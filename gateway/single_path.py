"""The single path: one provider asked as the caller asks it, its reply handed on. No consensus, no split.

It is outside of the rollout: its records have no arm, and their mode is `learning.records.SINGLE`. What
consensus calls no answer can be one here: a caller who speaks to one model is given a truncated or
filtered reply as it came, with the reason it ended for.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from consensus.asking import INTERNAL, answered, failed, failure_of
from consensus.spending import PricedCall, plan_spend
from gateway.answer import vote_records
from gateway.callers import caller_hash
from gateway.errors import GatewayError, ShuttingDownError
from gateway.refusals import spending_errors
from gateway.single_failures import SingleFailedError
from learning.records import (
    HTTP_CLIENT_CLOSED_REQUEST,
    HTTP_SERVER_ERROR,
    SHUTTING_DOWN,
    SINGLE,
    RequestRecord,
)
from providers.errors import CutReplyError, ProviderError
from providers.messages import Completion, FinishReason, Usage
from providers.provider import Deadline

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from types import TracebackType
    from typing import Self

    from consensus.asking import Panelist
    from consensus.transcript import Attempt
    from consensus.wall_bounce import InputBound
    from gateway.guard.admission import Admission
    from providers.messages import Piece, Prompt

TIMEOUT_MS = 600_000
"""A request's deadline where the caller names none: what vendors' own clients wait (10 minutes)."""

OK = 200

TOLD = frozenset({FinishReason.LENGTH, FinishReason.CONTENT_FILTER})
"""Why a reply that is no answer may have ended and be handed on all the same: OpenAI has words for these.
For what broke off otherwise it has none, and "stop" would call it whole."""


@dataclass(frozen=True, slots=True)
class SingleAsk:
    """One question to one provider. ``user_id`` tells callers apart, None for a caller without."""

    provider: str
    prompt: Prompt
    timeout_ms: int = TIMEOUT_MS
    budget_usd: float | None = None
    user_id: str | None = None
    streamed: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SingleAnswer:
    """The provider's reply. Times are in ms; ``attempt`` is the call as it is kept."""

    completion: Completion
    attempt: Attempt
    processing_time_ms: float
    overhead_ms: float


class SinglePath:
    """Asks one provider.

    Args:
        panel: The providers by name.
        admission: The door all requests of the process share.
        append: Takes finished records.
        status_of: An error's HTTP status, for records.
        input_bound: The most tokens a prompt can be.
        instance: This instance's name, for records.
        caller_salt: Keeps callers' hashes our own.
    """

    def __init__(  # noqa: PLR0913 - what a request is answered and recorded with, each by its name
        self,
        *,
        panel: Mapping[str, Panelist],
        admission: Admission,
        append: Callable[[RequestRecord], None],
        status_of: Callable[[GatewayError], int],
        input_bound: InputBound,
        instance: str,
        caller_salt: str,
    ) -> None:
        self._panel = panel
        self._admission = admission
        self._append = append
        self._status_of = status_of
        self._input_bound = input_bound
        self._instance = instance
        self._caller_salt = caller_salt

    async def answer(self, ask: SingleAsk, request_id: str) -> SingleAnswer:
        """The provider's whole reply.

        Raises:
            SingleFailedError: the provider failed.
            gateway.errors.GatewayError: it was not asked.
        """
        panelist = self._panel[ask.provider]
        with _Recording(self, ask, request_id, panelist) as recording:
            async with self._admission.enter():
                prompt, repeat_billed = self._within_budget(ask, panelist)
                deadline = recording.asks()
                try:
                    completion = await panelist.provider.complete(
                        prompt, deadline, repeat_billed=repeat_billed
                    )
                except ProviderError as error:
                    completion = recording.partial(error)
                return recording.answered(completion)

    async def stream(
        self, ask: SingleAsk, request_id: str, write: Callable[[Piece], Awaitable[None]]
    ) -> SingleAnswer:
        """The provider's reply, each piece handed to ``write`` as it comes.

        ``write`` is waited for: a caller who reads slowly slows the vendor down, and nothing piles up.

        Raises:
            SingleFailedError: the provider failed, perhaps after pieces were written.
            gateway.errors.GatewayError: it was not asked.
        """
        panelist = self._panel[ask.provider]
        with _Recording(self, ask, request_id, panelist) as recording:
            async with self._admission.enter():
                prompt, repeat_billed = self._within_budget(ask, panelist)
                pieces = panelist.provider.stream(
                    prompt, recording.asks(), repeat_billed=repeat_billed
                )
                completion: Completion | None = None
                try:
                    async for piece in pieces:
                        if isinstance(piece, Completion):
                            completion = piece
                        else:
                            await write(piece)
                except ProviderError as error:
                    completion = recording.partial(error)
                finally:
                    await pieces.aclose()
                if completion is None:
                    name = panelist.provider.name
                    ended = CutReplyError(name, "the stream ended before the reply did")
                    raise recording.failed(ended)
                return recording.answered(completion)

    def refuse(self, request_id: str, status: int, code: str) -> None:
        """Record a request that was refused before anybody was asked."""
        self._append(
            RequestRecord(
                request_id=request_id,
                at=datetime.now(UTC),
                instance=self._instance,
                arm=None,
                status=status,
                code=code,
                latency_ms=0.0,
            )
        )

    def _within_budget(self, ask: SingleAsk, panelist: Panelist) -> tuple[Prompt, bool]:
        """The prompt as the budget allows it, and whether a call that may be billed may be repeated."""
        prompt = ask.prompt
        if ask.budget_usd is None:
            return prompt, True
        tokens = self._input_bound(prompt)
        call = PricedCall(ask.provider, panelist.provider.model, panelist.price, tokens)
        with spending_errors():
            allotment = plan_spend([call], ask.budget_usd, prompt.max_tokens)
        return replace(prompt, max_tokens=allotment.max_tokens), False


class _Recording:
    """Leaves one record of the request, however it ends, and measures what its answer tells."""

    __slots__ = (
        "_ask",
        "_asked",
        "_at",
        "_attempt",
        "_began",
        "_clock",
        "_ended",
        "_panelist",
        "_path",
        "_request_id",
    )

    def __init__(
        self, path: SinglePath, ask: SingleAsk, request_id: str, panelist: Panelist
    ) -> None:
        self._path = path
        self._ask = ask
        self._request_id = request_id
        self._panelist = panelist
        self._at = datetime.now(UTC)
        self._clock = asyncio.get_running_loop().time
        self._began = self._asked = self._ended = self._clock()
        self._attempt: Attempt | None = None

    def asks(self) -> Deadline:
        """The provider is asked now. When it has to have answered."""
        self._asked = self._clock()
        return Deadline(self._began + self._ask.timeout_ms / 1000)

    def answered(self, completion: Completion) -> SingleAnswer:
        """The provider has answered."""
        self._ended = self._clock()
        waited_ms = (self._ended - self._asked) * 1000
        self._attempt = answered(self._panelist, completion, 1, waited_ms)
        elapsed_ms = (self._ended - self._began) * 1000
        return SingleAnswer(completion, self._attempt, elapsed_ms, elapsed_ms - waited_ms)

    def partial(self, error: ProviderError) -> Completion:
        """The reply as it came, where its end can be told the caller; raises where there is none."""
        if error.partial is not None and error.partial.finish_reason in TOLD:
            return error.partial
        raise self.failed(error) from None

    def failed(self, error: ProviderError) -> SingleFailedError:
        """The provider has failed."""
        waited_ms = (self._clock() - self._asked) * 1000
        self._attempt = failed(self._panelist, failure_of(error), 1, waited_ms)
        return SingleFailedError(error, self._attempt)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        status, code = self._outcome(error)
        ask, attempt, path = self._ask, self._attempt, self._path
        latency_ms = (self._clock() - self._began) * 1000
        words = hashlib.sha256()
        chars = 0
        for number, message in enumerate(ask.prompt.messages):
            text = f"\0{message.content}" if number else message.content
            chars += len(text)
            words.update(text.encode())
            for image in message.images:
                words.update(f"\0image\0{image.url or image.data}".encode())
        path._append(  # noqa: SLF001 - its own recording
            RequestRecord(
                request_id=self._request_id,
                at=self._at,
                instance=path._instance,  # noqa: SLF001 - as above
                arm=None,
                status=status,
                code=code,
                latency_ms=latency_ms,
                overhead_ms=latency_ms - attempt.latency_ms if attempt is not None else 0.0,
                caller=caller_hash(path._caller_salt, ask.user_id),  # noqa: SLF001 - as above
                mode=SINGLE,
                streamed=ask.streamed,
                timeout_ms=ask.timeout_ms,
                prompt_sha256=words.hexdigest(),
                prompt_chars=chars,
                answer_source=ask.provider if error is None else None,
                cost_usd=None if attempt is None else attempt.cost_usd,
                usage=Usage() if attempt is None else attempt.usage,
                votes=() if attempt is None else vote_records((attempt,), ()),
                metadata=ask.metadata,
            )
        )

    def _outcome(self, error: BaseException | None) -> tuple[int, str | None]:
        """The status and code of the record."""
        match error:
            case None:
                return OK, None
            case SingleFailedError():
                return error.status, error.error.code
            case ShuttingDownError():
                return self._path._status_of(error), SHUTTING_DOWN  # noqa: SLF001 - as above
            case GatewayError():
                return self._path._status_of(error), error.code  # noqa: SLF001 - as above
            case asyncio.CancelledError():
                return HTTP_CLIENT_CLOSED_REQUEST, "client_gone"
            case _:
                return HTTP_SERVER_ERROR, INTERNAL
