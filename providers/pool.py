"""The configured providers by name, each with its card: built once, closed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from providers import anthropic, gemini, openai
from providers.any_model import AnyModel
from providers.resilience import Resilient

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic import SecretStr

    from providers.catalog import Catalog, ModelCard
    from providers.provider import Provider
    from providers.resilience import RetryBudget, RetryPolicy
    from providers.wire.client import Client


@dataclass(frozen=True, slots=True)
class ProviderSpec:
    """What an operator says of one provider.

    ``vendor`` is ``openai``, ``anthropic``, ``google``, or LiteLLM's word for any other; ``model``
    may begin with it and a slash, as LiteLLM's names do.
    ``base_url`` None is the vendor's own. ``api_key`` None sends no key.
    """

    name: str
    vendor: str
    model: str
    api_key: SecretStr | None = None
    base_url: str | None = None


class ProviderPool:
    """Providers by name, in the order they were configured.

    ``client`` is the HTTP client they share; the pool closes it.
    """

    def __init__(
        self,
        providers: Mapping[str, Provider],
        cards: Mapping[str, ModelCard],
        client: Client,
    ) -> None:
        self._providers = dict(providers)
        self._cards = dict(cards)
        self._client = client

    def __repr__(self) -> str:
        return f"ProviderPool({', '.join(self._providers)})"

    def __getitem__(self, name: str) -> Provider:
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

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()


def build_pool(
    specs: Sequence[ProviderSpec],
    client: Client,
    catalog: Catalog,
    policy: RetryPolicy,
    budget: RetryBudget,
) -> ProviderPool:
    """Build the providers of ``specs``, all sharing ``client`` and the retry ``budget``.

    Raises:
        ValueError: two specs share a name, or a key or base URL makes no sense.
    """
    providers: dict[str, Provider] = {}
    cards: dict[str, ModelCard] = {}
    for spec in specs:
        if spec.name in providers:
            raise ValueError(f"two providers are called {spec.name}")
        cards[spec.name] = catalog.card(spec.model, spec.vendor)
        adapter = _adapter(spec, client, cards[spec.name])
        providers[spec.name] = Resilient(adapter, policy, budget)
    return ProviderPool(providers, cards, client)


def _adapter(spec: ProviderSpec, client: Client, card: ModelCard) -> Provider:
    match spec.vendor:
        case "openai":
            return openai.OpenAI(
                name=spec.name,
                model=spec.model.removeprefix(f"{spec.vendor}/"),
                client=client,
                base_url=spec.base_url or openai.BASE_URL,
                api_key=spec.api_key,
                card=card,
            )
        case "anthropic":
            return anthropic.Anthropic(
                name=spec.name,
                model=spec.model.removeprefix(f"{spec.vendor}/"),
                client=client,
                base_url=spec.base_url or anthropic.BASE_URL,
                api_key=spec.api_key,
                card=card,
            )
        case "google":
            return gemini.Gemini(
                name=spec.name,
                model=spec.model.removeprefix(f"{spec.vendor}/"),
                client=client,
                base_url=spec.base_url or gemini.BASE_URL,
                api_key=spec.api_key,
                card=card,
            )
        case _:
            return AnyModel(
                name=spec.name,
                vendor=spec.vendor,
                model=spec.model.removeprefix(f"{spec.vendor}/"),
                base_url=spec.base_url,
                api_key=spec.api_key,
                card=card,
            )
