"""The adapter: Google's address, its key, its dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.gemini.dialect import GeminiDialect
from providers.http_provider import HttpProvider

if TYPE_CHECKING:
    from pydantic import SecretStr

    from providers.catalog import ModelCard
    from providers.wire.client import Client

BASE_URL = "https://generativelanguage.googleapis.com"


class Gemini(HttpProvider):
    """A model behind Google's Gemini API."""

    vendor = "google"

    def __init__(  # noqa: PLR0913 - the parts of one endpoint, all of them named by the caller
        self,
        *,
        name: str,
        model: str,
        client: Client,
        base_url: str = BASE_URL,
        api_key: SecretStr | None = None,
        card: ModelCard | None = None,
    ) -> None:
        secret = api_key.get_secret_value() if api_key else None
        super().__init__(
            name=name,
            model=model,
            client=client,
            base_url=base_url,
            dialect=GeminiDialect(name, model, secret, card),
            headers={"x-goog-api-key": secret} if secret else {},
            secret=secret,
        )
