"""Which library keeps the vectors: recall, CPU per search, CPU per vector added, and memory, on one corpus.

``python -m bench.vector_libraries [COUNT]`` (100,000 by default). usearch and hnswlib are not among
the project's dependencies: what is not installed is left out (``pip install usearch hnswlib``).
Each runs in a process of its own, on one thread; recall is against exact 32-bit cosines. A search's
figures are over the queries, each at its best of three rounds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.table import Column, Table

from bench.corpus import scenario_texts
from bench.figures import PROGRESS, WIDTH
from consensus.embedding.static import StaticEmbedder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from consensus.embedding.embedder import FloatArray

QUERIES = 300
K = 10
CHUNK = 20_000
ROUNDS = 3


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    if len(sys.argv) > 3:  # the process of one library: COUNT NAME FOLDER
        print(json.dumps(LIBRARIES[sys.argv[2]](Path(sys.argv[3]), count)))
        return
    titles = ("library", "setting", "recall", "ms p50", "ms p99", "added/s", "bytes each")
    table = Table(*(Column(title, no_wrap=True) for title in titles))
    with tempfile.TemporaryDirectory() as name:
        _write_corpus(Path(name), count)
        for library, needs in NEEDS.items():
            if find_spec(needs) is None:
                PROGRESS.print(f"{library} left out: {needs} is not installed")
                continue
            for row in _measured(library, Path(name), count):
                table.add_row(library, *(str(one) for one in row))
    PROGRESS.print(table, width=WIDTH)


def _measured(library: str, folder: Path, count: int) -> list[list[object]]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.vector_libraries", str(count), library, str(folder)],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        check=True,
    )
    rows: list[list[object]] = json.loads(done.stdout)
    return rows


def _write_corpus(folder: Path, count: int) -> None:
    embedder = StaticEmbedder()
    queries = embedder.embed(list(scenario_texts(QUERIES, 2)))
    rows = np.lib.format.open_memmap(
        folder / "rows.npy", "w+", np.float32, (count, queries.shape[1])
    )
    near = np.full((QUERIES, K), -np.inf, np.float32)
    truth = np.full((QUERIES, K), -1, np.int64)
    texts = scenario_texts(count, 1)
    for start in range(0, count, CHUNK):
        chunk = embedder.embed([next(texts) for _ in range(min(CHUNK, count - start))])
        rows[start : start + len(chunk)] = chunk
        both = np.concatenate([near, queries @ chunk.T], axis=1)
        numbers = np.arange(start, start + len(chunk))
        names = np.concatenate([truth, np.broadcast_to(numbers, (QUERIES, len(chunk)))], axis=1)
        best = np.argpartition(-both, K - 1, axis=1)[:, :K]
        near = np.take_along_axis(both, best, axis=1)
        truth = np.take_along_axis(names, best, axis=1)
    np.save(folder / "queries.npy", queries)
    np.save(folder / "truth.npy", truth)


def _chunks(folder: Path) -> Iterator[tuple[int, FloatArray]]:
    rows = np.load(folder / "rows.npy", mmap_mode="r")
    for start in range(0, len(rows), CHUNK):
        yield start, np.array(rows[start : start + CHUNK])


def _figures(
    folder: Path,
    setting: str,
    find: Callable[[FloatArray], NDArray[np.int64]],
    added: float,
    size: float,
) -> list[object]:
    queries, truth = np.load(folder / "queries.npy"), np.load(folder / "truth.npy")
    hits = sum(
        len(set(find(query).tolist()) & set(nearest))
        for query, nearest in zip(queries, truth.tolist(), strict=True)
    )
    rounds = []
    for _ in range(ROUNDS):  # one after the other: no query finds its own pages warm
        times = []
        for query in queries:
            begun = time.thread_time()
            find(query)
            times.append((time.thread_time() - begun) * 1e3)
        rounds.append(times)
    times = np.min(rounds, axis=0)
    p50, p99 = np.quantile(times, (0.5, 0.99)).tolist()
    recall = hits / truth.size
    return [
        setting,
        round(recall, 3),
        round(p50, 2),
        round(p99, 2),
        round(added),
        round(size),
    ]


def _added(folder: Path, add: Callable[[int, FloatArray], None]) -> float:
    """Vectors a second of CPU."""
    spent, count = 0.0, 0
    for start, rows in _chunks(folder):
        begun = time.process_time()
        add(start, rows)
        spent += time.process_time() - begun
        count += len(rows)
    return count / spent


def _saved(folder: Path, save: Callable[[str], object], count: int) -> float:
    """Bytes each in the library's own file: what it holds in memory, without room to grow."""
    path = folder / "saved"
    save(str(path))
    return path.stat().st_size / count


