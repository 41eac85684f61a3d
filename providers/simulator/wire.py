"""What the three wire protocols have in common: their interface, refusals, and JSON on the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from providers.simulator.faults import Fault
    from providers.simulator.vendors import Ask, Vendor, Written

Json = dict[str, Any]


class RefusedRequestError(Exception):
    """The request does not pass the vendor's validation; ``body`` is the vendor's error."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


@dataclass(frozen=True, slots=True)
class Head:
    """A request without its body. Header names are lower case; ``model`` and ``action`` are in the path."""

    headers: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    model: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class Events:
    """A stream as frames: what comes before the text, the text, and what makes it whole.

    Without ``ending`` the stream is cut, whatever the connection does.
    """

    opening: Sequence[bytes]
    text: Sequence[bytes]
    ending: Sequence[bytes]
    content_type: str = "text/event-stream; charset=utf-8"

    @property
    def frames(self) -> list[bytes]:
        """All frames in order."""
        return [*self.opening, *self.text, *self.ending]


class Wire(Protocol):
    """One vendor's protocol: reads its requests, and writes its replies and errors."""

    vendor: Vendor

    def read(self, head: Head, body: bytes) -> Ask:
        """The request understood; raises `RefusedRequestError` in the vendor's own error shape."""

    def whole(self, ask: Ask, written: Written) -> Json:
        """The body of a reply that is not streamed."""

    def events(self, ask: Ask, written: Written) -> Events:
        """The frames of a streamed reply."""

    def failure(self, fault: Fault, model: str) -> tuple[int, Json]:
        """Status and body of 429, 500 and the overloaded answer."""

    def headers(self, serial: str) -> dict[str, str]:
        """Headers that the vendor puts on every reply."""


def loads(body: bytes) -> Any:
    """The JSON of a body; raises ValueError (also for NaN and broken UTF-8)."""
    return orjson.loads(body)


def dumps(value: Any) -> bytes:
    """JSON as bytes."""
    encoded: bytes = orjson.dumps(value)
    return encoded


def grouped(pieces: Sequence[str], size: int) -> list[str]:
    """Pieces joined ``size`` at a time: what one event carries."""
    return ["".join(pieces[i : i + size]) for i in range(0, len(pieces), size)]


def is_number(value: Any) -> bool:
    """Whether a JSON value is a number (a bool is none)."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_count(value: Any) -> bool:
    """Whether a JSON value is a whole number of 1 or more."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
