"""How long the families of questions take to be made anew, and whether requests wait for it.

The graph is made up: questions of one subject lie close together, subjects of one field less so, and each
question knows the eight nearest of some of those before it, as they are noted on insert. The run is the
production one, in its own process: start, reading, Leiden, figures, names, writing.

Requests go through a whole gateway with three mock vendors, in blocks with such runs going on without a
pause, one after the other, and blocks without, by turns: in production a run comes every quarter of an
hour. `SIZES=10000,100000,1000000` chooses the sizes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from bench.figures import PROGRESS, Bar, Result, Spread
from bench.gateway_environment import gateway_environment
from bench.load import run_load
from bench.processes import ROOT, free_port, serving
from learning.graph.edges import NeighbourEdges
from learning.graph.material_files import (
    TALLIES,
    WORDS,
    write_tallies,
    write_vectors,
    write_words,
)
from learning.graph.runner import command, result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Ids = NDArray[np.int64]
    Floats = NDArray[np.float32]

SIZES = "10000,100000"
BARS_SECONDS = {100_000: 10.0, 1_000_000: 150.0}
REQUEST_BAR = 1.2
"""The issue's bar: the median request time with a run going on, over that without."""

ROUNDS = 15
REQUESTS = 100
WARM_UP = 150
IN_FLIGHT = 4
BESIDE = 100_000
"""Patterns of the runs beside the requests."""

DIMENSIONS = 256
SUBJECT = 60
"""Questions of a subject."""
FIELD = 40
"""Subjects of a field."""
LABELLED = 0.3
NAMED = 50_000
"""Patterns whose words are told."""
PIECE = 8192
WATCHED_EVERY = 0.01


@dataclass(frozen=True, slots=True)
class Run:
    """One run's cost: ``cpu_s`` and ``wall_s`` in seconds, ``rss_mb`` at its peak, in 10^6 bytes."""

    cpu_s: float
    wall_s: float
    rss_mb: float


def communities_s(source: int | Path) -> float:
    """Processor seconds of one run, all of its process.

    Args:
        source: A folder with edges, and with tallies, vectors and words or without; or how many patterns
            to make up.
    """
    if isinstance(source, Path):
        return one_run(source).cpu_s
    with tempfile.TemporaryDirectory(prefix="wallbounce-bench-") as name:
        make_up(Path(name), source)
        return one_run(Path(name)).cpu_s


def one_run(folder: Path) -> Run:
    """Run it and wait.

    Raises:
        RuntimeError: it failed.
    """
    begun = time.perf_counter()
    process = subprocess.Popen(command(folder), cwd=ROOT, stdout=subprocess.DEVNULL)
    watched, peak = psutil.Process(process.pid), 0
    while True:
        ended, status, used = os.wait4(process.pid, os.WNOHANG)
        if ended:
            break
        # What the system keeps as the peak would be that of this process, before the exec.
        with suppress(psutil.NoSuchProcess):
            peak = max(peak, watched.memory_info().rss)
        time.sleep(WATCHED_EVERY)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"the run ended with {process.returncode}")
    return Run(used.ru_utime + used.ru_stime, time.perf_counter() - begun, peak / 1e6)


