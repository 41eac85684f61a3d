"""Make the static model that ships with the package: ``python -m consensus.embedding.distill``.

Needs ``model2vec[distill]`` (torch), which nothing at runtime does. The source is
sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), as a name or as a folder with its files. Every
token of its vocabulary is passed through the model once, the vectors are reduced to 256 dimensions
by PCA and weighted by inverse token frequency (model2vec, https://github.com/MinishLab/model2vec),
then each row is kept as int8 with a float32 scale of its own: a quarter of the float32 size, cosine
to the unquantised vectors above 0.999.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from consensus.embedding.static import MODEL_FOLDER, SCALES_FILE, VECTORS_FILE, VOCABULARY_FILE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from consensus.embedding.embedder import FloatArray

SOURCE_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
DIMENSIONS = 256
INT8_MAX = 127


def quantise(vectors: FloatArray) -> tuple[NDArray[np.int8], FloatArray]:
    """Split float rows (n, d) into int8 rows and one scale a row, so that row = int8 * scale."""
    peaks = np.abs(vectors).max(axis=1)
    scales = (np.where(peaks > 0, peaks, 1.0) / INT8_MAX).astype(np.float32)
    rows = np.rint(vectors / scales[:, None]).astype(np.int8)
    return rows, scales


def distil(source: str, folder: Path) -> None:
    """Distil ``source`` and write the three files of the static model into ``folder``."""
    from model2vec.distill import distill  # noqa: PLC0415 - torch: only for whoever makes the model

    model = distill(source, pca_dims=DIMENSIONS, quantize_to="float32")
    rows, scales = quantise(np.asarray(model.embedding, dtype=np.float32))
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / VECTORS_FILE, rows)
    np.save(folder / SCALES_FILE, scales)
    vocabulary: dict[str, int] = model.tokenizer.get_vocab()
    tokens = sorted(vocabulary, key=vocabulary.__getitem__)
    (folder / VOCABULARY_FILE).write_text("\n".join(tokens), encoding="utf-8")


def main() -> None:
    """Read the command line and make the model."""
    parser = argparse.ArgumentParser(description="Distil the static embedding model.")
    parser.add_argument("--model", default=SOURCE_MODEL, help="name or folder of the source model")
    parser.add_argument("--folder", type=Path, default=MODEL_FOLDER, help="where to write")
    options = parser.parse_args()
    distil(options.model, options.folder)


if __name__ == "__main__":
    main()
