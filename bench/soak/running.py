"""The soak itself: start, rehearse, look at the idle gateway, load it, let it drain, look again."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.figures import PROGRESS
from bench.gateway_environment import gateway_environment
from bench.processes import free_port, serving
from bench.soak.client import Tally, has_chat, send
from bench.soak.faulty_vendors import STATS
from bench.soak.lags import Lags
from bench.soak.leaks import SETTLED_WITHIN_S, Held, back_at, open_files, settled, stats
from bench.soak.memory import Sample
from bench.soak.scenes import scene

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.processes import Server
    from bench.soak.scenes import Scene

CONCURRENCY = 32
LONGEST_S = 900.0
"""No request begins later than this after the first."""

_REHEARSAL = 1_000
"""Requests before anything is counted: a whole cycle of scenes, every fault in it."""

_NO_ROLLBACK = {"AUTO_ROLLBACK_ERROR_RATE": "1", "AUTO_ROLLBACK_LATENCY_MS": "3600000"}
"""Else the judge would find that so many failures are harm, as it should, and the rest of the soak would
be of the legacy path."""

_SAMPLE_S = 0.5
_PROGRESS_S = 15.0


@dataclass(frozen=True, slots=True)
class Soaked:
    """What was seen. ``files``: what the file descriptors were, idle and after."""

    tally: Tally
    samples: list[Sample]
    lags: Lags
    seconds: float
    cpu_seconds: float
    idle: Held
    after: Held
    files: tuple[dict[str, int], dict[str, int]]
    strikes: dict[str, int]
    chat: bool

    @property
    def leaked(self) -> Held:
        """What was not given back."""
        return self.after.beyond(self.idle)


def soaked(requests: int, questions: int) -> Soaked:
    """Send ``requests``; after ``questions`` different ones they begin anew."""
    with tempfile.TemporaryDirectory(prefix="wallbounce-bench-") as name, ExitStack() as stack:
        vendors, gateway = _started(stack, Path(name))
        chat = asyncio.run(has_chat(gateway.url))
        said = "with" if chat else "WITHOUT"
        PROGRESS.print(f"rehearsal: {_REHEARSAL} requests, {said} the OpenAI-compatible face")
        rehearsal = [scene(number % questions, chat=chat) for number in range(_REHEARSAL)]
        _load(gateway, vendors, rehearsal, "rehearsal")
        PROGRESS.print(f"what an idle gateway holds: watching for {SETTLED_WITHIN_S:g} s")
        idle, files = settled(gateway, vendors), open_files(gateway)
        numbers = range(_REHEARSAL, _REHEARSAL + requests)
        begun, cpu = time.monotonic(), gateway.cpu_seconds()
        scenes = (scene(number % questions, chat=chat) for number in numbers)
        tally, samples, lags = _load(gateway, vendors, scenes, f"soak of {requests}")
        seconds, cpu = time.monotonic() - begun, gateway.cpu_seconds() - cpu
        PROGRESS.print("drained? counting what is held")
        after = back_at(idle, gateway, vendors)
        return Soaked(
            tally=tally,
            samples=samples,
            lags=lags,
            seconds=seconds,
            cpu_seconds=cpu,
            idle=idle,
            after=after,
            files=(files, open_files(gateway)),
            strikes=stats(vendors)["strikes"],
            chat=chat,
        )


def _started(stack: ExitStack, folder: Path) -> tuple[Server, Server]:
    python = Path(sys.executable)

    def start(command: list[str | Path], ready: str, env: dict[str, str]) -> Server:
        port = free_port()
        whole = [*command, f"--port={port}"]
        server = serving(whole, port=port, folder=folder, ready_path=ready, env=env)
        return stack.enter_context(server)

    PROGRESS.print("starting: faulty vendors, gateway")
    vendors = start([python, "-m", "bench.soak.faulty_vendors"], STATS, {})
    env = gateway_environment(vendors.url) | _NO_ROLLBACK
    gateway = start([python.parent / "wallbounce", "serve"], "/health/ready", env)
    return vendors, gateway


def _load(
    gateway: Server, vendors: Server, scenes: Iterable[Scene], label: str
) -> tuple[Tally, list[Sample], Lags]:
    tally, lags = Tally(), Lags()
    samples: list[Sample] = []
    begun = time.monotonic()

    async def watch() -> None:
        told = begun
        while True:
            samples.append(Sample(tally.requests, gateway.rss_bytes()))
            if time.monotonic() - told > _PROGRESS_S:
                told = time.monotonic()
                memory = f"{samples[-1].rss / 1e6:.1f} MB"
                PROGRESS.print(f"{label}: {tally.requests}, {memory}, {tally.errors} errors")
            await asyncio.sleep(_SAMPLE_S)

    async def load() -> None:
        cheap = {"gateway": f"{gateway.url}/health/live", "vendors": vendors.url + STATS}
        watchers = [asyncio.create_task(watch()), asyncio.create_task(lags.watch(cheap))]
        await send(
            gateway.url,
            scenes,
            concurrency=CONCURRENCY,
            tally=tally,
            until=begun + LONGEST_S,
        )
        for watcher in watchers:
            watcher.cancel()
        await asyncio.wait(watchers)
        for watcher in watchers:
            if not watcher.cancelled():
                watcher.result()

    asyncio.run(load())
    samples.append(Sample(tally.requests, gateway.rss_bytes()))
    return tally, samples, lags
