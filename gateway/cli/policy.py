"""`wallbounce policy`: what is in force of all that was learned, as documents with versions."""

from __future__ import annotations

import click

from gateway.cli.policy_making import create
from gateway.cli.policy_moves import promote, revert
from gateway.cli.policy_views import check, diff, export, list_, show


@click.group("policy")
def command() -> None:
    """See, make, try, promote and revert policies: weights and calibration with a version.

    They are read from the database all instances share; no gateway need run.
    """


for _subcommand in (list_, show, export, create, check, diff, promote, revert):
    command.add_command(_subcommand)
