"""`wallbounce backtest history`: what other choices of vendors would have been worth on this gateway's past."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.environment import settings_or_exit
from gateway.cli.parameters import FiniteRange
from gateway.cli.recorded import as_json, make, write

if TYPE_CHECKING:
    from gateway.settings import Settings


@click.command("history")
@click.option(
    "--database", metavar="URL", help="Read this database.  [default: the one in use here]"
)
@click.option(
    "--clip",
    type=FiniteRange(1, 1e6),
    default=20.0,
    show_default=True,
    help="Largest importance weight; what clipping takes is told.",
)
@click.option(
    "--json",
    "out",
    type=click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path),
    help="Write all figures here; `-` prints them instead of the tables.",
)
def history(*, database: str | None, clip: float, out: Path | None) -> None:
    """Estimate other choices of vendors on requests this gateway answered by one choice each.

    It reads the requests on which the learning engine chose whom to ask, the propensity of that choice,
    and the labels that feedback gave: inverse propensity scoring (IPS), self-normalised (SNIPS) and
    doubly robust (DR), with 95 % intervals. What the log cannot tell is refused, with the reason.
    Nothing is changed anywhere.
    """
    settings = settings_or_exit()
    if database is not None:
        from pydantic import SecretStr  # noqa: PLC0415 - the settings have loaded it only now

        server = settings.server.model_copy(update={"database_url": SecretStr(database)})
        settings = replace(settings, server=server)
    to_stdout = out is not None and str(out) == "-"
    if out is not None and not to_stdout:
        make(out.parent)
    body = asyncio.run(_judged(settings, clip))
    if out is not None and not to_stdout:
        write(out, as_json(body))
    if to_stdout:
        click.echo(as_json(body), nl=False)
        return
    from gateway.cli.backtest_history_tables import history_tables  # noqa: PLC0415 - rich is slow

    history_tables(body)
    if out is not None:
        click.echo(f"written: {out}")


async def _judged(settings: Settings, clip: float) -> dict[str, Any]:
    from gateway.cli.database import opened  # noqa: PLC0415 - bad settings are told before SQL loads
    from gateway.cli.evaluate_progress import bar  # noqa: PLC0415 - as above
    from gateway.storage.advice_history import AdviceHistory  # noqa: PLC0415
    from gateway.storage.errors import StorageError  # noqa: PLC0415
    from learning.backtest.off_policy.history import judge  # noqa: PLC0415
    from learning.backtest.off_policy.policies import LoggedRequest  # noqa: PLC0415
    from learning.backtest.off_policy.reading import logged_request  # noqa: PLC0415

    usable: list[LoggedRequest] = []
    left_out: Counter[str] = Counter()
    async with opened(settings, migrate=False) as database:
        recorded = AdviceHistory(database)
        try:
            advised, everything = await recorded.counts()
            with bar(advised) as shown:
                shown.now("requests")
                async for row in recorded.requests():
                    read = logged_request(
                        row.at, row.task_type, row.advice, row.correct, row.cost_usd
                    )
                    if isinstance(read, LoggedRequest):
                        usable.append(read)
                    else:
                        left_out[read] += 1
                    shown.advance()
        except StorageError as error:
            raise click.ClickException(f"DATABASE_URL: {error}") from None
    left_out["no advice"] = everything - advised
    return {
        "database": database.shown,
        "recorded": everything,
        "left_out": {reason: count for reason, count in sorted(left_out.items()) if count},
        **judge(usable, clip),
    }
