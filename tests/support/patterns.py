"""Requests as they become patterns, by what a case is about; everything else is plain."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np

from learning.patterns.contribution import NewPattern
from learning.patterns.pattern import Configuration, Scenario
from learning.patterns.stances import Outcome, Stance
from tests.support.records import NOON

DIMENSIONS = 16
PANEL = Configuration(("gpt", "claude", "gemini"))
SPLIT = {"gpt": Stance.WITH, "claude": Stance.WITH, "gemini": Stance.AGAINST}


def vector(seed: int, *, close_to: int | None = None) -> Any:
    """A unit row of its own; or one as good as that of another seed."""
    row = np.random.default_rng(seed if close_to is None else close_to).normal(size=DIMENSIONS)
    if close_to is not None:
        row += 0.01 * np.random.default_rng(seed).normal(size=DIMENSIONS)
    return (row / np.linalg.norm(row)).astype(np.float32)


def scenario(question: int = 0, **changes: Any) -> Scenario:
    """A question by its number: its vector and its words go by it."""
    usual: dict[str, Any] = {
        "embedding": vector(question),
        "words": ("question", f"topic{question}"),
        "task": "basic",
        "kind": "number",
        "language": "en",
    }
    return Scenario(**{**usual, **changes})


def new_pattern(request_id: str = "r-1", question: int = 0, **changes: Any) -> NewPattern:
    """One answered request: two vendors said the same, the third something else."""
    stances = changes.pop("stances", SPLIT)
    usual: dict[str, Any] = {
        "at": NOON + timedelta(seconds=changes.pop("after_s", 0)),
        "scenario": scenario(question),
        "configuration": PANEL,
        "outcomes": {name: Outcome(stance, 500.0, 0.25) for name, stance in stances.items()},
        "latency_ms": 1000.0,
        "cost_usd": 0.75,
        "confidence": 0.5,
    }
    return NewPattern(request_id=request_id, **{**usual, **changes})
