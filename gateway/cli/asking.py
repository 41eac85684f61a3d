"""Asks a gateway one question over server-sent events, showing who has answered meanwhile."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
import httpx

from gateway.cli.client import bearer, checked, unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SLACK_S = 10.0
"""What we wait beyond the gateway's own deadline before we call it unreachable."""


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event of a stream."""

    name: str
    data: dict[str, Any]


def ask(url: str, body: dict[str, Any], seen: Callable[[ServerEvent], None]) -> dict[str, Any]:
    """The result of one question; ``seen`` is told of each event before it.

    Raises:
        click.ClickException: the gateway cannot be reached, refuses, or ends in an error.
    """
    timeout = httpx.Timeout(body.get("timeout_ms", 60_000) / 1000 + SLACK_S, connect=SLACK_S)
    try:
        with httpx.stream(
            "POST",
            f"{url}/api/v1/generate",
            json=body | {"stream": True},
            headers=bearer("WALLBOUNCE_API_KEY"),
            timeout=timeout,
        ) as reply:
            if not reply.is_success:
                reply.read()
                checked(reply)
            for event in events(reply.iter_lines()):
                seen(event)
                if event.name == "result":
                    return event.data
                if event.name == "error":
                    raise click.ClickException(f"{event.data['code']}: {event.data['detail']}")
    except httpx.HTTPError as error:
        raise unreachable(url, error) from None
    raise click.ClickException("the answer was cut off before its end")


def events(lines: Iterator[str]) -> Iterator[ServerEvent]:
    """Reads the event stream format of the WHATWG standard, as far as the gateway writes it."""
    name, data = "message", ""
    for line in lines:
        if not line:
            if data:
                yield ServerEvent(name, json.loads(data))
            name, data = "message", ""
        elif line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            data += line.removeprefix("data: ")
