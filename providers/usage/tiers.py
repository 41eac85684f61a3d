"""The vendors' words for the price list a call was billed by."""

from __future__ import annotations

from typing import Final

STANDARD: Final = frozenset(
    {"", "default", "standard", "auto", "unspecified", "on_demand", "traffic_type_unspecified"}
)
"""Words of the standard list. OpenAI's reply names what served the request, so that ``auto``, which is
a request's word, says nothing of another list."""


def service_tier(told: str) -> str | None:
    """The service tier as price lists name it: ``priority``, ``flex``, ``batch``; None is the standard one."""
    word = told.lower().removeprefix("service_tier_")
    return None if word in STANDARD else word.removeprefix("on_demand_")
