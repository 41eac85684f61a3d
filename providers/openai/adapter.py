"""A model behind OpenAI's Chat Completions, or behind a server that speaks them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode

from providers.http_provider import HttpProvider
from providers.openai.dialect import OpenAIDialect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import SecretStr

    from providers.catalog import ModelCard
    from providers.wire.client import Client

BASE_URL = "https://api.openai.com/v1"

Auth = Literal["bearer", "api-key"]
"""How the key is sent: ``Authorization: Bearer``, or the header ``api-key`` as Azure has it."""


class OpenAI(HttpProvider):
    """A model behind OpenAI's Chat Completions.

    Azure speaks them below ``https://RESOURCE.openai.azure.com/openai/v1``, with the ``deployment``'s
    name for the model's and the key in ``api-key``; ``query`` adds parameters to every URL, such as the
    ``api-version`` that its preview features want (learn.microsoft.com/azure/foundry/openai/
    api-version-lifecycle).
    """

    vendor = "openai"

    def __init__(  # noqa: PLR0913 - the parts of one endpoint, all of them named by the caller
        self,
        *,
        name: str,
        model: str,
        client: Client,
        base_url: str = BASE_URL,
        api_key: SecretStr | None = None,
        card: ModelCard | None = None,
        auth: Auth = "bearer",
        query: Mapping[str, str] | None = None,
        deployment: str | None = None,
    ) -> None:
        secret = api_key.get_secret_value() if api_key else None
        super().__init__(
            name=name,
            model=model,
            client=client,
            base_url=base_url,
            dialect=OpenAIDialect(name, model, secret, card, urlencode(query or {}), deployment),
            headers=_key_header(auth, secret),
            secret=secret,
        )


def _key_header(auth: Auth, secret: str | None) -> dict[str, str]:
    if secret is None:
        return {}
    return {"api-key": secret} if auth == "api-key" else {"authorization": f"Bearer {secret}"}
