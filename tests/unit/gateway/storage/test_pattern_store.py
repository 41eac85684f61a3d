"""Patterns in SQL: what requests and labels leave there, and how others follow it. On both databases."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from gateway.storage.errors import DatabaseAwayError
from gateway.storage.journal_tables import JournalTables
from gateway.storage.pattern_rows import packed, unpacked
from gateway.storage.pattern_store import SqlPatternStore
from gateway.storage.sql import Database
from learning.patterns.pattern import Failure, VendorTally
from learning.patterns.stances import Stance
from learning.records import Feedback
from tests.support.patterns import DIMENSIONS, new_pattern, scenario, vector
from tests.support.records import NOON


@pytest.fixture
def store(database):
    return SqlPatternStore(database)


async def said(database, request_id, correct):
    await JournalTables(database).add_feedback(Feedback(request_id, NOON, correct=correct))


async def all_of(store):
    return await store.page(0, 10_000)


async def only(store):
    (pattern,) = await all_of(store)
    return pattern


async def test_a_request_becomes_a_pattern_that_says_what_was_asked_and_how_it_was_answered(store):
    (change,) = await store.register([new_pattern()])
    kept = await only(store)
    assert (change.number, change.id) == (1, kept.id)
    assert kept.scenario.words == ("question", "topic0")
    assert float(kept.scenario.embedding @ vector(0)) > 0.999
    assert kept.configuration == new_pattern().configuration
    assert kept.vendors["gpt"] == VendorTally(asked=1, untold=1, latency_ms=500.0, cost_usd=0.25)
    assert (kept.count, kept.confident, kept.confidence) == (1, 1, 0.5)
    assert (kept.first_at, kept.last_at, kept.outcome) == (NOON, NOON, "open")


async def test_what_is_told_of_a_change_is_what_is_kept(store):
    (change,) = await store.register([new_pattern(correct=False)])
    kept = await only(store)
    assert change.pattern.vendors == kept.vendors
    assert (change.pattern.failure, change.pattern.lesson) == (kept.failure, kept.lesson)


async def test_a_request_registered_again_changes_nothing(store):
    await store.register([new_pattern()])
    assert await store.register([new_pattern(), new_pattern()]) == []
    assert (await only(store)).count == 1


async def test_requests_of_one_batch_that_are_the_same_question_are_one_pattern(store):
    batch = [new_pattern(f"r-{n}", after_s=n) for n in range(3)]
    await store.register([*batch, new_pattern("r-9", question=1)])
    one, other = await all_of(store)
    assert (one.count, other.count) == (3, 1)
    assert (one.first_at, one.last_at) == (NOON, NOON + timedelta(seconds=2))


async def test_a_request_joins_a_pattern_it_is_said_to_be_near_to_if_it_is_the_same_question(store):
    await store.register([new_pattern("r-1"), new_pattern("r-2", question=1)])
    one, other = await all_of(store)
    near = (other.id, one.id)
    await store.register(
        [new_pattern("r-3", alike=near, scenario=scenario(0, embedding=vector(5)))]
    )
    await store.register([new_pattern("r-4", question=2, alike=near)])
    assert [p.count for p in await all_of(store)] == [2, 1, 1]


@pytest.mark.parametrize(
    "change",
    [
        {"scenario": scenario(0, words=("question",))},
        {"scenario": scenario(0, task="critical")},
        {"scenario": scenario(0, kind="choice")},
        {"scenario": scenario(0, language="ja")},
        {"scenario": scenario(0, embedding=vector(3))},
        {"configuration": replace(new_pattern().configuration, providers=("gpt", "claude"))},
        {"configuration": replace(new_pattern().configuration, mode="sequential")},
    ],
)
async def test_what_differs_in_more_than_small_words_is_a_pattern_of_its_own(store, change):
    await store.register([new_pattern("r-1"), new_pattern("r-2", **change)])
    assert len(await all_of(store)) == 2


async def test_a_pattern_that_is_gone_takes_nothing_in(store):
    (change,) = await store.register([new_pattern("r-1")])
    await store.remove([change.id])
    await store.register([new_pattern("r-2", alike=(change.id,))])
    assert (await only(store)).id != change.id


async def test_a_right_answer_tells_of_those_who_gave_it_and_of_those_who_gave_another(store):
    await store.register([new_pattern()])
    change = await store.label("r-1", correct=True)
    told = {name: (t.right, t.wrong, t.untold) for name, t in change.pattern.vendors.items()}
    assert told == {"gpt": (1, 0, 0), "claude": (1, 0, 0), "gemini": (0, 1, 0)}
    assert (change.pattern.outcome, change.pattern.failure) == ("right", None)
    kept = await only(store)
    assert (kept.vendors, kept.lesson) == (change.pattern.vendors, change.pattern.lesson)
    assert "gemini mostly wrong" in kept.lesson


async def test_a_wrong_answer_tells_nothing_of_those_who_gave_another(store):
    await store.register([new_pattern()])
    change = await store.label("r-1", correct=False)
    told = {name: (t.right, t.wrong, t.untold) for name, t in change.pattern.vendors.items()}
    assert told == {"gpt": (0, 1, 0), "claude": (0, 1, 0), "gemini": (0, 0, 1)}
    assert change.pattern.failure.trigger == "wrong answer"


async def test_a_corrected_label_takes_back_what_the_first_gave_and_with_it_the_failure(store):
    degraded = Failure("no answer of gemini (timeout)", "2 of 3", "answered without it", "patience")
    await store.register(
        [new_pattern("r-1", failure=degraded), new_pattern("r-2", after_s=5, correct=True)]
    )
    await store.label("r-2", correct=False)
    assert (await only(store)).failure.trigger == "wrong answer"
    await store.label("r-2", correct=True)
    kept = await only(store)
    assert (kept.right, kept.wrong) == (1, 0)
    assert kept.failure == degraded  # the one before
    assert kept.vendors["gpt"].right == 1


async def test_the_same_label_again_is_no_change(store):
    await store.register([new_pattern()])
    assert await store.label("r-1", correct=True) is not None
    assert await store.label("r-1", correct=True) is None


async def test_a_label_of_an_unknown_request_is_no_change(store):
    assert await store.label("nobody", correct=True) is None


async def test_a_label_that_was_stored_before_its_request_counts_once_that_is_registered(
    database, store
):
    await said(database, "r-1", correct=False)
    await said(database, "r-1", correct=True)
    (change,) = await store.register([new_pattern("r-1")])
    assert change.pattern.right == 1
    assert await store.settle(["r-1"]) == []


async def test_of_several_labels_the_last_stored_counts_whoever_settles_and_in_whatever_order(
    database, store
):
    await store.register([new_pattern("r-1"), new_pattern("r-2", question=1)])
    await said(database, "r-1", correct=True)
    await said(database, "r-2", correct=True)
    await said(database, "r-1", correct=False)
    assert len(await store.settle(["r-2", "r-1", "r-3"])) == 2
    one, other = await all_of(store)
    assert ((one.right, one.wrong), (other.right, other.wrong)) == ((0, 1), (1, 0))


async def test_labels_that_no_pattern_counts_yet_are_found_again(database, store):
    await store.register([new_pattern(f"r-{n}", question=n) for n in range(3)])
    await said(database, "r-0", correct=True)
    await said(database, "r-2", correct=True)
    await said(database, "stranger", correct=True)
    await store.settle(["r-0"])
    assert await store.unsettled(100) == ["r-2"]
    await said(database, "r-0", correct=False)
    assert await store.unsettled(100) == ["r-2", "r-0"]
    assert await store.unsettled(1) == ["r-0"]
    await store.settle(["r-0", "r-2"])
    assert await store.unsettled(100) == []


async def test_patterns_that_advice_rested_on_gain_or_lose_by_the_label(store):
    await store.register([new_pattern(f"n-{n}", question=n) for n in (1, 2, 3)])
    right, wrong, unsaid = (p.id for p in await all_of(store))
    await store.label("n-1", correct=True)
    await store.label("n-2", correct=False)
    await store.register([new_pattern("r-1", question=4, advised=(right, wrong, unsaid, 999))])
    await store.label("r-1", correct=True)
    assert [p.predictive for p in await store.get([right, wrong, unsaid])] == [1, -1, 0]
    await store.label("r-1", correct=False)
    assert [p.predictive for p in await store.get([right, wrong, unsaid])] == [-1, 1, 0]


async def test_followers_read_each_pattern_once_as_it_stands(store):
    await store.register([new_pattern("r-1"), new_pattern("r-2", question=1)])
    await store.label("r-1", correct=True)
    await store.register([new_pattern("r-3", question=2)])
    changes = await store.changes(0, 100)
    assert [c.number for c in changes] == [2, 3, 4]
    assert [c.pattern.right for c in changes] == [0, 1, 0]
    assert [c.number for c in await store.changes(3, 100)] == [4]
    assert [c.number for c in await store.changes(0, 100, until=2)] == [1, 2]
    assert await store.changes(4, 100) == []


async def test_a_removed_pattern_is_a_change_too_and_its_number_is_not_given_again(store):
    await store.register([new_pattern("r-1")])
    kept = await only(store)
    (gone,) = await store.remove([kept.id, 999])
    assert (gone.id, gone.pattern) == (kept.id, None)
    (change,) = await store.changes(1, 10)
    assert change == gone
    (new,) = await store.register([new_pattern("r-2")])
    assert new.id > kept.id


async def test_old_changes_may_go_but_the_last_one_stays(store):
    await store.register([new_pattern(f"r-{n}", question=n) for n in range(5)])
    await store.prune_changes(3)
    assert (await store.first_change(), await store.last_change()) == (3, 5)
    await store.prune_changes(1_000)
    assert (await store.first_change(), await store.last_change()) == (5, 5)
    (change,) = await store.register([new_pattern("r-9", question=9)])
    assert change.number == 6


async def test_an_empty_store_has_no_changes(store):
    assert (await store.first_change(), await store.last_change(), await store.count()) == (0, 0, 0)
    assert await store.register([]) == []
    assert await store.settle([]) == []
    assert await store.add([]) == []
    assert await store.get([]) == []


async def test_numbers_commit_in_order_so_that_no_follower_misses_one(database_url, store):
    """Two writers at once, on connections of their own; a follower reads all the while."""
    second = await Database.open(database_url)
    seen, after = [], 0
    try:
        writers = [
            asyncio.create_task(write_many(SqlPatternStore(second), "b", 20)),
            asyncio.create_task(write_many(store, "a", 20)),
        ]
        while True:
            done = all(writer.done() for writer in writers)
            changes = await store.changes(after, 1_000)
            seen += [c.id for c in changes]
            after = max([after, *(c.number for c in changes)])
            if done and not changes:
                break
            await asyncio.sleep(0)
        await asyncio.gather(*writers)
    finally:
        await second.aclose()
    assert sorted(seen) == [p.id for p in await all_of(store)]
    assert len(seen) == 2 * 20 * 3


async def write_many(store, name, batches):
    for n in range(batches):
        first = (ord(name) * 1_000 + n) * 10
        await store.register([new_pattern(f"{name}-{n}-{k}", question=first + k) for k in range(3)])


async def test_patterns_from_elsewhere_come_under_new_numbers(store):
    await store.register([new_pattern("r-1", correct=False)])
    kept = await only(store)
    (change,) = await store.add([kept])
    _, copy = await all_of(store)
    assert copy.id == change.id != kept.id
    assert (copy.vendors, copy.failure, copy.wrong) == (kept.vendors, kept.failure, 1)


async def test_what_was_reused_is_counted_and_told_nobody(store):
    await store.register([new_pattern("r-1"), new_pattern("r-2", question=1)])
    one, other = await all_of(store)
    await store.reused({one.id: 3, other.id: 1})
    await store.reused({one.id: 2})
    assert [p.reused for p in await all_of(store)] == [5, 1]
    assert await store.last_change() == 2


async def test_patterns_of_another_embedder_are_as_if_they_were_not_there(database, store):
    other = SqlPatternStore(database, "other-model")
    (change,) = await other.register([new_pattern("r-1")])
    assert await all_of(store) == []
    assert [c.pattern for c in await store.changes(0, 10)] == [None]
    await store.register([new_pattern("r-2", alike=(change.id,))])
    assert await store.count() == 2


async def test_members_may_be_forgotten_while_figures_stay(store):
    await store.register([new_pattern("r-1"), new_pattern("r-2", after_s=60)])
    await store.forget_members(NOON + timedelta(seconds=30))
    assert (await only(store)).count == 2
    assert await store.label("r-1", correct=True) is None
    assert await store.label("r-2", correct=True) is not None


async def test_text_no_database_takes_is_made_storable(store):
    odd = "r-\0-\ud800"
    await store.register([new_pattern(odd, scenario=scenario(words=("nul\0", "\ud800")))])
    assert await store.register([new_pattern(odd)]) == []


async def test_a_database_that_is_away_is_told_in_our_words(own_postgres_cluster):
    database = await Database.open(own_postgres_cluster.new_database())
    await database.migrate()
    store = SqlPatternStore(database)
    own_postgres_cluster.stop()
    try:
        with pytest.raises(DatabaseAwayError):
            await store.register([new_pattern()])
        own_postgres_cluster.start()
        await store.register([new_pattern()])
        assert (await only(store)).count == 1
    finally:
        await database.aclose()


@pytest.mark.parametrize("stance", list(Stance))
async def test_every_stance_comes_back_as_it_was_stored(store, stance):
    await store.register([new_pattern(stances={"gpt": stance})])
    before = await only(store)
    await store.label("r-1", correct=True)
    after = (await only(store)).vendors["gpt"]
    told = {"with": (1, 0, 0), "against": (0, 1, 0), "aside": (0, 0, 1), "failed": (0, 0, 0)}
    assert (after.right, after.wrong, after.untold) == told[stance]
    assert after.failed == before.vendors["gpt"].failed == (stance is Stance.FAILED)


def test_a_packed_embedding_comes_back_to_its_rounding_and_zeros_as_zeros():
    rows = np.stack([vector(1), np.zeros(DIMENSIONS, np.float32), vector(2)])
    rows[2, 4:] = 0.0
    rows[2] /= np.linalg.norm(rows[2])
    kept = packed(rows)
    back = np.stack([unpacked(one) for one in kept])
    assert np.abs(back - rows).max() < 0.01
    assert not back[1].any()
    assert len(kept[2]) == 2 + 4 < len(kept[0])
