"""Policies and their moves in the database: numbered without a gap, of two at once exactly one wins."""

import asyncio

import pytest
from sqlalchemy import insert, update

from gateway.storage.errors import DatabaseDamagedError, DataRefusedError
from gateway.storage.learning_schema import policies, policy_moves
from gateway.storage.policy_store import KeptPolicy, SqlPolicyStore
from gateway.storage.sql import Database
from learning.policy.document import Weights
from learning.policy.errors import UnreadablePolicyError
from learning.policy.moves import PolicyMove, Standing
from tests.support.policies import NOON, a_policy


@pytest.fixture
def store(database):
    return SqlPolicyStore(database)


def move(number, version, by="somebody", reason=None):
    return PolicyMove(number, NOON, by, version, reason)


async def test_a_policy_is_read_back_as_it_was_written(store):
    layers = {"vector": 0.1 + 0.2, "lexical": 1 / 3}
    made = await store.add(lambda n: a_policy(n, note="壁", weights=Weights(layers=layers)))
    kept = await store.get(1)
    assert kept.read() == made
    assert (kept.version, kept.at, kept.digest) == (1, NOON, made.digest)
    assert await store.get(2) is None


async def test_versions_count_up_and_the_newest_comes_first(store):
    for _ in range(3):
        await store.add(a_policy)
    assert [kept.version for kept in await store.page()] == [3, 2, 1]
    assert [kept.version for kept in await store.page(below=3, limit=1)] == [2]


async def test_all_who_add_at_once_get_a_version_of_their_own(store, database_url):
    others = [await Database.open(database_url) for _ in range(3)]
    try:
        stores = [store, *map(SqlPolicyStore, others)]
        made = await asyncio.gather(*(each.add(a_policy) for each in stores for _ in range(2)))
    finally:
        for other in others:
            await other.aclose()
    assert sorted(document.version for document in made) == list(range(1, 9))
    assert {document.digest for document in made} == {k.digest for k in await store.page()}


async def test_before_the_first_move_none_is_in_force(store):
    await store.add(a_policy)
    assert await store.standing() == Standing(0, 0)
    assert await store.moves() == []


async def test_the_last_move_is_in_force(store):
    for _ in range(2):
        await store.add(a_policy)
    first, second = move(1, 2, "me", "better"), move(2, 1)
    assert await store.put_in_force(first)
    assert await store.put_in_force(second)
    assert await store.standing() == Standing(version=1, move=2)
    assert await store.moves() == [first, second]


async def test_of_many_moves_from_one_standing_exactly_one_is_made(store, database_url):
    for _ in range(2):
        await store.add(a_policy)
    others = [await Database.open(database_url) for _ in range(3)]
    try:
        stores = [store, *map(SqlPolicyStore, others)]
        wishes = [move(1, 1 + n % 2, f"caller {n}") for n in range(len(stores))]
        done = await asyncio.gather(
            *(each.put_in_force(wish) for each, wish in zip(stores, wishes, strict=True))
        )
    finally:
        for other in others:
            await other.aclose()
    assert sorted(done) == [False, False, False, True]
    assert await store.moves() == [wishes[done.index(True)]]


async def test_a_version_that_is_not_there_cannot_be_put_in_force(store):
    with pytest.raises(DataRefusedError):
        await store.put_in_force(move(1, 7))
    assert await store.standing() == Standing()


async def test_moves_with_a_gap_are_told(store, database):
    await store.add(a_policy)
    async with database.write() as connection:
        row = {"number": 2, "at": NOON, "by": "x", "version": 1}
        await connection.execute(insert(policy_moves).values(row))
    with pytest.raises(DatabaseDamagedError, match="gaps"):
        await store.moves()


async def test_a_text_changed_in_the_database_is_not_read(store, database):
    made = await store.add(a_policy)
    async with database.write() as connection:
        changed = made.text.replace('"value":0.8', '"value":0.9')
        await connection.execute(update(policies).values(document=changed))
    with pytest.raises(UnreadablePolicyError, match="not what digest"):
        (await store.get(1)).read()


def test_a_text_under_another_version_is_not_read():
    made = a_policy(1)
    with pytest.raises(UnreadablePolicyError, match="version 1, not 2"):
        KeptPolicy(2, NOON, made.text, made.digest).read()
