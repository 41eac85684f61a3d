"""`wallbounce trust`: what feedback has taught, read from the database all instances share."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.environment import one_thread_for_matrices, settings_or_exit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.settings import Settings
    from gateway.storage.lesson_store import KeptBallot, Outcomes


@click.command("trust")
@click.option("--json", "as_json", is_flag=True, help="The same figures as JSON.")
def command(as_json: bool) -> None:
    """Show, by kind of question, what each provider's vote counts, and from how many labelled answers.

    It learns anew from the feedback in the database, as gateways do that share it; none need run.
    A weight of 1 is the prior's. `calibrated` are kinds with labelled answers enough to say so.
    """
    settings = settings_or_exit()
    one_thread_for_matrices()
    body = asyncio.run(_learned(settings))
    if as_json:
        click.echo(json.dumps(body, indent=2, ensure_ascii=False))
        return
    from gateway.cli.trust_tables import trust_tables  # noqa: PLC0415 - rich is slow to import

    trust_tables(body)


async def _learned(settings: Settings) -> dict[str, Any]:
    from gateway.cli.database import opened  # noqa: PLC0415 - bad settings are told before SQL loads
    from gateway.storage.errors import StorageError  # noqa: PLC0415
    from gateway.storage.lesson_store import SqlLessonStore  # noqa: PLC0415
    from gateway.teaching.lesson_feed import LessonFeed  # noqa: PLC0415
    from gateway.teaching.summary import learned_by_kind  # noqa: PLC0415
    from learning.trust import TrustLearner  # noqa: PLC0415

    learning = settings.learning
    async with opened(settings) as database:
        feed = LessonFeed(SqlLessonStore(database), learning.window, time.monotonic, _decoded)
        try:
            await feed.read_all()
        except StorageError as error:
            raise click.ClickException(f"DATABASE_URL: {error}") from None
    lessons = feed.lessons()
    model = TrustLearner(half_life=learning.half_life).fit(lessons)
    return {
        "enabled": learning.enabled,
        "window": learning.window,
        "half_life": learning.half_life,
        "lessons": len(lessons),
        "kinds": [asdict(entry) for entry in learned_by_kind(lessons, model)],
    }


async def _decoded(kept: Mapping[str, KeptBallot]) -> Outcomes:
    from gateway.storage.lesson_store import outcomes_of  # noqa: PLC0415 - as above

    return outcomes_of(kept)
