"""A pattern's neighbours in 64 bytes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.graph.rows import (
    FARTHEST,
    NEIGHBOURS,
    ROW,
    ROW_BYTES,
    joined,
    packed,
    unpacked,
    whole,
)


def row(id_: int, **neighbours: float):
    """A row of ``n7=0.5`` and the like."""
    ids = [int(name[1:]) for name in neighbours]
    return packed(np.array([id_]), np.array([ids]), np.array([list(neighbours.values())]))


def edges(rows):
    sources, targets, cosines = unpacked(rows)
    return {
        (s, t): round(float(c), 2)
        for s, t, c in zip(sources.tolist(), targets.tolist(), cosines, strict=True)
    }


def test_a_row_takes_64_bytes():
    assert ROW_BYTES == 64


@given(
    st.integers(1, 2**40),
    st.dictionaries(st.integers(1, 2**31 - 2), st.floats(-1, 1), max_size=NEIGHBOURS),
)
def test_what_is_packed_is_unpacked(id_, around):
    ids = np.array([[id_ + away for away in around]], dtype=np.int64).reshape(1, -1)
    rows = packed(np.array([id_]), ids, np.array([list(around.values())]).reshape(1, -1))
    sources, targets, cosines = unpacked(rows)
    assert whole(rows).all()
    assert set(sources.tolist()) <= {id_}
    assert dict(zip((targets - id_).tolist(), cosines.tolist(), strict=True)) == {
        away: pytest.approx(cosine, abs=5e-4) for away, cosine in around.items()
    }


@given(st.integers(0, ROW_BYTES - 1), st.integers(1, 255))
def test_any_byte_changed_breaks_the_seal(at, by):
    torn = bytearray(row(9, n7=0.5, n8=0.25).tobytes())
    torn[at] ^= by
    assert not whole(np.frombuffer(bytes(torn), dtype=ROW)).any()


@given(st.integers(1, ROW_BYTES // 8 - 1))
def test_half_a_row_over_another_is_not_whole(words):
    old, new = row(9, n7=0.5, n5=0.5).tobytes(), row(11, n8=0.75, n3=0.1).tobytes()
    torn = new[: 8 * words] + old[8 * words :]
    assert not whole(np.frombuffer(torn, dtype=ROW)).any()


def test_a_row_never_written_is_not_whole():
    assert not whole(np.zeros(3, dtype=ROW)).any()


def test_a_pattern_is_no_neighbour_of_itself_and_one_far_off_in_number_is_not_kept():
    found = edges(packed(np.array([3]), np.array([[3, FARTHEST + 4, 2]]), np.full((1, 3), 0.5)))
    assert found == {(3, 2): 0.5}


def test_a_cosine_that_is_no_number_is_no_neighbour():
    found = edges(packed(np.array([3]), np.array([[1, 2]]), np.array([[np.nan, 0.5]])))
    assert found == {(3, 2): 0.5}


def test_a_neighbour_joins_where_there_is_room():
    rows = joined(row(9, n7=0.5), np.array([12]), np.array([0.25]))
    assert edges(rows) == {(9, 7): 0.5, (9, 12): 0.25}
    assert whole(rows).all()


def test_a_nearer_neighbour_takes_the_place_of_the_farthest_of_eight():
    full = row(9, n1=0.9, n2=0.8, n3=0.7, n4=0.6, n5=0.2, n6=0.5, n7=0.4, n8=0.3)
    found = edges(joined(full, np.array([12]), np.array([0.25])))
    assert (9, 5) not in found
    assert found[9, 12] == 0.25
    assert len(found) == NEIGHBOURS


def test_a_farther_one_than_all_of_eight_stays_out():
    full = row(9, n1=0.9, n2=0.8, n3=0.7, n4=0.6, n5=0.2, n6=0.5, n7=0.4, n8=0.3)
    assert edges(joined(full, np.array([12]), np.array([0.1]))) == edges(full)


def test_a_neighbour_that_is_there_does_not_join_twice():
    assert edges(joined(row(9, n7=0.5), np.array([7]), np.array([0.9]))) == {(9, 7): 0.5}
