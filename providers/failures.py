"""Which `ProviderError` a vendor's failed reply is, and what of its words may be shown."""

from __future__ import annotations

import math
import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson

from providers.errors import (
    AuthenticationFailedError,
    FilteredReplyError,
    MalformedReplyError,
    OverloadedError,
    ProviderError,
    RateLimitedError,
    RejectedRequestError,
    ServerError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_MESSAGE_CHARS = 200
"""Longest piece of a vendor's own words in an error message."""

ANTHROPIC_OVERLOADED = 529
"""Anthropic's own status for an overloaded API (docs.anthropic.com, API errors)."""

FILTERED = frozenset({"content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation"})
"""``error.code`` with which OpenAI and Azure refuse a prompt by their content filter."""

BAD_KEY = frozenset({"API_KEY_INVALID", "API_KEY_EXPIRED"})
"""``error.details[].reason`` with which Google answers 400, not 401, for a key it does not know."""

STATUS_OF_KIND = {
    # OpenAI, platform.openai.com/docs/guides/error-codes
    "insufficient_quota": 429,
    "rate_limit_exceeded": 429,
    "invalid_api_key": 401,
    "model_not_found": 404,
    "server_error": 500,
    "internal_error": 500,
    "service_unavailable": 503,
    "engine_overloaded": 503,
    # Anthropic, docs.anthropic.com/en/api/errors
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": ANTHROPIC_OVERLOADED,
    # Google, google.rpc.Code
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
"""HTTP status that a vendor's word for an error stands for, where an error comes without one."""

_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
_KEY = re.compile(
    r"(?:\b(?:sk|pk|rk|xai|gsk|key|token)[-_]|\bAIza|\bBearer\s+)[\w*.+/=-]{4,}"  # known beginnings
    r"|(?=[\w*-]*\d)(?=[\w*-]*[A-Za-z*])[\w*-]{24,}",  # or long, with letters and digits
    re.IGNORECASE,
)


def safe_message(text: str, secret: str | None = None) -> str:
    """A vendor's words with URLs taken out, keys masked, on one line, cut to a length.

    ``secret`` is the key in use: it is masked whatever it looks like.
    """
    text = " ".join(text[:2_000].split())
    if secret:
        text = text.replace(secret, "[key]")
    text = _KEY.sub("[key]", _URL.sub("[url]", text))
    return text if len(text) <= MAX_MESSAGE_CHARS else text[: MAX_MESSAGE_CHARS - 1] + "…"


_OUR_KEYS_ARE_WRONG = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED}
)
"""Statuses by which a vendor, or the proxy before it, says that what we were given does not let us in."""


def failure_of_status(
    provider: str, status: int, message: str, *, retry_after_s: float | None = None
) -> ProviderError:
    """The error an HTTP status stands for (`providers.errors`, the table on top)."""
    kind: type[ProviderError]
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        kind = RateLimitedError
    elif status in {HTTPStatus.SERVICE_UNAVAILABLE, ANTHROPIC_OVERLOADED}:
        kind = OverloadedError
    elif status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        kind = ServerError
    elif status in _OUR_KEYS_ARE_WRONG:
        kind = AuthenticationFailedError
    elif status >= HTTPStatus.MULTIPLE_CHOICES:
        kind = RejectedRequestError
    else:
        kind = MalformedReplyError
    return kind(provider, message, status=status, retry_after_s=retry_after_s)


def failure_of_reply(  # noqa: PLR0913 - the parts of one HTTP reply, and whose it is
    provider: str,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: float,
    secret: str | None = None,
) -> ProviderError:
    """The error an unsuccessful HTTP reply stands for.

    Args:
        provider: who was asked.
        status: the reply's HTTP status.
        headers: its headers; ``get`` must not mind case.
        body: its body, which need not be JSON.
        now: the time, in seconds since the epoch, to read a ``Retry-After`` date against.
        secret: the key in use.
    """
    error = _error_object(body)
    wait = retry_after_s(headers, now)
    if error is None:
        return failure_of_status(provider, status, f"answered {status}", retry_after_s=wait)
    return failure_of_error(provider, error, status=status, retry_after_s=wait, secret=secret)


def failure_of_error(
    provider: str,
    error: Mapping[str, Any],
    *,
    status: int | None = None,
    retry_after_s: float | None = None,
    secret: str | None = None,
) -> ProviderError:
    """The error that a vendor's ``error`` object stands for.

    Without an HTTP ``status`` (an event in a stream, or a 200), the object's own code and kind
    decide; what they do not tell is a server error.
    """
    words = error.get("message")
    kinds = [error.get(key) for key in ("code", "type", "status")]
    if status is None:
        status = _status_of(kinds)
    message = f"answered {status}"
    if isinstance(words, str) and words.strip():
        message += f": {safe_message(words, secret)}"
    if any(kind in FILTERED for kind in kinds if isinstance(kind, str)):
        return FilteredReplyError(provider, message, status=status)
    details = error.get("details")
    for detail in details if isinstance(details, list) else []:
        if not isinstance(detail, dict):
            continue
        if isinstance(detail.get("reason"), str) and detail["reason"] in BAD_KEY:
            status = HTTPStatus.UNAUTHORIZED
        if retry_after_s is None and isinstance(detail.get("retryDelay"), str):
            retry_after_s = _seconds(detail["retryDelay"].removesuffix("s"))
    return failure_of_status(provider, int(status), message, retry_after_s=retry_after_s)


def retry_after_s(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds the vendor asks us to wait, or None: ``retry-after-ms``, else ``retry-after``.

    ``Retry-After`` is a number of seconds or an HTTP date (RFC 9110, 10.2.3).
    """
    milliseconds = _seconds(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after", "")
    seconds = _seconds(value)
    if seconds is not None or not value:
        return seconds
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, moment.timestamp() - now)


def _error_object(body: bytes) -> Mapping[str, Any] | None:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if isinstance(value, list) and value:  # Gemini wraps the error of a stream in a list
        value = value[0]
    error = value.get("error") if isinstance(value, dict) else None
    if isinstance(error, str):
        return {"message": error}
    return error if isinstance(error, dict) else None


def _status_of(kinds: list[object]) -> int:
    for kind in kinds:
        if isinstance(kind, int) and kind >= HTTPStatus.BAD_REQUEST:
            return kind
        if isinstance(kind, str) and kind in STATUS_OF_KIND:
            return STATUS_OF_KIND[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
