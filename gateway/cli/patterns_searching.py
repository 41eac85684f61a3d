"""Looks through every pattern for those most like a question, without anybody's index."""

from __future__ import annotations

import heapq
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.embedding import embedder_named
from gateway.patterns.scenarios import Asked, ScenarioReader
from learning.index.index import PatternIndex
from learning.patterns.changes import Change

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.settings import Settings
    from gateway.storage.pattern_store import SqlPatternStore
    from learning.index.neighbours import Neighbour
    from learning.patterns.pattern import Pattern, Scenario

PAGE = 1_000
CANDIDATES = 500
"""Nearest by vector, and as many by words, that all six layers are worked out for."""


def scenario_of(settings: Settings, question: str, task: str) -> Scenario:
    """The question as the gateway would read it.

    Raises:
        click.ClickException: The embedder cannot be loaded.
    """
    embedder = embedder_named(settings.consensus.embedding)
    if embedder is None:
        raise click.ClickException("WALLBOUNCE_EMBEDDING is off: nothing can be looked for")
    (read,) = ScenarioReader(embedder).read([Asked(question, task)])
    return read


async def nearest(
    store: SqlPatternStore, scenario: Scenario, k: int, advance: Callable[[int], None]
) -> list[tuple[Pattern, Neighbour]]:
    """The ``k`` patterns most like the scenario, most alike first, each with how it is alike."""
    asked = frozenset(scenario.words)
    by_vector: list[tuple[float, int]] = []
    by_words: list[tuple[float, int]] = []
    after = 0
    while page := await store.page(after, PAGE):
        after = page[-1].id
        for pattern in page:
            there = pattern.scenario
            _keep(by_vector, (float(there.embedding @ scenario.embedding), pattern.id))
            _keep(by_words, (len(asked.intersection(there.words)), pattern.id))
        advance(len(page))
    wanted = {number for _, number in (*by_vector, *by_words)}
    candidates = {pattern.id: pattern for pattern in await store.get(wanted)}
    with tempfile.TemporaryDirectory() as folder:
        index = PatternIndex.open(Path(folder) / "index", len(scenario.embedding))
        try:
            index.apply([Change(1, number, candidates[number]) for number in sorted(candidates)])
            found = index.search(scenario, k, now=datetime.now(UTC))
        finally:
            index.close()
    return [(candidates[near.id], near) for near in found]


def _keep(best: list[tuple[float, int]], one: tuple[float, int]) -> None:
    if len(best) < CANDIDATES:
        heapq.heappush(best, one)
    elif one > best[0]:
        heapq.heapreplace(best, one)
