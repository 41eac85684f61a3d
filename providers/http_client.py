"""Which HTTP client all adapters share: our own, or httpx's where calls go through a proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.wire.direct import DirectClient

if TYPE_CHECKING:
    from pydantic import SecretStr

    from providers.wire.client import Client


def open_client(*, proxy: SecretStr | None = None) -> Client:
    """A pooled HTTP/1.1 client: no proxies from the environment, no redirects, no cookies.

    Certificates are checked against certifi's list, or ``SSL_CERT_FILE`` where it is set. Close it
    with ``aclose``.

    Args:
        proxy: The URL of a proxy all calls go through, credentials included; None goes straight.
    """
    if proxy is None:
        return DirectClient()
    # Imported here: the way through a proxy costs those who have none nothing.
    from providers.wire.through_httpx import HttpxClient  # noqa: PLC0415 - as above

    return HttpxClient.proxied(proxy.get_secret_value())
