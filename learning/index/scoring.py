"""All six layers of some candidates, and what they come to. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from learning.index.layer_weights import LAYERS, LayerWeights
from learning.index.layers import (
    OUTCOMES,
    configuration_likeness,
    lexical_layer,
    recency_layer,
    task_layer,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from consensus.embedding.embedder import FloatArray
    from learning.patterns.pattern import Configuration

DAY = 86_400.0

BANDS = tuple(OUTCOMES)
"""Outcome bands by the number records hold them as."""

_BAND_WORTH = np.array([OUTCOMES[band] for band in BANDS], dtype=np.float32)


class Question(NamedTuple):
    """What candidates are compared with; texts as the index numbers them, -1 for an unknown one."""

    turned: FloatArray  # (d,) the rotated embedding
    words: NDArray[np.uint32]  # (w,)
    idf: FloatArray  # (w,)
    task: int
    kind: int
    language: int
    configuration: Configuration | None
    now: float  # seconds since 1970


def layers_of(
    question: Question,
    records: NDArray[np.void],
    cosines: FloatArray,
    idf: FloatArray,
    configurations: Sequence[Configuration | None],
) -> FloatArray:
    """(n, 6) in the order of `LAYERS`.

    Args:
        question: What is asked.
        records: (n,) of `learning.index.rows.ROW`.
        cosines: (n,) of the embeddings.
        idf: (n, m) of the records' words.
        configurations: By number.
    """
    layers = np.zeros((len(records), len(LAYERS)), dtype=np.float32)
    layers[:, 0] = np.clip(cosines, 0, 1)
    layers[:, 1] = lexical_layer(question.words, question.idf, records["words"], idf)
    layers[:, 2] = task_layer(
        records["task"] == question.task,
        records["kind"] == question.kind,
        records["language"] == question.language,
    )
    if question.configuration is not None:
        numbers, where = np.unique(records["configuration"], return_inverse=True)
        alike = [
            0.0 if there is None else configuration_likeness(question.configuration, there)
            for there in (configurations[number] for number in numbers.tolist())
        ]
        layers[:, 3] = np.array(alike, dtype=np.float32)[where]
    layers[:, 4] = _BAND_WORTH[records["outcome"]]
    ages = (question.now - records["last_at"].astype(np.float64)) / DAY
    layers[:, 5] = recency_layer(ages.astype(np.float32))
    return layers


def similarities(weights: LayerWeights, layers: FloatArray, question: Question) -> FloatArray:
    """(n,) in [0, 1]: the weighted sum of ``layers`` (n, 6).

    A layer that the question has nothing to say on does not count: its weight goes to the others.
    """
    told = np.array(weights.values, dtype=np.float64)
    if not question.turned.any():
        told[0] = 0
    if not len(question.words):
        told[1] = 0
    if question.configuration is None:
        told[3] = 0
    total = told.sum()
    if total > 0:
        told /= total
    found: FloatArray = np.minimum(layers @ told.astype(np.float32), np.float32(1))
    return found
