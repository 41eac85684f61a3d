"""Turns what the floors below raise or bring back into the gateway's own errors."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from consensus import errors as consensus_errors
from gateway.errors import (
    AllProvidersFailedError,
    BudgetTooSmallError,
    DeadlineExceededError,
    InvalidRequestError,
    NoAnswerError,
)
from providers.errors import TimedOutError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consensus.transcript import Transcript


@contextmanager
def spending_errors() -> Iterator[None]:
    """A budget that cannot be kept is the caller's to change."""
    try:
        yield
    except consensus_errors.BudgetTooSmallError as error:
        raise BudgetTooSmallError(str(error), field="budget_usd") from None
    except consensus_errors.UnknownPriceError as error:
        raise InvalidRequestError(str(error), field="budget_usd") from None


def no_answer(transcript: Transcript, *, time_is_up: bool) -> NoAnswerError:
    """Why nobody answered: 504 when a vendor was still silent at the deadline, else 503.

    ``time_is_up``: the request's own deadline has come; a vendor may have been given less.
    """
    silent = any(
        a.failure is not None and a.failure.code == TimedOutError.code for a in transcript.standing
    )
    kind = DeadlineExceededError if silent and time_is_up else AllProvidersFailedError
    return kind(transcript.attempts)
