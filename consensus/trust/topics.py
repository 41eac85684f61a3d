"""Where a question lies among topics: some fields are harder than others, for all vendors alike.

The coordinates are the first principal components of the static embedding of questions, each scaled
to unit variance; ``python -m bench.trust_prior`` makes them. Japanese has too few labelled questions
behind it and lies in the middle of all topics.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from consensus.ballot import TOPICS
from consensus.lazily import lazily

if TYPE_CHECKING:
    from consensus.embedding.embedder import Embedder, FloatArray

TOPICS_FILE = Path(__file__).with_name("topics.npz")

QUESTIONS = 64
"""How many are remembered, those under way: a request is decided on anew with each answer that comes in."""

REMEMBERED_CHARS = 12_000
"""Longest question that is remembered; bounds what huge prompts may hold."""

MAX_COORDINATE = 3.0
"""In standard deviations: a question far from all others is not that much harder."""


class Topics:
    """Places questions by the static embedder the components were made with.

    Args:
        embedder: `consensus.embedding.static.StaticEmbedder`; of its vectors the part of the tokens.
        file: ``mean`` (d,) and ``components`` (d, `TOPICS`).
    """

    def __init__(self, embedder: Embedder, file: Path = TOPICS_FILE) -> None:
        self._embedder = embedder
        self._file = file
        self._remembered = lru_cache(maxsize=QUESTIONS)(self._placed)

    @lazily
    def _fitted(self) -> tuple[FloatArray, FloatArray]:
        import numpy as np  # noqa: PLC0415 - a start can do without

        with np.load(self._file) as kept:
            return kept["mean"], kept["components"]

    def of(self, question: str) -> tuple[float, ...]:
        """The coordinates of a question; zeros for one without a word that is not Japanese."""
        remembers = len(question) <= REMEMBERED_CHARS
        return (self._remembered if remembers else self._placed)(question)

    def _placed(self, question: str) -> tuple[float, ...]:
        mean, components = self._fitted
        vector = self._embedder.embed([question])[0, : len(mean)]
        # How far the text is not Japanese scales its vector: so does how far it leaves the middle.
        share = float(vector @ vector) ** 0.5
        if not share:
            return (0.0,) * TOPICS
        placed = (vector - share * mean) @ components
        return tuple(
            [max(-MAX_COORDINATE, min(MAX_COORDINATE, figure)) for figure in placed.tolist()]
        )
