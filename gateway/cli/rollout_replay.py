"""Replays a plan on traffic, made up or recorded, with a bar; the judging is `gateway.rollout.dry_run`."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import chain, islice
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

import click
from pydantic import SecretStr

from gateway.api.rollout_body import plan_body, verdict_body
from gateway.cli.database import opened
from gateway.cli.evaluate_progress import bar
from gateway.cli.rollout_records import read_records
from gateway.configuration import rules_of
from gateway.rollout.dry_run import DryRun
from gateway.rollout.observation import Observation
from gateway.rollout.recorded import moments
from gateway.rollout.scenarios import BEGIN, SCENARIOS, MadeUpTraffic
from gateway.storage.errors import StorageError
from gateway.storage.traffic_history import TrafficHistory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from gateway.rollout.dry_run import Moment, Passage
    from gateway.rollout.observation import Label
    from gateway.rollout.plan import RolloutPlan
    from gateway.settings import Settings

Item = TypeVar("Item")

SHOWN_EVERY = 500
"""Requests between two movements of the bar."""

AS_RECORDED = (
    "the arms are judged as they were recorded: the traffic was split as it was, whatever stage the "
    "plan would have been at"
)

APPROVALS_GIVEN = "approvals are taken as given the moment a stage may end"


@dataclass(frozen=True, slots=True)
class Source:
    """Traffic to replay.

    ``next`` gives what became known next while ``share`` of the traffic takes the open arms, None at
    the end. ``began`` is when the first request came in, ``total`` how many there are at most.
    """

    told: str
    notes: tuple[str, ...]
    began: datetime
    total: int
    next: Callable[[float, Sequence[str]], Moment | None]


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of it."""

    plan: RolloutPlan
    source: Source
    run: DryRun
    requests: int
    labels: int

    def body(self) -> dict[str, Any]:
        """The same as JSON has it; times in seconds."""
        passages = self.run.passages()
        trip = self.run.state.trip
        ended = passages[-1].ended
        return {
            "plan": plan_body(self.plan),
            "traffic": {"told": self.source.told, "notes": self._notes()},
            "began": self.source.began,
            "ended": ended,
            "lasted_s": (ended - self.source.began).total_seconds(),
            "requests": self.requests,
            "labels": self.labels,
            "complete": self.run.complete,
            "reached_percentage": passages[-1].percentage,
            "rolled_back": None if trip is None else asdict(trip),
            "closed": [asdict(closing) for closing in self.run.closings],
            "stages": [self._stage(passage) for passage in passages],
        }

    def _notes(self) -> list[str]:
        notes = list(self.source.notes)
        if any(stage.approvals for stage in self.plan.stages):
            notes.append(APPROVALS_GIVEN)
        return notes

    def _stage(self, passage: Passage) -> dict[str, Any]:
        return {
            "percentage": passage.percentage,
            "began": passage.began,
            "after_s": (passage.began - self.source.began).total_seconds(),
            "lasted_s": (passage.ended - passage.began).total_seconds(),
            "outcome": passage.outcome,
            "requests": passage.requests,
            "verdicts": {name: verdict_body(v) for name, v in passage.verdicts.items()},
        }


def replayed(plan: RolloutPlan, source: Source, settings: Settings) -> Replay:
    """The plan through all of the traffic, to a rollback, or to where it has nothing more to ask."""
    run = DryRun(plan, lambda state: rules_of(settings, state), source.began)
    requests = labels = 0
    with bar(source.total) as shown:
        while not run.over and not run.complete:
            moment = source.next(run.share, run.state.closed)
            if moment is None:
                break
            run.see(moment)
            if not isinstance(moment.seen, Observation):
                labels += 1
                continue
            requests += 1
            if requests % SHOWN_EVERY == 0:
                shown.advance(SHOWN_EVERY)
                shown.now(f"stage {run.share * 100:g} %")
    return Replay(plan, source, run, requests, labels)


def from_scenario(  # noqa: PLR0913 - a scenario's knobs, by keyword
    name: str, plan: RolloutPlan, *, requests: int, rate: float, onset: int, seed: int
) -> Source:
    """Made-up traffic, the same for the same seed."""
    scenario = SCENARIOS[name]
    made = MadeUpTraffic(scenario, Random(seed), per_second=rate, onset=onset, arms=plan.arms)
    told = f"scenario {name}, {rate:g} requests/s, seed {seed}: {scenario.told}"
    if scenario.harms:
        told += f", from request {onset:,} on"

    def following(share: float, closed: Sequence[str]) -> Moment | None:
        return made.next(share, closed) if made.made < requests else None

    return Source(told, (), BEGIN, requests, following)


def from_file(path: str, limit: int | None) -> Source:
    """The traffic recorded in a file.

    Raises:
        click.ClickException: it cannot be read, or holds no request.
    """
    observations, labels = read_records(path)
    return _recorded(path, observations, labels, len(observations), limit)


@contextmanager
def from_database(settings: Settings, url: str | None, limit: int | None) -> Iterator[Source]:
    """The traffic recorded in a database, read while the block runs.

    Raises:
        click.ClickException: it cannot be reached, or holds no request.
    """
    if url is not None:
        server = settings.server.model_copy(update={"database_url": SecretStr(url)})
        settings = replace(settings, server=server)
    # Replaying is no coroutine, reading is: one runner keeps the connection over all pages.
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        database = runner.run(stack.enter_async_context(opened(settings, migrate=False)))
        history = TrafficHistory(database)
        try:
            yield _recorded(
                f"the database {database.shown}",
                _pulled(runner, history.observations()),
                _pulled(runner, history.labels()),
                runner.run(history.count()),
                limit,
            )
        except StorageError as error:
            raise click.ClickException(f"DATABASE_URL: {error}") from None
        finally:
            runner.run(stack.aclose())


def _pulled(runner: asyncio.Runner, source: AsyncIterator[Item]) -> Iterator[Item]:
    while (item := runner.run(_following(source))) is not None:
        yield item


async def _following(source: AsyncIterator[Item]) -> Item | None:
    return await anext(source, None)


def _recorded(
    where: str,
    observations: Iterable[Observation],
    labels: Iterable[tuple[datetime, Label]],
    total: int,
    limit: int | None,
) -> Source:
    requests = iter(observations)
    first = next(requests, None)
    if first is None:
        raise click.ClickException(f"{where} holds no request that took either path")
    newest = first.at

    def taken() -> Iterator[Observation]:
        nonlocal newest
        for seen in islice(chain([first], requests), limit):
            newest = seen.at
            yield seen

    # Labels of requests beyond the limit are none of this traffic.
    known = (
        moment
        for moment in moments(taken(), labels)
        if isinstance(moment.seen, Observation) or moment.seen.at <= newest
    )
    told = f"{total:,} requests recorded in {where}"
    if limit is not None and limit < total:
        told = f"the oldest {limit:,} of {told}"
    return Source(
        told, (AS_RECORDED,), first.at, min(limit or total, total), lambda *_: next(known, None)
    )
