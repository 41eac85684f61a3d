"""Bounds around a number: "less than 10 %" and "at least 10 %" name one number and deny each other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from consensus.reading import Reading

MAX_CHARS = 400
"""Longer texts hold many numbers, whose bounds say nothing of the answer's."""

_UPPER = re.compile(
    r"\b(?:less than|fewer than|under|below|at most|no more than|up to|not more than)\s+\$?\d"
    r"|\d[^\s。、]{0,4}(?:以下|未満|より(?:小さ|少な))",
    re.IGNORECASE,
)
_LOWER = re.compile(
    r"\b(?<!no )(?<!not )(?:more than|over|above|at least|no less than|exceeds?)\s+\$?\d"
    r"|\d[^\s。、]{0,4}(?:以上|超|を超え|より(?:大き|多))",
    re.IGNORECASE,
)


def other_bounds(a: Reading, b: Reading) -> bool:
    """True when two short answers bound their number from opposite sides."""
    first, second = _bound(a.text), _bound(b.text)
    return first is not None and second is not None and first is not second


def _bound(text: str) -> bool | None:
    """True for a lower bound, False for an upper one, None for neither or both."""
    if len(text) > MAX_CHARS:
        return None
    upper, lower = _UPPER.search(text) is not None, _LOWER.search(text) is not None
    return lower if upper is not lower else None
