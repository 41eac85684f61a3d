"""Kills a process that takes in patterns under load, again and again: `python -m bench.kill [ROUNDS]`.

Each round starts a process with the gateway's own desk, store and engine over one SQLite file and one
folder, lets it take in requests and labels as fast as it can, and kills it (SIGKILL) at a random moment.
What it had acknowledged by then must be in the database, and the engine must open and find it all.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry

from bench.corpus import scenario_texts
from consensus.ballot import DIFFICULTY, Ballot, BallotVoter
from consensus.embedding.static import StaticEmbedder
from gateway.monitoring.engine_metrics import EngineMetrics
from gateway.patterns.desk import PatternDesk, Rhythm
from gateway.patterns.folders import engine_in
from gateway.patterns.scenarios import ScenarioReader
from gateway.requests import GenerateRequest
from gateway.storage.pattern_store import SqlPatternStore
from gateway.storage.sql import Database
from learning.records import RequestRecord, VoteRecord
from providers.messages import Usage

ROUNDS = 50
LOAD = 64
"""Requests handed in before what they came to is awaited."""

PATIENCE_S = 120.0
"""A process that has not opened by then has failed to."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What ``rounds`` kills came to.

    ``lost``: acknowledged requests that are not in the database; ``failed_opens``: processes that did
    not come up after a kill; ``unfound``: patterns in the database that the last engine does not hold.
    """

    rounds: int
    acknowledged: int
    lost: int
    failed_opens: int
    unfound: int
    patterns: int


def killed(rounds: int, folder: Path, seed: int = 0) -> Outcome:
    """Run that many rounds in ``folder``."""
    rng = random.Random(seed)
    acknowledged: set[str] = set()
    failed = 0
    for number in range(rounds):
        opened, names = _round(folder, number, rng.uniform(0.2, 3.0))
        acknowledged |= names
        failed += not opened
    kept, patterns, unfound = asyncio.run(_left(folder, acknowledged))
    return Outcome(rounds, len(acknowledged), len(acknowledged - kept), failed, unfound, patterns)


def _round(folder: Path, number: int, after_s: float) -> tuple[bool, set[str]]:
    """Whether the process opened, and what it acknowledged before it was killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.kill", "--child", str(folder), str(number)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    too_late = threading.Timer(PATIENCE_S, process.kill)
    too_late.start()
    opened = process.stdout.readline() == "open\n"
    too_late.cancel()
    time.sleep(after_s)
    process.kill()
    # A line cut by the kill acknowledges nothing.
    lines = process.stdout.read().splitlines(keepends=True)
    names = {name for line in lines if line.endswith("\n") for name in line.split()}
    process.wait()
    return opened, names


async def _left(folder: Path, names: set[str]) -> tuple[set[str], int, int]:
    """Of these requests those that are in the database; its patterns; those the engine does not hold."""
    database, store, desk = await _open(folder)
    try:
        await _ready(desk)
        engine = desk.engine
        assert engine is not None  # noqa: S101 - it is ready
        async with database.read() as connection:
            found = await connection.exec_driver_sql("SELECT request_id FROM pattern_members")
            kept = {name for (name,) in found} & names
        patterns = await store.count()
        return kept, patterns, patterns - len(engine)
    finally:
        await desk.aclose()
        await database.aclose()


async def _open(folder: Path) -> tuple[Database, SqlPatternStore, PatternDesk]:
    database = await Database.open(f"sqlite:///{folder}/patterns.sqlite3")
    await database.migrate()
    store = SqlPatternStore(database)
    embedder = StaticEmbedder()
    desk = PatternDesk(
        store,
        ScenarioReader(embedder),
        partial(
            engine_in,
            folder / "learning",
            embedder,
            "static",
            cache_ttl_s=0.0,
            monotonic=time.monotonic,
        ),
        capacity=10_000,
        metrics=EngineMetrics(CollectorRegistry()),
        monotonic=time.monotonic,
        rhythm=Rhythm(gather_s=0.005, flush_s=0.2, start_s=0.0),
    )
    await desk.start()
    return database, store, desk


async def _ready(desk: PatternDesk) -> None:
    while desk.engine is None:  # noqa: ASYNC110 - as an operator would look
        await asyncio.sleep(0.01)


async def _child(folder: Path, number: int) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    _, _, desk = await _open(folder)
    await _ready(desk)
    print("open", flush=True)
    taken = 0
    texts = scenario_texts(1_000_000, seed=number)
    while True:
        names = []
        for _ in range(LOAD):
            name = f"{number}-{taken}"
            desk.learn(GenerateRequest(prompt=next(texts)), _record(name))
            names.append(name)
            taken += 1
        await desk.settled()
        print(*names, flush=True)


def _record(name: str) -> RequestRecord:
    voters = ("gpt", "claude", "gemini")
    return RequestRecord(
        request_id=name,
        at=datetime.now(UTC),
        instance="bench",
        arm="wall_bounce",
        status=200,
        code=None,
        latency_ms=900.0,
        votes=tuple(VoteRecord(v, v, "m", 1, 800.0, 0.001, Usage()) for v in voters),
        ballot=Ballot(
            kind="number",
            language="en",
            voters=tuple(BallotVoter(v, v, "m") for v in voters),
            groups=((0, 1), (2,)),
            refuses=(False, False),
            signs=((0.0, 0.0), (0.0, 0.0)),
            difficulty=(0.0,) * len(DIFFICULTY),
        ),
        returned_group=0,
        confidence=0.8,
    )


def main() -> None:
    """The command."""
    if "--child" in sys.argv:
        folder, number = sys.argv[2:4]
        asyncio.run(_child(Path(folder), int(number)))
        return
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(asdict(killed(rounds, Path(folder))), indent=2))


if __name__ == "__main__":
    main()
