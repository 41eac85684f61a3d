"""Typed values out of a vendor's JSON: what is missing or of a wrong type is a malformed reply."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import orjson

from providers.errors import MalformedReplyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class ShapeError(ValueError):
    """A value is not of the type the vendor's protocol promises; says which, never what it held."""


@contextmanager
def well_formed(provider: str) -> Iterator[None]:
    """Report every `ShapeError` inside as this provider's `MalformedReplyError`."""
    try:
        yield
    except ShapeError as error:
        raise MalformedReplyError(provider, str(error)) from None


def json_object(body: bytes) -> dict[str, Any]:
    """Parse a body that has to be a JSON object.

    orjson refuses invalid UTF-8, NaN and nesting deeper than 1024. It also refuses an escaped lone
    surrogate, which a vendor writes where it cuts a character in two: that becomes a "?", so that
    half an emoji does not cost the reply.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = _without_surrogates(body)
    if not isinstance(value, dict):
        raise ShapeError("the reply is not a JSON object")
    return value


def _without_surrogates(body: bytes) -> Any:
    """The value of JSON that orjson refuses for nothing but lone surrogates."""
    try:
        if b"\\ud" not in body.lower():
            raise ShapeError("the reply is not JSON")
        lenient = json.loads(body.decode())
        text = json.dumps(lenient, ensure_ascii=False, allow_nan=False)
        return orjson.loads(text.encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise ShapeError("the reply is not JSON") from None


def json_text(value: Mapping[str, Any]) -> str:
    """A part of a reply as the JSON text it stands for.

    Raises:
        ShapeError: it nests deeper than orjson writes, which is less deep than it reads.
    """
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:
        raise ShapeError("a part of the reply nests too deep") from None


def an_object(parent: Mapping[str, Any], key: str) -> dict[str, Any]:
    """``parent[key]`` as an object; absent and null are errors."""
    value = parent.get(key)
    if not isinstance(value, dict):
        raise ShapeError(f"{key} is not an object")
    return value


def maybe_object(parent: Mapping[str, Any], key: str) -> dict[str, Any]:
    """``parent[key]`` as an object; absent and null read as an empty one."""
    return {} if parent.get(key) is None else an_object(parent, key)


def objects(parent: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """``parent[key]`` as a list of objects; absent and null are errors."""
    value = parent.get(key)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ShapeError(f"{key} is not a list of objects")
    return value


def a_text(parent: Mapping[str, Any], key: str) -> str:
    """``parent[key]`` as a string; absent and null are errors."""
    value = parent.get(key)
    if not isinstance(value, str):
        raise ShapeError(f"{key} is not a string")
    return value


def maybe_text(parent: Mapping[str, Any], key: str) -> str:
    """``parent[key]`` as a string; absent and null read as an empty one."""
    return "" if parent.get(key) is None else a_text(parent, key)


def a_count(parent: Mapping[str, Any], key: str) -> int:
    """``parent[key]`` as a number of tokens; absent and null read as 0."""
    value = parent.get(key)
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ShapeError(f"{key} is not a count")
    return value
