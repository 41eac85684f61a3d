"""Asks a gateway one question over server-sent events, showing who has answered meanwhile."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
import httpx

from gateway.cli.client import bearer, checked, refused, session, unreachable

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
        with (
            session(url, timeout) as http,
            http.stream(
                "POST",
                "/api/v1/generate",
                json=body | {"stream": True},
                headers=bearer("WALLBOUNCE_API_KEY"),
            ) as reply,
        ):
            if not reply.headers.get("content-type", "").startswith("text/event-stream"):
                reply.read()
                checked(reply, url)
            for event in events(lines(reply.iter_bytes())):
                seen(event)
                if event.name == "result":
                    return event.data
                if event.name == "error":
                    raise refused(event.data)
    except httpx.HTTPError as error:
        raise unreachable(url, error) from None
    raise click.ClickException("the answer was cut off before its end")


def lines(chunks: Iterator[bytes]) -> Iterator[str]:
    """The stream's lines. httpx's own reader also breaks at U+2028 and others, which JSON may hold."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line.decode() for line in whole)


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
