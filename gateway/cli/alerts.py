"""`wallbounce alerts`: what is wrong, and whether those who should hear of it would."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import click

from gateway.alerts.levels import Level
from gateway.cli import client
from gateway.cli.environment import settings_or_exit
from gateway.cli.parameters import url_option

if TYPE_CHECKING:
    from gateway.alerts.outbox import Outbox
    from gateway.settings import Settings


@click.group("alerts")
def command() -> None:
    """See what is wrong, and try the channels that tell of it."""


@command.command("list")
@url_option
@click.option("--json", "as_json", is_flag=True, help="The body of GET /api/v1/alerts.")
def list_alerts(url: str | None, as_json: bool) -> None:
    """Alerts that fire or are about to, the rules, the channels.

    Without a gateway: the rules, and the channels this environment configures.
    """
    settings = settings_or_exit()
    try:
        body = client.get(client.address(url, settings.server.data_dir), "/api/v1/alerts")
    except client.UnreachableError as error:
        if url is not None:
            raise
        click.echo(f"note: {error.message}", err=True)
        body = _configured(settings)
    if as_json:
        click.echo(json.dumps(body, indent=2, ensure_ascii=False))
        return
    from gateway.cli.alert_tables import alert_tables  # noqa: PLC0415 - rich is slow to import

    alert_tables(body)


@command.command("test")
@click.option(
    "--level",
    type=click.Choice([level.value for level in Level]),
    default=Level.WARNING.value,
    show_default=True,
    help="How loud the message is; a channel for louder ones only is left out.",
)
@click.option("--json", "as_json", is_flag=True, help="What became of it, as JSON.")
def test(level: str, as_json: bool) -> None:
    """Send a message through every channel of this environment, and say whether it arrived.

    Each channel gets one try. Ends with 1 if a message did not arrive, or there is no channel.
    """
    settings = settings_or_exit()
    if not settings.alerts.urls:
        raise click.ClickException("no channel is configured: set WALLBOUNCE_ALERT_URLS")
    outcomes = asyncio.run(_tried(settings, Level(level)))
    if as_json:
        click.echo(json.dumps({"level": level, "channels": outcomes}, indent=2))
    else:
        for outcome in outcomes:
            click.echo(_sentence(outcome))
    if any(outcome["outcome"] == "failed" for outcome in outcomes):
        raise click.ClickException("not every channel took the message")
    if all(outcome["outcome"] == "skipped" for outcome in outcomes):
        raise click.ClickException(f"no channel is told of a {level}")


async def _tried(settings: Settings, level: Level) -> list[dict[str, Any]]:
    from gateway.alerting import outboxes  # noqa: PLC0415 - wrong options are told before all loads
    from gateway.alerts.channels import Refused  # noqa: PLC0415
    from gateway.alerts.messages import trial  # noqa: PLC0415
    from gateway.factory import instance_of  # noqa: PLC0415

    message = trial(level, instance_of(settings))

    async def one(outbox: Outbox) -> dict[str, Any]:
        said = {"name": outbox.name, "level": outbox.level.value, "why": None}
        if level.loudness < outbox.level.loudness:
            return said | {"outcome": "skipped"}
        try:
            await outbox.deliver(message, tries=1)
        except Refused as refused:
            return said | {"outcome": "failed", "why": str(refused)}
        return said | {"outcome": "sent"}

    return list(await asyncio.gather(*map(one, outboxes(settings.alerts))))


def _configured(settings: Settings) -> dict[str, Any]:
    """What `GET /api/v1/alerts` would say, as far as the environment tells."""
    from gateway.alerts.addresses import names  # noqa: PLC0415
    from gateway.alerts.rules import RULES  # noqa: PLC0415
    from gateway.api.alerts_body import rule_body  # noqa: PLC0415

    alerts = settings.alerts
    return {
        "instance": None,
        "alerts": None,
        "quiet_hours": None if alerts.quiet_hours is None else str(alerts.quiet_hours),
        "channels": [
            {"name": name, "level": level}
            for name, (level, _) in zip(names(alerts.urls), alerts.urls, strict=True)
        ],
        "rules": [rule_body(rule) for rule in RULES],
    }


def _sentence(outcome: dict[str, Any]) -> str:
    match outcome["outcome"]:
        case "sent":
            return f"{outcome['name']}: sent"
        case "skipped":
            return f"{outcome['name']}: left out, it is told from {outcome['level']} on"
        case _:
            return f"{outcome['name']}: failed: {outcome['why']}"
