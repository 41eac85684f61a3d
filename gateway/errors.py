"""What the gateway answers when it cannot answer; the map for this floor.

GatewayError                   code                  retryable
├── InvalidRequestError        invalid_request       no    names the field
├── MalformedJsonError         malformed_json        no
├── PayloadTooLargeError       payload_too_large     no
├── NotAvailableError          not_available         no    promised by the contract, not built yet
├── BudgetTooSmallError        budget_too_small      no
├── UnauthorizedError          unauthorized          no
├── ForbiddenError             forbidden             no
├── NotFoundError              not_found             no
├── ConflictError              conflict              no    an operator's move that does not fit the state
├── CallerGoneError            client_gone           no    nobody reads it; the record does
├── OverloadedError            overloaded            yes   with Retry-After
│   └── ShuttingDownError      overloaded            yes   it had begun, and the drain ran out
├── AllProvidersFailedError    all_providers_failed  yes   names each vendor's error
├── AnswerInterruptedError     answer_interrupted    yes   names each vendor's error; only ever in a stream
└── DeadlineExceededError      deadline_exceeded     yes   names each vendor's error

HTTP statuses live in `gateway.problem_types`: nothing here knows HTTP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from consensus.transcript import Attempt


class GatewayError(Exception):
    """A request we answer with an error. ``detail`` is for the caller: no key, path or trace."""

    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False

    def __init__(
        self, detail: str, *, field: str | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.retry_after_s = retry_after_s


class InvalidRequestError(GatewayError):
    """The request's content makes no sense; ``field`` says where."""

    code = "invalid_request"


class MalformedJsonError(GatewayError):
    """The body is not JSON."""

    code = "malformed_json"


class PayloadTooLargeError(GatewayError):
    """The body is larger than this server takes."""

    code = "payload_too_large"


class NotAvailableError(GatewayError):
    """The contract has this feature, this version does not."""

    code = "not_available"


class BudgetTooSmallError(GatewayError):
    """``budget_usd`` does not buy the least useful answer."""

    code = "budget_too_small"


class UnauthorizedError(GatewayError):
    """A key is needed and missing, or unknown."""

    code = "unauthorized"


class ForbiddenError(GatewayError):
    """The key is known and does not reach this far."""

    code = "forbidden"


class NotFoundError(GatewayError):
    """There is no such thing."""

    code = "not_found"


class ConflictError(GatewayError):
    """The operator's move does not fit the state it meets."""

    code = "conflict"


class CallerGoneError(GatewayError):
    """The caller hung up before the request was there."""

    code = "client_gone"


class OverloadedError(GatewayError):
    """As many requests as we answer at once are being answered."""

    code = "overloaded"
    retryable = True


class ShuttingDownError(OverloadedError):
    """The process ends and the request did not finish in the time the drain leaves."""


class NoAnswerError(GatewayError):
    """Vendors were asked and none answered; ``attempts`` says why of each."""

    retryable = True

    def __init__(self, attempts: tuple[Attempt, ...], detail: str | None = None) -> None:
        reasons = "; ".join(
            f"{a.provider}: {a.failure.message if a.failure else 'no answer'}" for a in attempts
        )
        super().__init__(detail or reasons or "no vendor is configured: set a vendor's API key")
        self.attempts = attempts


class AllProvidersFailedError(NoAnswerError):
    """Every vendor asked has failed."""

    code = "all_providers_failed"


class AnswerInterruptedError(NoAnswerError):
    """The vendor failed after a part of its answer was shown: what was shown is no answer."""

    code = "answer_interrupted"


class DeadlineExceededError(NoAnswerError):
    """The deadline came while a vendor was still silent, and no other had answered."""

    code = "deadline_exceeded"
