"""Errors in OpenAI's shape: what each is to its client, which maps statuses to exceptions.

Source: platform.openai.com/docs/guides/error-codes, and `_make_status_error` and `_should_retry` of
openai-python 2.54. The client repeats 408, 409, 429 and 5xx by itself unless ``x-should-retry`` says
otherwise: a vendor's time-out or half a reply would be waited and paid for three times, so it is told.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway.api.openai.bounced import param_of
from gateway.api.openai.complaints import ParameterError
from gateway.errors import GatewayError, NoAnswerError
from gateway.single_failures import SingleFailedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from providers.errors import ProviderError

INVALID: Final = "invalid_request_error"
SERVER: Final = "server_error"

_KINDS: Final[Mapping[str, tuple[int, str, str | None]]] = {
    "malformed_json": (400, INVALID, None),
    "invalid_request": (400, INVALID, "invalid_value"),
    "not_available": (400, INVALID, "not_available"),
    "budget_too_small": (400, INVALID, "budget_too_small"),
    "unauthorized": (401, INVALID, "invalid_api_key"),
    "forbidden": (403, "permission_error", "forbidden"),
    "refused": (403, "permission_error", "refused"),
    "not_found": (404, INVALID, "not_found"),
    "model_not_found": (404, INVALID, "model_not_found"),
    "method_not_allowed": (405, INVALID, "method_not_allowed"),
    "payload_too_large": (413, INVALID, "payload_too_large"),
    "rate_limited": (429, "requests", "rate_limit_exceeded"),
    "budget_exceeded": (429, "insufficient_quota", "insufficient_quota"),
    "client_gone": (499, INVALID, "client_gone"),
    "answer_interrupted": (502, SERVER, "answer_interrupted"),
    "overloaded": (503, SERVER, "overloaded"),
    "all_providers_failed": (503, SERVER, "all_providers_failed"),
    "deadline_exceeded": (504, SERVER, "deadline_exceeded"),
}
"""By the gateway's code: status, type and code. What is not here is 500."""

_VENDORS: Final[Mapping[str, tuple[str, str]]] = {
    "rate_limited": ("requests", "rate_limit_exceeded"),
    "rejected": (INVALID, "rejected"),
    "unsupported": (INVALID, "unsupported_parameter"),
    "content_filtered": (INVALID, "content_filter"),
}
"""By a provider's code: type and code. Others are the server's, under their own code."""

_SOUGHT: Final = (
    ("tool_choice", "tool_choice"),
    ("parallel", "parallel_tool_calls"),
    ("tool", "tools"),
    ("image", "messages"),
    ("json", "response_format"),
    ("format", "response_format"),
    ("schema", "response_format"),
    ("stop", "stop"),
    ("seed", "seed"),
    ("effort", "reasoning_effort"),
)
"""Words of a provider's refusal, and the parameter they speak of; the first that is met."""


class ModelNotFoundError(GatewayError):
    """No model of that name is offered here."""

    code = "model_not_found"


class WrongMethodError(GatewayError):
    """The path exists, for other methods."""

    code = "method_not_allowed"

    def __init__(self, detail: str, *, allowed: str) -> None:
        super().__init__(detail)
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class Told:
    """An error as the caller is told it. ``retry``: whether its client should ask again by itself."""

    status: int
    error: Mapping[str, Any]
    retry: bool
    retry_after_s: float | None = None
    more: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def body(self) -> bytes:
        """The JSON of the reply, or of the event that ends a stream."""
        return orjson.dumps({"error": self.error})

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers that tell a client what to do."""
        lines = [(b"x-should-retry", b"true" if self.retry else b"false"), *self.more]
        if self.retry_after_s is not None:
            lines.append((b"retry-after", b"%d" % max(1, math.ceil(self.retry_after_s))))
        return lines


def told(error: GatewayError, request_id: str) -> Told:
    """The error in OpenAI's shape."""
    if isinstance(error, SingleFailedError):
        return _of_vendor(error, request_id)
    status, kind, code = _KINDS.get(error.code, (500, SERVER, "internal"))
    if isinstance(error, ParameterError):
        code, param = error.kind, error.field
    else:
        param = param_of(error.field)
    return Told(
        status,
        {
            "message": error.detail,
            "type": kind,
            "param": param,
            "code": code,
            "wallbounce": {"request_id": request_id, "code": error.code} | _votes(error),
        },
        error.retryable,
        error.retry_after_s,
        _more(error),
    )


def _of_vendor(failed: SingleFailedError, request_id: str) -> Told:
    error = failed.error
    kind, code = _VENDORS.get(error.code, (SERVER, error.code))
    status = failed.status
    if error.code == "rejected" and status == _KINDS["model_not_found"][0]:
        code = "model_not_found"
    if error.code == "unauthorized":
        # The caller's key was right: ours, for the vendor, is not.
        code = "provider_unauthorized"
    return Told(
        status,
        {
            "message": str(error),
            "type": kind,
            "param": _param(error) if kind == INVALID else None,
            "code": code,
            "wallbounce": {
                "request_id": request_id,
                "code": error.code,
                "provider": error.provider,
                "vendor": failed.attempt.vendor,
                "latency_ms": round(failed.attempt.latency_ms, 3),
                "cost_usd": failed.attempt.cost_usd,
            },
        },
        error.retryable,
        error.retry_after_s,
    )


def _param(error: ProviderError) -> str | None:
    if error.code != "unsupported":
        return None
    message = error.message.lower()
    return next((param for word, param in _SOUGHT if word in message), None)


def _votes(error: GatewayError) -> dict[str, Any]:
    if not isinstance(error, NoAnswerError):
        return {}
    return {
        "votes": [
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
    }


def _more(error: GatewayError) -> tuple[tuple[bytes, bytes], ...]:
    if isinstance(error, WrongMethodError):
        return ((b"allow", error.allowed.encode()),)
    return ((b"www-authenticate", b"Bearer"),) if error.code == "unauthorized" else ()
