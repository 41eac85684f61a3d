"""What to do about a vendor's error, by its code (`providers.errors`)."""

from __future__ import annotations

from typing import Final

ADVICE: Final = {
    "unauthorized": "check the key: is it this vendor's, and may it use this model?",
    "rate_limited": "wait, or raise the account's limits with the vendor",
    "overloaded": "the vendor has too much to do: try again later, see its status page",
    "server_error": "the vendor is ill: try again later, see its status page",
    "connection_failed": "check the base URL and the network; `wallbounce doctor` tells more",
    "connection_lost": "try again; where it stays so, look at what stands between: proxies, firewalls",
    "timeout": "give it longer: --timeout",
    "malformed_reply": "is the base URL really this vendor's API? The wire view shows what came",
    "empty_reply": "try again; with reasoning, more tokens may be needed: --max-tokens",
    "cut_reply": "try again; the wire view shows where the stream ended",
    "truncated": "allow a longer reply: --max-tokens",
    "content_filtered": "the vendor's filter withheld it: ask in other words",
    "unsupported": "leave out what it names, or configure another model",
    "rejected": "the vendor refuses the request itself: is the model's name right? Its words are above",
    "circuit_open": "it failed too often just now: try again in some seconds",
    "concurrency_limited": "as many calls as it bears are under way: try again",
}
