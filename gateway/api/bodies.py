"""Reads a request's body: bounded, JSON, and no more than its model allows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

import pydantic_core
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect

from gateway.errors import (
    CallerGoneError,
    InvalidRequestError,
    MalformedJsonError,
    PayloadTooLargeError,
)

if TYPE_CHECKING:
    from starlette.requests import Request

BODY_WITHIN_S = 30.0
"""How long a body may take: a megabyte at 300 kbit/s. A caller who drips holds a connection, no place."""

Model = TypeVar("Model", bound=BaseModel)


async def read_body(
    request: Request, model: type[Model], limit: int, *, optional: bool = False
) -> Model:
    """The body as ``model``.

    ``optional``: an empty body stands for ``{}``.

    Raises:
        PayloadTooLargeError: more than ``limit`` bytes, announced or sent.
        InvalidRequestError: not JSON by its content type, or not what ``model`` allows.
        CallerGoneError: the caller hung up.
        MalformedJsonError: no JSON (RFC 8259: NaN, lone surrogates, bottomless nesting are none).
    """
    raw = await _read(request, limit)
    if optional and not raw.strip():
        raw = b"{}"
    else:
        _check_content_type(request)
    # Parsed apart from validation, so that what is no JSON and what is wrong JSON differ; the
    # parser bounds nesting and refuses NaN and lone surrogates.
    try:
        value = pydantic_core.from_json(raw, allow_inf_nan=False, cache_strings="keys")
    except ValueError as error:
        raise MalformedJsonError(f"the body is not valid JSON: {error}") from None
    if not isinstance(value, dict):
        raise InvalidRequestError("the body must be a JSON object")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise invalid(error) from None


def invalid(error: ValidationError) -> InvalidRequestError:
    """The first complaints of pydantic, in one line and without the values."""
    complaints = error.errors(include_url=False, include_context=False, include_input=False)
    lines = []
    for complaint in complaints[:5]:
        where = ".".join(str(part)[:80] for part in complaint["loc"])
        what = complaint["msg"].removeprefix("Value error, ")
        lines.append(f"{where}: {what}" if where else what)
    first = complaints[0]["loc"]
    return InvalidRequestError("; ".join(lines), field=str(first[0])[:80] if first else None)


def _check_content_type(request: Request) -> None:
    declared = request.headers.get("content-type", "")
    media = declared.partition(";")[0].strip().lower()
    if media != "application/json" and not (
        media.startswith("application/") and media.endswith("+json")
    ):
        raise InvalidRequestError(
            f"content-type must be application/json, not {media[:80] or 'missing'}",
            field="content-type",
        )


async def _read(request: Request, limit: int) -> bytes:
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            return await _received(request, limit)
    except TimeoutError:
        raise InvalidRequestError(
            f"the body did not come within {BODY_WITHIN_S:g} s", field="body"
        ) from None
    except ClientDisconnect:
        raise CallerGoneError("the caller hung up before the body was there") from None


async def _received(request: Request, limit: int) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)


def _too_large(limit: int) -> PayloadTooLargeError:
    return PayloadTooLargeError(f"the body may hold at most {limit} bytes")
