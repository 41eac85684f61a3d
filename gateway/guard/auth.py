"""Says who bears a key: callers, operators, and what each may do (API.md, Others and Environment).

                          no key   unknown key   API key   operator key
generate, no API keys     open     open          –         open
generate, API keys set    401      401           yes       yes
operator, no such keys    403      403           403       –
operator, keys set        401      401           403       yes
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gateway.errors import ForbiddenError, UnauthorizedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import SecretStr

Role = Literal["anonymous", "caller", "operator"]

_NAME_SALT = b"wallbounce principal\0"
"""Keeps a principal's name from being the plain hash of its key, which a table might hold."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who sent a request. ``name`` is a short salted hash of the key: fit for records and logs."""

    name: str
    role: Role


ANONYMOUS = Principal("anonymous", "anonymous")


@dataclass(frozen=True, slots=True)
class _Key:
    digest: bytes
    principal: Principal


class Keyring:
    """The keys one process knows. They are kept as hashes only, so no dump of it shows one."""

    def __init__(self, api_keys: Iterable[SecretStr], operator_keys: Iterable[SecretStr]) -> None:
        self._callers = [_key(k.get_secret_value(), "caller") for k in api_keys]
        self._operators = [_key(k.get_secret_value(), "operator") for k in operator_keys]

    def admit_caller(self, authorization: str | None) -> Principal:
        """Who asks for an answer.

        Args:
            authorization: The request's ``Authorization`` header.

        Raises:
            UnauthorizedError: API keys are set, and no known key is borne.
        """
        principal = self._find(authorization)
        if principal is None:
            if self._callers:
                raise _unauthorized(authorization)
            return ANONYMOUS
        return principal

    def admit_operator(self, authorization: str | None) -> Principal:
        """Who asks to move the rollout.

        Raises:
            ForbiddenError: No operator keys are set, or a caller's key is borne.
            UnauthorizedError: No known key is borne.
        """
        if not self._operators:
            raise ForbiddenError("operator routes are closed: no operator keys are configured")
        principal = self._find(authorization)
        if principal is None:
            raise _unauthorized(authorization)
        if principal.role != "operator":
            raise ForbiddenError("this key is a caller's; an operator's is needed")
        return principal

    def _find(self, authorization: str | None) -> Principal | None:
        token = _bearer(authorization)
        if token is None:
            return None
        digest = _digest(token)
        found = None
        # Every key is compared, in constant time: how long it takes tells nothing of any of them.
        # Operators come last, so a key in both lists is an operator's.
        for key in (*self._callers, *self._operators):
            if hmac.compare_digest(digest, key.digest):
                found = key.principal
        return found


def _bearer(authorization: str | None) -> str | None:
    scheme, _, token = (authorization or "").strip().partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _key(secret: str, role: Role) -> _Key:
    name = hashlib.sha256(_NAME_SALT + secret.encode()).hexdigest()[:12]
    return _Key(_digest(secret), Principal(f"{role}-{name}", role))


def _unauthorized(authorization: str | None) -> UnauthorizedError:
    if _bearer(authorization) is None:
        return UnauthorizedError("a key is needed: Authorization: Bearer <key>")
    return UnauthorizedError("this key is not known here")
