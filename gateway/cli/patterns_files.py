"""`wallbounce patterns backup`, `restore`, `export` and `import`: what was learned, in files."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.environment import one_thread_for_matrices, settings_or_exit

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from gateway.settings import Settings

_IN = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUT = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command("backup")
@click.argument("file", type=_OUT)
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
def backup(file: Path, force: bool) -> None:
    """Save everything learned as it stands now: patterns, which requests they stand for, policies.

    FILE is packed by gzip and ends with its own digest. Gateways may go on meanwhile. Labels and requests
    are in the journal, which the database's own backup keeps.
    """
    _refuse_present(file, force=force)
    _tell("saved", _run(_backup(settings_or_exit(), file)), file)


@click.command("restore")
@click.argument("file", type=_IN)
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(file: Path, yes: bool) -> None:
    """Put a backup in the place of everything learned, whole or not at all.

    Gateways that run follow within seconds; on SQLite their own writes wait until it is done, a second for
    some 20,000 patterns: stop them for larger ones. Patterns of requests since the backup are lost, their
    labels are not.
    """
    settings = settings_or_exit()
    if not yes:
        there = _run(_count(settings))
        click.confirm(f"This replaces {there} patterns. Go on?", abort=True, err=True)
    _tell("restored", _run(_restore(settings, file)), file)


@click.command("export")
@click.argument("file", type=_OUT)
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
def export(file: Path, force: bool) -> None:
    """Write all patterns as lines of JSON that other programs can read; packed if FILE ends in .gz."""
    _refuse_present(file, force=force)
    count = _run(_export(settings_or_exit(), file))
    click.echo(f"{count} patterns written: {file}")


@click.command("import")
@click.argument("file", type=_IN)
def import_(file: Path) -> None:
    """Take in patterns that `export` wrote, here or elsewhere; those that are there already are left.

    The whole file is read first: a line that makes no sense is named, and nothing is taken in. An
    import that was cut short may be done again.
    """
    settings = settings_or_exit()
    one_thread_for_matrices()
    taken, known = _run(_import(settings, file))
    click.echo(f"{taken} patterns taken in, {known} known already: {file}")


async def _backup(settings: Settings, file: Path) -> dict[str, int]:
    from gateway.cli.evaluate_progress import bar  # noqa: PLC0415 - --help needs neither SQL nor rich
    from gateway.cli.patterns_store import held  # noqa: PLC0415 - as above
    from gateway.storage.pattern_archive import save  # noqa: PLC0415 - as above

    async with held(settings) as there:
        with bar(0) as progress:
            progress.now("saving")
            return await save(there.database, file, progress.reached)


async def _restore(settings: Settings, file: Path) -> dict[str, int]:
    from gateway.cli.evaluate_progress import bar  # noqa: PLC0415 - as above
    from gateway.cli.patterns_store import held  # noqa: PLC0415 - as above
    from gateway.storage.errors import DataRefusedError  # noqa: PLC0415 - as above
    from gateway.storage.pattern_archive import ArchiveError, restore  # noqa: PLC0415 - as above

    async with held(settings) as there:
        with bar(0) as progress:
            progress.now("restoring")
            try:
                return await restore(there.database, file, progress.reached)
            except (ArchiveError, DataRefusedError) as error:
                raise click.ClickException(f"{error}; nothing was changed") from None


async def _count(settings: Settings) -> int:
    from gateway.cli.patterns_store import held  # noqa: PLC0415 - as above

    async with held(settings) as there:
        return await there.store.count()


async def _export(settings: Settings, file: Path) -> int:
    from gateway.cli.evaluate_progress import bar  # noqa: PLC0415 - as above
    from gateway.cli.patterns_exchange import write  # noqa: PLC0415 - as above
    from gateway.cli.patterns_store import held  # noqa: PLC0415 - as above

    async with held(settings) as there:
        with bar(await there.store.count()) as progress:
            progress.now("writing")
            return await write(there.store, there.embedder, file, progress.advance)


async def _import(settings: Settings, file: Path) -> tuple[int, int]:
    from gateway.cli.evaluate_progress import bar  # noqa: PLC0415 - as above
    from gateway.cli.patterns_exchange import take_in  # noqa: PLC0415 - as above
    from gateway.cli.patterns_store import held  # noqa: PLC0415 - as above
    from gateway.storage.errors import DataRefusedError  # noqa: PLC0415 - as above
    from learning.patterns.exchange import UnreadablePatternError  # noqa: PLC0415 - as above

    async with held(settings) as there:
        with bar(0) as progress:
            progress.now("taking in")
            try:
                return await take_in(there.store, there.embedder, file, progress.reached)
            except UnreadablePatternError as error:
                raise click.ClickException(f"{error}; nothing was taken in") from None
            except DataRefusedError as error:
                raise click.ClickException(
                    f"{error}; what came before it may have been taken in, and is known next time"
                ) from None


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    try:
        return asyncio.run(work)
    except OSError as error:
        # A full disk is told without a name.
        said = error.strerror or str(error)
        where = f"{error.filename}: " if error.filename else ""
        raise click.ClickException(f"{where}{said}") from None


def _refuse_present(file: Path, *, force: bool) -> None:
    if file.exists() and not force:
        raise click.ClickException(f"{file} is there already; --force replaces it")


def _tell(done: str, rows: dict[str, int], file: Path) -> None:
    told = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in rows.items())
    click.echo(f"{done}: {told}: {file}")
    sys.stdout.flush()
