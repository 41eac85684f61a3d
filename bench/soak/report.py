"""Twenty thousand requests, a third of them with something going wrong: is memory flat, is all given back?

``REQUESTS`` in the environment bounds it. It ends by itself, after `LONGEST_S` at the latest.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING, Any

from bench.bounds import bounded
from bench.figures import PROGRESS, Bar, Result
from bench.gateway_environment import gateway_environment
from bench.processes import free_port, serving
from bench.soak.client import Tally, has_chat, send
from bench.soak.faulty_vendors import STATS
from bench.soak.leaks import SETTLED_WITHIN_S, Held, back_at, open_files, settled, stats
from bench.soak.memory import Sample, since, slope

if TYPE_CHECKING:
    from bench.processes import Server

REQUESTS = 20_000
CONCURRENCY = 32
LONGEST_S = 900.0
"""No request begins later than this after the first."""

BYTES_BAR = 1024.0
"""The issue's bar: memory a request after warm-up, in bytes."""

_REHEARSAL = 1_000
"""Requests of the warm-up before anything is counted: a whole cycle of scenes, every fault in it."""

_WARM_UP_SHARE = 0.25
_END_SHARE = 2 / 3
_SAMPLE_S = 0.5
_PROGRESS_S = 15.0


def run() -> Result:
    """Load, drain, count; takes six to ten minutes."""
    requests = bounded("REQUESTS", REQUESTS, least=100, most=200_000)
    with tempfile.TemporaryDirectory(prefix="wallbounce-bench-") as name, ExitStack() as stack:
        vendors, gateway = _start(stack, Path(name))
        chat = asyncio.run(has_chat(gateway.url))
        said = "with" if chat else "WITHOUT"
        PROGRESS.print(f"rehearsal: {_REHEARSAL} requests, {said} the OpenAI-compatible face")
        _load(gateway, range(_REHEARSAL), chat=chat, label="rehearsal")
        PROGRESS.print(f"what an idle gateway holds: watching for {SETTLED_WITHIN_S:g} s")
        idle, files = settled(gateway, vendors), open_files(gateway)
        numbers = range(_REHEARSAL, _REHEARSAL + requests)
        begun = time.monotonic()
        cpu = gateway.cpu_seconds()
        tally, samples = _load(gateway, numbers, chat=chat, label="soak")
        seconds = time.monotonic() - begun
        cpu = gateway.cpu_seconds() - cpu
        PROGRESS.print("drained? counting what is held")
        after = back_at(idle, gateway, vendors)
        strikes, files_after = stats(vendors)["strikes"], open_files(gateway)
    told: dict[str, Any] = {
        "asked": requests,
        "seconds": round(seconds, 1),
        "cpu_ms_per_request": round(cpu * 1e3 / tally.requests, 3),
        "in_flight": CONCURRENCY,
        "chat_completions": chat,
        "strikes": strikes,
        "open_files": {"idle": files, "after": files_after},
    }
    return _result(tally, samples, idle, after, told)


def _start(stack: ExitStack, folder: Path) -> tuple[Server, Server]:
    python = Path(sys.executable)

    def start(command: list[str | Path], ready: str, env: dict[str, str]) -> Server:
        whole = [*command, f"--port={port}"]
        server = serving(whole, port=port, folder=folder, ready_path=ready, env=env)
        return stack.enter_context(server)

    PROGRESS.print("starting: faulty vendors, gateway")
    port = free_port()
    vendors = start([python, "-m", "bench.soak.faulty_vendors"], STATS, {})
    port = free_port()
    env = gateway_environment(vendors.url)
    gateway = start([python.parent / "wallbounce", "serve"], "/health/ready", env)
    return vendors, gateway


def _load(gateway: Server, numbers: range, *, chat: bool, label: str) -> tuple[Tally, list[Sample]]:
    tally = Tally()
    samples: list[Sample] = []
    begun = time.monotonic()
    told = begun

    async def watch() -> None:
        nonlocal told
        while True:
            samples.append(Sample(tally.requests, gateway.rss_bytes()))
            if time.monotonic() - told > _PROGRESS_S:
                told = time.monotonic()
                PROGRESS.print(
                    f"{label}: {tally.requests} of {len(numbers)}, {samples[-1].rss / 1e6:.1f} MB, "
                    f"{tally.errors} errors"
                )
            await asyncio.sleep(_SAMPLE_S)

    async def load() -> None:
        watching = asyncio.create_task(watch())
        await send(
            gateway.url,
            numbers,
            concurrency=CONCURRENCY,
            chat=chat,
            tally=tally,
            until=begun + LONGEST_S,
        )
        watching.cancel()
        await asyncio.wait([watching])
        if not watching.cancelled():
            watching.result()

    asyncio.run(load())
    return tally, samples


def _result(
    tally: Tally, samples: list[Sample], idle: Held, after: Held, told: dict[str, Any]
) -> Result:
    whole = slope(since(samples, _WARM_UP_SHARE * tally.requests))
    end = slope(since(samples, _END_SHARE * tally.requests))
    leaked = after.beyond(idle)
    cuts = quantiles(tally.latencies_s, n=100, method="inclusive")
    figures = {
        "bytes_per_request": _rounded(whole),
        "bytes_per_request_at_end": _rounded(end),
        "leaked": leaked.total,
        "requests": tally.requests,
        "errors": tally.errors,
        "leaked_by_kind": leaked.json(),
        "held_idle": idle.json(),
        "held_after": after.json(),
        "outcomes": dict(tally.outcomes),
        "errors_by_kind": dict(tally.errors_by_kind),
        "error_examples": tally.examples,
        "rss_mb": {"begin": _mb(samples[0]), "end": _mb(samples[-1])},
        "rss_samples": samples[:: max(1, len(samples) // 100)],
        "p50_ms": round(cuts[49] * 1e3, 1),
        "p99_ms": round(cuts[98] * 1e3, 1),
        **told,
    }
    rows: list[tuple[str, ...]] = [
        ("requests", f"{tally.requests} of {told['asked']}", ""),
        ("memory a request after warm-up, bytes", _shown(whole), f"≤ {BYTES_BAR:g}"),
        ("the same over the last third", _shown(end), f"≤ {BYTES_BAR:g}"),
        ("resident memory at begin and end, MB", f"{_mb(samples[0])}, {_mb(samples[-1])}", ""),
        *((f"leaked {name}".replace("_", " "), str(n), "0") for name, n in leaked.json().items()),
        ("errors that were not the faults' due", str(tally.errors), "0"),
        *((f"outcome: {kind}", str(n), "") for kind, n in tally.outcomes.most_common()),
    ]
    return Result(
        name="soak",
        figures=figures,
        columns=("figure", "measured", "bar"),
        rows=rows,
        bars=(
            Bar("bytes_per_request", BYTES_BAR, whole),
            Bar("bytes_per_request_at_end", BYTES_BAR, end),
            Bar("leaked", 0, leaked.total),
            Bar("errors", 0, tally.errors),
            Bar("requests_missing", 0, told["asked"] - tally.requests),
        ),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _shown(value: float | None) -> str:
    return "too few samples" if value is None else f"{value:.0f}"


def _mb(sample: Sample) -> float:
    return round(sample.rss / 1e6, 1)
