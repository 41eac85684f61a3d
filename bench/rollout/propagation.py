"""How long after a rollback the last request takes the new path, anywhere.

Four gateways of one rollout are under open load, and every caller is placed anew. In each trial one
rolls back: an operator asks one of the four to, or the vendors of the new path go down and somebody
finds out. The time is from the decision, as the history has it, to when a gateway took up the last
request that still got the new path. Then the rollback is acknowledged, and the next trial begins once
all four give the new path again. ``python -m bench.rollout.propagation --help``.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from dataclasses import dataclass, field
from datetime import datetime
from statistics import quantiles
from typing import TYPE_CHECKING, Any

import aiohttp
import click
from rich.progress import Progress

from bench.figures import PROGRESS, Bar, Result, publish
from bench.processes import NotReadyError
from bench.rollout.fleet import GATEWAYS, OPERATOR_KEY, Fleet, fleet
from bench.rollout.open_load import OpenLoad, OverloadedError, Seen, ended

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

TRIALS = 100
OUTAGES = 20
RATE = 200.0
SHARE = 50.0
SEED = 20_261_121

BAR_S = 1.0
"""The issue's bar, at the 99th percentile of 100 rollbacks by an operator."""

QUIET_S = 1.5
"""How long nobody may have got the new path before a trial is over; longer than the bar."""

PATIENCE_S = 30.0
"""After so long a step of a trial has failed: everything here is a matter of seconds."""

KEEP_ALIVE_S = 2.0

_POLL_S = 0.02


class StuckError(Exception):
    """A step of a trial did not come to pass."""


@dataclass(slots=True)
class Trials:
    """What came of one kind of trial: seconds a trial, 0 where nobody came after the decision."""

    seconds: list[float] = field(default_factory=list)
    late_requests: int = 0

    def take(self, seen: Sequence[Seen], decided: float) -> None:
        """Take in what came of a trial whose rollback was decided at ``decided``."""
        self.late_requests += sum(request.new and request.began > decided for request in seen)
        self.seconds.append(last_new(seen, decided) - decided)

    def json(self) -> dict[str, Any]:
        """Median, 99th percentile, the longest; ``late_requests`` took the new path after the decision."""
        if len(self.seconds) < 2:
            return {"trials": len(self.seconds), "late_requests": self.late_requests}
        cuts = quantiles(self.seconds, n=100, method="inclusive")
        return {
            "trials": len(self.seconds),
            "p50_s": round(cuts[49], 4),
            "p99_s": round(cuts[98], 4),
            "max_s": round(max(self.seconds), 4),
            "late_requests": self.late_requests,
            "each_s": [round(seconds, 3) for seconds in self.seconds],
        }


def last_new(seen: Iterable[Seen], decided: float) -> float:
    """When the last request began that took the new path; ``decided`` if none did after that."""
    return max([decided, *(request.began for request in seen if request.new)])


def served_after(moment: float, seen: Iterable[Seen]) -> bool:
    """Whether every gateway has answered a request that began after ``moment``."""
    return len({request.gateway for request in seen if request.began > moment}) == GATEWAYS


