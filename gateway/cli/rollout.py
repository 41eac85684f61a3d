"""`wallbounce rollout`: see where the traffic goes, and move it without a restart."""

from __future__ import annotations

import json
import os
from dataclasses import asdict

import click

from gateway.cli.environment import ENV_FILE, settings_or_exit
from gateway.cli.parameters import FiniteRange
from gateway.cli.rollout_audit import history, verify
from gateway.cli.rollout_moves import MOVES
from gateway.cli.rollout_plan import plan
from gateway.cli.rollout_simulate import simulate
from gateway.cli.rollout_status import status
from gateway.cli.share import APPLIED_WITHIN_S, VARIABLE, Taken, set_everywhere, write


@click.group("rollout")
def command() -> None:
    """See where the traffic goes, try and follow a plan, roll back, acknowledge, audit."""


for _subcommand in (plan, status, simulate, *MOVES, history, verify):
    command.add_command(_subcommand)


@command.command("set")
@click.argument("percentage", type=FiniteRange(0, 100))
@click.option("--json", "as_json", is_flag=True, help="What was set and where, as JSON.")
def set_share(percentage: float, as_json: bool) -> None:
    """Set the share of traffic on the wall-bounce path, in percent.

    Writes SRP_TRAFFIC_PERCENTAGE to the .env of each gateway that runs from this data folder and
    sends it SIGHUP; without one, to the .env here. A rollback that stands is not touched by it.
    """
    # What the file says of the share now does not matter: it may be the mistake to be mended.
    settings = settings_or_exit({VARIABLE: f"{percentage:.12g}"})
    taken = set_everywhere(settings.server.data_dir, percentage)
    if not taken:
        write([str(ENV_FILE.absolute())], percentage)
    if as_json:
        said = {"percentage": percentage, "gateways": [asdict(t) for t in taken]}
        click.echo(json.dumps(said, indent=2))
    elif not taken:
        click.echo(
            f"{VARIABLE}={percentage:g} written to {ENV_FILE.absolute()}; "
            "no gateway runs from this folder, the next one takes it"
        )
    else:
        for gateway in taken:
            click.echo(_sentence(gateway, percentage))
    if VARIABLE in os.environ and not taken:
        click.echo(f"note: .env wins over {VARIABLE} in the environment", err=True)
    if not all(gateway.applied for gateway in taken):
        raise click.ClickException("not every gateway has taken the new share; see its log")


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
    return f"{where}: {percentage:g} % of traffic takes the wall-bounce path"
