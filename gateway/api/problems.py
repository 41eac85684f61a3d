"""Errors as `application/problem+json` (RFC 9457); the only place that knows their statuses."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import orjson
from starlette.responses import Response

from gateway.errors import GatewayError, NoAnswerError

if TYPE_CHECKING:
    from collections.abc import Mapping

TITLES: Final[Mapping[str, tuple[int, str]]] = {
    "malformed_json": (400, "The body is not JSON"),
    "unauthorized": (401, "A valid key is needed"),
    "forbidden": (403, "This key does not reach that far"),
    "refused": (403, "The request was refused"),
    "not_found": (404, "Not found"),
    "method_not_allowed": (405, "This method is not offered here"),
    "conflict": (409, "The state does not allow it"),
    "payload_too_large": (413, "The body is too large"),
    "invalid_request": (422, "The request makes no sense"),
    "not_available": (422, "Not available in this version"),
    "budget_too_small": (422, "The budget is too small"),
    "rate_limited": (429, "Too many requests"),
    "budget_exceeded": (429, "The budget is used up"),
    "internal": (500, "Something went wrong on our side"),
    "overloaded": (503, "Too many requests at once"),
    "all_providers_failed": (503, "No vendor answered"),
    "deadline_exceeded": (504, "No vendor answered in time"),
}
"""Code → status and title. ``type`` is a URN made of the code: stable, and nothing to fetch."""


def problem(error: GatewayError, request_id: str) -> dict[str, Any]:
    """The problem's members."""
    status, title = TITLES[error.code]
    body: dict[str, Any] = {
        "type": f"urn:wallbounce:problem:{error.code}",
        "title": title,
        "status": status,
        "detail": error.detail,
        "code": error.code,
        "request_id": request_id,
    }
    if error.field is not None:
        body["field"] = error.field
    if isinstance(error, NoAnswerError):
        body["providers"] = [
            {
                "provider": a.provider,
                "vendor": a.vendor,
                "model": a.model,
                "round": a.round,
                "error": {
                    "code": a.failure.code,
                    "message": a.failure.message,
                    "retryable": a.failure.retryable,
                },
            }
            for a in error.attempts
            if a.failure is not None
        ]
    return body


def status_of(error: GatewayError) -> int:
    """The HTTP status of an error."""
    return TITLES[error.code][0]


def problem_response(error: GatewayError, request_id: str) -> Response:
    """The problem as a response, with Retry-After where waiting helps."""
    headers = {"x-request-id": request_id}
    if error.retry_after_s is not None:
        headers["retry-after"] = str(max(1, math.ceil(error.retry_after_s)))
    if error.code == "unauthorized":
        headers["www-authenticate"] = "Bearer"
    return Response(
        orjson.dumps(problem(error, request_id)),
        status_code=status_of(error),
        media_type="application/problem+json",
        headers=headers,
    )
