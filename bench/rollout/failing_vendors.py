"""The mock vendors with an outage to order: Anthropic and Google answer 503, OpenAI answers as ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from aiohttp import web

from bench.mock_vendors import application

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SWITCH = "/outage/{state:on|off}"
FAILING_PATHS = ("/v1/messages", "/v1/models/", "/v1beta/models/")


class Outage:
    """Whether the vendors are down."""

    def __init__(self) -> None:
        self.on = False

    async def switch(self, request: web.Request) -> web.Response:
        """Begin or end the outage."""
        self.on = request.match_info["state"] == "on"
        return web.Response()

    @web.middleware
    async def refuse(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Answer 503 in an outage."""
        if self.on and request.path.startswith(FAILING_PATHS):
            return web.json_response({"error": {"message": "down for the bench"}}, status=503)
        return await handler(request)


def application_with(outage: Outage) -> web.Application:
    """The mock vendors, and the address that switches ``outage``."""
    app = application()
    app.middlewares.append(outage.refuse)
    app.router.add_post(SWITCH, outage.switch)
    return app


@click.command()
@click.option("--port", type=int, required=True)
def main(port: int) -> None:
    """Serve the mock vendors on 127.0.0.1 until a signal ends it."""
    web.run_app(
        application_with(Outage()), host="127.0.0.1", port=port, print=None, access_log=None
    )


if __name__ == "__main__":
    main()
