"""One provider asked once: whatever happens becomes an `consensus.transcript.Attempt`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from consensus.ending import CLOSING_S, Ending
from consensus.review import split_review
from consensus.transcript import CUT_OFF, Attempt, Failure
from providers.errors import ProviderError, TimedOutError
from providers.messages import Usage
from providers.values import value

if TYPE_CHECKING:
    from consensus.spending import Price
    from providers.messages import Completion, Prompt
    from providers.provider import Deadline, Provider

OnCrash = Callable[[str, BaseException], None]
"""Told of a provider's name and the exception it should never have raised, to log it."""

INTERNAL = "internal"
"""The failure code of a provider that ended in another way than an answer or a `ProviderError`."""


@dataclass(frozen=True, slots=True)
class Panelist:
    """A provider and what it costs. ``price`` is None when nobody knows."""

    provider: Provider
    price: Price | None = None


@value(frozen=True, slots=True)
class Terms:
    """How a call is made: its round, its deadline, whether a billed call may be repeated.

    ``review_tag``: the tags of the remark that the prompt asks for, if it does.
    """

    round: int
    deadline: Deadline
    repeat_billed: bool = True
    review_tag: str | None = None


class Call:
    """A call on its way. Created inside a running event loop; ends by itself or by `end_calls`."""

    def __init__(self, panelist: Panelist, prompt: Prompt, terms: Terms) -> None:
        self._panelist = panelist
        self._round = terms.round
        self._review_tag = terms.review_tag
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._ended: float | None = None
        self.task = asyncio.create_task(
            self._complete(prompt, terms), name=f"ask {panelist.provider.name}"
        )

    async def _complete(self, prompt: Prompt, terms: Terms) -> Completion:
        try:
            return await self._reply(prompt, terms)
        finally:
            self._ended = self._loop.time()

    async def _reply(self, prompt: Prompt, terms: Terms) -> Completion:
        return await self._panelist.provider.complete(
            prompt, terms.deadline, repeat_billed=terms.repeat_billed
        )

    @property
    def name(self) -> str:
        """The provider's name."""
        return self._panelist.provider.name

    @property
    def ended_at(self) -> float | None:
        """When the provider was done, on the loop's clock in seconds; None while it is not."""
        return self._ended

    def attempt(self, cut: Failure, on_crash: OnCrash) -> Attempt:
        """What the call came to.

        Args:
            cut: the failure of a call that was cancelled, or has still not ended.
            on_crash: told of an exception that is no `ProviderError`.
        """
        if not self.task.done() or self.task.cancelled():
            return failed(self._panelist, cut, self._round, self._latency_ms())
        crash = self.task.exception()
        if crash is None:
            attempt = answered(self._panelist, self.task.result(), self._round, self._latency_ms())
            return attempt if self._review_tag is None else _reviewed(attempt, self._review_tag)
        if isinstance(crash, ProviderError):
            return failed(self._panelist, failure_of(crash), self._round, self._latency_ms())
        on_crash(self.name, crash)
        return failed(self._panelist, crashed(), self._round, self._latency_ms())

    def _latency_ms(self) -> float:
        ended = self._loop.time() if self._ended is None else self._ended
        return (ended - self._began) * 1000


async def ask(
    panelist: Panelist, prompt: Prompt, terms: Terms, cut_at: float, on_crash: OnCrash
) -> Attempt:
    """Ask one provider alone, and cut it at ``cut_at`` (on the loop's clock, in seconds)."""
    call = Call(panelist, prompt, terms)
    if_cut = crashed()
    try:
        now = asyncio.get_running_loop().time()
        _, running = await asyncio.wait([call.task], timeout=max(0.0, cut_at - now))
        if running:
            if_cut = timed_out()
    finally:
        await end_calls([call], on_crash, Ending(terms.deadline, cut_at).closing_s)
    return call.attempt(if_cut, on_crash)


def answered(
    panelist: Panelist, completion: Completion, in_round: int, latency_ms: float
) -> Attempt:
    """A provider's reply as the transcript keeps it."""
    provider, price = panelist.provider, panelist.price
    return Attempt(
        provider.name,
        provider.vendor,
        completion.model,
        in_round,
        latency_ms,
        text=completion.text,
        usage=completion.usage,
        cost_usd=None if price is None else price.cost_usd(completion.usage),
        adjusted=completion.adjusted,
    )


def _reviewed(attempt: Attempt, tag: str) -> Attempt:
    """The attempt with the remark taken off its answer."""
    parts = split_review(attempt.text or "", tag)
    return replace(attempt, text=parts.answer, review=parts.review)


def failed(panelist: Panelist, failure: Failure, in_round: int, latency_ms: float) -> Attempt:
    """A provider that gave no answer, as the transcript keeps it, with what it was billed for."""
    provider, price, usage = panelist.provider, panelist.price, failure.usage
    return Attempt(
        provider.name,
        provider.vendor,
        provider.model,
        in_round,
        latency_ms,
        failure=failure,
        usage=usage or Usage(),
        cost_usd=None if price is None or usage is None else price.cost_usd(usage),
    )


def failure_of(error: ProviderError) -> Failure:
    """A provider's error as the transcript keeps it."""
    return Failure(
        error.code,
        error.message,
        retryable=error.retryable,
        down=error.down,
        usage=error.usage,
    )


def timed_out() -> Failure:
    """The failure of a vendor that had not answered when the answer had to go out.

    Unlike the adapter's `TimedOutError`, which ends a call for good, it may succeed when asked again
    with more time.
    """
    return Failure(TimedOutError.code, "no answer before the deadline", retryable=True, down=True)


def crashed() -> Failure:
    """The failure of an adapter that broke the contract of `providers.provider.Provider`."""
    return Failure(INTERNAL, "the provider's adapter failed", retryable=False)


def cut_off(why: str) -> Failure:
    """The failure of a straggler that was cut although the deadline had not come."""
    return Failure(CUT_OFF, why, retryable=True, down=False)


async def end_calls(
    calls: Collection[Call], on_crash: OnCrash, closing_s: float = CLOSING_S
) -> None:
    """Cancel what still runs and wait until it has closed its connection, ``closing_s`` at most.

    A call that will not end in that time is left to end alone. Where that were `CLOSING_S` in full,
    it is reported to ``on_crash`` as a `TimeoutError`: its adapter breaks the contract of
    `providers.provider.Provider`.
    """
    running = {call.task: call for call in calls if not call.task.done()}
    for task in running:
        task.cancel()
    if running:
        _, stuck = await asyncio.wait(running, timeout=closing_s)
        if closing_s >= CLOSING_S:
            late = TimeoutError(f"still closing {closing_s} s after the cut")
            for task in stuck:
                on_crash(running[task].name, late)
    for call in calls:
        # Where the caller has left nobody reads how it failed, which asyncio would log as our mistake.
        if call.task.done() and not call.task.cancelled():
            call.task.exception()
