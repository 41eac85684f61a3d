"""`wallbounce rollout simulate`: what a plan would have done, with the judge and the moves in service."""

from __future__ import annotations

from contextlib import ExitStack

import click
import orjson

from gateway.cli.environment import settings_or_exit
from gateway.cli.parameters import FiniteRange
from gateway.cli.rollout_plan import named_plan

SCENARIOS = ("healthy", "errors", "slow", "outage", "quality")
REQUESTS = 300_000
"""At 5 a second 16 hours and 40 minutes: time enough for the `standard` plan."""


@click.command("simulate")
@click.argument("plan", metavar="PLAN")
@click.option(
    "--scenario",
    type=click.Choice(SCENARIOS),
    help="Made-up traffic; what happens to the new path in it.  [default: healthy]",
)
@click.option(
    "--database",
    metavar="URL",
    is_flag=False,
    flag_value="",
    help="The traffic recorded in this database; without a URL the one in use here.",
)
@click.option(
    "--records",
    type=click.Path(exists=True, dir_okay=False, readable=True),
    help="The traffic in a file of JSON lines (docs/rollout.md, Dry run).",
)
@click.option(
    "--requests",
    type=click.IntRange(1, 10_000_000),
    help=f"Requests at most, the oldest of recorded ones; default all recorded, {REQUESTS:,} made up.",
)
@click.option(
    "--rate",
    type=FiniteRange(0.001, 10_000),
    default=5.0,
    show_default=True,
    help="Made-up requests a second, both paths together.",
)
@click.option(
    "--onset",
    type=click.IntRange(0, 10_000_000),
    default=20_000,
    show_default=True,
    help="Made-up requests before the harm.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of all chance in a scenario.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON, and nothing else.")
def simulate(  # noqa: PLR0913 - one parameter an option
    *,
    plan: str,
    scenario: str | None,
    database: str | None,
    records: str | None,
    requests: int | None,
    rate: float,
    onset: int,
    seed: int,
    as_json: bool,
) -> None:
    """Replay PLAN, a preset or a YAML file, on made-up or on recorded traffic.

    Automatic advance is on, approvals are taken as given, the environment's ceiling is 100 %; a
    rollback ends it. Nothing is changed anywhere. Exit code 0 whatever the plan would have done.
    """
    if sum(option is not None for option in (scenario, database, records)) > 1:
        raise click.UsageError("--scenario, --database and --records exclude each other")
    settings = settings_or_exit()
    from gateway.cli.rollout_replay import (  # noqa: PLC0415 - slow to import
        from_database,
        from_file,
        from_scenario,
        replayed,
    )

    tried = named_plan(plan)
    with ExitStack() as stack:
        if records is not None:
            source = from_file(records, requests)
        elif database is not None:
            source = stack.enter_context(from_database(settings, database or None, requests))
        else:
            source = from_scenario(
                scenario or "healthy",
                tried,
                requests=requests or REQUESTS,
                rate=rate,
                onset=onset,
                seed=seed,
            )
        run = replayed(tried, source, settings)
    if as_json:
        click.echo(orjson.dumps(run.body(), option=orjson.OPT_INDENT_2))
        return
    from gateway.cli.rollout_replay_view import replay_tables  # noqa: PLC0415

    replay_tables(run.body())
