"""How near the topics of some texts are, computed only when somebody asks: embedding costs CPU."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consensus.lazily import lazily

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from consensus.embedding.embedder import Embedder, FloatArray

    Cosine = Callable[[], float | None]
    """Of two texts, in [-1, 1]; None without an embedder. Where types decide, nobody asks."""


class Nearness:
    """Cosines between ``texts``, all embedded together at the first question.

    Args:
        embedder: None knows no nearness.
        texts: What is compared, by position.
    """

    def __init__(self, embedder: Embedder | None, texts: Sequence[str]) -> None:
        self._embedder = embedder
        self._texts = texts

    @lazily
    def _vectors(self) -> FloatArray | None:
        return None if self._embedder is None else self._embedder.embed(self._texts)

    def cosine(self, i: int, j: int) -> float | None:
        """Of the texts at positions ``i`` and ``j``, in [-1, 1]; None without an embedder."""
        vectors = self._vectors
        return None if vectors is None else max(-1.0, min(1.0, float(vectors[i] @ vectors[j])))
