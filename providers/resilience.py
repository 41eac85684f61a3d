"""Retries: which calls are repeated, after what wait, and how many of them all providers may have."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from tenacity import AsyncRetrying, RetryCallState

from providers.errors import ProviderError
from providers.messages import Completion, Piece

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from providers.messages import Prompt
    from providers.provider import Deadline, Provider

Item: TypeAlias = Piece | Completion
"""What a stream yields."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and after what wait one call is repeated.

    ``attempts`` counts the first call too. The wait before repetition ``n`` is uniform between 0
    and ``min(max_wait_s, first_wait_s * 2 ** (n - 1))``: full jitter (AWS Architecture Blog,
    "Exponential Backoff And Jitter", 2015). A vendor's Retry-After is a lower bound on it.
    """

    attempts: int = 3
    first_wait_s: float = 0.25
    max_wait_s: float = 8.0

    def wait_s(self, failed: int, uniform: float, retry_after_s: float | None) -> float:
        """Seconds to wait after ``failed`` calls; ``uniform`` is a draw from [0, 1)."""
        ceiling = min(self.max_wait_s, self.first_wait_s * 2.0 ** (failed - 1))
        return max(uniform * ceiling, retry_after_s or 0.0)

    def allows(self, error: ProviderError, failed: int, *, repeat_billed: bool) -> bool:
        """Whether a call that failed for the ``failed``-th time with ``error`` may be repeated."""
        return error.retryable and failed < self.attempts and (repeat_billed or not error.billable)


@dataclass(slots=True)
class RetryBudget:
    """A token bucket that all providers share: repetitions are a share of calls, not a multiple.

    Each call puts ``share`` of a token in, each repetition takes one out; ``floor_per_s`` keeps a
    quiet service able to repeat. So a vendor that fails is asked at most ``1 + share`` times as
    often as it is called, however many callers are waiting (Google, Site Reliability Engineering,
    ch. 21 "Handling Overload": 10 %; Finagle's RetryBudget: 20 % and 10 a second). ``capacity``
    bounds what a quiet time saves up.
    """

    share: float = 0.2
    floor_per_s: float = 1.0
    capacity: float = 20.0
    tokens: float = field(init=False)
    _seen_at: float | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.tokens = self.capacity / 2

    def deposit(self) -> None:
        """Count a call."""
        self.tokens = min(self.capacity, self.tokens + self.share)

    def try_withdraw(self, now: float) -> bool:
        """Take the token of one repetition, if there is one; ``now`` in seconds of any clock."""
        if self._seen_at is not None:
            elapsed = max(0.0, now - self._seen_at)
            self.tokens = min(self.capacity, self.tokens + elapsed * self.floor_per_s)
        self._seen_at = now
        if self.tokens < 1.0:
            return False
        self.tokens -= 1.0
        return True


class Resilient:
    """A provider that repeats what may succeed soon, within policy, budget and deadline.

    A repetition that could not begin before the deadline is not waited for: the error that would
    have led to it is raised at once. ``clock`` is the event loop's by default, as deadlines are.
    """

    def __init__(  # noqa: PLR0913 - clock, sleep and draw are given by tests alone
        self,
        provider: Provider,
        policy: RetryPolicy,
        budget: RetryBudget,
        *,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._provider = provider
        self._policy = policy
        self._budget = budget
        self._clock = clock
        self._sleep = sleep
        self._draw = draw

    def __repr__(self) -> str:
        return f"Resilient({self._provider!r})"

    @property
    def name(self) -> str:
        """The wrapped provider's name."""
        return self._provider.name

    @property
    def vendor(self) -> str:
        """The wrapped provider's vendor."""
        return self._provider.vendor

    @property
    def model(self) -> str:
        """The wrapped provider's model."""
        return self._provider.model

    async def complete(
        self, prompt: Prompt, deadline: Deadline, *, repeat_billed: bool = True
    ) -> Completion:
        """Ask, and ask again while that may help (`providers.provider.Provider.complete`).

        Raises:
            ProviderError: the last one, unchanged.
        """

        async def ask() -> Completion:
            return await self._provider.complete(prompt, deadline, repeat_billed=repeat_billed)

        return await self._asking(ask, deadline, repeat_billed=repeat_billed)

    async def stream(self, prompt: Prompt, deadline: Deadline) -> AsyncGenerator[Item, None]:
        """Ask for a stream; asked again only before its first piece, and never if it may be billed.

        Raises:
            ProviderError: the last one, unchanged.
        """

        async def begin() -> tuple[Item, AsyncIterator[Item]]:
            source = self._provider.stream(prompt, deadline)
            try:
                return await anext(source), source
            except BaseException:
                await _close(source)
                raise

        first, source = await self._asking(begin, deadline, repeat_billed=False)
        try:
            yield first
            async for item in source:
                yield item
        finally:
            await _close(source)

    async def _asking(
        self, ask: Callable[[], Awaitable[_T]], deadline: Deadline, *, repeat_billed: bool
    ) -> _T:
        """Ask; where that fails and may be repeated, let tenacity go on from the failure.

        Nearly every call succeeds at once, and tenacity costs a tenth of one.
        """
        self._budget.deposit()
        try:
            return await ask()
        except ProviderError as error:
            if not self._policy.allows(error, 1, repeat_billed=repeat_billed):
                raise
            first = error

        async def fail() -> _T:
            raise first

        calls = chain([fail], repeat(ask))

        async def call() -> _T:
            return await next(calls)()

        return await self._retrying(deadline, repeat_billed=repeat_billed)(call)

    def _retrying(self, deadline: Deadline, *, repeat_billed: bool) -> AsyncRetrying:
        clock = self._clock or asyncio.get_running_loop().time

        def retry(state: RetryCallState) -> bool:
            error = _error(state)
            return isinstance(error, ProviderError) and self._policy.allows(
                error, state.attempt_number, repeat_billed=repeat_billed
            )

        def wait(state: RetryCallState) -> float:
            error = _error(state)
            asked = error.retry_after_s if isinstance(error, ProviderError) else None
            return self._policy.wait_s(state.attempt_number, self._draw(), asked)

        def stop(state: RetryCallState) -> bool:
            now = clock()
            too_late = state.upcoming_sleep >= deadline.remaining(now)
            return too_late or not self._budget.try_withdraw(now)

        return AsyncRetrying(sleep=self._sleep, retry=retry, wait=wait, stop=stop, reraise=True)


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome is not None else None


async def _close(source: AsyncIterator[Item]) -> None:
    """Close the upstream connection of a stream that is left early."""
    if isinstance(source, AsyncGenerator):
        await source.aclose()
