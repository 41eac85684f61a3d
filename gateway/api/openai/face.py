"""The face's door: everything under `/v1`, answered past the framework and in OpenAI's shapes.

One provider's reply is handed on for a fraction of what it costs to be routed and to have dependencies
solved, so this is plain ASGI. `described` tells `/openapi.json` what is offered.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, cast

import orjson
import structlog

from gateway.api.openai import bodies
from gateway.api.openai.chat import Chat
from gateway.api.openai.errors import WrongMethodError, told
from gateway.api.openai.offered import Offered
from gateway.errors import CallerGoneError, GatewayError, NotFoundError, ShuttingDownError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from gateway.factory import Gateway

log = structlog.get_logger(__name__)

ROOT: Final = "/v1"
CHAT: Final = "/v1/chat/completions"
MODELS: Final = "/v1/models"
ONE_MODEL: Final = "/v1/models/"

RETRY_AFTER_S: Final = 1.0
"""Another instance, or the next process, answers by then."""

_OFFERED: Final = "there are POST /v1/chat/completions, GET /v1/models and GET /v1/models/{model}"
_HINTS: Final = {
    "/v1/completions": "completions are not offered: ask POST /v1/chat/completions",
    "/v1/responses": "responses are not offered: ask POST /v1/chat/completions",
    "/v1/embeddings": "embeddings are not offered",
    "/v1/moderations": "moderations are not offered",
}


class OpenAIFace:
    """Answers what is under `/v1`; hands everything else to ``app``.

    It stands within `gateway.api.request_scope.RequestScope`, which gives requests their ids.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._gateway: Gateway | None = None
        self._offered: Offered | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        if path.startswith("/v1/") or path == ROOT:
            await self._serve(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        gateway = cast("Gateway", scope["app"].state.gateway)
        request_id: str = scope["state"]["request_id"]
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        chat = Chat(gateway, request_id, receive, sending)
        try:
            await self._route(scope, chat)
        except GatewayError as error:
            if not begun:
                await _tell(chat, error)
        except asyncio.CancelledError:
            # As in the request scope: the server cancels only what its shutdown has waited too long for.
            if begun:
                raise
            await _tell(
                chat, ShuttingDownError("the server is shutting down", retry_after_s=RETRY_AFTER_S)
            )
        except Exception:
            log.exception("request_failed", request_id=request_id, path=scope["path"])
            if not begun:
                await _tell(chat, GatewayError("something went wrong on our side"))

    async def _route(self, scope: Scope, chat: Chat) -> None:
        path: str = scope["path"]
        method: str = scope["method"]
        headers = dict(scope["headers"])
        if path == CHAT:
            _allow(method, "POST")
            await self._chat(headers, chat)
            return
        _admit(headers, chat)
        if path == MODELS:
            _allow(method, "GET")
            await chat.reply(orjson.dumps(self._models(chat.gateway).listed()), [])
        elif path.startswith(ONE_MODEL):
            _allow(method, "GET")
            name = path.removeprefix(ONE_MODEL)
            await chat.reply(orjson.dumps(self._models(chat.gateway).one(name)), [])
        else:
            hint = _HINTS.get(path.rstrip("/"), "there is nothing here")
            raise NotFoundError(f"{hint}; {_OFFERED}")

    async def _chat(self, headers: dict[bytes, bytes], chat: Chat) -> None:
        try:
            _admit(headers, chat)
            limit = chat.gateway.settings.server.max_body_bytes
            request = bodies.parse(await bodies.read(chat.receive, headers, limit))
            provider = self._models(chat.gateway).provider(request.model)
        except GatewayError as error:
            chat.refuse(error)
            raise
        await chat.answer(request, provider)

    def _models(self, gateway: Gateway) -> Offered:
        """The models of ``gateway``; an application that is opened again has another one."""
        if self._offered is None or self._gateway is not gateway:
            self._gateway, self._offered = gateway, Offered(gateway.pool)
        return self._offered


def _admit(headers: dict[bytes, bytes], chat: Chat) -> None:
    bearer = headers.get(b"authorization")
    chat.gateway.keyring.admit_caller(None if bearer is None else bearer.decode("latin-1"))


def _allow(method: str, allowed: str) -> None:
    if method != allowed:
        raise WrongMethodError(f"{method} is not offered here, {allowed} is", allowed=allowed)


async def _tell(chat: Chat, error: GatewayError) -> None:
    """Answer with the error; to a caller who is gone for whoever stands between."""
    said = told(error, chat.request_id)
    if isinstance(error, CallerGoneError):
        await chat.reply(b"", [], status=said.status)
        return
    await chat.reply(said.body, said.headers, status=said.status)
