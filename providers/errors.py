"""What can go wrong between us and a vendor.

ProviderError                  code               retryable  billable  down
├── RateLimitedError           rate_limited       yes        no        no
├── OverloadedError            overloaded         yes        no        yes   503, 529
├── ServerError                server_error       yes        no        yes   other 5xx, 408
├── ConnectionFailedError      connection_failed  yes        no        yes   never reached the vendor
├── ConnectionLostError        connection_lost    yes        yes       yes   lost after sending
│   └── ReplyLostError         connection_lost    no         yes       yes   lost in the middle of a good reply
├── TimedOutError              timeout            no         yes       yes   no reply in time
├── MalformedReplyError        malformed_reply    no         yes       no
├── EmptyReplyError            empty_reply        no         yes       no
├── CutReplyError              cut_reply          no         yes       no    a stream without its end
├── TruncatedReplyError        truncated          no         yes       no    stopped at max_tokens
├── FilteredReplyError         content_filtered   no         yes       no    the vendor's filter
├── UnsupportedError           unsupported        no         no        no    the vendor lacks it; nothing was sent
├── CircuitOpenError           circuit_open       yes        no        yes   it failed lately; nothing was sent
│   └── TooSlowError           circuit_open       yes        no        no    it is far slower than usual; nothing was sent
├── ConcurrencyLimitedError    concurrency_limited yes       no        no    as many calls as it bears; nothing was sent
├── AuthenticationFailedError  unauthorized       no         no        no    401, 403, a proxy's 407
└── RejectedRequestError       rejected           no         no        no    other 4xx

``retryable``: the same call may succeed soon. ``billable``: the vendor may have charged for it, so
a request under a budget does not repeat it. ``down``: says the vendor, not the request, is ill.

Of billed replies that are no answers the vendor mostly tells the tokens: ``usage`` holds them.
What a truncated or filtered reply did say is its ``partial``: no answer to vote with, but what a caller
who speaks to this one model alone may be shown with its finish reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from providers.messages import Completion, Usage


class ProviderError(Exception):
    """A vendor's call failed. ``message`` is safe to show: no key, no URL, no body.

    ``usage`` is what the vendor reported of the call as a whole; None when it reported nothing, or
    only a part (the opening of a stream that was cut). ``partial`` is the reply as it came, where it
    ended by itself before it was an answer.
    """

    code: ClassVar[str] = "provider_error"
    retryable: ClassVar[bool] = False
    billable: ClassVar[bool] = False
    down: ClassVar[bool] = False

    def __init__(  # noqa: PLR0913 - what is told of a failure, each by its name
        self,
        provider: str,
        message: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        usage: Usage | None = None,
        partial: Completion | None = None,
    ) -> None:
        super().__init__(f"{provider}: {message}")
        self.provider = provider
        self.message = message
        self.status = status
        self.retry_after_s = retry_after_s
        self.usage = usage
        self.partial = partial


class RateLimitedError(ProviderError):
    """The vendor answered 429."""

    code = "rate_limited"
    retryable = True


class OverloadedError(ProviderError):
    """The vendor answered 503 or Anthropic's 529."""

    code = "overloaded"
    retryable = True
    down = True


class ServerError(ProviderError):
    """The vendor answered another 5xx, or 408: it gave up waiting, which its own clients ask again after."""

    code = "server_error"
    retryable = True
    down = True


class ConnectionFailedError(ProviderError):
    """No connection was made, so nothing was sent."""

    code = "connection_failed"
    retryable = True
    down = True


class ConnectionLostError(ProviderError):
    """The connection broke after the request was sent."""

    code = "connection_lost"
    retryable = True
    billable = True
    down = True


class ReplyLostError(ConnectionLostError):
    """The connection broke in the body of a 200: that reply was written and billed, another would be too."""

    retryable = False


class TimedOutError(ProviderError):
    """No whole reply came before the deadline."""

    code = "timeout"
    billable = True
    down = True


class MalformedReplyError(ProviderError):
    """A 200 whose body is not what the vendor's protocol promises."""

    code = "malformed_reply"
    billable = True


class EmptyReplyError(ProviderError):
    """A well-formed reply without text."""

    code = "empty_reply"
    billable = True


class CutReplyError(ProviderError):
    """A stream that ended without its end marker."""

    code = "cut_reply"
    billable = True


class TruncatedReplyError(ProviderError):
    """The reply reached ``max_tokens`` and lacks its end."""

    code = "truncated"
    billable = True


class FilteredReplyError(ProviderError):
    """The vendor's own content filter withheld the reply."""

    code = "content_filtered"
    billable = True


class AuthenticationFailedError(ProviderError):
    """The vendor refused our key."""

    code = "unauthorized"


class RejectedRequestError(ProviderError):
    """The vendor refused the request itself (unknown model, too long, malformed)."""

    code = "rejected"


class UnsupportedError(ProviderError):
    """The prompt wants what this vendor or model does not offer. Nothing was sent."""

    code = "unsupported"


class CircuitOpenError(ProviderError):
    """The vendor has failed too often lately to be asked again already. Nothing was sent."""

    code = "circuit_open"
    retryable = True
    down = True


class TooSlowError(CircuitOpenError):
    """The vendor answers, but far slower than it usually does, while others do not. Nothing was sent."""

    down = False


class ConcurrencyLimitedError(ProviderError):
    """As many calls as the vendor bears are under way, and none ended in time. Nothing was sent."""

    code = "concurrency_limited"
    retryable = True
