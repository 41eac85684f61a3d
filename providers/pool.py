"""The configured providers by name, each with its card: built once, closed once."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from providers import anthropic, gemini, openai
from providers.resilience.circuit import Circuit, CircuitTerms
from providers.resilience.endpoint import Endpoint
from providers.resilience.gate import Gate
from providers.resilience.limiter import Limiter
from providers.resilience.resilient import Resilient
from providers.resilience.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic import SecretStr

    from providers.catalog import Catalog, ModelCard
    from providers.openai.adapter import Auth
    from providers.provider import Provider
    from providers.resilience.endpoint import EndpointFigures
    from providers.resilience.retries import RetryBudget, RetryPolicy
    from providers.wire.client import Client

DEFAULT_ENDPOINT = "default"
"""What a vendor's one place is called where the operator names none."""

AZURE_HOSTS = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
"""Azure speaks OpenAI's protocol below ``/openai/v1`` there, and takes the key in the header ``api-key``
(learn.microsoft.com/azure/foundry/openai/api-version-lifecycle)."""

NOBODY_AWAY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class EndpointSpec:
    """One of several places a vendor is asked at.

    ``api_key`` None sends the provider's own key there. ``deployment`` is what OpenAI's model is called there, None
    for its name.
    """

    name: str
    base_url: str
    api_key: SecretStr | None = None
    deployment: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderSpec:
    """What an operator says of one provider.

    ``vendor`` is ``openai``, ``anthropic``, ``google``, or LiteLLM's word for any other; ``model``
    may begin with it and a slash, as LiteLLM's names do.
    ``base_url`` None is the vendor's own. ``api_key`` None sends no key. ``version`` is that of
    Anthropic's API; None is the usual one. ``endpoints``: where it is asked
    instead, if anywhere is named.
    """

    name: str
    vendor: str
    model: str
    api_key: SecretStr | None = None
    base_url: str | None = None
    version: anthropic.Version | None = None
    endpoints: tuple[EndpointSpec, ...] = ()


class ProviderPool:
    """Providers by name, in the order they were configured.

    ``client`` is the HTTP client they share; the pool closes it.
    """

    def __init__(
        self,
        providers: Mapping[str, Resilient],
        cards: Mapping[str, ModelCard],
        client: Client,
    ) -> None:
        self._providers = dict(providers)
        self._cards = dict(cards)
        self._client = client

    def __repr__(self) -> str:
        return f"ProviderPool({', '.join(self._providers)})"

    def __getitem__(self, name: str) -> Resilient:
        """The provider of this name; KeyError if none is configured."""
        return self._providers[name]

    def __contains__(self, name: object) -> bool:
        return name in self._providers

    def __iter__(self) -> Iterator[str]:
        return iter(self._providers)

    def __len__(self) -> int:
        return len(self._providers)

    @property
    def names(self) -> tuple[str, ...]:
        """All names, in order."""
        return tuple(self._providers)

    def card(self, name: str) -> ModelCard:
        """What is known of this provider's model; KeyError if none is configured."""
        return self._cards[name]

    def away(self) -> Mapping[str, str]:
        """Who would not be asked now, and why in words: mostly nobody."""
        now = asyncio.get_running_loop().time()
        away: dict[str, str] | None = None
        for name, provider in self._providers.items():
            if not provider.available(now):
                away = away or {}
                away[name] = provider.why_away(now)
        return NOBODY_AWAY if away is None else away

    def crowded(self) -> bool:
        """Whether any account has not much room left under its limit."""
        now = asyncio.get_running_loop().time()
        return any(one.gate.crowded(now) for one in self.endpoints)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """All providers' endpoints, in order."""
        return tuple(one for provider in self._providers.values() for one in provider.endpoints)

    def usual_s(self, name: str) -> float | None:
        """The p95 of this provider's whole replies in seconds, None while unknown or not configured."""
        provider = self._providers.get(name)
        return None if provider is None else provider.usual_s

    def figures(self) -> tuple[EndpointFigures, ...]:
        """How all endpoints stand, in order."""
        return tuple(one for provider in self._providers.values() for one in provider.figures())

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()


