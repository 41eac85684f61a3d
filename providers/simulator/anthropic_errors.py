"""Anthropic's refusals of requests: their shape, and the words that its users report."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from providers.simulator.wire import RefusedRequestError

if TYPE_CHECKING:
    from providers.simulator.wire import Json


def error_body(message: str, kind: str) -> Json:
    """An error in Anthropic's shape."""
    return {"type": "error", "error": {"type": kind, "message": message}}


def refuse(message: str, *, kind: str = "invalid_request_error", status: int = 400) -> NoReturn:
    """Refuse the request."""
    raise RefusedRequestError(status, error_body(message, kind))
