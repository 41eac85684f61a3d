"""What several commands take as options: numbers that are numbers, a gateway's address."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

if TYPE_CHECKING:
    from collections.abc import Callable


class FiniteRange(click.FloatRange):
    """click's range without NaN and infinity: every comparison with NaN is false, so it would pass."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number, or click's own error."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is not a number.", param, ctx)
        return number


class TimeZone(click.ParamType[ZoneInfo]):
    """The name of a time zone, as the IANA database has it."""

    name = "zone"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> ZoneInfo:
        """The zone, or click's own error."""
        try:
            return ZoneInfo(str(value))
        # A name may be a path into nowhere, or a folder of zones.
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.fail(f"{value!r} is no time zone; such as UTC or Asia/Tokyo.", param, ctx)


class GatewayUrl(click.ParamType[str]):
    """An http or https URL with a host; the trailing slash is dropped."""

    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The URL, or click's own error."""
        url = str(value).strip().rstrip("/")
        try:
            parts = urlsplit(url)
            sound = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        except ValueError:
            sound = False
        if not sound:
            self.fail(f"{value!r} is no http or https URL with a host.", param, ctx)
        return url


def url_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--url``: which gateway; default the one that runs from this folder, else port 4000."""
    return click.option(
        "--url",
        envvar="WALLBOUNCE_URL",
        type=GatewayUrl(),
        help="The gateway's address (or WALLBOUNCE_URL); default the one that runs from this "
        "folder, else port 4000 of this machine.",
    )(command)


def question_of(prompt: str) -> str:
    """The question itself, read from standard input where it is ``-``; or click's error for what is none."""
    try:
        text = sys.stdin.read() if prompt == "-" else prompt
        text.encode()
    except UnicodeError:
        raise click.BadParameter("expected UTF-8 text.", param_hint="PROMPT") from None
    if not text.strip():
        raise click.BadParameter("the question is empty.", param_hint="PROMPT")
    return text
