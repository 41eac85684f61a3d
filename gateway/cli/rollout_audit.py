"""`wallbounce rollout history` and `verify`: what was done, and whether the history is whole."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click
import orjson

from gateway.cli.environment import settings_or_exit

if TYPE_CHECKING:
    from gateway.rollout.audit import Verification
    from gateway.rollout.state import RolloutEvent
    from gateway.settings import Settings

INDENTED = orjson.OPT_INDENT_2


@click.command("history")
@click.option(
    "--limit",
    type=click.IntRange(1, 100_000),
    default=20,
    show_default=True,
    help="Events at most, the newest.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="The same with figures, states and digests, as JSON."
)
def history(limit: int, as_json: bool) -> None:
    """Every change of the rollout with who made it, when and why; newest first.

    Read from the database all instances share; no gateway need run.
    """
    events = asyncio.run(_events(settings_or_exit(), limit))
    if as_json:
        click.echo(orjson.dumps(events, option=INDENTED))
        return
    if not events:
        click.echo("nothing was done yet: the environment's share applies alone")
        return
    from rich.console import Console  # noqa: PLC0415 - slow to import

    from gateway.cli.rollout_view import history_table  # noqa: PLC0415

    Console(highlight=False).print(history_table(orjson.loads(orjson.dumps(events))))


@click.command("verify", epilog="Exit code: 0 whole, 1 broken or not readable, 2 called wrongly.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def verify(as_json: bool) -> None:
    """Check the history's chain of digests: whether an event was changed, removed or added.

    Whoever may rewrite the whole database can also rewrite the whole chain. Against that, keep the
    digest this prints somewhere else: a later check of the same version must print it again.
    """
    found = asyncio.run(_verified(settings_or_exit()))
    if as_json:
        click.echo(orjson.dumps(asdict(found), option=INDENTED))
    elif found.ok:
        click.echo(f"whole: {found.checked} events, the last of digest {found.digest}")
    else:
        click.echo(f"broken from version {found.first_broken} on: {found.why}", err=True)
        click.echo(f"{found.checked} events before it are whole", err=True)
    sys.exit(0 if found.ok else 1)


async def _events(settings: Settings, limit: int) -> list[RolloutEvent]:
    from gateway.cli.database import opened  # noqa: PLC0415 - bad settings are told before SQL loads
    from gateway.storage.rollout_store import SqlRolloutStore  # noqa: PLC0415

    async with opened(settings) as database:
        return await SqlRolloutStore(database).history(limit)


async def _verified(settings: Settings) -> Verification:
    from gateway.cli.database import opened  # noqa: PLC0415 - as above
    from gateway.storage.rollout_store import SqlRolloutStore  # noqa: PLC0415

    async with opened(settings) as database:
        return await SqlRolloutStore(database).verify()
