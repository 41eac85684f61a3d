"""What a single vendor's failure is to the caller who asked it alone: an HTTP status. No framework here.

A caller who speaks to one model through us is told what that vendor would have told it, but for what is
between the vendor and us: our key and our connection are no fault of the caller's (502), a time-out is
the gateway's (504).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consensus.transcript import Attempt
    from providers.errors import ProviderError

BAD_GATEWAY = 502

STATUSES: Final[Mapping[str, int]] = {
    "rate_limited": 429,
    "overloaded": 503,
    "circuit_open": 503,
    "concurrency_limited": 503,
    "timeout": 504,
    "rejected": 400,
    "unsupported": 400,
    "content_filtered": 400,
}
"""By the code of a `providers.errors.ProviderError`; any other is 502."""

VENDORS_OWN: Final = frozenset({404, 413})
"""Statuses of a refused request that say more than 400: no such model, too large."""


class SingleFailedError(GatewayError):
    """The one vendor asked gave no answer. ``attempt`` is the call as it is kept."""

    def __init__(self, error: ProviderError, attempt: Attempt) -> None:
        super().__init__(str(error), retry_after_s=error.retry_after_s)
        self.error = error
        self.attempt = attempt

    @property
    def status(self) -> int:
        """The HTTP status of the answer that says so."""
        return status_of_failure(self.error)


def status_of_failure(error: ProviderError) -> int:
    """The HTTP status that stands for this failure."""
    if error.code == "rejected" and error.status in VENDORS_OWN:
        return error.status or BAD_GATEWAY
    return STATUSES.get(error.code, BAD_GATEWAY)
