"""Where a simulated vendor is asked: at its usual place, or at further endpoints with names of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from providers.simulator.faults import vendor_named

if TYPE_CHECKING:
    from providers.simulator.vendors import Vendor

USUAL = "default"
"""The name of a vendor's first place; the gateway calls its base URL so, too."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
_LARGEST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Place:
    """One place of one vendor."""

    vendor: Vendor
    name: str = USUAL

    def __str__(self) -> str:
        return f"{self.vendor}/{self.name}"


@dataclass(frozen=True, slots=True)
class Target:
    """Whom something is meant for: all vendors, all places of one (no name), or one place."""

    vendor: Vendor | None = None
    name: str | None = None

    def __str__(self) -> str:
        if self.vendor is None:
            return "all"
        return self.vendor.value if self.name is None else f"{self.vendor}/{self.name}"

    def covers(self, place: Place) -> bool:
        """Whether ``place`` is meant."""
        return self.vendor in {None, place.vendor} and self.name in {None, place.name}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A place with a port of its own; ``port`` 0 is any free one, None the next after the main port."""

    place: Place
    port: int | None = None


def target_named(text: str) -> Target:
    """Read ``gpt`` (all its places), ``gpt/eu`` (one), or ``all``.

    Raises:
        ValueError: no such vendor, or a name that is none.
    """
    if text == "all":
        return Target()
    vendor, slash, name = text.partition("/")
    if slash and not _NAME.fullmatch(name):
        raise ValueError(
            f"an endpoint's name is letters, digits, '.', '-' and '_', 32 at most, not {name!r}"
        )
    return Target(vendor_named(vendor), name or None)


def parse_endpoint(text: str) -> Endpoint:
    """Read ``gpt/eu``, or ``gpt/eu=4104`` with its port.

    Raises:
        ValueError: with one sentence that says what is wrong.
    """
    named, equals, port = text.strip().partition("=")
    target = target_named(named)
    if target.vendor is None or target.name is None:
        raise ValueError(f"an endpoint reads VENDOR/NAME or VENDOR/NAME=PORT, not {text!r}")
    if equals and not (port.isascii() and port.isdigit() and int(port) <= _LARGEST_PORT):
        raise ValueError(f"an endpoint's port is 0 to {_LARGEST_PORT}, not {port!r}")
    return Endpoint(Place(target.vendor, target.name), int(port) if equals else None)
