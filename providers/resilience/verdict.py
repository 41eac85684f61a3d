"""What the end of a call says of the endpoint it was made to."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from providers.errors import (
    AuthenticationFailedError,
    CircuitOpenError,
    ConcurrencyLimitedError,
    OverloadedError,
    ProviderError,
    RateLimitedError,
    TimedOutError,
    UnsupportedError,
)
from providers.resilience.circuit import Outcome

if TYPE_CHECKING:
    from providers.resilience.yardstick import Yardstick

PATIENT_S = 5.0
"""While it is not known how long an endpoint takes, only a time-out after so long counts: API.md's own limit."""

_NOTHING_SAID = (
    UnsupportedError,
    CircuitOpenError,
    ConcurrencyLimitedError,
    AuthenticationFailedError,  # the key's fault: the endpoint is left out in another way
    RateLimitedError,  # the limiter's business: a vendor that counts our calls is not ill
)


def of_answer(seconds: float, usual: Yardstick) -> Outcome:
    """Of a call answered after ``seconds``."""
    return Outcome.SLOW if usual.slow_s is not None and seconds > usual.slow_s else Outcome.WELL


def of_failure(error: ProviderError, seconds: float, usual: Yardstick) -> Outcome:
    """Of a call that failed after ``seconds``.

    A time-out counts where the vendor had as long as all but one of a hundred calls take: a caller's short
    deadline says nothing of the vendor.
    """
    if isinstance(error, TimedOutError):
        patient = PATIENT_S if usual.p99_s is None else usual.p99_s
        return Outcome.FAILED if seconds >= patient else Outcome.SILENT
    if error.down and not isinstance(error, CircuitOpenError):
        return Outcome.FAILED
    return Outcome.SILENT if isinstance(error, _NOTHING_SAID) else Outcome.WELL


def of_giving_up(seconds: float, usual: Yardstick) -> Outcome:
    """Of a call that was cancelled after ``seconds``: overdue, or ended before it could tell."""
    return Outcome.SLOW if usual.slow_s is not None and seconds > usual.slow_s else Outcome.SILENT


def asks_too_much(error: ProviderError) -> bool:
    """Whether the vendor says that it is asked too much: fewer calls at once, then."""
    return isinstance(error, RateLimitedError | OverloadedError)


def asks_to_wait(error: ProviderError) -> bool:
    """Whether the vendor says when this account may ask again."""
    return isinstance(error, RateLimitedError) and error.retry_after_s is not None


def wrong_place(error: ProviderError) -> bool:
    """Whether this endpoint will never answer, though another of the vendor may: its key, or its models."""
    return isinstance(error, AuthenticationFailedError) or error.status == HTTPStatus.NOT_FOUND
