"""Neighbour edges, kept as patterns come in."""

import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from learning.graph.edge_file import FILE, HEADER, read_edges
from learning.graph.edges import NeighbourEdges
from learning.graph.errors import EdgesInUseError, GraphFileError
from learning.graph.rows import ROW_BYTES


@pytest.fixture
def edges(tmp_path):
    opened = NeighbourEdges(tmp_path)
    yield opened
    opened.close()


def note(edges, id_, **neighbours):
    """Note a pattern with ``n7=0.5`` and the like."""
    ids = [int(name[1:]) for name in neighbours]
    edges.append(
        np.array([id_]),
        np.array([ids], dtype=np.int64).reshape(1, -1),
        np.array([list(neighbours.values())]).reshape(1, -1),
    )


def around(edges, id_):
    return {other: round(cosine, 2) for other, cosine in edges.of(id_)}


def many(edges, count, first=1, seed=0):
    """Patterns with eight of those before each."""
    draw = np.random.default_rng(seed)
    ids = np.arange(first, first + count)
    neighbours = draw.integers(0, ids[:, None], (count, 8))
    edges.append(ids, neighbours, draw.random((count, 8)))
    return ids


def test_a_pattern_and_its_neighbour_know_each_other(edges):
    note(edges, 1)
    note(edges, 2, n1=0.5)
    assert around(edges, 2) == {1: 0.5}
    assert around(edges, 1) == {2: 0.5}


def test_a_neighbour_not_noted_yet_is_known_to_one_side(edges):
    note(edges, 2, n1=0.5)
    note(edges, 1)
    assert around(edges, 2) == {1: 0.5}
    assert around(edges, 1) == {}


def test_patterns_of_one_batch_may_be_neighbours_of_one_pattern_and_of_each_other(edges):
    note(edges, 1)
    edges.append(
        np.array([2, 3, 4]),
        np.array([[1, 3], [1, 0], [1, 2]]),
        np.array([[0.5, 0.25], [0.25, 0.0], [0.75, 0.5]]),
    )
    assert around(edges, 1) == {2: 0.5, 3: 0.25, 4: 0.75}
    assert around(edges, 2) == {1: 0.5, 3: 0.25, 4: 0.5}
    assert around(edges, 3) == {1: 0.25, 2: 0.25}


def test_of_more_than_eight_the_nearest_stay(edges):
    note(edges, 1)
    for id_ in range(2, 14):
        note(edges, id_, n1=id_ / 16)
    assert sorted(around(edges, 1)) == list(range(6, 14))


def test_a_pattern_noted_again_has_its_new_neighbours(edges):
    many(edges, 5)
    note(edges, 3, n1=0.5)
    assert around(edges, 3) == {1: 0.5}
    assert len(edges) == 5


def test_one_that_is_not_noted_has_no_neighbours(edges):
    assert edges.of(7) == []
    assert 7 not in edges


def test_what_was_noted_is_there_when_opened_again(tmp_path, edges):
    many(edges, 3000)
    before = {id_: around(edges, id_) for id_ in range(1, 3001)}
    edges.close()
    again = NeighbourEdges(tmp_path)
    assert {id_: around(again, id_) for id_ in range(1, 3001)} == before
    again.close()


def test_what_is_removed_is_gone_and_its_room_is_used_again(tmp_path, edges):
    many(edges, 6000)
    size = (tmp_path / FILE).stat().st_size
    edges.remove(range(1, 3001))
    assert len(edges) == 3000
    assert edges.of(17) == []
    many(edges, 3000, first=6001)
    assert len(edges) == 6000
    assert (tmp_path / FILE).stat().st_size == size
    assert around(edges, 9000)


def test_room_of_patterns_removed_before_is_used_again_when_opened_anew(tmp_path, edges):
    many(edges, 6000)
    edges.remove(range(1, 3001))
    edges.close()
    again = NeighbourEdges(tmp_path)
    size = (tmp_path / FILE).stat().st_size
    many(again, 3000, first=6001)
    assert (tmp_path / FILE).stat().st_size == size
    assert again.missing(np.arange(3001, 9001)).tolist() == []
    again.close()


def test_compacting_keeps_edges_and_drops_the_room_of_removed_patterns(tmp_path, edges):
    many(edges, 6000)
    edges.remove(range(1, 4001))
    before = {id_: around(edges, id_) for id_ in range(1, 6001)}
    edges.compact()
    assert (tmp_path / FILE).stat().st_size == (1 + 2000) * ROW_BYTES
    assert {id_: around(edges, id_) for id_ in range(1, 6001)} == before
    many(edges, 100, first=6001)
    assert len(edges) == 2100


