"""Errors that come with a status, as each vendor words them, and what vendors say of their limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING

from providers.simulator import anthropic_errors, gemini_errors, openai_errors
from providers.simulator.faults import Fault
from providers.simulator.vendors import Vendor

if TYPE_CHECKING:
    from providers.simulator.bucket import Allowance
    from providers.simulator.wire import Json, Wire

STATUS_FAULTS = frozenset(
    {
        Fault.UNAUTHORIZED,
        Fault.NOT_FOUND,
        Fault.RATE_LIMITED,
        Fault.SERVER_ERROR,
        Fault.OVERLOADED,
    }
)

#: What a proxy in front of a vendor answers when the vendor does not: a page, whatever was asked.
BAD_GATEWAY = b"""<html>\r
<head><title>502 Bad Gateway</title></head>\r
<body>\r
<center><h1>502 Bad Gateway</h1></center>\r
</body>\r
</html>\r
"""


def failure(wire: Wire, fault: Fault, model: str, retry_after_s: float) -> tuple[int, Json]:
    """Status and body of a fault that has a status of its own."""
    if fault is Fault.UNAUTHORIZED:
        return _unauthorized(wire.vendor)
    if fault is Fault.NOT_FOUND:
        return _not_found(wire.vendor, model)
    status, body = wire.failure(fault, model)
    if fault is Fault.RATE_LIMITED:
        _say_wait(wire.vendor, body["error"], retry_after_s)
    return status, body


def waiting(vendor: Vendor, retry_after_s: float) -> dict[str, str]:
    """The headers of a 429 that say how long to wait. Google says it in the body alone."""
    if vendor is Vendor.GEMINI:
        return {}
    headers = {"retry-after": str(ceil(retry_after_s))}
    if vendor is Vendor.GPT:
        headers["retry-after-ms"] = str(ceil(retry_after_s * 1000))
    return headers


def standing(vendor: Vendor, allowance: Allowance, now: datetime | None = None) -> dict[str, str]:
    """The headers that tell how a caller stands with its limit, on every reply while there is one.

    platform.openai.com/docs/guides/rate-limits, docs.claude.com/en/api/rate-limits; Google has none.
    """
    limit, left = str(allowance.rate.requests), str(allowance.left)
    if vendor is Vendor.GPT:
        return {
            "x-ratelimit-limit-requests": limit,
            "x-ratelimit-remaining-requests": left,
            "x-ratelimit-reset-requests": _go_duration(allowance.full_s),
        }
    if vendor is Vendor.CLAUDE:
        full = (now or datetime.now(UTC)) + timedelta(seconds=ceil(allowance.full_s))
        return {
            "anthropic-ratelimit-requests-limit": limit,
            "anthropic-ratelimit-requests-remaining": left,
            "anthropic-ratelimit-requests-reset": full.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    return {}


def _say_wait(vendor: Vendor, error: Json, retry_after_s: float) -> None:
    """Put the wait where the wire has its usual second."""
    wait = f"{retry_after_s:g}s"
    error["message"] = error["message"].replace(" in 1s.", f" in {wait}.")
    if vendor is Vendor.GEMINI:
        for detail in error["details"]:
            if "retryDelay" in detail:
                detail["retryDelay"] = wait


def _go_duration(seconds: float) -> str:
    """``6m0s``, ``1.2s``, ``20ms``: how OpenAI writes a time."""
    if seconds < 1:
        return f"{ceil(seconds * 1000)}ms"
    minutes, rest = divmod(round(seconds, 3), 60)
    return f"{minutes:.0f}m{rest:g}s" if minutes else f"{rest:g}s"


def _unauthorized(vendor: Vendor) -> tuple[int, Json]:
    if vendor is Vendor.GPT:
        message = "Incorrect API key provided: simulat*ed. You can find your API key at https://platform.openai.com/account/api-keys."
        return 401, openai_errors.error_body(message, code="invalid_api_key")
    if vendor is Vendor.CLAUDE:
        return 401, anthropic_errors.error_body("invalid x-api-key", "authentication_error")
    body = gemini_errors.error_body(400, "API key not valid. Please pass a valid API key.")
    body["error"]["details"] = [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "API_KEY_INVALID",
            "domain": "googleapis.com",
        }
    ]
    return 400, body


def _not_found(vendor: Vendor, model: str) -> tuple[int, Json]:
    if vendor is Vendor.GPT:
        message = f"The model `{model}` does not exist or you do not have access to it."
        return 404, openai_errors.error_body(message, code="model_not_found")
    if vendor is Vendor.CLAUDE:
        return 404, anthropic_errors.error_body(f"model: {model}", "not_found_error")
    message = f"models/{model} is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods."
    return 404, gemini_errors.error_body(404, message)