class Bench:
    """The trials over one fleet."""

    def __init__(self, stand: Fleet, session: aiohttp.ClientSession, load: OpenLoad) -> None:
        self._urls = [server.url for server in stand.gateways]
        self._vendors = stand.vendors
        self._session = session
        self._load = load
        self._rng = random.Random(SEED)

    async def by_hand(self, trials: Trials) -> None:
        """An operator rolls back by one of the gateways."""
        await self._all_new()
        standing = await self._move(self._rng.randrange(GATEWAYS), "rollback")
        await self._measure(datetime.fromisoformat(standing["trip"]["at"]).timestamp(), trials)

    async def by_outage(self, trials: Trials) -> None:
        """The new path's vendors go down until somebody has rolled back for it."""
        await self._all_new()
        await self._outage("on")
        try:
            watched = self._urls[self._rng.randrange(GATEWAYS)]
            standing = await self._standing(watched)
            deadline = time.monotonic() + PATIENCE_S
            while not standing["tripped"]:
                if time.monotonic() > deadline:
                    raise StuckError(f"an outage of {PATIENCE_S:g} s did not roll back")
                await asyncio.sleep(_POLL_S)
                standing = await self._standing(watched)
        finally:
            await self._outage("off")
        await self._measure(datetime.fromisoformat(standing["trip"]["at"]).timestamp(), trials)

    async def _measure(self, decided: float, trials: Trials) -> None:
        """Wait until the new path is quiet, take the time, and let traffic return."""

        def quiet() -> bool:
            until = last_new(self._load.seen, decided) + QUIET_S
            # A slow answer may still tell of the new path.
            return served_after(until, self._load.seen) and self._load.all_answered_until(until)

        await self._until(quiet, "the new path never fell quiet")
        trials.take(self._load.seen, decided)
        await self._move(self._rng.randrange(GATEWAYS), "acknowledge")

    async def _all_new(self) -> None:
        """Wait until all gateways give the new path, and then a moment that differs from trial to trial."""
        self._load.seen.clear()
        await self._until(
            lambda: (
                len({seen.gateway for seen in self._load.seen if seen.new and not seen.failed})
                == GATEWAYS
            ),
            "not all gateways gave the new path again",
        )
        await asyncio.sleep(self._rng.random() * 0.5)
        self._load.seen.clear()

    async def _until(self, come: Callable[[], bool], else_said: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not come():
            if time.monotonic() > deadline:
                raise StuckError(f"{else_said} within {PATIENCE_S:g} s: {await self._told()}")
            await asyncio.sleep(_POLL_S)

    async def _move(self, gateway: int, move: str) -> dict[str, Any]:
        answer = await self._session.post(
            f"{self._urls[gateway]}/api/v1/rollout/{move}",
            json={"reason": "bench"},
            headers={"authorization": f"Bearer {OPERATOR_KEY}"},
        )
        return await _body(answer, move)

    async def _standing(self, url: str) -> dict[str, Any]:
        return await _body(await self._session.get(f"{url}/api/v1/rollout"), "status")

    async def _told(self) -> str:
        """What each gateway says of where it stands."""
        standings = [await self._standing(url) for url in self._urls]
        said = ("tripped", "trip", "state_known", "shared_state", "since")
        told = [{name: standing[name] for name in said} for standing in standings]
        for one in told:
            one["trip"] = one["trip"] and {key: one["trip"][key] for key in ("reason", "by", "at")}
        return json.dumps({"gateways": told, "history": standings[0]["history"][:4]})[:6000]

    async def _outage(self, state: str) -> None:
        answer = await self._session.post(f"{self._vendors}/outage/{state}")
        answer.raise_for_status()
        await answer.read()


async def _body(answer: aiohttp.ClientResponse, what: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(await answer.read())
    if answer.status != 200:
        raise StuckError(f"{what} was answered {answer.status}: {str(body)[:500]}")
    return body


async def _run(stand: Fleet, trials: int, outages: int, rate: float) -> dict[str, Any]:
    by_hand, by_outage = Trials(), Trials()
    # Shorter than the gateways': nothing is sent over a connection that they are about to close.
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_S)
    timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        load = OpenLoad(session, [server.url for server in stand.gateways], rate)
        began = time.monotonic()
        sending = asyncio.create_task(load.run())
        bench = Bench(stand, session, load)
        try:
            with Progress(console=PROGRESS) as progress:
                bar = progress.add_task("rollbacks", total=trials + outages)
                for number in range(trials + outages):
                    trial = bench.by_hand if number < trials else bench.by_outage
                    await _beside(sending, trial(by_hand if number < trials else by_outage))
                    progress.advance(bar)
            achieved = load.sent / (time.monotonic() - began)
        finally:
            await ended(sending)
    return {
        "by_hand": by_hand.json(),
        "by_outage": by_outage.json(),
        "requests_per_s": round(achieved, 1),
    }


async def _beside(sending: asyncio.Task[None], trial: Any) -> None:
    """Wait for a trial; a load that breaks down breaks it off."""
    task = asyncio.ensure_future(trial)
    await asyncio.wait({task, sending}, return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        task.cancel()
        await sending
        raise OverloadedError("the load ended")
    await task


def run(  # noqa: PLR0913 - what the bench is run with, each by its name
    *,
    trials: int = TRIALS,
    outages: int = OUTAGES,
    rate: float = RATE,
    share: float = SHARE,
    database_url: str | None = None,
    redis: bool = True,
) -> dict[str, Any]:
    """Measure; a trial takes some two seconds.

    Args:
        trials: Rollbacks by an operator.
        outages: Rollbacks by an outage.
        rate: Requests a second to all gateways together.
        share: Percent of the traffic on the new path.
        database_url: An empty PostgreSQL database; None makes an SQLite file.
        redis: With Redis beside the database, or without.

    Raises:
        NotReadyError: A process did not start; redis-server is missing.
        StuckError: A trial came to no end.
        OverloadedError: The machine cannot answer at this rate.
    """
    with fleet(share, database_url, redis=redis) as stand:
        found = asyncio.run(_run(stand, trials, outages, rate))
    return {
        "propagation_s_p99": found["by_hand"].get("p99_s"),
        **found,
        "gateways": GATEWAYS,
        "share_percent": share,
        "database": "sqlite" if database_url is None else "postgresql",
        "redis": redis,
    }


@click.command()
@click.option("--trials", type=click.IntRange(2, 10_000), default=TRIALS, show_default=True)
@click.option("--outages", type=click.IntRange(0, 10_000), default=OUTAGES, show_default=True)
@click.option("--rate", type=click.FloatRange(4, 10_000), default=RATE, show_default=True)
@click.option("--share", type=click.FloatRange(5, 100), default=SHARE, show_default=True)
@click.option("--database-url", help="an empty PostgreSQL database; without it, an SQLite file")
@click.option("--redis/--no-redis", default=True, show_default=True)
def main(**options: Any) -> None:
    """Measure, write bench/out/propagation.json, print the table; exit 1 when the bar is missed."""
    try:
        figures = run(**options)
    except (NotReadyError, StuckError, OverloadedError) as error:
        raise click.ClickException(str(error)) from error
    rows = [
        (kind, *(str(figures[kind].get(key, "")) for key in ("trials", "p50_s", "p99_s", "max_s")))
        for kind in ("by_hand", "by_outage")
    ]
    result = Result(
        name="propagation",
        figures=figures,
        columns=("rollback", "trials", "p50 s", "p99 s", "max s"),
        rows=rows,
        bars=(Bar("propagation_s_p99", BAR_S, figures["propagation_s_p99"]),),
    )
    raise SystemExit(0 if publish(result) else 1)


if __name__ == "__main__":
    main()
