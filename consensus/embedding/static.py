"""The default embedder: a static model looked up in a table, no network to run, no torch.

It runs on numpy alone rather than through model2vec, whose import costs 17 MB and 0.16 s more and
whose tokenizer takes five times as long for a text (`consensus.embedding.wordpiece`).
"""

from __future__ import annotations

import math
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from consensus.embedding.ngrams import NGRAM_DIMENSIONS, ngram_vector
from consensus.embedding.wordpiece import WordPiece

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from consensus.embedding.embedder import FloatArray

MODEL_FOLDER = Path(__file__).parent / "model"
VECTORS_FILE = "vectors.npy"
SCALES_FILE = "scales.npy"
VOCABULARY_FILE = "vocab.txt"

MAX_CHARS = 4_000
"""Characters of a text that are read, half from its head and half from its tail: a long answer
states its topic at the start and its result at the end, and the cost stays bounded."""


class _Model(NamedTuple):
    wordpiece: WordPiece
    vectors: NDArray[np.int8]
    scales: FloatArray


def clip(text: str) -> str:
    """Cut ``text`` to its head and tail of together `MAX_CHARS` characters."""
    half = MAX_CHARS // 2
    return text if len(text) <= MAX_CHARS else f"{text[:half]} {text[-half:]}"


class StaticEmbedder:
    """Mean of the token vectors, beside hashed character n-grams of what is Japanese in the text.

    all-MiniLM-L6-v2 knows few kanji and drops the marks that tell か from が: told to find the answer
    to a Japanese question it does little better than chance, n-grams nearly always. So its tokens
    embed what is not Japanese and n-grams (`consensus.embedding.ngrams`) what is. Rows are (n, 768):
    256 token and 512 n-gram dimensions, each part weighted by the root of its script's share of the
    letters. The files are read on first use and mapped, not loaded: only the rows used come into
    memory.
    """

    def __init__(self, folder: Path = MODEL_FOLDER) -> None:
        self._folder = folder

    @cached_property
    def _model(self) -> _Model:
        tokens = (self._folder / VOCABULARY_FILE).read_text(encoding="utf-8").split("\n")
        mapped = np.load(self._folder / VECTORS_FILE, mmap_mode="r")
        # Looked at as a plain array: indexing np.memmap itself costs twice as much.
        return _Model(WordPiece(tokens), np.asarray(mapped), np.load(self._folder / SCALES_FILE))

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Embed ``texts``: (n, 768), unit rows; zeros for a text without a known token."""
        wordpiece, vectors, scales = self._model
        dimensions = vectors.shape[1]
        rows = np.zeros((len(texts), dimensions + NGRAM_DIMENSIONS), dtype=np.float32)
        for row, text in zip(rows, map(clip, texts), strict=True):
            tokens = wordpiece.encode(text)
            if tokens:
                numbers = np.array(tokens, dtype=np.intp)
                of_tokens = row[:dimensions]
                np.matmul(
                    scales.take(numbers),
                    vectors.take(numbers, axis=0).astype(np.float32),
                    out=of_tokens,
                )
                _normalise(of_tokens)
            if text.isascii():
                continue
            grams, share = ngram_vector(text)
            if share:
                row[:dimensions] *= np.sqrt(1.0 - share)
                row[dimensions:] = grams * np.sqrt(share)
                _normalise(row)
        return rows


def _normalise(row: FloatArray) -> None:
    """Scale ``row`` to unit length in place; zeros stay zeros."""
    length = math.sqrt(row @ row)
    if length > 0.0:
        row /= length
