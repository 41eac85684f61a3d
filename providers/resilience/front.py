"""A vendor's endpoints as calls meet them: one is chosen, lets the call in, and books how it ended."""

from __future__ import annotations

import asyncio
import copy
import random
from typing import TYPE_CHECKING

from providers.errors import CircuitOpenError, ProviderError, TimedOutError, TooSlowError
from providers.resilience import verdict
from providers.resilience.choosing import choose
from providers.resilience.circuit import Outcome
from providers.resilience.endpoint import LEFT_OUT_S

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from providers.provider import Deadline
    from providers.resilience.circuit import Ticket
    from providers.resilience.endpoint import Endpoint
    from providers.resilience.terms import Terms
    from providers.resilience.yardstick import Yardstick


ALONE_AT_ONCE = 64
"""Calls under way at an endpoint whose circuit is open, up to which those pass who ask nobody beside it: a vendor
that fails now and then answers most of them, and one that hangs holds a quarter of a gateway's places at most."""


def nobody() -> bool:
    """Nobody else could answer."""
    return False


class Visit:
    """A call that was let in; `Front.leave` ends it.

    ``usual`` learns from it, ``measure`` says how long it may last. ``began`` is on the loop's clock, in seconds.
    """

    __slots__ = ("began", "endpoint", "measure", "ticket", "usual")

    def __init__(
        self,
        endpoint: Endpoint,
        ticket: Ticket,
        usual: Yardstick,
        measure: Yardstick,
        began: float,
    ) -> None:
        self.endpoint = endpoint
        self.ticket = ticket
        self.usual = usual
        self.measure = measure
        self.began = began

    def longer(self, patience_s: float) -> float:
        """``patience_s``, or twice what was last waited for in vain: one that is but slow has to become known."""
        return max(patience_s, 2.0 * (self.usual.recent_s or 0.0))


