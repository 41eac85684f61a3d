"""The shell around a vendor's adapters: asks the best endpoint, and again where that may help.

The healthy way is short: one endpoint chosen, a place taken, a circuit looked at, and afterwards the same in
turn with what was learned; no task, no lock. Only what fails goes through tenacity, and only what lasts
longer than is usual gets a second call beside it.
"""

from __future__ import annotations

import asyncio
import copy
import random
from typing import TYPE_CHECKING, Self, TypeAlias

from providers.errors import ConcurrencyLimitedError, ProviderError
from providers.messages import Completion, Piece
from providers.resilience.front import Front, nobody
from providers.resilience.hedging import UNKNOWN_SHARE, Hedging
from providers.resilience.race import Race
from providers.resilience.repeating import Repeating
from providers.resilience.streaming import Silence, first_within
from providers.resilience.terms import Terms

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence

    from providers.messages import Prompt
    from providers.provider import Deadline
    from providers.resilience.endpoint import Endpoint, EndpointFigures
    from providers.resilience.front import Visit
    from providers.resilience.retries import RetryBudget, RetryPolicy

Item: TypeAlias = Piece | Completion
"""What a stream yields."""


class Resilient:
    """A provider over one or more endpoints that repeats what may succeed soon, within policy, budget and deadline.

    A repetition that could not begin before the deadline is not waited for: the error that would
    have led to it is raised at once. ``others``: whether another provider could answer in this one's
    place now; while none could, no circuit refuses. ``clock`` is the event loop's by default, as deadlines are.
    """

    def __init__(  # noqa: PLR0913 - clock, sleep and draw are given by tests alone
        self,
        endpoints: Sequence[Endpoint],
        policy: RetryPolicy,
        budget: RetryBudget,
        terms: Terms | None = None,
        *,
        others: Callable[[], bool] = nobody,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        terms = terms or Terms()
        adapter = endpoints[0].provider
        self.name = adapter.name
        self.vendor = adapter.vendor
        self.model = adapter.model
        self.hedging = Hedging(terms.hedging_share)
        self._front = Front(adapter.name, endpoints, terms, others, clock, draw)
        self._repeating = Repeating(policy, budget, sleep, draw)
        self._budget = budget
        self._stall_s = terms.stall_s

    def __repr__(self) -> str:
        return f"Resilient({', '.join(repr(endpoint.provider) for endpoint in self.endpoints)})"

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Where it is asked."""
        return self._front.endpoints

    def alone(self) -> Self:
        """The same provider with the same books, for callers who ask nobody beside it.

        Its circuit refuses little then, and never for being slow: with nobody to answer in its place, late is better
        than never.
        """
        view = copy.copy(self)
        view._front = self._front.alone()  # noqa: SLF001 - its own copy
        return view

    def insisting(self) -> Self:
        """The same provider with the same books, for calls that no circuit is to refuse: nobody else answered."""
        view = copy.copy(self)
        view._front = self._front.insisting()  # noqa: SLF001 - its own copy
        return view

    def available(self, now: float) -> bool:
        """Whether it would be asked at once: an endpoint neither refuses nor has asked to wait for long."""
        return any(endpoint.available(now) for endpoint in self.endpoints)

    def why_away(self, now: float) -> str:
        """Why it is not `available`, in words."""
        return "; ".join(dict.fromkeys(endpoint.why_away(now) for endpoint in self.endpoints))

    @property
    def usual_s(self) -> float | None:
        """The p95 of its whole replies in seconds, the longest of its endpoints'; None while unknown."""
        known = [p95 for endpoint in self.endpoints if (p95 := endpoint.whole.p95_s) is not None]
        return max(known, default=None)

    def figures(self) -> tuple[EndpointFigures, ...]:
        """How its endpoints stand."""
        return tuple(endpoint.figures(self.name) for endpoint in self.endpoints)

    async def complete(
        self, prompt: Prompt, deadline: Deadline, *, repeat_billed: bool = True
    ) -> Completion:
        """Ask, and ask again while that may help (`providers.provider.Provider.complete`).

        Raises:
            CircuitOpenError: every endpoint failed lately, and another provider could answer.
            ConcurrencyLimitedError: no place came in time.
            ProviderError: the vendor's last one, unchanged.
        """
        self._budget.deposit()
        self.hedging.deposit()
        tried: list[Endpoint] = []
        try:
            return await self._complete(prompt, deadline, tried, repeat_billed=repeat_billed)
        except ProviderError as error:
            first = error

        def elsewhere(error: ProviderError) -> bool:
            return self._front.untried(tried, error)

        if not self._repeating.allows(first, 1, repeat_billed=repeat_billed, elsewhere=elsewhere):
            raise first

        async def ask() -> Completion:
            return await self._complete(prompt, deadline, tried, repeat_billed=repeat_billed)

        return await self._repeating.go_on(
            first,
            ask,
            deadline,
            repeat_billed=repeat_billed,
            elsewhere=elsewhere,
            now=self._front.now,
        )

    async def stream(
        self, prompt: Prompt, deadline: Deadline, *, repeat_billed: bool = False
    ) -> AsyncGenerator[Item, None]:
        """Ask for a stream; asked again only before its first piece (`providers.provider.Provider.stream`).

        ``repeat_billed``: also where the call may have been billed, which includes a stream that lets wait for
        its first piece longer than is usual, if there is another endpoint.

        Raises:
            CutReplyError: it fell silent in the middle, or ended without its end.
            ProviderError: as `complete`.
        """
        visit, source, first = await self._begun(prompt, deadline, repeat_billed=repeat_billed)
        silence = Silence(self.name, self._stall_s)
        try:
            yield first
            while (item := await silence.next_of(source)) is not None:
                yield item
        finally:
            silence.close()
            if silence.too_long:
                self._front.fell_silent(visit)
            try:
                await source.aclose()
            finally:
                self._front.leave(visit)

    async def _complete(
        self, prompt: Prompt, deadline: Deadline, tried: list[Endpoint], *, repeat_billed: bool
    ) -> Completion:
        """Ask once, and where it lasts perhaps a second time beside it."""
        front = self._front
        visit = await front.enter(deadline, tried, streamed=False)
        delay_s = None
        if repeat_billed:
            remaining_s = deadline.remaining(visit.began)
            delay_s = self.hedging.delay_s(
                visit.measure, remaining_s, elsewhere=len(front.endpoints) > 1
            )
            if delay_s is not None and visit.measure is not visit.usual:
                delay_s = min(visit.longer(delay_s), remaining_s * UNKNOWN_SHARE)
        if delay_s is not None:
            return await self._raced(prompt, deadline, tried, visit, delay_s)
        try:
            completion = await visit.endpoint.provider.complete(
                prompt, deadline, repeat_billed=repeat_billed
            )
            front.answered(visit)
        except BaseException as error:
            front.failed(visit, error)
            raise
        finally:
            front.leave(visit)
        return completion

    async def _raced(
        self,
        prompt: Prompt,
        deadline: Deadline,
        tried: list[Endpoint],
        visit: Visit,
        delay_s: float,
    ) -> Completion:
        """The call of ``visit``, and a second one beside it after ``delay_s``, which may be billed too."""
        front = self._front

        def second() -> Coroutine[None, None, Completion] | None:
            if not (self.hedging.allows() and self._budget.try_withdraw(front.now())):
                return None
            self.hedging.take()
            return self._beside(prompt, deadline, tried)

        race = Race(second, delay_s)
        try:
            completion = await race.run(visit.endpoint.provider.complete(prompt, deadline))
            if race.won:
                self.hedging.won += 1
                if race.failure is None:
                    front.given_up(visit)
                else:
                    front.failed(visit, race.failure)
            else:
                front.answered(visit)
        except BaseException as error:
            front.failed(visit, error)
            raise
        finally:
            front.leave(visit)
        return completion

    async def _beside(
        self, prompt: Prompt, deadline: Deadline, tried: list[Endpoint]
    ) -> Completion:
        """The second call; what it takes it takes when it runs, for it may be cancelled before it does."""
        visit = self._front.enter_beside(tried)
        if visit is None:
            self.hedging.give_back()
            raise ConcurrencyLimitedError(self.name, "no room for a second call; nothing was sent")
        self.hedging.asked += 1
        try:
            completion = await visit.endpoint.provider.complete(prompt, deadline)
            self._front.answered(visit)
        except BaseException as error:
            self._front.failed(visit, error)
            raise
        finally:
            self._front.leave(visit)
        return completion

    async def _begun(
        self, prompt: Prompt, deadline: Deadline, *, repeat_billed: bool
    ) -> tuple[Visit, AsyncGenerator[Item, None], Item]:
        """A stream whose first piece has come; its visit has not ended."""
        self._budget.deposit()
        tried: list[Endpoint] = []

        def elsewhere(error: ProviderError) -> bool:
            return self._front.untried(tried, error)

        async def ask() -> tuple[Visit, AsyncGenerator[Item, None], Item]:
            visit = await self._front.enter(deadline, tried, streamed=True)
            source = visit.endpoint.provider.stream(prompt, deadline)
            patience_s = None
            if repeat_billed and self._front.untried(tried):
                patience_s = visit.measure.slow_s
                if patience_s is not None and visit.measure is not visit.usual:
                    patience_s = visit.longer(patience_s)
            try:
                first = await first_within(self.name, source, patience_s)
                self._front.answered(visit)
            except BaseException as error:
                self._front.failed(visit, error)
                try:
                    await source.aclose()
                finally:
                    self._front.leave(visit)
                raise
            return visit, source, first

        try:
            return await ask()
        except ProviderError as error:
            first = error
        if not self._repeating.allows(first, 1, repeat_billed=repeat_billed, elsewhere=elsewhere):
            raise first
        return await self._repeating.go_on(
            first,
            ask,
            deadline,
            repeat_billed=repeat_billed,
            elsewhere=elsewhere,
            now=self._front.now,
        )
