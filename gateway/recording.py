"""Leaves exactly one record a request, however it ends."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, Self

from consensus.transcript import Transcript
from gateway.answer import round_records, vote_records
from gateway.errors import GatewayError, NoAnswerError, ShuttingDownError
from gateway.events import RoundSeen, VoteSeen
from learning.records import HTTP_CLIENT_CLOSED_REQUEST, HTTP_SERVER_ERROR, SHUTTING_DOWN
from providers.messages import Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from consensus.round_results import RoundResult
    from consensus.transcript import Attempt
    from gateway.answer import Answer, RolloutPlace
    from gateway.events import Emit, Event
    from gateway.requests import GenerateRequest
    from learning.records import RequestRecord


class Learn(Protocol):
    """What learns from requests."""

    def __call__(self, request: GenerateRequest, record: RequestRecord) -> None:
        """Take in a request that is over. Must be quick and never raise."""


def learning(
    append: Callable[[RequestRecord], None],
    learn: Learn | None,
    request: GenerateRequest,
) -> Callable[[RequestRecord], None]:
    """``append``, and after it what learns from requests, which no record tells the words of."""
    if learn is None:
        return append

    def keep(record: RequestRecord) -> None:
        append(record)
        learn(request, record)

    return keep


class Recording:
    """A context around one request: appends its record on the way out.

    ``append`` takes the finished record, ``status_of`` an error's HTTP status, ``clock`` seconds.
    """

    def __init__(
        self,
        record: RequestRecord,
        append: Callable[[RequestRecord], None],
        status_of: Callable[[GatewayError], int],
        clock: Callable[[], float],
    ) -> None:
        self._record = record
        self._append = append
        self._status_of = status_of
        self._clock = clock
        self._started = clock()
        self._known: dict[str, Any] = {}  # what the record takes over as it ends
        self._seen: list[Attempt] = []
        self._rounds: list[RoundResult] = []

    def __enter__(self) -> Self:
        return self

    @property
    def request_id(self) -> str:
        """The id the record, the answer and the problem share."""
        return self._record.request_id

    @property
    def elapsed_ms(self) -> float:
        """Time since the request came in."""
        return (self._clock() - self._started) * 1000

    def place(self, place: RolloutPlace, share: float) -> None:
        """The request has got its arm: from here on its outcome counts for it."""
        self._known |= {"arm": place.variant, "bucket": place.bucket, "share": share}

    def arrange(self, mode: str, advice: Mapping[str, Any] | None) -> None:
        """How it is answered: in which mode, and on what advice (`gateway.advice_terms.noted`)."""
        self._known |= {"mode": mode, "advice": advice}

    def saw(self, attempt: Attempt) -> None:
        """A vendor has answered or failed: known, and paid for, however the request ends."""
        self._seen.append(attempt)

    def noting(self, emit: Emit) -> Emit:
        """``emit``, with each attempt and each round noted in the record on its way."""

        def tell(event: Event) -> None:
            match event:
                case VoteSeen():
                    self.saw(event.attempt)
                case RoundSeen():
                    self.saw_round(event.result)
                case _:
                    pass
            emit(event)

        return tell

    def saw_round(self, result: RoundResult) -> None:
        """A round is over: what came of it is known, however the request ends."""
        self._rounds.append(result)

    def finish(self, answer: Answer) -> None:
        """The request has been answered."""
        self._known |= answer.outcome()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        record = replace(self._record, **self._known)
        if error is not None:
            record = replace(self._with_attempts(record), latency_ms=self.elapsed_ms)
        match error:
            case None:
                pass
            case NoAnswerError():
                record = replace(
                    record,
                    status=self._status_of(error),
                    code=error.code,
                    votes=vote_records(error.attempts, ()),
                    usage=sum((a.usage for a in error.attempts), Usage()),
                    cost_usd=sum(a.cost_usd or 0.0 for a in error.attempts),
                )
            case ShuttingDownError():
                record = replace(record, status=self._status_of(error), code=SHUTTING_DOWN)
            case GatewayError():
                record = replace(record, status=self._status_of(error), code=error.code)
            case asyncio.CancelledError():
                record = replace(record, status=HTTP_CLIENT_CLOSED_REQUEST, code="client_gone")
            case _:
                record = replace(record, status=HTTP_SERVER_ERROR, code="internal")
        self._append(record)

    def _with_attempts(self, record: RequestRecord) -> RequestRecord:
        """With the attempts that came before the request ended unanswered."""
        if not self._seen:
            return record
        seen = tuple(self._seen)
        return replace(
            record,
            votes=vote_records(seen, ()),
            usage=sum((a.usage for a in seen), Usage()),
            cost_usd=Transcript(seen).cost_usd,
            round_details=round_records(self._rounds),
        )
