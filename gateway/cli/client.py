"""How commands talk to a running gateway: its address, its key, its answers or one line of regret."""

from __future__ import annotations

import ipaddress
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click
import httpx

from gateway.announcement import running

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_URL = "http://127.0.0.1:4000"
TIMEOUT_S = 10.0


class UnreachableError(click.ClickException):
    """Nothing answers there, or not in time."""


def address(url: str | None, data_dir: Path) -> str:
    """Where the gateway is: as told, or found in the data folder; of several one is named."""
    if url:
        return url
    here = running(data_dir)
    if len(here) > 1:
        click.echo(
            f"{len(here)} gateways run here; this is {here[0].url} (--url asks another)", err=True
        )
    return here[0].url if here else DEFAULT_URL


def session(url: str, timeout: httpx.Timeout | float = TIMEOUT_S) -> httpx.Client:
    """A client for one gateway. A proxy of the environment is for others than this machine."""
    return httpx.Client(base_url=url, timeout=timeout, trust_env=not _is_here(url))


def bearer(variable: str) -> dict[str, str]:
    """The header that bears a key; keys come from the environment only, never from arguments.

    Raises:
        click.ClickException: the key cannot stand in a header.
    """
    key = os.environ.get(variable, "").strip()
    if not key.isascii() or not key.isprintable():
        raise click.ClickException(f"{variable}: expected printable ASCII, found something else")
    return {"authorization": f"Bearer {key}"} if key else {}


def get(url: str, path: str, timeout: float = TIMEOUT_S) -> dict[str, Any]:
    """A JSON answer, within ``timeout`` seconds.

    Raises:
        click.ClickException: the gateway cannot be reached, or refuses.
    """
    try:
        with session(url, timeout) as http:
            reply = http.get(path, headers=bearer("WALLBOUNCE_API_KEY"))
    except httpx.HTTPError as error:
        raise unreachable(url, error) from None
    return checked(reply, url)


def rollout(url: str, timeout: float = TIMEOUT_S) -> dict[str, Any]:
    """The body of `GET /api/v1/rollout`.

    Raises:
        click.ClickException: as `get`, or something else than a gateway answers there.
    """
    body = get(url, "/api/v1/rollout", timeout)
    if "ceiling" not in body:
        raise click.ClickException(f"{url} answers, but it is no wallbounce gateway")
    return body


def checked(reply: httpx.Response, url: str) -> dict[str, Any]:
    """The body of a 2xx; a problem becomes one line.

    Raises:
        click.ClickException: it is no 2xx, or no JSON object.
    """
    try:
        body = reply.json()
    except ValueError:
        body = None
    if not isinstance(body, dict) or (not reply.is_success and "code" not in body):
        raise click.ClickException(
            f"{url} answered {reply.status_code}, not as a wallbounce gateway does"
        )
    if reply.is_success:
        return body
    raise refused(body)


def refused(problem: dict[str, Any]) -> click.ClickException:
    """A problem (RFC 9457) as one line; vendors that failed each on their own; a key's variable."""
    lines = [f"{problem['code']}: {problem.get('detail', '')}"]
    vendors = problem.get("providers") or []
    if vendors:
        lines = [f"{problem['code']}: {problem.get('title', 'no vendor answered')}"]
        lines += [
            f"  {v['provider']}: {v['error']['code']}: {v['error']['message']}" for v in vendors
        ]
    if problem["code"] == "unauthorized":
        lines[0] += " (put it into WALLBOUNCE_API_KEY)"
    return click.ClickException("\n".join(lines))


def unreachable(url: str, error: Exception) -> UnreachableError:
    """One line for a gateway that is not there, or does not answer."""
    if isinstance(error, httpx.ConnectError):
        return UnreachableError(f"no gateway runs at {url}; start one: wallbounce serve")
    if isinstance(error, httpx.TimeoutException):
        return UnreachableError(f"the gateway at {url} did not answer in time")
    return UnreachableError(f"the connection to {url} failed: {str(error) or type(error).__name__}")


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
