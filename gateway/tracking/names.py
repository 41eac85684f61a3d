"""Names and figures as every place takes them. Pure."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_OTHER = re.compile(r"[^A-Za-z0-9_\-./]+")
"""What MLflow refuses in a name, or TensorBoard's writer replaces."""


def sound(name: str) -> str:
    """``name`` in the characters that all places take."""
    return _OTHER.sub("_", name)


def finite(figures: Mapping[str, float]) -> dict[str, float]:
    """Figures under such names, without those that are none."""
    return {sound(name): float(figure) for name, figure in figures.items() if math.isfinite(figure)}
