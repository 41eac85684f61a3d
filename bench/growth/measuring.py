"""What an engine of some size takes: searches, recall, memory, opening; in a process of its own."""

from __future__ import annotations

import gc
import json
import sys
import time
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import psutil

from bench.corpus import distinct_texts, scenario_texts
from bench.growth.filling import BEGINNING, EMBEDDER, SEED
from consensus.embedding.static import StaticEmbedder
from gateway.patterns.folders import engine_in
from gateway.patterns.scenarios import Asked, ScenarioReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from learning.engine import Engine
    from learning.patterns.pattern import Scenario

T = TypeVar("T")

ROUNDS = 5
QUERIES = 200
RECALL_QUERIES = 200
K = 10
CHUNK = 20_000
NOW = datetime(2026, 6, 1, tzinfo=UTC)
assert NOW > BEGINNING  # noqa: S101 - ages are not below 0


def measured(folder: Path, size: int) -> dict[str, float]:
    """All figures of the engine in ``folder``, which holds the first ``size`` made-up requests."""
    embedder = StaticEmbedder()
    reader = ScenarioReader(embedder)
    texts = list(scenario_texts(QUERIES * ROUNDS, SEED + 100))
    asked = reader.read([Asked(text, "basic") for text in texts])
    before = _opened_elsewhere(folder, embedder)
    process = psutil.Process()
    gc.collect()
    rss = process.memory_info().rss
    began = time.perf_counter()
    engine = _engine(folder, embedder)
    open_s = time.perf_counter() - began
    if len(engine) != size:
        raise RuntimeError(f"{len(engine)} patterns in the index, {size} in the store")
    engine.search(asked[0], K, now=NOW)  # what is loaded on first use
    rounds = [_times_ms(engine, part) for part in _batched(asked, QUERIES)]
    recall = _recall(engine, embedder, size, asked[:RECALL_QUERIES])
    gc.collect()
    grown = process.memory_info().rss - rss
    engine.close()
    return {
        "search_ms_p50": median(float(np.percentile(times, 50)) for times in rounds),
        "search_ms_p99": median(float(np.percentile(times, 99)) for times in rounds),
        "recall": recall,
        "bytes_per_pattern": grown / size,
        "open_s": open_s,
        "library_bytes": float(before),
    }


def _opened_elsewhere(folder: Path, embedder: StaticEmbedder) -> int:
    """Open an empty engine first, so that libraries are loaded; what they took, in bytes."""
    rss = psutil.Process().memory_info().rss
    _engine(folder.parent / "empty", embedder).close()
    gc.collect()
    return int(psutil.Process().memory_info().rss - rss)


def _engine(folder: Path, embedder: StaticEmbedder) -> Engine:
    return engine_in(folder, embedder, EMBEDDER, cache_ttl_s=0.0, monotonic=time.monotonic)


def _times_ms(engine: Engine, asked: Sequence[Scenario]) -> list[float]:
    """Thread CPU time of each search; other work on the machine does not count."""
    times = []
    for scenario in asked:
        began = time.thread_time()
        engine.search(scenario, K, now=NOW)
        times.append((time.thread_time() - began) * 1000.0)
    return times


def _recall(
    engine: Engine, embedder: StaticEmbedder, size: int, asked: Sequence[Scenario]
) -> float:
    """Share of the ten nearest by exact 32-bit cosines that the vector layer finds."""
    wanted = np.stack([scenario.embedding for scenario in asked])
    best = np.full((len(asked), K), -2.0, np.float32)
    numbers = np.zeros((len(asked), K), np.int64)
    first = 1
    for chunk in _batched(distinct_texts(size, SEED), CHUNK):
        cosines = wanted @ embedder.embed(chunk).T
        ids = np.arange(first, first + len(chunk))
        first += len(chunk)
        all_cosines = np.concatenate([best, cosines], axis=1)
        all_numbers = np.concatenate([numbers, np.broadcast_to(ids, cosines.shape)], axis=1)
        order = np.argpartition(-all_cosines, K - 1, axis=1)[:, :K]
        best = np.take_along_axis(all_cosines, order, axis=1)
        numbers = np.take_along_axis(all_numbers, order, axis=1)
    pairs = zip(engine.near(wanted, K, effort=1.0).ids, numbers, strict=True)
    return float(np.mean([len({*map(int, f)} & {*map(int, w)}) / len(w) for f, w in pairs]))


def _batched(all_of_them: Iterable[T], size: int) -> Iterator[list[T]]:
    """As `itertools.batched` of Python 3.12."""
    each = iter(all_of_them)
    while part := list(islice(each, size)):
        yield part


def main() -> None:
    """``python -m bench.growth.measuring FOLDER SIZE``: the figures as a line of JSON."""
    print(json.dumps(measured(Path(sys.argv[1]), int(sys.argv[2]))))


if __name__ == "__main__":
    main()
