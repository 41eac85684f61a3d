"""The ASGI application: routes, the errors they raise, and a life from start to drain."""

from __future__ import annotations

from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.openapi.utils import get_openapi

from gateway.api import alerts, generate, operations, rollout
from gateway.api.front import Front
from gateway.api.openai.described import describe_face
from gateway.api.openai.face import CHAT, OpenAIFace
from gateway.api.openapi import nested_schemas
from gateway.api.problems import problem_response
from gateway.api.request_scope import RequestScope
from gateway.errors import GatewayError, InvalidRequestError, NotFoundError
from gateway.requests import FeedbackRequest, GenerateRequest, OperatorRequest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from starlette.responses import Response

    from gateway.factory import Gateway

NOT_FOUND, METHOD_NOT_ALLOWED = 404, 405


class MethodNotAllowedError(GatewayError):
    """The path exists, for another method."""

    code = "method_not_allowed"


def create_app(opening: Callable[[], AbstractAsyncContextManager[Gateway]]) -> FastAPI:
    """The application around the gateway that ``opening`` opens at start and closes at the end."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opening() as gateway:
            app.state.gateway = gateway
            yield

    app = Front(
        title="wallbounce",
        summary="One question, several vendors, one answer with a confidence.",
        version=version("wallbounce"),
        lifespan=lifespan,
        docs_url="/docs",
        redoc_url=None,
        redirect_slashes=False,  # another address is not there: a problem says so, no redirect
    )
    app.include_router(generate.router)
    app.include_router(operations.router)
    app.include_router(rollout.router)
    app.include_router(alerts.router)
    app.add_exception_handler(GatewayError, _gateway_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(NOT_FOUND, _http_error)
    app.add_exception_handler(METHOD_NOT_ALLOWED, _http_error)
    app.add_middleware(OpenAIFace)
    app.add_middleware(RequestScope)
    app.open_short_ways({("POST", "/api/v1/generate"): generate.generate})
    app.hot = {**app.hot, ("POST", CHAT): RequestScope(OpenAIFace(app))}
    _describe(app)
    return app


def _describe(app: FastAPI) -> None:
    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title, version=app.version, summary=app.summary, routes=app.routes
            )
            schema["components"]["schemas"] |= nested_schemas(
                [GenerateRequest, FeedbackRequest, OperatorRequest]
            )
            describe_face(schema)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend it


async def _gateway_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, GatewayError)  # noqa: S101 - registered for this class alone
    return problem_response(error, request.state.request_id)


async def _http_error(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", NOT_FOUND)
    if status == METHOD_NOT_ALLOWED:
        answer = problem_response(
            MethodNotAllowedError(f"{request.method} is not offered here"), request.state.request_id
        )
        answer.headers.update(getattr(error, "headers", None) or {})
        return answer
    if status == NOT_FOUND:
        return problem_response(NotFoundError("there is nothing here"), request.state.request_id)
    return problem_response(
        InvalidRequestError(str(getattr(error, "detail", error))), request.state.request_id
    )
