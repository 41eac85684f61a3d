"""The ways a simulated vendor can fail, and the rules that say when it does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from providers.simulator.vendors import Vendor


class Fault(StrEnum):
    """One way to fail. The values are the words of ``--fault`` and of the control endpoint."""

    UNAUTHORIZED = "401"  # the key is refused; 400 at Google
    NOT_FOUND = "404"  # no such model
    RATE_LIMITED = "429"  # with the wait in the vendor's own headers or body
    SERVER_ERROR = "500"
    BAD_GATEWAY = "502"  # HTML, by something that stands before the vendor
    OVERLOADED = "529"  # 503 where the vendor is not Anthropic
    REFUSED = "refused"  # takes no connections; on a port shared with others it resets them
    TIMEOUT = "timeout"  # never answers
    RESET = "reset"  # TCP RST in the middle of the reply
    MALFORMED = "malformed"  # a body or an event that is not JSON
    WRONG_SHAPE = "wrong-shape"  # JSON, but not what the protocol promises
    EMPTY = "empty"  # well-formed, without text
    CUT = "cut"  # a stream without its end marker; a body shorter than announced
    STALL = "stall"  # begins its reply, and falls silent for ever
    STALL_FIRST = "stall-first"  # sends 200 and its headers, and nothing of the reply
    ERROR_EVENT = "error-event"  # an error in the middle of a stream; a whole reply is a 500
    TRUNCATED = "truncated"  # ends in the middle, as at its limit of tokens
    FILTERED = "filtered"  # the vendor's content filter
    SLOW = "slow"  # right, but late


_ALIASES = {"503": Fault.OVERLOADED}
_COMPANIES = {"openai": Vendor.GPT, "anthropic": Vendor.CLAUDE, "google": Vendor.GEMINI}
_RULE = re.compile(r"(?P<vendor>[^=]+)=(?P<fault>[^:]+?)(?::(?P<p>[^:x]+)|x(?P<n>\d+))?")


@dataclass(frozen=True, slots=True)
class FaultRule:
    """When a vendor fails and how: with ``probability`` a request, ``count`` times (None: always).

    So many requests that it would strike as ``skip`` says pass first.
    """

    vendor: Vendor
    fault: Fault
    probability: float = 1.0
    count: int | None = None
    skip: int = 0

    def __post_init__(self) -> None:
        if not 0.0 < self.probability <= 1.0:
            raise ValueError(
                f"a fault's probability is over 0 and at most 1, not {self.probability}"
            )
        if self.count is not None and self.count < 1:
            raise ValueError(f"a fault's count is 1 or more, not {self.count}")
        if self.skip < 0:
            raise ValueError(f"a fault's skip is 0 or more, not {self.skip}")


def fault_named(name: str) -> Fault:
    """The fault of that name; raises ValueError naming all that exist."""
    try:
        return _ALIASES.get(name) or Fault(name)
    except ValueError:
        raise ValueError(f"no fault {name!r}; there are {', '.join(Fault)}") from None


def vendor_named(name: str) -> Vendor:
    """The vendor of that name, or of that company; raises ValueError naming all that exist."""
    try:
        return _COMPANIES.get(name) or Vendor(name)
    except ValueError:
        raise ValueError(f"no vendor {name!r}; there are {', '.join(Vendor)}") from None


def parse_fault(text: str) -> FaultRule:
    """Read ``gpt=500`` (always), ``gpt=500:0.3`` (with a probability) or ``gpt=500x3`` (three times).

    Raises:
        ValueError: with one sentence that says what is wrong and what is allowed.
    """
    found = _RULE.fullmatch(text.strip())
    if found is None:
        raise ValueError(
            f"a fault reads VENDOR=FAULT, VENDOR=FAULT:0.3 or VENDOR=FAULTx3, not {text!r}"
        )
    vendor = vendor_named(found["vendor"].strip())
    fault = fault_named(found["fault"].strip())
    try:
        probability = float(found["p"]) if found["p"] else 1.0
    except ValueError:
        raise ValueError(f"a fault's probability is a number, not {found['p']!r}") from None
    return FaultRule(vendor, fault, probability, int(found["n"]) if found["n"] else None)
