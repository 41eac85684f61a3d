import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from learning.index.halving import halves, parts


def rows_of(seed, count, width):
    rng = np.random.default_rng(seed)
    rows = rng.integers(-2, 3, (count, width)).astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)


@given(st.integers(0, 2**32), st.integers(2, 60), st.integers(1, 8))
def test_both_halves_hold_some(seed, count, width):
    second = halves(rows_of(seed, count, width))
    assert 0 < second.sum() < count


@given(st.integers(0, 2**32), st.integers(1, 90), st.integers(1, 20))
def test_parts_hold_each_row_once_and_none_is_too_long(seed, count, most):
    found = parts(rows_of(seed, count, 5), most)
    assert sorted(np.concatenate(found).tolist()) == list(range(count))
    assert max(len(part) for part in found) <= most


def test_like_goes_with_like():
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((40, 8)).astype(np.float32) * 0.05
    rows[::2, 0] += 1
    rows[1::2, 1] += 1
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    second = halves(rows)
    assert second[::2].all() != second[1::2].all()
    assert len(set(second[::2])) == len(set(second[1::2])) == 1
