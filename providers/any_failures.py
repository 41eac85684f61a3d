"""What LiteLLM and its transports raise, as this project's errors."""

from __future__ import annotations

import time
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

import aiohttp
import httpx

from providers.errors import (
    ConnectionFailedError,
    ConnectionLostError,
    FilteredReplyError,
    MalformedReplyError,
    ProviderError,
    ReplyLostError,
    TimedOutError,
    UnsupportedError,
)
from providers.failures import failure_of_reply, failure_of_status, safe_message

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def translate_errors(provider: str, secret: str | None = None) -> Iterator[None]:
    """Turn what LiteLLM and the deadline raise into this provider's `ProviderError`.

    LiteLLM wraps errors several times and tells many of them as a 500: what it wrapped decides.
    """
    try:
        yield
    except ProviderError:
        raise
    except Exception as error:  # noqa: BLE001 - LiteLLM lets its vendors' bugs through as they are
        raise _translated(provider, error, secret) from None


def _translated(provider: str, error: Exception, secret: str | None) -> ProviderError:
    chain = list(_chain(error))
    for link in chain:
        if isinstance(link, httpx.HTTPStatusError):
            reply = link.response
            return failure_of_reply(
                provider,
                reply.status_code,
                reply.headers,
                _body(reply),
                now=time.time(),
                secret=secret,
            )
    if type(error).__name__ == "UnsupportedParamsError":
        return UnsupportedError(provider, f"LiteLLM refuses: {safe_message(str(error), secret)}")
    if type(error).__name__ == "ContentPolicyViolationError":
        return FilteredReplyError(provider, "the vendor's content filter withheld the reply")
    broken = _of_transport(provider, chain)
    if broken is not None:
        return broken
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and _told_by_vendor(error, status, chain):
        return failure_of_status(provider, status, f"answered {status}")
    return MalformedReplyError(provider, "the reply is not what the vendor's protocol promises")


def _of_transport(provider: str, chain: list[BaseException]) -> ProviderError | None:
    """The error a broken connection or a time-out stands for; None if ``chain`` holds neither.

    LiteLLM's transport calls some lost connections failed ones: aiohttp's own error goes first.
    """

    def holds(*kinds: type[BaseException]) -> bool:
        return any(isinstance(link, kinds) for link in chain)

    if holds(TimeoutError, httpx.TimeoutException):
        return TimedOutError(provider, "no whole reply came in time")
    unreached = (
        httpx.ConnectError if not holds(aiohttp.ClientError) else aiohttp.ClientConnectorError
    )
    if holds(unreached):
        return ConnectionFailedError(provider, "no connection could be made")
    if holds(aiohttp.ClientPayloadError):
        return ReplyLostError(provider, "the connection broke in the middle of the reply")
    if holds(aiohttp.ClientError, httpx.TransportError, OSError):
        return ConnectionLostError(provider, "the connection broke before the reply was whole")
    return None


def _told_by_vendor(error: Exception, status: int, chain: list[BaseException]) -> bool:
    """Whether a status without an HTTP reply is the vendor's word, in a stream, or LiteLLM's guess.

    LiteLLM calls what it cannot parse a 500.
    """
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return status >= HTTPStatus.BAD_REQUEST
    unparsed = any(isinstance(link, ValueError) for link in chain)
    return type(error).__name__ == "MidStreamFallbackError" and not unparsed


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _body(reply: httpx.Response) -> bytes:
    try:
        return reply.content
    except httpx.ResponseNotRead:
        return b""
