"""Turns what the floors below raise or bring back into the gateway's own errors."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from consensus import errors as consensus_errors
from gateway.errors import (
    AllProvidersFailedError,
    AnswerInterruptedError,
    BudgetTooSmallError,
    DeadlineExceededError,
    InvalidRequestError,
    NoAnswerError,
)
from providers.errors import TimedOutError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consensus.transcript import Attempt, Failure, Transcript


@contextmanager
def spending_errors() -> Iterator[None]:
    """A budget that cannot be kept is the caller's to change."""
    try:
        yield
    except consensus_errors.BudgetTooSmallError as error:
        raise BudgetTooSmallError(str(error), field="budget_usd") from None
    except (consensus_errors.UnknownPriceError, consensus_errors.UnboundedPromptError) as error:
        raise InvalidRequestError(str(error), field="budget_usd") from None


def no_answer(transcript: Transcript, *, time_is_up: bool, shown: bool = False) -> NoAnswerError:
    """Why nobody answered: the deadline, when a vendor was still silent at it, else the vendors.

    ``time_is_up``: the request's own deadline has come; a vendor may have been given less. ``shown``: a
    part of an answer was streamed before it failed.
    """
    silent = any(
        a.failure is not None and a.failure.code == TimedOutError.code for a in transcript.standing
    )
    failed = AnswerInterruptedError if shown else AllProvidersFailedError
    kind = DeadlineExceededError if silent and time_is_up else failed
    return kind(transcript.attempts)


def broken_off(attempts: tuple[Attempt, ...], aggregator: str, failure: Failure) -> NoAnswerError:
    """Why a merged answer, a part of which was streamed, was not finished."""
    silent = failure.code == TimedOutError.code
    kind = DeadlineExceededError if silent else AnswerInterruptedError
    return kind(attempts, f"{aggregator} did not finish the merged answer: {failure.message}")
