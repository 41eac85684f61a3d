"""Going on from a failure: which error is worth another call, after what wait, within which budget."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, TypeVar

from tenacity import AsyncRetrying, RetryCallState

from providers.errors import CircuitOpenError, ConcurrencyLimitedError, ProviderError
from providers.resilience import verdict

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from providers.provider import Deadline
    from providers.resilience.retries import RetryBudget, RetryPolicy

_T = TypeVar("_T")


class Repeating:
    """Asks again what may succeed soon, through tenacity.

    Nearly every call succeeds at once, and tenacity costs a tenth of one: it is begun after a failure.

    Args:
        policy: How often, after what wait.
        budget: How many repetitions all providers may have.
        sleep: Waits so many seconds.
        draw: Draws from [0, 1).
    """

    def __init__(
        self,
        policy: RetryPolicy,
        budget: RetryBudget,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._policy = policy
        self._budget = budget
        self._sleep = sleep
        self._draw = draw

    def allows(
        self,
        error: ProviderError,
        failed: int,
        *,
        repeat_billed: bool,
        elsewhere: Callable[[ProviderError], bool],
    ) -> bool:
        """Whether a call that failed for the ``failed``-th time is made again.

        ``elsewhere``: whether an endpoint that was not asked yet could be after this error, at once: then also
        where this one's key or models are wrong.
        """
        if isinstance(error, CircuitOpenError | ConcurrencyLimitedError):
            return False  # ours, not the vendor's: it has waited as long as it may
        if self._policy.allows(error, failed, repeat_billed=repeat_billed):
            return True
        return verdict.wrong_place(error) and failed < self._policy.attempts and elsewhere(error)

    async def go_on(  # noqa: PLR0913 - the call's own terms, by keyword
        self,
        first: ProviderError,
        ask: Callable[[], Awaitable[_T]],
        deadline: Deadline,
        *,
        repeat_billed: bool,
        elsewhere: Callable[[ProviderError], bool],
        now: Callable[[], float],
    ) -> _T:
        """Ask again after ``first``, for which `allows` must hold, as often as may help.

        Raises:
            ProviderError: the vendor's last one, unchanged.
        """
        course = _Course(first)

        async def call() -> _T:
            if course.resumes():
                raise course.last
            try:
                return await ask()
            except (CircuitOpenError, ConcurrencyLimitedError):
                course.refused = True
                raise course.last from None  # what the vendor said tells more
            except ProviderError as error:
                course.last = error
                raise

        def retry(state: RetryCallState) -> bool:
            error = _error(state)
            return (
                isinstance(error, ProviderError)
                and not course.refused
                and self.allows(
                    error, state.attempt_number, repeat_billed=repeat_billed, elsewhere=elsewhere
                )
            )

        def wait(state: RetryCallState) -> float:
            error = _error(state)
            asked = None
            if isinstance(error, ProviderError):
                if elsewhere(error):
                    return 0.0
                asked = error.retry_after_s
            return self._policy.wait_s(state.attempt_number, self._draw(), asked)

        def stop(state: RetryCallState) -> bool:
            at = now()
            too_late = state.upcoming_sleep >= deadline.remaining(at)
            return too_late or not self._budget.try_withdraw(at)

        retrying = AsyncRetrying(sleep=self._sleep, retry=retry, wait=wait, stop=stop, reraise=True)
        return await retrying(call)


class _Course:
    """How a call that failed once goes on."""

    __slots__ = ("_resumed", "last", "refused")

    def __init__(self, first: ProviderError) -> None:
        self.last = first
        self.refused = False
        self._resumed = False

    def resumes(self) -> bool:
        """True the first time: the failure that is there already is told again."""
        resumed, self._resumed = self._resumed, True
        return not resumed


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome is not None else None
