"""How alike two patterns are, layer by layer, each in [0, 1]. Pure.

What is compared with a question are always many patterns at once, as columns of numbers; what the
numbers stand for is `learning.index.codes`' business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from consensus.embedding.embedder import FloatArray
    from learning.patterns.pattern import Configuration

TASK_SHARE, KIND_SHARE, LANGUAGE_SHARE = 0.4, 0.4, 0.2
"""What the same task, kind of question and language are worth in the layer; together 1."""

VENDORS_SHARE, MODE_SHARE, DEPTH_SHARE = 0.8, 0.1, 0.1
"""What the same vendors, mode and depth are worth in the layer; together 1."""

OUTCOMES = {"open": 0.0, "failed": 0.25, "mixed": 0.5, "wrong": 1.0, "right": 1.0}
"""What each band is worth: how much a pattern tells of who is right. A labelled one tells most,
whichever way it went; one that went both ways says less; one without a label, nothing yet."""

HALF_LIFE_DAYS = 30.0
"""After so long a pattern counts half in the layer of recency: vendors change their models within
months."""


def configuration_likeness(one: Configuration, other: Configuration) -> float:
    """How alike two ways of answering are: share of vendors in common (Jaccard), mode, depth."""
    here, there = set(one.providers), set(other.providers)
    both = len(here & there) / len(here | there) if here or there else 1.0
    return (
        VENDORS_SHARE * both
        + MODE_SHARE * (one.mode == other.mode)
        + DEPTH_SHARE * (one.depth == other.depth)
    )


def task_layer(
    same_task: NDArray[np.bool_], same_kind: NDArray[np.bool_], same_language: NDArray[np.bool_]
) -> FloatArray:
    """(n,) each whether it is the same: (n,) in [0, 1]."""
    layer: FloatArray = np.float32(TASK_SHARE) * same_task
    layer += np.float32(KIND_SHARE) * same_kind
    layer += np.float32(LANGUAGE_SHARE) * same_language
    return layer


def recency_layer(age_days: NDArray[np.float32]) -> FloatArray:
    """(n,) days since a pattern was last met: (n,) in [0, 1]; what lies ahead counts as now."""
    return np.exp2(np.maximum(age_days, np.float32(0)) * np.float32(-1.0 / HALF_LIFE_DAYS))


def lexical_layer(
    asked: NDArray[np.uint32], asked_idf: FloatArray, rows: NDArray[np.uint32], rows_idf: FloatArray
) -> FloatArray:
    """Cosine of the words' inverse document frequencies.

    Args:
        asked: (w,) the question's words, hashed, each once.
        asked_idf: (w,) theirs.
        rows: (n, m) the patterns' words, hashed, each once a row; 0 for none.
        rows_idf: (n, m) theirs; 0 for none.

    Returns:
        (n,) in [0, 1]; 0 where either side has no word.
    """
    squares = np.square(rows_idf)
    lengths = np.sqrt(squares.sum(axis=1) * np.square(asked_idf).sum())
    shared = np.where(np.isin(rows, asked), squares, np.float32(0)).sum(axis=1)
    layer: FloatArray = np.divide(shared, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return np.minimum(layer, np.float32(1))
