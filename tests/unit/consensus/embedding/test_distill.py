"""Quantising the distilled vectors."""

import numpy as np

from consensus.embedding.distill import quantise


def test_a_quantised_row_points_where_the_float_row_did():
    vectors = np.random.default_rng(0).normal(size=(50, 256)).astype(np.float32)

    rows, scales = quantise(vectors)

    restored = rows * scales[:, None]
    cosines = (restored * vectors).sum(axis=1) / (
        np.linalg.norm(restored, axis=1) * np.linalg.norm(vectors, axis=1)
    )
    assert rows.dtype == np.int8
    assert cosines.min() > 0.999


def test_a_row_of_zeros_stays_zero():
    rows, scales = quantise(np.zeros((1, 4), dtype=np.float32))

    assert not (rows * scales[:, None]).any()
