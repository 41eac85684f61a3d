"""The one door to sentence-transformers: any of its models by name, with the extra ``transformers``."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from consensus.embedding.static import clip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentence_transformers import SentenceTransformer

    from consensus.embedding.embedder import FloatArray

INSTALL_COMMAND = "pip install 'wallbounce[transformers]'"


class TransformersMissingError(ImportError):
    """The extra ``transformers`` is not installed; the message says how to install it."""


class TransformersEmbedder:
    """A sentence-transformers model, loaded on first use (seconds, torch).

    Args:
        model: A model's name on the hub, or a folder with its files.
    """

    def __init__(self, model: str) -> None:
        self._name = model

    @cached_property
    def _model(self) -> SentenceTransformer:
        try:
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - imports torch
        except ImportError as error:
            raise TransformersMissingError(
                f"The embedding model {self._name} needs sentence-transformers: {INSTALL_COMMAND}"
            ) from error
        return SentenceTransformer(self._name)

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Embed ``texts``: (n, d) with the model's own d, unit rows.

        Raises:
            TransformersMissingError: sentence-transformers is not installed.
        """
        vectors = self._model.encode(
            [clip(text) for text in texts],
            convert_to_numpy=True,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, dtype=np.float32)
