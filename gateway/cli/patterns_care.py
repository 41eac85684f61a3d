"""`wallbounce patterns prune` and `rebuild`: fewer patterns, and their index made anew."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.environment import one_thread_for_matrices, settings_or_exit

if TYPE_CHECKING:
    from gateway.settings import Settings
    from learning.lifetime import Doomed

DAYS = 90
"""As `learning.lifetime.BASE_LIFE`, whose import brings nothing else; a test holds them together."""

REMOVED_AT_ONCE = 1_000
"""Patterns a transaction: the gateway's own writes wait no longer."""


@click.command("prune")
@click.option("--max", "at_most", type=click.IntRange(0), help="Default LEARNING_MAX_PATTERNS.")
@click.option(
    "--days",
    type=click.IntRange(1, 36_500),
    default=DAYS,
    show_default=True,
    help="Days a pattern lives that nobody used again and nobody labelled; others live longer.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def prune(at_most: int | None, days: int, dry_run: bool, as_json: bool) -> None:
    """Remove patterns that outlived their time, and those beyond the bound with the least time left.

    What is used again, labelled and right lives longer. Gateways do the same by themselves every hour.
    """
    settings = settings_or_exit()
    bound = settings.learning.max_patterns if at_most is None else at_most
    body = asyncio.run(_pruned(settings, bound, timedelta(days=days), dry_run=dry_run))
    if as_json:
        click.echo(json.dumps(body, indent=2))
        return
    verb = "would go" if dry_run else "removed"
    click.echo(
        f"{body['expired']} patterns at the end of their time and {body['crowded']} beyond the bound "
        f"of {bound} {verb}; {body['left']} stay"
    )


@click.command("rebuild")
def rebuild() -> None:
    """Make the index of patterns anew from the database, in the first folder no gateway uses.

    Gateways rebuild theirs by themselves when it is lost or broken; stop them first to have theirs made
    anew here.
    """
    settings = settings_or_exit()
    one_thread_for_matrices()
    took, count, folder = asyncio.run(_rebuilt(settings))
    click.echo(f"{count} patterns indexed in {took:.1f} s: {folder}")


async def _pruned(
    settings: Settings, at_most: int, base: timedelta, *, dry_run: bool
) -> dict[str, Any]:
    from gateway.cli.evaluate_progress import bar  # noqa: PLC0415 - --help needs neither SQL nor rich
    from gateway.cli.patterns_store import held  # noqa: PLC0415 - as above
    from gateway.storage.pattern_care import uses  # noqa: PLC0415 - as above
    from learning.lifetime import Census  # noqa: PLC0415 - as above

    async with held(settings) as there:
        census = Census(datetime.now(UTC), at_most=at_most, base=base)
        async for page in uses(there.database):
            census.add(page)
        gone = census.doomed()
        numbers = (*gone.expired, *gone.crowded)
        if not dry_run:
            with bar(len(numbers)) as progress:
                progress.now("removing")
                for start in range(0, len(numbers), REMOVED_AT_ONCE):
                    part = numbers[start : start + REMOVED_AT_ONCE]
                    await there.store.remove(part)
                    progress.advance(len(part))
    return _told(gone, len(census), dry_run=dry_run)


def _told(gone: Doomed, count: int, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "expired": len(gone.expired),
        "crowded": len(gone.crowded),
        "left": count - len(gone.expired) - len(gone.crowded),
    }


async def _rebuilt(settings: Settings) -> tuple[float, int, str]:
    from gateway.cli.evaluate_progress import bar  # noqa: PLC0415 - as above
    from gateway.cli.patterns_store import held  # noqa: PLC0415 - as above
    from gateway.embedding import embedder_named  # noqa: PLC0415 - as above
    from gateway.patterns.bringing_up import follow, read_anew  # noqa: PLC0415 - as above
    from gateway.patterns.folders import engine_in  # noqa: PLC0415 - as above
    from learning.graph.errors import EdgesInUseError  # noqa: PLC0415 - as above

    started = time.monotonic()
    async with held(settings) as there:
        embedder = embedder_named(there.embedder)
        assert embedder is not None  # noqa: S101 - `held` has refused `off`
        try:
            engine = engine_in(
                settings.learning_dir,
                embedder,
                there.embedder,
                cache_ttl_s=0.0,
                monotonic=time.monotonic,
            )
        except (EdgesInUseError, OSError) as error:
            raise click.ClickException(f"LEARNING_STORAGE_DIR: {error}") from None
        try:
            with bar(await there.store.count()) as progress:
                progress.now("indexing")
                await read_anew(engine, there.store, progress.reached)
                await follow(engine, there.store)
            engine.flush()
            return time.monotonic() - started, len(engine), str(engine.graph_folder.parent)
        finally:
            engine.close()
