"""How vendors' endpoints stand: read from their own books before each scrape, so that a call costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge

from gateway.monitoring.family import Family

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prometheus_client import CollectorRegistry

    from providers.pool import ProviderPool
    from providers.resilience.endpoint import EndpointFigures

STATES = {"closed": 0, "half_open": 1, "open": 2}
"""A circuit's state as a number: the greater, the less it is asked."""

_ENDPOINT = ("provider", "endpoint")


class EndpointMetrics:
    """The figures of one process's endpoints.

    With several workers each has circuits, limits and measures of its own: of states and learned times the
    largest is shown, limits and calls are added up.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._pool: ProviderPool | None = None
        self._seen: dict[tuple[str, ...], int] = {}

        def largest(name: str, text: str) -> Family[Gauge]:
            return Family(
                Gauge(name, text, _ENDPOINT, registry=registry, multiprocess_mode="livemax")
            )

        def summed(name: str, text: str) -> Family[Gauge]:
            return Family(
                Gauge(name, text, _ENDPOINT, registry=registry, multiprocess_mode="livesum")
            )

        def counter(name: str, text: str, *labels: str) -> Family[Counter]:
            return Family(Counter(name, text, labels, registry=registry))

        self._state = largest("provider_circuit_state", "Circuit: 0 closed, 1 half open, 2 open.")
        self._p50 = largest("provider_learned_p50_seconds", "Learned median of whole replies.")
        self._p95 = largest("provider_learned_p95_seconds", "Learned p95 of whole replies.")
        self._first = largest(
            "provider_learned_first_p95_seconds", "Learned p95 of streams' first pieces."
        )
        self._limit = summed("provider_concurrency_limit", "Calls at once, at most.")
        self._in_flight = summed("provider_calls_in_flight", "Calls under way.")
        self._waiting = summed("provider_calls_waiting", "Calls waiting for a place.")
        self._opens = counter("provider_circuit_opens", "Times a circuit opened.", *_ENDPOINT)
        self._asked = counter("provider_endpoint_calls", "Calls made to an endpoint.", *_ENDPOINT)
        self._hedges = counter(
            "provider_hedges", "Calls made a second time, by who answered.", "provider", "outcome"
        )

    def watch(self, pool: ProviderPool) -> None:
        """Read ``pool``'s books before each scrape."""
        self._pool = pool

    def refresh(self) -> None:
        """Bring all up to date."""
        if self._pool is None:
            return
        for figures in self._pool.figures():
            self.show(figures)
        for name in self._pool.names:
            hedging = self._pool[name].hedging
            self.show_hedges(name, asked=hedging.asked, won=hedging.won)

    def show_hedges(self, provider: str, *, asked: int, won: int) -> None:
        """Calls of a provider made a second time since the start, and those that answered first."""
        self._count(self._hedges, won, provider, "won")
        self._count(self._hedges, asked - won, provider, "lost")

    def show(self, figures: EndpointFigures) -> None:
        """How an endpoint stands."""
        at = (figures.provider, figures.endpoint)
        self._state.of(*at).set(STATES[figures.state.value])
        self._limit.of(*at).set(figures.limit)
        self._in_flight.of(*at).set(figures.in_flight)
        self._waiting.of(*at).set(figures.waiting)
        self._count(self._opens, figures.opens, *at)
        self._count(self._asked, figures.asked, *at)
        for family, seconds in (
            (self._p50, figures.p50_s),
            (self._p95, figures.p95_s),
            (self._first, figures.first_p95_s),
        ):
            if seconds is not None:
                family.of(*at).set(seconds)

    def _count(self, family: Family[Counter], total: int, *labels: str) -> None:
        key = (str(id(family)), *labels)
        family.of(*labels).inc(max(0, total - self._seen.get(key, 0)))
        self._seen[key] = max(total, self._seen.get(key, 0))


def as_json(figures: Iterable[EndpointFigures]) -> list[dict[str, object]]:
    """How endpoints stand, for `GET /health`; times in ms, null while too few calls are known."""
    return [
        {
            "provider": one.provider,
            "endpoint": one.endpoint,
            "circuit": one.state.value,
            "reason": None if one.reason is None else one.reason.value,
            "calls": one.asked,
            "p50_ms": _ms(one.p50_s),
            "p95_ms": _ms(one.p95_s),
            "concurrency_limit": one.limit,
            "in_flight": one.in_flight,
            "waiting": one.waiting,
        }
        for one in figures
    ]


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)
