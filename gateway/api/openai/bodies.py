"""Reads the body of a chat completion off the connection, bounded in size and time, and parses it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import orjson
from pydantic import ValidationError

from gateway.api.bodies import BODY_WITHIN_S
from gateway.api.openai.complaints import complaint_of
from gateway.api.openai.parameters import ChatRequest
from gateway.errors import (
    CallerGoneError,
    InvalidRequestError,
    MalformedJsonError,
    PayloadTooLargeError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Receive


async def read(receive: Receive, headers: Mapping[bytes, bytes], limit: int) -> bytes:
    """The body's bytes.

    Raises:
        PayloadTooLargeError: more than ``limit`` bytes, announced or sent.
        InvalidRequestError: it did not come in time, or is not called JSON.
        CallerGoneError: the caller hung up.
    """
    media = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if media != b"application/json":
        raise InvalidRequestError("content-type must be application/json")
    announced = headers.get(b"content-length", b"")
    if announced.isdigit() and int(announced) > limit:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            return await _received(receive, limit)
    except TimeoutError:
        raise InvalidRequestError(f"the body did not come within {BODY_WITHIN_S:g} s") from None


def parse(body: bytes) -> ChatRequest:
    """The body's parameters.

    Raises:
        MalformedJsonError: no JSON (RFC 8259: NaN, lone surrogates, bottomless nesting are none).
        ParameterError: not what `ChatRequest` allows.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        # Where it breaks, and nothing of what stands there.
        raise MalformedJsonError(
            f"We could not parse the JSON body of your request: {error.msg} at character {error.pos}."
        ) from None
    if not isinstance(value, dict):
        raise InvalidRequestError("the body must be a JSON object")
    try:
        return ChatRequest.model_validate(value)
    except ValidationError as error:
        raise complaint_of(error) from None


async def _received(receive: Receive, limit: int) -> bytes:
    message = await receive()
    if not message.get("more_body") and message["type"] == "http.request":
        body: bytes = message.get("body", b"")
        if len(body) > limit:
            raise _too_large(limit)
        return body
    chunks: list[bytes] = []
    size = 0
    while True:
        if message["type"] == "http.disconnect":
            raise CallerGoneError("the caller hung up before the body was there")
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)
        message = await receive()


def _too_large(limit: int) -> PayloadTooLargeError:
    return PayloadTooLargeError(f"the body may hold at most {limit} bytes")
