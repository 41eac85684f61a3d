"""An embedder that costs nothing until it is used: neither its import nor its files."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from consensus.embedding.embedder import Embedder, FloatArray


class LazyEmbedder:
    """Loads the embedder it stands for at its first text; safe to call from several threads.

    Args:
        load: Imports and builds the embedder.
    """

    def __init__(self, load: Callable[[], Embedder]) -> None:
        self._load = load
        self._embedder: Embedder | None = None
        self._lock = Lock()

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """See `consensus.embedding.embedder.Embedder`."""
        if self._embedder is None:
            with self._lock:
                if self._embedder is None:
                    self._embedder = self._load()
        return self._embedder.embed(texts)
