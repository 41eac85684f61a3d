"""The short way to the hottest routes: straight to their endpoint, past what other routes need.

A framework's routing, dependency solving, exit stacks and middleware cost a tenth of a consensus, and half of a
request to a single vendor. These routes use none of it. They are registered with FastAPI all the same: there for OpenAPI, and for
whoever asks them by another method.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.requests import Request

from gateway.api.problems import problem_response
from gateway.api.request_scope import RequestScope
from gateway.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    Endpoint = Callable[[Request], Awaitable[Response]]


class Front(FastAPI):
    """The application, with ``hot`` endpoints by method and path before all of its routes."""

    hot: Mapping[tuple[str, str], RequestScope] = {}

    def open_short_ways(self, endpoints: Mapping[tuple[str, str], Endpoint]) -> None:
        """Serve these straight from here on. A path is the whole one, nothing in it varies."""
        self.hot = {at: RequestScope(_straight(endpoint)) for at, endpoint in endpoints.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http":
            short = self.hot.get((scope["method"], scope["path"]))
            if short is not None:
                scope["app"] = self
                await short(scope, receive, send)
                return
        await super().__call__(scope, receive, send)


def _straight(endpoint: Endpoint) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        try:
            response = await endpoint(request)
        except GatewayError as error:
            response = problem_response(error, request.state.request_id)
        await response(scope, receive, send)

    return serve
