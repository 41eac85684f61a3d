"""Which metrics a PromQL expression reads; enough of its grammar for our own dashboards and rules."""

from __future__ import annotations

import re

# Matchers, ranges and texts name no metric; grouping lists name labels.
_NOT_METRICS = re.compile(
    r"""\{[^}]*\} | \[[^\]]*\] | "[^"]*" | '[^']*'
      | \b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)""",
    re.VERBOSE,
)
_WORD = re.compile(r"(?<![\w.$:])[a-zA-Z_:][\w:]*(?!\s*\()(?![\w:])")
_OPERATORS = {"and", "or", "unless", "offset", "bool", "by", "without", "on", "ignoring"}


def metrics_read(expression: str) -> set[str]:
    """The metric names in ``expression``, functions and aggregations left out."""
    bare = _NOT_METRICS.sub(" ", expression)
    return {word for word in _WORD.findall(bare) if word not in _OPERATORS}
