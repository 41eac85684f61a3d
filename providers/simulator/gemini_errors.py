"""Google's refusals of requests: their shape, and the words that its users report."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from providers.simulator.wire import RefusedRequestError

if TYPE_CHECKING:
    from providers.simulator.wire import Json

_STATUS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
           429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE"}  # fmt: skip


def error_body(status: int, message: str) -> Json:
    """An error in Google's shape."""
    return {"error": {"code": status, "message": message, "status": _STATUS[status]}}


def refuse(
    message: str, *, status: int = 400, field: str | None = None, reason: str | None = None
) -> NoReturn:
    """Refuse the request; ``field`` is what of it is wrong, ``reason`` Google's word for why."""
    body = error_body(status, message)
    if field is not None:
        violation = {"field": field, "description": message}
        body["error"]["details"] = [
            {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}
        ]
    if reason is not None:
        body["error"]["details"] = [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": reason,
                "domain": "googleapis.com",
            }
        ]
    raise RefusedRequestError(status, body)


def refuse_value(at: str, kind: str) -> NoReturn:
    """Refuse a value of another type."""
    refuse(f"Invalid value at '{at}' ({kind})", field=at)


def camel(data: Json, at: str, known: frozenset[str]) -> Json:
    """The object with protobuf's JSON names; refuses a name that the message lacks."""
    found: Json = {}
    for name, value in data.items():
        here = re.sub(r"_([a-z])", lambda m: m.group(1).upper(), name)
        if here not in known:
            where = f" at '{at}'" if at else ""
            refuse(
                f'Invalid JSON payload received. Unknown name "{name}"{where}: Cannot find field.',
                field=at,
            )
        found[here] = value
    return found
