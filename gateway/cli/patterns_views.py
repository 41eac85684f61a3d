"""`wallbounce patterns list`, `show` and `search`: nothing is changed by them."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.environment import one_thread_for_matrices, settings_or_exit

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.settings import Settings
    from gateway.storage.pattern_care import Wanted

OUTCOMES = ("right", "wrong", "mixed", "failed", "open")
MOST_LISTED = 10_000
TASKS = ("basic", "premium", "critical")


def _as_json(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--json", "as_json", is_flag=True, help="The same as JSON.")(command)


def _echo(body: object) -> None:
    click.echo(json.dumps(body, indent=2, ensure_ascii=False))


@click.command("list")
@click.option("--limit", type=click.IntRange(1, MOST_LISTED), default=20, show_default=True)
@click.option("--task", type=click.Choice(TASKS), help="Only of this task type.")
@click.option("--kind", help="Only questions that ask for this, such as `number`.")
@click.option("--language", help="Only of this language, such as `ja`.")
@click.option("--outcome", type=click.Choice(OUTCOMES), help="Only those that went so.")
@click.option("--provider", help="Only those this provider was asked in.")
@_as_json
def list_(limit: int, as_json: bool, **wanted: str | None) -> None:
    """The patterns used last, the newest first."""
    from gateway.storage.pattern_care import Wanted  # noqa: PLC0415 - --help needs no SQL

    body = asyncio.run(_listed(settings_or_exit(), Wanted(**wanted), limit))
    if as_json:
        _echo(body)
        return
    from gateway.cli.patterns_tables import list_tables  # noqa: PLC0415 - rich is slow to import

    list_tables(body)


@click.command("show")
@click.argument("number", type=click.IntRange(min=1))
@_as_json
def show(number: int, as_json: bool) -> None:
    """One pattern: what was asked, who answered, how it went, what there is to learn."""
    body = asyncio.run(_one(settings_or_exit(), number))
    if as_json:
        _echo(body)
        return
    from gateway.cli.patterns_tables import pattern_tables  # noqa: PLC0415 - as above

    pattern_tables(body)


@click.command("search")
@click.argument("question")
@click.option("--k", "most", type=click.IntRange(1, 100), default=10, show_default=True)
@click.option("--task", type=click.Choice(TASKS), default="basic", show_default=True)
@_as_json
def search(question: str, most: int, task: str, as_json: bool) -> None:
    """The patterns most like QUESTION, by all six layers of the index.

    Every pattern is looked at, not the index of a gateway: it takes a second for some 20,000, finds what
    is nearest for certain, and disturbs nobody.
    """
    if not question.strip():
        raise click.UsageError("QUESTION is empty")
    settings = settings_or_exit()
    one_thread_for_matrices()
    body = asyncio.run(_found(settings, question, most, task))
    if as_json:
        _echo(body)
        return
    from gateway.cli.patterns_tables import search_tables  # noqa: PLC0415 - as above

    search_tables(body)


async def _listed(settings: Settings, wanted: Wanted, limit: int) -> dict[str, Any]:
    from gateway.cli.patterns_store import held  # noqa: PLC0415 - as above
    from gateway.cli.patterns_words import summary  # noqa: PLC0415 - as above
    from gateway.storage.pattern_care import newest  # noqa: PLC0415 - as above

    async with held(settings) as there:
        found = await newest(there.database, there.embedder, wanted, limit)
        return {
            "enabled": settings.learning.enabled and settings.learning.patterns,
            "embedder": there.embedder,
            "patterns": await there.store.count(),
            "listed": [summary(pattern) for pattern in found],
        }


async def _one(settings: Settings, number: int) -> dict[str, Any]:
    from gateway.cli.patterns_store import held  # noqa: PLC0415 - as above
    from gateway.cli.patterns_words import whole  # noqa: PLC0415 - as above

    async with held(settings) as there:
        found = await there.store.get([number])
    if not found:
        raise click.ClickException(f"there is no pattern {number}")
    return whole(found[0])


async def _found(settings: Settings, question: str, most: int, task: str) -> dict[str, Any]:
    from gateway.cli.evaluate_progress import bar  # noqa: PLC0415 - as above
    from gateway.cli.patterns_searching import nearest, scenario_of  # noqa: PLC0415 - as above
    from gateway.cli.patterns_store import held  # noqa: PLC0415 - as above
    from gateway.cli.patterns_words import found_words  # noqa: PLC0415 - as above

    async with held(settings) as there:
        with bar(await there.store.count()) as progress:
            progress.now("looking")
            scenario = scenario_of(settings, question, task)
            neighbours = await nearest(there.store, scenario, most, progress.advance)
    return {
        "question": question,
        "words": list(scenario.words),
        "kind": scenario.kind,
        "language": scenario.language,
        "found": [found_words(pattern, near) for pattern, near in neighbours],
    }
