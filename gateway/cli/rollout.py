"""`wallbounce rollout`: see where the traffic goes, and move it without a restart."""

from __future__ import annotations

import asyncio
import getpass
import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from gateway.cli import client
from gateway.cli.environment import ENV_FILE, settings_or_exit
from gateway.cli.share import APPLIED_WITHIN_S, VARIABLE, Taken, set_everywhere, write
from gateway.errors import GatewayError

if TYPE_CHECKING:
    from gateway.settings import Settings


@click.group("rollout")
def command() -> None:
    """See and set the traffic share; roll back; acknowledge a rollback."""


@command.command("status")
@client.url_option
@click.option("--json", "as_json", is_flag=True, help="The body of GET /api/v1/rollout.")
def status(url: str | None, as_json: bool) -> None:
    """Stage, arms with their figures, verdict, history."""
    settings = settings_or_exit()
    body = client.get(client.address(url, settings.server.data_dir), "/api/v1/rollout")
    if as_json:
        click.echo(json.dumps(body, indent=2, ensure_ascii=False))
        return
    from gateway.cli.tables import rollout_tables  # noqa: PLC0415 - rich is slow to import

    rollout_tables(body)


@command.command("set")
@click.argument("percentage", type=click.FloatRange(0, 100))
@click.option("--json", "as_json", is_flag=True, help="What was set and where, as JSON.")
def set_share(percentage: float, as_json: bool) -> None:
    """Set the share of traffic on the wall-bounce path, in percent.

    Writes SRP_TRAFFIC_PERCENTAGE to the .env of each gateway that runs from this data folder and
    sends it SIGHUP; without one, to the .env here. A rollback that stands is not touched by it.
    """
    settings = settings_or_exit()
    taken = set_everywhere(settings.server.data_dir, percentage)
    if not taken:
        write([str(ENV_FILE.absolute())], percentage)
    if as_json:
        click.echo(json.dumps({"percentage": percentage, "gateways": [asdict(t) for t in taken]}))
    elif not taken:
        click.echo(f"{VARIABLE}={percentage:g} written to .env; no gateway runs from this folder")
    else:
        for gateway in taken:
            click.echo(_sentence(gateway, percentage))
    if not all(gateway.applied for gateway in taken):
        raise click.ClickException("not every gateway has taken the new share; see its log")


@command.command("rollback")
@click.option("--reason", default="by hand", show_default=True)
def rollback(reason: str) -> None:
    """Send all traffic to the legacy path, on every instance that shares the database.

    Needs no operator key: whoever may write the database may do this. Running gateways follow
    within half a second.
    """
    asyncio.run(_move(settings_or_exit(), "rollback", reason))
    click.echo(
        "rolled back: all traffic takes the legacy path until `wallbounce rollout acknowledge`"
    )


@command.command("acknowledge")
def acknowledge() -> None:
    """Let traffic return after a rollback, to the share the environment says."""
    asyncio.run(_move(settings_or_exit(), "acknowledge", ""))
    click.echo("acknowledged: traffic returns to the share the environment says")


async def _move(settings: Settings, move: str, reason: str) -> None:
    from gateway.storage.rollout_store import SqlRolloutStore  # noqa: PLC0415 - only these two need SQL
    from gateway.storage.sql import Database  # noqa: PLC0415

    database = await Database.open(settings.database_url)
    try:
        await database.migrate()
        store = SqlRolloutStore(database)
        by = f"{getpass.getuser()}@cli"
        if move == "rollback":
            await store.trip(reason, {}, by, datetime.now(UTC))
        else:
            await store.acknowledge(by, datetime.now(UTC))
    except GatewayError as error:
        raise click.ClickException(error.detail) from None
    finally:
        await database.aclose()


def _sentence(gateway: Taken, percentage: float) -> str:
    where = f"gateway {gateway.pid} at {gateway.url}"
    if not gateway.applied:
        return f"{where}: not applied within {APPLIED_WITHIN_S:g} s"
    if gateway.tripped:
        return (
            f"{where}: {percentage:g} % is set, but a rollback stands: all traffic stays on the "
            "legacy path until it is acknowledged"
        )
    if gateway.stage == "disabled":
        return f"{where}: {percentage:g} % is set, but USE_SRP_WALL_BOUNCE is off"
    return f"{where}: {gateway.stage} % of traffic takes the wall-bounce path"
