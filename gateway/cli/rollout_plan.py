"""`wallbounce rollout plan`: checks a plan and shows it, stage by stage."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from gateway.cli.environment import settings_or_exit

if TYPE_CHECKING:
    from gateway.rollout.plan import RolloutPlan
    from gateway.settings import Settings


@click.command("plan", epilog="Exit code: 0 shown, 1 the plan makes no sense, 2 called wrongly.")
@click.argument("plan", metavar="[PLAN]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Every field of the plan as JSON.")
def plan(plan: str | None, as_json: bool) -> None:
    """Check PLAN, a preset or a YAML file, and show its stages.

    Without PLAN: the one in force in the database; where no gateway was started yet, the one that
    SRP_ROLLOUT_PLAN names. The presets are standard, conservative, growth and mature.
    """
    shown, told = (
        _in_force() if plan is None else (named_plan(plan), "checked, not in force by that")
    )
    if shown is None:
        if as_json:
            click.echo("null")
        else:
            click.echo("no plan is in force: SRP_TRAFFIC_PERCENTAGE alone sets the share")
        return
    from gateway.api.rollout_body import plan_body, stages_body  # noqa: PLC0415

    body = plan_body(shown) | {"stages": stages_body(shown)}
    if as_json:
        click.echo(orjson.dumps(body, option=orjson.OPT_INDENT_2))
        return
    from gateway.cli.rollout_plan_view import plan_tables  # noqa: PLC0415 - rich is slow to import

    plan_tables(body, told)


def named_plan(name: str) -> RolloutPlan:
    """The plan a preset's name or a file's path stands for.

    Raises:
        click.ClickException: there is none, or it makes no sense; all that is wrong, a line each.
    """
    from gateway.rollout.plan_file import PlanFileError, plan_named  # noqa: PLC0415 - --help needs none
    from gateway.rollout.presets import PRESET_NAMES  # noqa: PLC0415

    if name not in PRESET_NAMES and not Path(name).exists():
        presets = ", ".join(PRESET_NAMES)
        raise click.ClickException(f"{name} is neither a file nor one of the presets {presets}")
    try:
        return plan_named(name)
    except PlanFileError as error:
        raise click.ClickException("\n".join(error.lines)) from None


def _in_force() -> tuple[RolloutPlan | None, str]:
    settings = settings_or_exit()
    from gateway.storage.address import sqlite_file  # noqa: PLC0415

    file = sqlite_file(settings.database_url)
    if file is None or file.exists():
        return asyncio.run(_stored(settings)), "in force"
    from gateway.configuration import rollout_plan_of  # noqa: PLC0415

    return rollout_plan_of(settings), "by SRP_ROLLOUT_PLAN, from the first start on"


async def _stored(settings: Settings) -> RolloutPlan | None:
    from gateway.cli.database import opened  # noqa: PLC0415
    from gateway.storage.rollout_store import SqlRolloutStore  # noqa: PLC0415

    async with opened(settings) as database:
        return (await SqlRolloutStore(database).load()).plan
