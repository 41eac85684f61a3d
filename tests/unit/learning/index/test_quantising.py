import numpy as np
import pytest

from learning.index.quantising import BLOCK, LARGEST_CODE, quantised, rotated, spans, unit


def units(count, dimensions, seed=0):
    rows = np.random.default_rng(seed).standard_normal((count, dimensions)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize("dimensions", [1, 7, 256, 384, 768])
def test_rotating_changes_no_cosine(dimensions):
    rows = units(20, dimensions)
    turned = rotated(rows)
    assert turned @ turned.T == pytest.approx(rows @ rows.T, abs=1e-5)


def test_a_uneven_row_is_made_even_so_that_it_needs_no_cutting():
    row = np.zeros((1, 256), np.float32)
    row[0, 0] = 1
    assert np.abs(quantised(rotated(row))).max() < LARGEST_CODE + 1
    assert np.abs(rotated(row)).max() < 0.3


@pytest.mark.parametrize("dimensions", [256, 768])
def test_eight_bits_keep_cosines(dimensions):
    rows = units(200, dimensions, seed=1)
    kept = unit(quantised(rotated(rows)))
    assert np.abs(kept @ kept.T - rows @ rows.T).max() < 0.01


def test_what_is_not_finite_counts_as_zero():
    row = np.array([[np.nan, np.inf, -np.inf, 1.0]], np.float32)
    assert np.isfinite(rotated(row)).all()


def test_a_row_lies_in_the_blocks_it_uses():
    rows = np.zeros((5, 3 * BLOCK + 10), np.int8)
    rows[1, 3] = 1
    rows[2, 2 * BLOCK] = 1
    rows[3, BLOCK - 1] = rows[3, BLOCK] = -1
    rows[4, -1] = 5
    assert spans(rows).tolist() == [
        [0, 0],
        [0, BLOCK],
        [2 * BLOCK, 3 * BLOCK],
        [0, 2 * BLOCK],
        [3 * BLOCK, 3 * BLOCK + 10],
    ]
