"""The run in another process."""

import subprocess
import sys

import numpy as np
import pytest

from learning.graph.edge_file import FILE
from learning.graph.edges import NeighbourEdges
from learning.graph.errors import RunFailedError
from learning.graph.family_file import FAMILIES
from learning.graph.material_files import (
    TALLIES,
    VECTORS,
    write_tallies,
    write_vectors,
    write_words,
)
from learning.graph.runner import GraphRunner, command, result

SECONDS = 60


@pytest.fixture
def folder(tmp_path):
    """Sixty questions of two kinds."""
    draw = np.random.default_rng(2)
    ids = np.arange(1, 61)
    groups = ids[:30], ids[30:]
    edges = NeighbourEdges(tmp_path)
    for group in groups:
        edges.append(group, draw.choice(group, (30, 5)), np.full((30, 5), 0.6))
    edges.close()
    write_tallies(
        tmp_path / TALLIES, ids[:2], ("openai",), np.array([[3], [1]]), np.array([[0], [1]])
    )
    write_vectors(tmp_path, ids, np.repeat(np.eye(2, dtype=np.float16), 30, axis=0))
    write_words(tmp_path / "words.npz", ids, [("court",)] * 30 + [("integral",)] * 30)
    return tmp_path


def run(folder, *more):
    return subprocess.run(
        [*command(folder), *more], capture_output=True, text=True, timeout=SECONDS, check=False
    )


def ended(runner, done):
    return runner.ended(done.returncode, done.stderr)


def test_a_run_leaves_families(folder):
    done = run(folder)
    assert (done.returncode, done.stderr) == (0, "")
    families = result(folder)
    assert families.sizes == (30, 30)
    assert sorted(families.names) == [("court",), ("integral",)]
    family, cosine = families.family_of(np.array([1.0, 0.0], dtype=np.float32))
    assert cosine == pytest.approx(1.0)
    assert families.name(family) == "court"
    assert families.odds(family)["openai"].alpha > families.odds(3 - family)["openai"].alpha


def test_a_run_imports_nothing_from_the_folder_it_is_started_in(folder, tmp_path_factory):
    place = tmp_path_factory.mktemp("anywhere")
    (place / "numpy.py").write_text("raise SystemExit('not numpy')")
    done = subprocess.run(
        command(folder), cwd=place, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_where_memory_runs_out_the_run_goes_first(folder):
    code = "import sys, learning.graph.recompute as r; r.main(sys.argv[1:]); print(r.OOM_SCORE.read_text())"
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    )
    assert done.stdout.split()[-1] == "1000"


def test_a_second_run_counts_on_and_keeps_the_numbers(folder):
    run(folder)
    first = result(folder)
    assert run(folder).returncode == 0
    assert result(folder).run == 2
    assert result(folder).numbers == first.numbers


def test_a_run_reads_edges_while_they_are_written(folder):
    edges = NeighbourEdges(folder)
    assert run(folder).returncode == 0
    edges.close()


def test_labels_vectors_and_words_may_be_missing(folder):
    for name in (TALLIES, VECTORS, "words.npz"):
        (folder / name).unlink()
    assert run(folder).returncode == 0
    families = result(folder)
    assert families.sizes == (30, 30)
    assert families.odds() == {}
    assert families.family_of(np.array([1.0, 0.0], dtype=np.float32)) is None


@pytest.mark.parametrize("broken", [FILE, TALLIES, VECTORS, "vector_ids.npy", "words.npz"])
def test_a_broken_file_leaves_the_old_families_in_force_and_is_told(folder, broken):
    run(folder)
    runner = GraphRunner(folder)
    before = (folder / FAMILIES).read_bytes()
    (folder / broken).write_bytes(b"garbage" * 30)
    runner.started(0.0)
    done = run(folder)
    with pytest.raises(RunFailedError, match=str(folder)):
        ended(runner, done)
    assert runner.families.run == 1
    assert (folder / FAMILIES).read_bytes() == before


def test_a_run_out_of_processor_time_is_ended_and_leaves_the_old_families(folder):
    run(folder)
    runner = GraphRunner(folder)
    draw, count = np.random.default_rng(1), 60_000
    edges = NeighbourEdges(folder)
    ids = np.arange(61, 61 + count)
    edges.append(ids, draw.integers(1, count, (count, 8)), draw.random((count, 8)))
    edges.close()
    runner.started(0.0)
    done = run(folder, "--cpu-seconds=1")
    with pytest.raises(RunFailedError, match="signal"):
        ended(runner, done)
    assert runner.families.run == 1
    assert result(folder).run == 1


def test_broken_families_are_made_anew_and_counted_from_one(folder):
    run(folder)
    (folder / FAMILIES).write_bytes(b"garbage")
    runner = GraphRunner(folder)
    assert runner.families is None
    assert FAMILIES in runner.unread
    done = run(folder)
    assert done.returncode == 0
    assert "numbered anew" in done.stderr
    assert ended(runner, done).run == 1


def test_an_empty_graph_has_no_families(tmp_path):
    NeighbourEdges(tmp_path).close()
    assert run(tmp_path).returncode == 0
    assert len(result(tmp_path)) == 0