def test_another_reads_what_is_whole_while_edges_are_written(tmp_path, edges):
    many(edges, 500)
    sources, targets, cosines = read_edges(tmp_path)
    read = {
        (s, t): round(c, 2)
        for s, t, c in zip(sources.tolist(), targets.tolist(), cosines.tolist(), strict=True)
    }
    assert read == {(s, t): c for s in range(1, 501) for t, c in around(edges, s).items()}


@pytest.mark.parametrize("cut", [1, 17, 63], ids="{} bytes of the last row are gone".format)
def test_a_torn_tail_is_cut_and_named_as_missing(tmp_path, edges, cut):
    many(edges, 100)
    edges.compact()
    edges.close()
    os.truncate(tmp_path / FILE, (1 + 100) * ROW_BYTES - cut)
    again = NeighbourEdges(tmp_path)
    assert len(again) == 99
    assert again.missing(np.arange(1, 101)).tolist() == [100]
    many(again, 1, first=100)
    assert again.missing(np.arange(1, 101)).tolist() == []
    again.close()


def test_a_torn_row_amid_others_is_missing_and_no_other(tmp_path, edges):
    many(edges, 100)
    edges.close()
    with (tmp_path / FILE).open("r+b") as file:
        file.seek(50 * ROW_BYTES + 20)
        file.write(b"torn")
    assert 50 not in set(read_edges(tmp_path)[0].tolist())
    again = NeighbourEdges(tmp_path)
    assert again.missing(np.arange(1, 101)).tolist() == [50]
    again.close()


@pytest.mark.parametrize("content", [b"", b"wallb", b"something else " * 100])
def test_a_file_of_something_else_is_begun_anew(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(GraphFileError):
        read_edges(tmp_path)
    opened = NeighbourEdges(tmp_path)
    assert len(opened) == 0
    note(opened, 1)
    opened.close()
    assert (tmp_path / FILE).read_bytes().startswith(HEADER)


def test_without_a_file_there_is_nothing_to_read(tmp_path):
    with pytest.raises(GraphFileError):
        read_edges(tmp_path)


def test_a_second_writer_is_refused(tmp_path, edges):
    with pytest.raises(EdgesInUseError):
        NeighbourEdges(tmp_path)
    edges.close()
    NeighbourEdges(tmp_path).close()


@pytest.mark.parametrize(
    ("ids", "neighbours", "cosines"),
    [
        pytest.param([1], [[2] * 9], [[0.5] * 9], id="nine neighbours"),
        pytest.param([1, 1], [[2], [2]], [[0.5], [0.5]], id="one pattern twice"),
        pytest.param([0], [[2]], [[0.5]], id="a pattern without a number"),
        pytest.param([1], [[2]], [[0.5, 0.5]], id="a cosine too many"),
        pytest.param([1, 2], [[2]], [[0.5]], id="a row too few"),
    ],
)
def test_what_makes_no_rows_is_refused(edges, ids, neighbours, cosines):
    with pytest.raises(ValueError, match=r"."):
        edges.append(np.array(ids), np.array(neighbours), np.array(cosines))
    assert len(edges) == 0


def test_a_pattern_takes_less_than_80_bytes(edges):
    many(edges, 150_000)
    assert edges.nbytes / 150_000 < 80


WRITER = """
import sys
from pathlib import Path
import numpy as np
from learning.graph.edges import NeighbourEdges

edges, draw, first = NeighbourEdges(Path(sys.argv[1])), np.random.default_rng(1), 1
first += len(edges)
while True:
    ids = np.arange(first, first + 16)
    edges.append(ids, np.maximum(0, ids[:, None] - draw.integers(1, 500, (16, 8))), draw.random((16, 8)))
    first += 16
    print(first, flush=True)
"""


def test_a_writer_killed_at_any_moment_leaves_all_but_what_it_was_writing(tmp_path):
    torn = 0
    for batches in (1, 40, 7, 90):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, tmp_path], stdout=subprocess.PIPE, text=True
        ) as writer:
            for _ in range(batches):
                following = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
        edges = NeighbourEdges(tmp_path)
        missing = edges.missing(np.arange(1, following))
        torn += len(missing)
        assert torn <= 4, "at most the one row being written at each kill"
        many(edges, 1, first=max(following, int(edges.ids()[-1])) + 1)
        for id_ in edges.ids().tolist():
            assert all(0 < other != id_ for other, _ in edges.of(id_))
        filled = edges.missing(np.arange(1, int(edges.ids()[-1]) + 1))
        edges.append(filled, np.zeros((len(filled), 1)), np.zeros((len(filled), 1)))
        edges.close()
