"""How commands talk to a running gateway: its address, its key, its answers or one line of regret."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click
import httpx

from gateway.announcement import running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DEFAULT_URL = "http://127.0.0.1:4000"
TIMEOUT_S = 10.0


def url_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--url``: which gateway; default the one that runs from this folder, else port 4000."""
    return click.option(
        "--url",
        envvar="WALLBOUNCE_URL",
        help=f"The gateway's address; default the one running here, else {DEFAULT_URL}.",
    )(command)


def address(url: str | None, data_dir: Path) -> str:
    """Where the gateway is."""
    if url:
        return url.rstrip("/")
    here = running(data_dir)
    return here[0].url if here else DEFAULT_URL


def bearer(variable: str) -> dict[str, str]:
    """The header that bears a key; keys come from the environment only, never from arguments."""
    key = os.environ.get(variable, "").strip()
    return {"authorization": f"Bearer {key}"} if key else {}


def get(url: str, path: str) -> Any:
    """A JSON answer.

    Raises:
        click.ClickException: the gateway cannot be reached, or refuses.
    """
    try:
        reply = httpx.get(url + path, headers=bearer("WALLBOUNCE_API_KEY"), timeout=TIMEOUT_S)
    except httpx.HTTPError as error:
        raise unreachable(url, error) from None
    return checked(reply)


def checked(reply: httpx.Response) -> Any:
    """The body of a 2xx; a problem becomes one line."""
    try:
        body = reply.json()
    except ValueError:
        raise click.ClickException(f"unexpected answer, status {reply.status_code}") from None
    if reply.is_success:
        return body
    raise click.ClickException(f"{body.get('code', reply.status_code)}: {body.get('detail', '')}")


def unreachable(url: str, error: Exception) -> click.ClickException:
    """One line for a gateway that is not there."""
    return click.ClickException(
        f"no gateway answers at {url} ({type(error).__name__}); start one: wallbounce serve"
    )
