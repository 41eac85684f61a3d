"""Made-up patterns for the tests of the index."""

from datetime import UTC, datetime, timedelta

import numpy as np

from learning.patterns.changes import Change
from learning.patterns.pattern import Configuration, Failure, Pattern, Scenario

NOW = datetime(2026, 7, 1, tzinfo=UTC)
DIMENSIONS = 40
PANEL = Configuration(("gpt", "claude", "gemini"))


def direction(seed, dimensions=DIMENSIONS):
    row = np.random.default_rng(seed).standard_normal(dimensions).astype(np.float32)
    return row / np.linalg.norm(row)


def scenario(seed=0, *, embedding=None, words=(), task="general", kind="text", language="en"):
    embedding = direction(seed) if embedding is None else embedding
    return Scenario(embedding, tuple(words), task, kind, language)


def pattern(seed=0, *, configuration=PANEL, days=0.0, right=0, wrong=0, failed=False, **asked):
    at = NOW - timedelta(days=days)
    failure = Failure("timeout", "no answer", "asked another", "wait longer") if failed else None
    return Pattern(
        0,
        scenario(seed, **asked),
        configuration,
        {},
        at,
        at,
        right=right,
        wrong=wrong,
        failure=failure,
    )


def changes(*patterns, first=1):
    """One change for each, numbered like the patterns, from ``first`` on."""
    return [Change(at, at, one) for at, one in enumerate(patterns, start=first)]


def gone(number, pattern_id):
    return Change(number, pattern_id, None)
