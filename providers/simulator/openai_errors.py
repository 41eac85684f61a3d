"""OpenAI's refusals of requests: their shape, and the words that its users report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from providers.simulator.wire import RefusedRequestError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from providers.simulator.wire import Json


def error_body(
    message: str,
    *,
    kind: str = "invalid_request_error",
    param: str | None = None,
    code: str | None = None,
) -> Json:
    """An error in OpenAI's shape."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def refuse(
    message: str, *, param: str | None = None, code: str | None = None, status: int = 400
) -> NoReturn:
    """Refuse the request."""
    raise RefusedRequestError(status, error_body(message, param=param, code=code))


def refuse_missing(name: str) -> NoReturn:
    """Refuse a request without a field it has to have."""
    refuse(f"Missing required parameter: '{name}'.", param=name, code="missing_required_parameter")


def refuse_type(name: str, expected: str) -> NoReturn:
    """Refuse a value of another type."""
    refuse(
        f"Invalid type for '{name}': expected {expected}, but got something else instead.",
        param=name,
        code="invalid_type",
    )


def refuse_value(name: str, value: Any, allowed: Iterable[str]) -> NoReturn:
    """Refuse a word that is none of those allowed."""
    refuse(
        f"Invalid value: '{value}'. Supported values are: {listed(allowed)}.",
        param=name,
        code="invalid_value",
    )


def refuse_parameter(name: str) -> NoReturn:
    """Refuse what this model does not take."""
    refuse(
        f"Unsupported parameter: '{name}' is not supported with this model.",
        param=name,
        code="unsupported_parameter",
    )


def an_object(parent: Json, key: str, at: str) -> Json:
    """``parent[key]``, which has to be an object; ``at`` is its name in the request."""
    value = parent.get(key)
    if value is None:
        refuse_missing(at)
    if not isinstance(value, dict):
        refuse_type(at, "an object")
    return value


def a_text(parent: Json, key: str, at: str) -> str:
    """``parent[key]``, which has to be a string; ``at`` is its name in the request."""
    value = parent.get(key)
    if value is None:
        refuse_missing(at)
    if not isinstance(value, str):
        refuse_type(at, "a string")
    return value


def listed(words: Iterable[str]) -> str:
    """``'a', 'b', and 'c'``."""
    quoted = [f"'{word}'" for word in words]
    return ", ".join(quoted[:-1]) + ", and " + quoted[-1] if len(quoted) > 1 else quoted[0]