class Front:
    """The endpoints of one provider.

    Args:
        name: The provider's.
        endpoints: At least one.
        terms: How far it may go.
        others: Whether another provider could answer in this one's place now.
        clock: Seconds; the running loop's by default, as deadlines are.
        draw: Draws from [0, 1).
    """

    def __init__(  # noqa: PLR0913, PLR0917 - clock and draw are given by tests alone
        self,
        name: str,
        endpoints: Sequence[Endpoint],
        terms: Terms,
        others: Callable[[], bool],
        clock: Callable[[], float] | None = None,
        draw: Callable[[], float] = random.random,
    ) -> None:
        if not endpoints:
            raise ValueError("a provider needs an endpoint")
        self.name = name
        self.endpoints = tuple(endpoints)
        self.asked_alone = False
        """Asked where nobody is asked beside it: an open circuit refuses little then (`ALONE_AT_ONCE`)."""
        self._circuits = terms.circuits
        self._others = others
        self._clock = clock
        self._draw = draw

    def alone(self) -> Front:
        """The same, asked where nobody is asked beside it."""
        view = copy.copy(self)
        view.asked_alone = True
        return view

    def insisting(self) -> Front:
        """The same, never refusing: nobody else has answered."""
        view = copy.copy(self)
        view._others = nobody  # noqa: SLF001 - its own copy
        return view

    def now(self) -> float:
        """The time, in seconds."""
        return asyncio.get_running_loop().time() if self._clock is None else self._clock()

    def choose(self, now: float, tried: list[Endpoint], *, streamed: bool) -> Endpoint:
        """The endpoint to ask; one of ``tried`` only where there is no other."""
        if len(self.endpoints) == 1:
            return self.endpoints[0]
        candidates = [e.as_candidate(now, tried, streamed=streamed) for e in self.endpoints]
        return self.endpoints[choose(candidates, self._draw())]

    def untried(self, tried: list[Endpoint], error: ProviderError | None = None) -> bool:
        """Whether an endpoint that was not asked yet could be, at once; after ``error``, if it is told.

        A call that an account's Retry-After was told waits for it, wherever else that account is asked.
        """
        if len(self.endpoints) == 1:
            return False
        told = error is not None and verdict.asks_to_wait(error)
        gates = {id(e.gate) for e in tried} if told else set()
        now = self.now()
        return any(
            e.as_candidate(now, tried, streamed=False).fit and id(e.gate) not in gates
            for e in self.endpoints
        )

    async def enter(self, deadline: Deadline, tried: list[Endpoint], *, streamed: bool) -> Visit:
        """Choose an endpoint, wait for a place there, pass its circuit; it is added to ``tried``.

        Raises:
            CircuitOpenError: it is open, and another provider could answer.
            RateLimitedError: the vendor asked to be left alone for longer than a call waits.
            ConcurrencyLimitedError: no place came in time.
        """
        now = self.now()
        endpoint = self.choose(now, tried, streamed=streamed)
        if not endpoint.gate.enter_at_once(now):
            self._check(endpoint, now)
            await endpoint.gate.enter(self.name, deadline, alone=self.asked_alone)
            now = self.now()
        usual = endpoint.first if streamed else endpoint.whole
        measure = self._measure(usual, streamed=streamed)
        ticket = self._ticket(endpoint, now, usual)
        if ticket is None:
            try:
                self._check(endpoint, now)
            except CircuitOpenError:
                endpoint.gate.leave()
                raise
            ticket = endpoint.circuit.overrule()
        return self._visit(endpoint, ticket, usual, measure, now, tried)

    def enter_beside(self, tried: list[Endpoint]) -> Visit | None:
        """Let in a second call beside one of ``tried``; None where it would have to wait, or is refused."""
        now = self.now()
        endpoint = self.choose(now, tried, streamed=False)
        if not (endpoint.available(now) and endpoint.gate.enter_at_once(now)):
            return None
        measure = self._measure(endpoint.whole, streamed=False)
        ticket = self._ticket(endpoint, now, endpoint.whole)
        if ticket is None:
            endpoint.gate.leave()
            return None
        return self._visit(endpoint, ticket, endpoint.whole, measure, now, tried)

    def answered(self, visit: Visit) -> None:
        """A visit was answered: book it. It still holds its place."""
        now = self.now()
        seconds = now - visit.began
        outcome = verdict.of_answer(seconds, visit.usual)
        limiter = visit.endpoint.gate.limiter
        if outcome is Outcome.SLOW:
            limiter.was_slow(visit.began, now)
        else:
            limiter.went_well()
        visit.usual.learn(seconds, now)
        visit.endpoint.circuit.settle(visit.ticket, outcome, now)

    def failed(self, visit: Visit, error: BaseException) -> None:
        """A visit failed, or was given up: book it. It still holds its place."""
        now = self.now()
        seconds = now - visit.began
        endpoint = visit.endpoint
        if isinstance(error, ProviderError):
            if verdict.asks_too_much(error):
                endpoint.gate.limiter.was_refused(visit.began, now, error.retry_after_s)
            if len(self.endpoints) > 1 and verdict.wrong_place(error):
                endpoint.left_out_until = now + LEFT_OUT_S
            outcome = verdict.of_failure(error, seconds, visit.measure)
            if isinstance(error, TimedOutError):
                visit.usual.unanswered(seconds)
        elif isinstance(error, asyncio.CancelledError):
            outcome = verdict.of_giving_up(seconds, visit.measure)
            visit.usual.unanswered(seconds)
        else:
            outcome = Outcome.SILENT
        endpoint.circuit.settle(visit.ticket, outcome, now)

    def given_up(self, visit: Visit) -> None:
        """A visit was left for another that had answered: book it. It still holds its place."""
        now = self.now()
        seconds = now - visit.began
        outcome = verdict.of_giving_up(seconds, visit.measure)
        visit.usual.unanswered(seconds)
        visit.endpoint.circuit.settle(visit.ticket, outcome, now)

    def fell_silent(self, visit: Visit) -> None:
        """A visit that was answered fell silent in the middle."""
        if self._circuits:
            visit.endpoint.circuit.note(Outcome.FAILED, self.now())

    def leave(self, visit: Visit) -> None:
        """Give the place back."""
        visit.endpoint.under_way -= 1
        visit.endpoint.gate.leave(self.now() - visit.began)

    @staticmethod
    def _visit(  # noqa: PLR0913, PLR0917 - what a visit is made of
        endpoint: Endpoint,
        ticket: Ticket,
        usual: Yardstick,
        measure: Yardstick,
        now: float,
        tried: list[Endpoint],
    ) -> Visit:
        endpoint.asked += 1
        endpoint.under_way += 1
        tried.append(endpoint)
        return Visit(endpoint, ticket, usual, measure, now)

    def _measure(self, usual: Yardstick, *, streamed: bool) -> Yardstick:
        """What calls that are not answered are held to: until the endpoint is known, the slowest of the vendor's others.

        One that hangs from the start is then noticed as soon as one that answered before.
        """
        if usual.p95_s is not None or len(self.endpoints) == 1:
            return usual
        others = [e.first if streamed else e.whole for e in self.endpoints]
        return max(others, key=lambda other: other.p95_s or 0.0)

    def _ticket(self, endpoint: Endpoint, now: float, usual: Yardstick) -> Ticket | None:
        if not self._circuits:
            return endpoint.circuit.unasked()
        return endpoint.circuit.admit(now, usual.slow_s)

    def _check(self, endpoint: Endpoint, now: float) -> None:
        """Raise `CircuitOpenError` where a call would be refused, and somebody else could answer."""
        circuit = endpoint.circuit
        if not (self._circuits and circuit.refuses(now)):
            return
        slow = circuit.reason is Outcome.SLOW
        if self.asked_alone and (slow or endpoint.under_way < ALONE_AT_ONCE):
            return
        if self._others():
            kind, why = (TooSlowError, "been slow") if slow else (CircuitOpenError, "failed")
            message = f"has {why} too often lately to be asked; nothing was sent"
            wait_s = min(e.circuit.wait_s(now) for e in self.endpoints)
            raise kind(self.name, message, retry_after_s=wait_s or None)
