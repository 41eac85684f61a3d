"""What the pattern store costs and what its vectors lose: `python -m bench.pattern_store [DATABASE_URL]`.

Requests registered a second (SQL alone, in batches as the gateway writes them), patterns put in and read
back in pages, labels a second; and of the ten nearest questions by 32-bit floats, the share that is found
by what is kept.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta

import numpy as np

from bench.corpus import scenario_texts
from consensus.embedding.static import StaticEmbedder
from gateway.patterns.scenarios import Asked, ScenarioReader
from gateway.storage.pattern_rows import packed, unpacked
from gateway.storage.pattern_store import SqlPatternStore
from gateway.storage.sql import Database
from learning.patterns.contribution import NewPattern
from learning.patterns.pattern import Configuration
from learning.patterns.stances import Outcome, Stance

COUNT = 20_000
BATCH = 256
LABELS = 500
QUERIES = 500
NEAREST = 10

_PANEL = Configuration(("gpt", "claude", "gemini"))
_OUTCOMES = {
    "gpt": Outcome(Stance.WITH, 800.0, 0.002),
    "claude": Outcome(Stance.WITH, 900.0, 0.003),
    "gemini": Outcome(Stance.AGAINST, 700.0, 0.001),
}


def recall(rows: np.ndarray, kept: np.ndarray) -> float:
    """Of each query's nearest by ``rows`` (n, d) the share that is nearest by ``kept`` (n, d)."""
    hits = 0
    for query in range(0, len(rows), max(1, len(rows) // QUERIES)):
        true, found = (_nearest(matrix @ matrix[query], query) for matrix in (rows, kept))
        hits += len(true & found)
    return hits / (NEAREST * len(range(0, len(rows), max(1, len(rows) // QUERIES))))


def _nearest(cosines: np.ndarray, query: int) -> set[int]:
    cosines[query] = -1.0
    return set(np.argpartition(-cosines, NEAREST)[:NEAREST].tolist())


def new_patterns(count: int) -> list[NewPattern]:
    """So many requests of different questions."""
    reader = ScenarioReader(StaticEmbedder())
    asked = [Asked(text, "basic", "number") for text in scenario_texts(count, seed=1)]
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        NewPattern(
            f"r-{n}", start + timedelta(seconds=n), scenario, _PANEL, _OUTCOMES, 1000.0, 0.006, 0.9
        )
        for n, scenario in enumerate(reader.read(asked))
    ]


async def measured(url: str) -> dict[str, float]:
    """The figures on that database."""
    new = new_patterns(COUNT)
    rows = np.stack([n.scenario.embedding for n in new])
    kept = packed(rows)
    database = await Database.open(url)
    await database.migrate()
    store = SqlPatternStore(database)
    found: dict[str, float] = {
        "bytes_a_vector": sum(map(len, kept)) / len(kept),
        "recall_8_bits": recall(rows, np.stack([unpacked(one) for one in kept])),
        "recall_16_bits": recall(rows, rows.astype(np.float16).astype(np.float32)),
    }
    began, cpu = time.perf_counter(), time.process_time()
    for start in range(0, COUNT, BATCH):
        await store.register(new[start : start + BATCH])
    found["register_per_s"] = COUNT / (time.perf_counter() - began)
    found["register_cpu_ms"] = (time.process_time() - cpu) / COUNT * 1e3
    began = time.perf_counter()
    for number in range(LABELS):
        await store.label(f"r-{number}", correct=number % 2 == 0)
    found["labels_per_s"] = LABELS / (time.perf_counter() - began)
    began, page = time.perf_counter(), await store.page(0, 1_000)
    read = 0
    while page:
        read += len(page)
        page = await store.page(page[-1].id, 1_000)
    found["read_per_s"] = read / (time.perf_counter() - began)
    page = await store.page(0, 1_000)
    began = time.perf_counter()
    for _ in range(5):
        await store.add(page)
    found["add_per_s"] = 5 * len(page) / (time.perf_counter() - began)
    await database.aclose()
    return {name: round(value, 4) for name, value in found.items()}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        chosen = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder}/patterns.sqlite3"
        print(json.dumps(asyncio.run(measured(chosen)), indent=2))
