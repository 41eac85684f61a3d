"""What each error code means in HTTP: its status and its title (API.md). No framework is involved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from learning.records import HTTP_CLIENT_CLOSED_REQUEST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.errors import GatewayError

TITLES: Final[Mapping[str, tuple[int, str]]] = {
    "malformed_json": (400, "The body is not JSON"),
    "unauthorized": (401, "A valid key is needed"),
    "forbidden": (403, "This key does not reach that far"),
    "refused": (403, "The request was refused"),
    "not_found": (404, "Not found"),
    "method_not_allowed": (405, "This method is not offered here"),
    "conflict": (409, "The state does not allow it"),
    "payload_too_large": (413, "The body is too large"),
    "invalid_request": (422, "The request makes no sense"),
    "not_available": (422, "Not available in this version"),
    "budget_too_small": (422, "The budget is too small"),
    "rate_limited": (429, "Too many requests"),
    "budget_exceeded": (429, "The budget is used up"),
    "client_gone": (HTTP_CLIENT_CLOSED_REQUEST, "The caller hung up"),
    "internal": (500, "Something went wrong on our side"),
    "answer_interrupted": (502, "The answer was cut off before its end"),
    "overloaded": (503, "Too many requests at once"),
    "all_providers_failed": (503, "No vendor answered"),
    "deadline_exceeded": (504, "No vendor answered in time"),
}
"""Code → status and title. ``type`` is a URN made of the code: stable, and nothing to fetch."""


def status_of(error: GatewayError) -> int:
    """The HTTP status of an error."""
    return TITLES[error.code][0]
