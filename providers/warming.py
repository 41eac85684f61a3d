"""Keeps a connection to each endpoint open before it is needed: no caller waits for a handshake.

Nothing is sent over it, so nothing is billed. Connections are renewed while the gateway is in use; an endpoint
that was not asked for a while is left in peace.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from providers.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from providers.resilience.endpoint import Endpoint

EVERY_S = 10.0
"""Half of what an idle connection is kept for (`providers.wire.direct.KEEP_ALIVE_S`)."""

RESTING_S = 300.0
"""An endpoint that was not asked for so long gets no new connection before it is asked again."""


@runtime_checkable
class Warmable(Protocol):
    """An adapter that can open its connection ahead."""

    async def warm(self) -> None:
        """Open it; raises a `providers.errors.ProviderError` where nobody is reached."""


async def keep_warm(
    endpoints: Sequence[Endpoint], on_failure: Callable[[Endpoint, ProviderError], None]
) -> None:
    """Open a connection to each now, and keep one open until cancelled.

    ``on_failure`` is told of an endpoint that was not reached; the next call will tell its caller.
    """
    clock = asyncio.get_running_loop().time
    used = {endpoint: (endpoint.asked, clock()) for endpoint in endpoints}

    async def warm(endpoint: Endpoint) -> None:
        asked, since = used[endpoint]
        if endpoint.asked != asked:
            since = clock()
            used[endpoint] = endpoint.asked, since
        if clock() - since >= RESTING_S or not isinstance(endpoint.provider, Warmable):
            return
        try:
            await endpoint.provider.warm()
        except ProviderError as error:
            on_failure(endpoint, error)

    while True:
        await asyncio.gather(*(warm(endpoint) for endpoint in endpoints))
        await asyncio.sleep(EVERY_S)
