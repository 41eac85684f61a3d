"""Reads a stream of server-sent events as a client would."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx


@dataclass(frozen=True)
class Event:
    """One event; ``id`` as the server numbered it."""

    name: str
    id: int
    data: Any


def events(reply: httpx.Response) -> Iterator[Event]:
    """The events of an open streamed reply."""
    fields: dict[str, str] = {}
    for line in reply.iter_lines():
        if not line:
            if fields:
                yield Event(fields["event"], int(fields["id"]), json.loads(fields["data"]))
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value
