"""ASGI middleware: a request id for every response, and problem+json for what nobody caught."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog
from ulid import ULID

from gateway.api.problems import problem_response
from gateway.errors import GatewayError, ShuttingDownError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger(__name__)

RETRY_AFTER_S = 1.0
"""Another instance, or the next process, answers by then."""


class RequestScope:
    """Gives each HTTP request an id, on ``scope['state']['request_id']`` and in ``x-request-id``.

    Written as plain ASGI: Starlette's BaseHTTPMiddleware costs a task and a stream a request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = str(ULID())
        scope.setdefault("state", {})["request_id"] = request_id
        started = False

        async def send_with_id(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                names = {name for name, _ in message["headers"]}
                if b"x-request-id" not in names:
                    message["headers"].append((b"x-request-id", request_id.encode()))
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception:
            log.exception("request_failed", request_id=request_id, path=scope["path"])
            if started:
                raise
            crash = GatewayError("something went wrong on our side")
            await problem_response(crash, request_id)(scope, receive, send_with_id)
        except asyncio.CancelledError:
            # The server cancels requests only where its shutdown has waited long enough: one whose
            # body still is not there, for requests under way were ended in words before.
            if started:
                raise
            late = ShuttingDownError("the server is shutting down", retry_after_s=RETRY_AFTER_S)
            await problem_response(late, request_id)(scope, receive, send_with_id)
