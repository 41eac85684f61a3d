"""The adapter: Anthropic's address, its headers, its dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.anthropic.dialect import AnthropicDialect
from providers.anthropic.wishes import DEFAULT_VERSION
from providers.http_provider import HttpProvider

if TYPE_CHECKING:
    from pydantic import SecretStr

    from providers.anthropic.wishes import Version
    from providers.catalog import ModelCard
    from providers.wire.client import Client

BASE_URL = "https://api.anthropic.com"


class Anthropic(HttpProvider):
    """A model behind Anthropic's Messages API.

    The key goes as the vendor's own clients of that version send it: as ``x-api-key`` under 2023-06-01, as a
    bearer token since (platform.claude.com/docs/en/api/migration-2026-10-21).
    """

    vendor = "anthropic"

    def __init__(  # noqa: PLR0913 - the parts of one endpoint, all of them named by the caller
        self,
        *,
        name: str,
        model: str,
        client: Client,
        base_url: str = BASE_URL,
        api_key: SecretStr | None = None,
        card: ModelCard | None = None,
        version: Version = DEFAULT_VERSION,
    ) -> None:
        secret = api_key.get_secret_value() if api_key else None
        headers: dict[str, str] = {"anthropic-version": version}
        if secret and version == DEFAULT_VERSION:
            headers["x-api-key"] = secret
        elif secret:
            headers["authorization"] = f"Bearer {secret}"
        super().__init__(
            name=name,
            model=model,
            client=client,
            base_url=base_url,
            dialect=AnthropicDialect(name, model, secret, card, version),
            headers=headers,
            secret=secret,
        )
