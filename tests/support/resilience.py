"""Scripted providers in the shell that production puts around adapters, over the loop's own clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.resilience.circuit import Circuit, CircuitTerms
from providers.resilience.endpoint import Endpoint
from providers.resilience.gate import Gate
from providers.resilience.limiter import Limiter
from providers.resilience.resilient import Resilient
from providers.resilience.retries import RetryBudget, RetryPolicy
from providers.resilience.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Callable

NO_HEDGES = Terms(hedging_share=0.0)


def endpoint_of(name: str, provider, gate: Gate | None = None, *, draw=lambda: 0.0) -> Endpoint:
    """An endpoint with books of its own; its circuit stays open as long as it may by default."""
    return Endpoint(
        name, provider, Circuit(CircuitTerms(), draw), gate or Gate(Limiter(Terms().concurrency))
    )


def resilient(
    *providers,
    policy: RetryPolicy | None = None,
    budget: RetryBudget | None = None,
    terms: Terms = NO_HEDGES,
    others: Callable[[], bool] = lambda: True,
    draw: Callable[[], float] = lambda: 0.999,
    one_key: bool = False,
) -> Resilient:
    """One provider over an endpoint for each of ``providers``: ``a``, ``b``, …; every draw is ``draw``'s."""
    shared = Gate(Limiter(terms.concurrency))
    endpoints = [
        endpoint_of(
            "abcdefgh"[n], provider, shared if one_key else Gate(Limiter(terms.concurrency))
        )
        for n, provider in enumerate(providers)
    ]
    return Resilient(
        endpoints,
        policy or RetryPolicy(),
        budget or RetryBudget(),
        terms,
        others=others,
        draw=draw,
    )