def build_pool(  # noqa: PLR0913, PLR0917 - what all providers share, each by its name
    specs: Sequence[ProviderSpec],
    client: Client,
    catalog: Catalog,
    policy: RetryPolicy,
    budget: RetryBudget,
    terms: Terms | None = None,
) -> ProviderPool:
    """Build the providers of ``specs``, all sharing ``client`` and the retry ``budget``.

    Raises:
        ValueError: two specs share a name, or a key or base URL makes no sense.
    """
    providers: dict[str, Resilient] = {}
    cards: dict[str, ModelCard] = {}
    for spec in specs:
        if spec.name in providers:
            raise ValueError(f"two providers are called {spec.name}")
        cards[spec.name] = catalog.card(spec.model, spec.vendor)
        providers[spec.name] = Resilient(
            _endpoints(spec, client, cards[spec.name], terms or Terms()),
            policy,
            budget,
            terms,
            others=_Others(spec.name, providers),
        )
    return ProviderPool(providers, cards, client)


class _Others:
    """Whether anybody but ``name`` could answer now."""

    def __init__(self, name: str, providers: Mapping[str, Resilient]) -> None:
        self._name = name
        self._providers = providers

    def __call__(self) -> bool:
        now = asyncio.get_running_loop().time()
        return any(
            provider.available(now)
            for name, provider in self._providers.items()
            if name != self._name
        )


def _endpoints(
    spec: ProviderSpec, client: Client, card: ModelCard, terms: Terms
) -> tuple[Endpoint, ...]:
    """The places of one provider. Those asked under one key share its limits."""
    shared = Gate(Limiter(terms.concurrency))
    if not spec.endpoints:
        return (_endpoint(DEFAULT_ENDPOINT, _adapter(spec, client, card), shared),)
    return tuple(
        _endpoint(
            place.name,
            _adapter(spec, client, card, place),
            shared if place.api_key is None else Gate(Limiter(terms.concurrency)),
        )
        for place in spec.endpoints
    )


def _endpoint(name: str, adapter: Provider, gate: Gate) -> Endpoint:
    return Endpoint(name, adapter, Circuit(CircuitTerms(), random.random), gate)


def _adapter(
    spec: ProviderSpec, client: Client, card: ModelCard, place: EndpointSpec | None = None
) -> Provider:
    """The adapter of one of the provider's places, or of the one it names itself."""
    base_url = spec.base_url if place is None else place.base_url
    api_key = spec.api_key if place is None else place.api_key or spec.api_key
    model = spec.model.removeprefix(f"{spec.vendor}/")
    match spec.vendor:
        case "openai":
            base_url = base_url or openai.BASE_URL
            return openai.OpenAI(
                name=spec.name,
                model=model,
                client=client,
                base_url=base_url,
                api_key=api_key,
                card=card,
                auth=auth_of(base_url),
                deployment=None if place is None else place.deployment,
            )
        case "anthropic":
            return anthropic.Anthropic(
                name=spec.name,
                model=model,
                client=client,
                base_url=base_url or anthropic.BASE_URL,
                api_key=api_key,
                card=card,
                version=spec.version or anthropic.DEFAULT_VERSION,
            )
        case "google":
            return gemini.Gemini(
                name=spec.name,
                model=model,
                client=client,
                base_url=base_url or gemini.BASE_URL,
                api_key=api_key,
                card=card,
            )
        case _:
            # LiteLLM's transport takes a third of a start to import: only who has such a model pays.
            from providers.any_model import AnyModel  # noqa: PLC0415 - as above

            return AnyModel(
                name=spec.name,
                vendor=spec.vendor,
                model=model,
                base_url=base_url,
                api_key=api_key,
                card=card,
            )


def auth_of(base_url: str) -> Auth:
    """How OpenAI's protocol takes the key at this URL."""
    host = urlsplit(base_url).hostname or ""
    return "api-key" if host.endswith(AZURE_HOSTS) else "bearer"