def make_up(folder: Path, size: int, seed: int = 0) -> None:
    """Fill a folder with the graph of ``size`` made-up questions, the same for the same seed."""
    draw = np.random.default_rng(seed)
    subjects = max(1, size // SUBJECT)
    fields = draw.standard_normal((max(1, subjects // FIELD), DIMENSIONS), dtype=np.float32)
    of_field = draw.integers(0, len(fields), subjects)
    middles = fields[of_field] + 0.8 * draw.standard_normal(
        (subjects, DIMENSIONS), dtype=np.float32
    )
    subject = draw.integers(0, subjects, size)
    vectors = np.empty((size, DIMENSIONS), dtype=np.float16)
    for start in range(0, size, PIECE):
        part = middles[subject[start : start + PIECE]]
        part = part + 0.9 * draw.standard_normal(part.shape, dtype=np.float32)
        vectors[start : start + PIECE] = part / np.linalg.norm(part, axis=1, keepdims=True)
    ids = np.arange(1, size + 1)
    edges = NeighbourEdges(folder)
    for at, near, cosines in _nearest_before(vectors, subject, of_field[subject], draw):
        edges.append(ids[at], np.where(near >= 0, near + 1, 0), cosines)
    edges.close()
    write_vectors(folder, ids, vectors)
    labelled = np.flatnonzero(draw.random(size) < LABELLED)
    right = draw.random((len(labelled), 3)) < 0.6 + 0.3 * (of_field[subject][labelled, None] % 2)
    vendors = ("anthropic", "google", "openai")
    write_tallies(folder / TALLIES, ids[labelled], vendors, right, ~right)
    some = range(0, size, max(1, size // NAMED))
    words = [(f"subject{subject[i]}", f"field{of_field[subject[i]]}", "question") for i in some]
    write_words(folder / WORDS, ids[list(some)], words)


def _nearest_before(
    vectors: NDArray[np.float16], subject: Ids, field: Ids, draw: np.random.Generator
) -> Iterator[tuple[Ids, Ids, Floats]]:
    """Pieces of: questions, eight near ones before each (-1 for none), and their cosines.

    The nearest of some of the same subject, some of the same field, and some of all: an exact search
    among a million would take hours and change nothing of what is measured.
    """
    size = len(vectors)
    groups = [(*_ordered(subject), SUBJECT, 24), (*_ordered(field), SUBJECT * FIELD, 16)]
    for start in range(0, size, PIECE):
        at = np.arange(start, min(size, start + PIECE))
        among = [draw.integers(0, size, (len(at), 8))]
        for order, place, reach, count in groups:
            behind = draw.integers(1, reach, (len(at), 1)) + np.arange(count)
            among.append(order[(place[at, None] - behind) % size])
        candidates = np.concatenate(among, axis=1)
        own = vectors[at].astype(np.float32)
        cosines = np.einsum("nd,nkd->nk", own, vectors[candidates].astype(np.float32))
        cosines[candidates >= at[:, None]] = -1.0
        best = np.argpartition(-cosines, 8, axis=1)[:, :8]
        near = np.take_along_axis(candidates, best, axis=1)
        cosine = np.take_along_axis(cosines, best, axis=1)
        yield at, np.where(cosine > 0.0, near, -1), cosine


def _ordered(group: Ids) -> tuple[Ids, Ids]:
    """Questions by group, and each one's place among them."""
    order = np.argsort(group, kind="stable")
    place = np.empty(len(group), dtype=np.int64)
    place[order] = np.arange(len(group))
    return order, place


@contextmanager
def _runs(folder: Path) -> Iterator[None]:
    """Runs without a pause while the block lasts.

    Raises:
        RuntimeError: one failed, or none ended well.
    """
    loop = "while [ ! -e stop ]; do " + ' "$@" || exit 1; echo run; done'
    process = subprocess.Popen(
        ["sh", "-c", loop, "sh", *command(folder)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield
        if process.poll() is not None:
            raise RuntimeError("a run beside the requests failed")
    finally:
        (folder / "stop").touch()
        process.wait()
        (folder / "stop").unlink()


def _requests(folder: Path) -> tuple[list[float], list[float]]:
    """Median request times in ms, block by block: without runs beside them, and with."""
    without, beside = [], []
    with ExitStack() as stack:

        def start(name: str, program: list[str | Path], ready: str, env: dict[str, str]) -> str:
            PROGRESS.print(f"starting: {name}")
            process = serving(program, port=port, folder=folder, ready_path=ready, env=env)
            return stack.enter_context(process).url

        port = free_port()
        python = Path(sys.executable)
        mock = start(
            "mock vendors", [python, "-m", "bench.mock_vendors", f"--port={port}"], "/", {}
        )
        port = free_port()
        serve: list[str | Path] = [python.parent / "wallbounce", "serve", "--port", str(port)]
        url = start("gateway", serve, "/health/ready", gateway_environment(mock))

        def block(first: int, requests: int) -> float:
            path = "/api/v1/generate"
            return run_load(url, path, requests=requests, concurrency=IN_FLIGHT, first=first).p50_ms

        block(0, WARM_UP)
        first = WARM_UP
        for number in range(ROUNDS):
            PROGRESS.print(f"requests, round {number + 1} of {ROUNDS}")
            # Which comes first changes from round to round.
            for runs in (number % 2 == 0, number % 2 == 1):
                if runs:
                    with _runs(folder):
                        beside.append(block(first, REQUESTS))
                else:
                    without.append(block(first, REQUESTS))
                first += REQUESTS
    return without, beside


def run() -> Result:
    """Measure; two minutes, with a million patterns ten."""
    sizes = [int(size) for size in os.environ.get("SIZES", SIZES).split(",")]
    figures: dict[str, Any] = {}
    rows: list[tuple[str, ...]] = []
    bars: list[Bar] = []
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="wallbounce-bench-") as name:
            PROGRESS.print(f"making up {size} questions")
            make_up(Path(name), size)
            PROGRESS.print("making families")
            runs = [one_run(Path(name)) for _ in range(3 if size <= BESIDE else 1)]
            families = result(Path(name))
        cpu, wall = Spread(tuple(r.cpu_s for r in runs)), Spread(tuple(r.wall_s for r in runs))
        figures[str(size)] = {
            "communities_s": cpu.json(),
            "wall_s": wall.json(),
            "rss_mb": round(max(r.rss_mb for r in runs), 1),
            "families": len(families),
            "modularity": round(families.modularity, 4),
        }
        rows.append(
            (f"{size:,} patterns", str(cpu), str(wall), f"{figures[str(size)]['rss_mb']:.0f}")
        )
        if size in BARS_SECONDS:
            bars.append(Bar(f"communities_s at {size:,}", BARS_SECONDS[size], cpu.median))
    with tempfile.TemporaryDirectory(prefix="wallbounce-bench-") as name:
        make_up(Path(name), BESIDE)
        without, beside = _requests(Path(name))
    # Round by round: whatever else the machine does falls on both blocks of a round.
    ratios = Spread(tuple(b / w for b, w in zip(beside, without, strict=True)))
    figures["requests"] = {
        "p50_ms_without": Spread(tuple(without)).json(),
        "p50_ms_beside_a_run": Spread(tuple(beside)).json(),
        "ratio": ratios.json(),
        "in_flight": IN_FLIGHT,
        "requests_per_block": REQUESTS,
    }
    rows += [
        ("median request, ms", str(Spread(tuple(without))), "", ""),
        ("the same beside a run, ms", str(Spread(tuple(beside))), "", ""),
    ]
    bars.append(Bar("median request beside a run over that without", REQUEST_BAR, ratios.median))
    return Result(
        name="communities",
        figures=figures,
        columns=("what", "CPU s or ms", "wall s", "peak RSS MB"),
        rows=rows,
        bars=tuple(bars),
    )
