"""Patterns stay within their bound: who outlived its time goes, and who is beyond it, decided alike everywhere."""

import asyncio
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry

from gateway.monitoring.engine_metrics import EngineMetrics
from gateway.patterns.pruning import Pruned, Pruning
from gateway.storage.pattern_care import oldest_member
from gateway.storage.pattern_store import SqlPatternStore
from gateway.storage_errors import DatabaseAwayError
from learning.lifetime import BASE_LIFE
from tests.support.patterns import new_pattern
from tests.support.records import NOON


@pytest.fixture
def registry():
    return CollectorRegistry()


@pytest.fixture
def metrics(registry):
    return EngineMetrics(registry)


def pruning(database, metrics, *, after=timedelta(0), **changes):
    return Pruning(
        database,
        SqlPatternStore(database),
        metrics=metrics,
        clock=lambda: NOON + after,
        **{"at_most": 100, **changes},
    )


@pytest.fixture
async def store(database):
    """Five patterns, an hour apart; the first is labelled, the second was used by advice."""
    store = SqlPatternStore(database)
    await store.register([new_pattern(f"r-{n}", n, after_s=3600 * n) for n in range(5)])
    await store.label("r-0", correct=True)
    await store.reused({2: 1})
    return store


async def goes_on(store, after):
    """A request that came in just before: time goes on."""
    await store.register(
        [new_pattern("r-9", 9, after_s=(after - timedelta(hours=1)).total_seconds())]
    )


async def ids(store):
    return [pattern.id for pattern in await store.page(0, 100)]


async def test_what_nobody_used_goes_at_the_end_of_its_time(store, database, metrics, registry):
    after = BASE_LIFE + timedelta(hours=3, minutes=30)
    await goes_on(store, after)
    late = pruning(database, metrics, after=after)
    assert await late.prune() == Pruned(expired=2, crowded=0)
    assert await ids(store) == [1, 2, 5, 6]
    assert registry.get_sample_value("learning_removed_total", {"cause": "expired"}) == 2


async def test_neither_a_clock_ahead_nor_a_long_rest_ends_any_life(store, database, metrics):
    late = pruning(database, metrics, after=timedelta(days=3650))
    assert await late.prune() == Pruned(expired=0, crowded=0)
    assert await ids(store) == [1, 2, 3, 4, 5]
    assert (await store.label("r-3", correct=False)).pattern.wrong == 1


async def test_without_patterns_there_is_nothing_to_prune(database, metrics):
    assert await pruning(database, metrics).prune() == Pruned(0, 0)


async def test_beyond_the_bound_those_go_that_have_the_least_time_left(store, database, metrics):
    assert await pruning(database, metrics, at_most=3).prune() == Pruned(expired=0, crowded=2)
    assert await ids(store) == [1, 2, 5]


async def test_who_comes_second_finds_nothing_left_to_do(store, database, metrics):
    both = [pruning(database, metrics, at_most=3) for _ in range(2)]
    await asyncio.gather(*(one.prune() for one in both))
    assert await ids(store) == [1, 2, 5]


async def test_which_requests_a_pattern_stood_for_is_forgotten_but_its_figures_stay(
    store, database, metrics
):
    await store.reused(dict.fromkeys(range(1, 6), 100))
    await goes_on(store, timedelta(days=91))
    await pruning(database, metrics, after=timedelta(days=91)).prune()
    assert await store.label("r-3", correct=False) is None
    (first, *_) = await store.page(0, 1)
    assert (first.right, first.count) == (1, 1)


async def test_requests_are_forgotten_a_few_minutes_at_once(store, database, metrics):
    befores = []

    class Noting(SqlPatternStore):
        async def forget_members(self, before):
            befores.append(before)
            await super().forget_members(before)

    await goes_on(store, timedelta(days=90, hours=2))
    late = NOON + timedelta(days=90, hours=2)
    one = Pruning(database, Noting(database), at_most=100, metrics=metrics, clock=lambda: late)
    await store.reused(dict.fromkeys(range(1, 6), 100))
    await one.prune()
    assert befores == [
        NOON + hours + timedelta(minutes=5) for hours in (timedelta(0), timedelta(hours=1))
    ]
    assert await oldest_member(database) == NOON + timedelta(hours=2)


async def test_a_database_that_is_away_is_counted_and_looked_at_again(
    store, database, metrics, registry
):
    class Away(SqlPatternStore):
        async def remove(self, ids):
            del ids
            raise DatabaseAwayError("away")

    pauses = asyncio.Queue()
    looked = asyncio.Queue()

    async def pause(seconds):
        looked.put_nowait(seconds)
        await pauses.get()

    one = Pruning(
        database,
        Away(database),
        at_most=1,
        metrics=metrics,
        clock=lambda: NOON,
        pause=pause,
    )
    await one.start()
    for _ in range(2):
        await looked.get()
        pauses.put_nowait(None)
    await looked.get()
    await one.aclose()
    assert registry.get_sample_value("learning_errors_total", {"operation": "prune"}) == 2
    assert len(await ids(store)) == 5