def _own(folder: Path, count: int) -> list[list[object]]:
    from datetime import UTC, datetime  # noqa: PLC0415

    from learning.index import probing  # noqa: PLC0415 - one library a process
    from learning.index.index import PatternIndex  # noqa: PLC0415
    from learning.patterns.changes import Change  # noqa: PLC0415
    from learning.patterns.pattern import Configuration, Pattern, Scenario  # noqa: PLC0415

    at, nobody = datetime(2026, 1, 1, tzinfo=UTC), Configuration(())
    index = PatternIndex.open(folder / "index", np.load(folder / "queries.npy").shape[1])

    def add(start: int, rows: FloatArray) -> None:
        index.apply(
            [
                Change(
                    number,
                    number,
                    Pattern(number, Scenario(row, (), "", "", ""), nobody, {}, at, at),
                )
                for number, row in enumerate(rows, start=start)
            ]
        )

    added = _added(folder, add)
    size = index.memory_bytes / count
    results = []
    for share in (0.1, 0.15, 0.2):
        probing.SHARE = share
        setting = f"{share:.0%} read, {probing.LEAST} at least"
        results.append(
            _figures(
                folder, setting, lambda query: index.nearest(query[None, :], K)[0][0], added, size
            )
        )
    return results


def _usearch(folder: Path, count: int) -> list[list[object]]:
    from usearch.index import Index  # noqa: PLC0415

    index = Index(
        ndim=768, metric="cos", dtype="i8", connectivity=16, expansion_add=64,
        enable_key_lookups=False,
    )  # fmt: skip

    def scaled(rows: FloatArray) -> NDArray[np.int8]:
        # Its own scaling to eight bits leaves unit rows of 768 dimensions three of them.
        largest = np.abs(rows).max(axis=-1, keepdims=True)
        codes: NDArray[np.int8] = np.rint(rows / np.maximum(largest, 1e-9) * 127).astype(np.int8)
        return codes

    def add(start: int, rows: FloatArray) -> None:
        index.add(np.arange(start, start + len(rows), dtype=np.uint64), scaled(rows), threads=1)

    added = _added(folder, add)
    size = _saved(folder, index.save, count)
    results = []
    for effort in (64, 128, 256):
        index.expansion_search = effort
        results.append(
            _figures(
                folder,
                f"HNSW i8, M 16, ef {effort}",
                lambda query: index.search(scaled(query), K, threads=1).keys.astype(np.int64),
                added,
                size,
            )
        )
    return results


def _hnswlib(folder: Path, count: int) -> list[list[object]]:
    import hnswlib  # noqa: PLC0415

    index = hnswlib.Index("ip", 768)
    index.init_index(count, M=16, ef_construction=100)
    index.set_num_threads(1)
    added = _added(
        folder, lambda start, rows: index.add_items(rows, np.arange(start, start + len(rows)))
    )
    size = _saved(folder, index.save_index, count)
    results = []
    for effort in (64, 128, 256):
        index.set_ef(effort)
        results.append(
            _figures(
                folder,
                f"HNSW f32, M 16, ef {effort}",
                lambda query: index.knn_query(query, K)[0][0].astype(np.int64),
                added,
                size,
            )
        )
    return results


def _faiss_hnsw(folder: Path, count: int) -> list[list[object]]:
    import faiss  # noqa: PLC0415

    faiss.omp_set_num_threads(1)
    index = faiss.IndexHNSWSQ(768, faiss.ScalarQuantizer.QT_8bit, 16, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = 64
    index.train(next(_chunks(folder))[1])
    added = _added(folder, lambda _, rows: index.add(rows))
    size = _saved(folder, lambda path: faiss.write_index(index, path), count)
    results = []
    for effort in (64, 128, 256):
        index.hnsw.efSearch = effort
        results.append(
            _figures(
                folder,
                f"HNSW 8 bit, M 16, ef {effort}",
                lambda query: index.search(query[None, :], K)[1][0],
                added,
                size,
            )
        )
    return results


def _faiss_ivf(folder: Path, count: int) -> list[list[object]]:
    import faiss  # noqa: PLC0415

    faiss.omp_set_num_threads(1)
    lists = int(4 * count**0.5)
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(768), 768, lists, faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT, False,
    )  # fmt: skip
    begun = time.process_time()
    index.train(
        np.concatenate([rows for _, (_, rows) in zip(range(3), _chunks(folder), strict=False)])
    )
    training = time.process_time() - begun
    added = _added(folder, lambda _, rows: index.add(rows))
    added = count / (count / added + training)
    size = _saved(folder, lambda path: faiss.write_index(index, path), count)
    results = []
    for share in (0.05, 0.1, 0.15):
        index.nprobe = int(lists * share)
        results.append(
            _figures(
                folder,
                f"IVF 8 bit, trained, {share:.0%} read",
                lambda query: index.search(query[None, :], K)[1][0],
                added,
                size,
            )
        )
    return results


LIBRARIES: dict[str, Callable[[Path, int], list[list[object]]]] = {
    "own lists, read by faiss": _own,
    "faiss HNSW": _faiss_hnsw,
    "faiss IVF": _faiss_ivf,
    "usearch": _usearch,
    "hnswlib": _hnswlib,
}
NEEDS = {
    "own lists, read by faiss": "faiss",
    "faiss HNSW": "faiss",
    "faiss IVF": "faiss",
    "usearch": "usearch",
    "hnswlib": "hnswlib",
}

if __name__ == "__main__":
    main()
