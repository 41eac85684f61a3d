"""`wallbounce policy create`: a picture of what is in force, or a policy from elsewhere, with a version."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.environment import one_thread_for_matrices, settings_or_exit

if TYPE_CHECKING:
    from gateway.settings import Settings
    from gateway.storage.policy_store import SqlPolicyStore
    from gateway.storage.sql import Database
    from learning.policy.document import Figure, PolicyDocument
    from learning.policy.making import Known

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("create")
@click.option("--note", default="", help="Kept in the policy: why it was made.")
@click.option(
    "--frozen",
    is_flag=True,
    help="While it is in force its model judges and labels change nothing; else gateways learn on.",
)
@click.option(
    "--report",
    type=EXISTING,
    help="A report of `wallbounce backtest --json`: its figures go into the policy.",
)
@click.option(
    "--layers",
    type=EXISTING,
    help='A JSON file with the weight of each layer of the index: {"vector": 0.6, ...}.',
)
@click.option("--from", "source", type=EXISTING, help="An exported policy to take in instead.")
@click.option("--json", "as_json", is_flag=True, help="The policy and its digest, as JSON.")
def create(  # noqa: PLR0913 - one parameter an option
    note: str,
    *,
    frozen: bool,
    report: Path | None,
    layers: Path | None,
    source: Path | None,
    as_json: bool,
) -> None:
    """Make a policy of what is in force now, fitted anew to the labels in the database.

    It is not in force itself before `wallbounce policy promote`.
    """
    if source is not None and (frozen or report or layers):
        raise click.UsageError("--from takes a policy as it is: no --frozen, --report or --layers")
    settings = settings_or_exit()
    one_thread_for_matrices()
    from gateway.cli.policy_reading import exported  # noqa: PLC0415 - bad settings are told before SQL loads
    from learning.policy.errors import PolicyError  # noqa: PLC0415 - as above

    try:
        if source is not None:
            made = asyncio.run(_taken_in(settings, source, note))
        else:
            made = asyncio.run(_snapshot(settings, note, report, layers, frozen=frozen))
    except PolicyError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(exported(made), nl=False)
        return
    click.echo(
        f"policy {made.version} of {made.fitted_on.labels} labelled answers, not in force: "
        f"`wallbounce policy check {made.version}`, then `promote {made.version}`"
    )


async def _taken_in(settings: Settings, source: Path, note: str) -> PolicyDocument:
    from gateway.cli.policy_reading import from_file, policy_store  # noqa: PLC0415 - as above
    from learning.policy.document import read_policy  # noqa: PLC0415 - as above
    from learning.policy.errors import UnreadablePolicyError  # noqa: PLC0415 - as above

    document, digest = from_file(source)
    if digest is not None and digest != document.digest:
        raise UnreadablePolicyError((f"{source}: its digest is not the one noted in it",))
    changes = {"note": note} if note else {}

    def make(version: int) -> PolicyDocument:
        # Read again, for a copy is not looked at: what is stored must be readable for good.
        return read_policy(document.model_copy(update={"version": version, **changes}).text)

    async with policy_store(settings) as (_, store):
        return await store.add(make)


async def _snapshot(
    settings: Settings, note: str, report: Path | None, layers: Path | None, *, frozen: bool
) -> PolicyDocument:
    from gateway.cli.policy_reading import policy_store  # noqa: PLC0415 - as above
    from gateway.cli.standing import operator  # noqa: PLC0415 - as above
    from learning.policy.making import Making, policy_of, served_figures  # noqa: PLC0415 - as above
    from learning.trust import TrustLearner  # noqa: PLC0415 - as above

    reported, datasets = _reported(report)
    weighed = None if layers is None else _json(layers)
    async with policy_store(settings) as (database, store):
        known = await _known(settings, database)
        figures = served_figures(known, TrustLearner(half_life=known.half_life)) | reported
        now = datetime.now(UTC)

        def make(version: int) -> PolicyDocument:
            making = Making(version, now, operator(), version_of("wallbounce"), note, frozen)
            return policy_of(known, making, figures, datasets, layers=weighed)

        return await _added(store, make)


async def _added(store: SqlPolicyStore, make: Any) -> PolicyDocument:
    from pydantic import ValidationError  # noqa: PLC0415 - as above

    from learning.policy.document import problems_of  # noqa: PLC0415 - as above
    from learning.policy.errors import UnreadablePolicyError  # noqa: PLC0415 - as above

    try:
        return await store.add(make)
    except ValidationError as error:
        raise UnreadablePolicyError(problems_of(error)) from None


async def _known(settings: Settings, database: Database) -> Known:
    from gateway.storage.lesson_store import SqlLessonStore, outcomes_of  # noqa: PLC0415 - as above
    from gateway.storage.policy_facts import policy_facts  # noqa: PLC0415 - as above
    from gateway.teaching.lesson_feed import LessonFeed  # noqa: PLC0415 - as above
    from learning.policy.making import Known  # noqa: PLC0415 - as above
    from learning.trust import TrustLearner  # noqa: PLC0415 - as above

    async def decoded(kept: Any) -> Any:
        return outcomes_of(kept)

    learning = settings.learning
    feed = LessonFeed(SqlLessonStore(database), learning.window, time.monotonic, decoded)
    await feed.read_all()
    labels, lessons = feed.book.labels(), feed.lessons()
    facts = await policy_facts(database, [label.request_id for label in labels])
    return Known(
        lessons=lessons,
        labels=labels,
        model=TrustLearner(half_life=learning.half_life).fit(lessons),
        half_life=float(learning.half_life),
        patterns=facts.patterns,
        first_at=facts.first_at,
        last_at=facts.last_at,
        cost_usd=facts.cost_usd,
        advice={
            "steering": learning.steering,
            "escalation": learning.escalation,
            "exploration": learning.exploration,
            "exploration_budget_usd": learning.exploration_budget_usd,
        },
    )


def _reported(report: Path | None) -> tuple[dict[str, Figure], dict[str, str]]:
    from learning.policy.document import digest_of  # noqa: PLC0415 - as above
    from learning.policy.making import reported_figures  # noqa: PLC0415 - as above

    if report is None:
        return {}, {}
    return reported_figures(_json(report)), {"report": digest_of(report.read_text("utf-8"))}


def _json(path: Path) -> Any:
    from learning.policy.errors import UnreadablePolicyError  # noqa: PLC0415 - as above

    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadablePolicyError((f"{path}: {error.strerror}",)) from None
    except (ValueError, RecursionError) as error:
        raise UnreadablePolicyError((f"{path}: no JSON: {error}",)) from None
