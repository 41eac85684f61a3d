"""What every embedding model offers: texts in, unit rows out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

FloatArray: TypeAlias = NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into vectors whose dot product tells how near their topics are.

    It finds the topic, not the answer: opposite answers to one question lie close together. It may
    align and prefilter; it must not decide.
    """

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Embed ``texts``: (n, d), unit rows; a text without a known token is a row of zeros."""
