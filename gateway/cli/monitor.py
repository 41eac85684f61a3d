"""`wallbounce monitor`: what days amounted to, what rises or falls, what was wrong, which vendor changed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from gateway.cli.environment import settings_or_exit
from gateway.cli.parameters import TimeZone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

INDENTED = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS


@click.group("monitor")
def command() -> None:
    """See what days amounted to: figures, trends, alerts, changes of vendors, a report.

    Read from the database all instances share; no gateway need run. First the figures are brought up to
    date, unless --as-is says to leave them.
    """


def _days_option(default: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(
        "--days",
        type=click.IntRange(1, 3_660),
        default=default,
        show_default=True,
        help="Days up to today.",
    )


def _common(call: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option(
            "--timezone",
            "zone",
            type=TimeZone(),
            default="UTC",
            show_default=True,
            help="Whose days, such as Asia/Tokyo.",
        ),
        click.option("--as-is", is_flag=True, help="Leave the figures as they are; only read."),
        click.option("--json", "as_json", is_flag=True, help="The same as JSON, and nothing else."),
    ):
        call = option(call)
    return call


_plots = click.option(
    "--plots",
    type=click.Path(file_okay=False, path_type=Path),
    help="Also write pictures (PNG) into this folder.",
)


@command.command("daily")
@_days_option(7)
@_plots
@_common
def daily(*, days: int, plots: Path | None, **common: Any) -> None:
    """Figures by day, of each arm and each provider."""
    body = _read(days, common)
    _drawn(body, plots, ("daily",))
    if common["as_json"]:
        _echo({k: body[k] for k in ("from", "to", "timezone", "rolled_up_at", "days", "total")})
        return
    from gateway.cli.monitor_tables import daily_tables  # noqa: PLC0415 - rich is slow to import

    daily_tables(body)


@command.command("trend")
@_days_option(28)
@_plots
@_common
def trend(*, days: int, plots: Path | None, **common: Any) -> None:
    """What rises or falls: Theil-Sen slopes, judged together by Mann-Kendall tests."""
    body = _read(days, common)
    _drawn(body, plots, ("trend",))
    if common["as_json"]:
        _echo({k: body[k] for k in ("from", "to", "timezone", "rolled_up_at", "trends")})
        return
    from gateway.cli.monitor_tables import trend_tables  # noqa: PLC0415 - as above

    trend_tables(body)


@command.command(
    "alerts",
    epilog="Exit code: 0 whatever is found; 1 if the figures cannot be read, 2 called wrongly.",
)
@_days_option(7)
@_common
def alerts(*, days: int, **common: Any) -> None:
    """What was wrong with each day, and the vendors that were found changed."""
    body = _read(days, common)
    if common["as_json"]:
        kept = ("from", "to", "timezone", "rolled_up_at", "alerts", "changes", "watched")
        _echo({k: body[k] for k in kept})
        return
    from gateway.cli.monitor_tables import alerts_tables  # noqa: PLC0415 - as above

    alerts_tables(body)


@command.command("report")
@_days_option(28)
@_plots
@click.option(
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the report (Markdown) into this file instead of printing it.",
)
@_common
def report(*, days: int, plots: Path | None, output: Path | None, **common: Any) -> None:
    """Everything of these days in one document: Markdown, or JSON."""
    body = _read(days, common)
    pictures = _drawn(body, plots, ("daily", "trend"))
    if common["as_json"]:
        text = orjson.dumps(body, option=INDENTED).decode()
    else:
        from gateway.cli.monitor_markdown import markdown  # noqa: PLC0415 - only where it is used

        text = markdown(body, pictures)
    if output is None:
        click.echo(text)
        return
    try:
        output.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error}") from None
    click.echo(f"written to {output}")


def _read(days: int, common: Mapping[str, Any]) -> dict[str, Any]:
    settings = settings_or_exit()
    from gateway.cli.monitor_reading import read  # noqa: PLC0415 - bad settings are told before SQL loads

    return asyncio.run(read(settings, days, common["zone"], roll_up=not common["as_is"]))


def _drawn(body: Mapping[str, Any], folder: Path | None, which: tuple[str, ...]) -> list[Path]:
    if folder is None:
        return []
    from gateway.cli.monitor_plots import draw  # noqa: PLC0415 - matplotlib is slow to import

    try:
        folder.mkdir(parents=True, exist_ok=True)
        drawn = draw(body, folder, which)
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written: {error}") from None
    for path in drawn:
        click.echo(f"drawn: {path}", err=True)
    return drawn


def _echo(body: Mapping[str, Any]) -> None:
    click.echo(orjson.dumps(body, option=INDENTED))
