"""Calls one provider alone, as the gateway would, and tells what goes over the wire meanwhile."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.cli.try_trace import Trace
from providers.errors import ProviderError
from providers.http_client import open_client
from providers.messages import Completion, Usage
from providers.pool import build_pool
from providers.provider import Deadline
from providers.resilience import RetryBudget, RetryPolicy
from providers.resilience.terms import Terms
from providers.wire.observed import ObservedClient

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from pydantic import SecretStr

    from gateway.cli.try_secrets import Secrets
    from gateway.cli.try_trace import Attempt
    from providers.catalog import Catalog, ModelCard
    from providers.messages import Prompt
    from providers.pool import ProviderSpec
    from providers.provider import Provider
    from providers.wire.observed import WireEvent

ALONE = Terms(circuits=False, hedging_share=0.0)
"""Every call is made, and made once: who tries a vendor wants to see it fail."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to ask of whom, how often, within how many seconds each."""

    spec: ProviderSpec
    prompt: Prompt
    stream: bool
    timeout_s: float
    repeat: int
    attempts: int
    proxy: SecretStr | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call's outcome: a completion or an error. Times in ms; ``at`` is seconds since 1970."""

    at: float
    completion: Completion | None
    error: ProviderError | None
    first_token_ms: float | None
    total_ms: float
    attempts: list[Attempt]

    @property
    def usage(self) -> Usage:
        """The tokens the vendor told, also of a reply that is no answer."""
        if self.completion is not None:
            return self.completion.usage
        return Usage() if self.error is None or self.error.usage is None else self.error.usage


@dataclass(frozen=True, slots=True)
class Tried:
    """A call, and the card that prices it."""

    call: Call
    card: ModelCard


async def tried(
    plan: Plan, catalog: Catalog, secrets: Secrets, show: Callable[[str], None]
) -> AsyncGenerator[Tried, None]:
    """Make the calls one after the other; ``show`` is told each line of the wire view as it comes."""
    events: asyncio.Queue[WireEvent | None] = asyncio.Queue()
    client = ObservedClient(open_client(proxy=plan.proxy), events.put_nowait)
    policy = RetryPolicy(attempts=plan.attempts)
    pool = build_pool([plan.spec], client, catalog, policy, RetryBudget(), ALONE)
    try:
        for _ in range(plan.repeat):
            trace = Trace(secrets, asyncio.get_running_loop().time())
            call = asyncio.create_task(_called(pool[plan.spec.name], plan))
            call.add_done_callback(lambda _: events.put_nowait(None))
            try:
                while (event := await events.get()) is not None:
                    for line in trace.take(event):
                        show(line)
            finally:
                call.cancel()
                with suppress(asyncio.CancelledError):
                    await call
            at, completion, error, first_ms, total_ms = call.result()
            done = Call(at, completion, error, first_ms, total_ms, trace.attempts)
            yield Tried(done, pool.card(plan.spec.name))
    finally:
        await pool.aclose()


async def _called(
    provider: Provider, plan: Plan
) -> tuple[float, Completion | None, ProviderError | None, float | None, float]:
    loop = asyncio.get_running_loop()
    at, began = time.time(), loop.time()
    deadline = Deadline(began + plan.timeout_s)
    completion: Completion | None = None
    error: ProviderError | None = None
    first: float | None = None
    try:
        if plan.stream:
            async for item in provider.stream(plan.prompt, deadline):
                if isinstance(item, Completion):
                    completion = item
                elif first is None:
                    first = (loop.time() - began) * 1000
        else:
            completion = await provider.complete(plan.prompt, deadline)
    except ProviderError as failed:
        error = failed
    return at, completion, error, first, (loop.time() - began) * 1000
