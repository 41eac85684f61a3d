"""The models on offer by their names, and their list in OpenAI's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.api.openai.bounced import TASKS
from gateway.api.openai.errors import ModelNotFoundError

if TYPE_CHECKING:
    from providers.pool import ProviderPool


class Offered:
    """What callers may name as ``model``: `wallbounce` and its task types, and each single provider.

    A provider is also found under its vendor's own name for the model, where that is exactly the one
    configured; of two providers of one model that is the first.
    """

    def __init__(self, pool: ProviderPool) -> None:
        self._owners = dict.fromkeys(TASKS, "wallbounce") | {
            name: pool[name].vendor for name in pool.names
        }
        by_model = {pool[name].model: name for name in reversed(pool.names)}
        self._providers = by_model | {name: name for name in pool.names}

    def provider(self, model: str) -> str | None:
        """The provider of that name; None for one of our own models.

        Raises:
            ModelNotFoundError: There is no such model here.
        """
        if model in TASKS:
            return None
        try:
            return self._providers[model]
        except KeyError:
            raise ModelNotFoundError(
                f"The model '{model[:100]}' is not offered here. There are: {', '.join(self._owners)}."
            ) from None

    def listed(self) -> dict[str, Any]:
        """All models. Dates of creation mean nothing here; 0 is what compatible servers give."""
        return {"object": "list", "data": [self._model(name) for name in self._owners]}

    def one(self, model: str) -> dict[str, Any]:
        """One model.

        Raises:
            ModelNotFoundError: There is no such model here.
        """
        provider = self.provider(model)
        if provider is None or model in self._owners:
            return self._model(model)
        return self._model(provider) | {"id": model}

    def _model(self, name: str) -> dict[str, Any]:
        return {
            "id": name,
            "object": "model",
            "created": 0,
            "owned_by": self._owners[name],
        }
