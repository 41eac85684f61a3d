"""Errors as `application/problem+json` (RFC 9457)."""

from __future__ import annotations

import math
from typing import Any

import orjson
from starlette.responses import Response

from gateway.errors import GatewayError, NoAnswerError
from gateway.problem_types import TITLES, status_of


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
