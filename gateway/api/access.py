"""Who may call: FastAPI dependencies over the keyring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request  # noqa: TC002 - FastAPI reads the annotation when it runs

from gateway.api.wiring import gateway_of

if TYPE_CHECKING:
    from gateway.guard.auth import Principal


def admit_caller(request: Request) -> None:
    """Lets callers in.

    Raises:
        gateway.errors.UnauthorizedError: API keys are set and none of them is borne.
    """
    gateway_of(request).keyring.admit_caller(request.headers.get("authorization"))


async def caller(request: Request) -> None:
    """The same, as a dependency."""
    admit_caller(request)


def operator(request: Request) -> Principal:
    """The operator who calls.

    Raises:
        gateway.errors.ForbiddenError: there are no operator keys, or a caller's key is borne.
        gateway.errors.UnauthorizedError: no known key is borne.
    """
    return gateway_of(request).keyring.admit_operator(request.headers.get("authorization"))
