"""`wallbounce patterns`: what requests have taught, looked at and tended."""

from __future__ import annotations

import click

from gateway.cli.patterns_care import prune, rebuild
from gateway.cli.patterns_files import backup, export, import_, restore
from gateway.cli.patterns_views import list_, search, show


@click.group("patterns")
def command() -> None:
    """See, back up and tend what requests have taught.

    Patterns are read from the database all instances share; no gateway need run, and one that runs goes
    on and follows what is changed here.
    """


for _subcommand in (list_, show, search, backup, restore, rebuild, export, import_, prune):
    command.add_command(_subcommand)
