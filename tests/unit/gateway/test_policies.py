"""A gateway follows the policy in force: a frozen one judges, a live one lets labels teach on."""

import asyncio
from dataclasses import replace

import pytest

from consensus.trust.model import LogitTrust
from consensus.trust.parameters import shipped_prior
from gateway import policies
from gateway.policies import PolicyDesk
from gateway.storage.errors import DatabaseAwayError
from gateway.storage.policy_store import KeptPolicy
from learning.policy.moves import Standing
from tests.support.policies import a_policy

PRIOR = LogitTrust(shipped_prior())


def model(support):
    return LogitTrust(replace(shipped_prior(), support=support))


class Store:
    """Policies in memory; one of them in force."""

    def __init__(self):
        self.kept = {}
        self.now = Standing()
        self.away = False
        self.reads = 0

    def promote(self, document, **changes):
        row = KeptPolicy(document.version, document.created_at, document.text, document.digest)
        self.kept[document.version] = replace(row, **changes)
        self.now = Standing(document.version, self.now.move + 1)

    async def standing(self):
        if self.away:
            raise DatabaseAwayError("away")
        return self.now

    async def get(self, version):
        self.reads += 1
        return self.kept.get(version)


class Seen:
    """What the desk put in service, and what it told."""

    def __init__(self):
        self.models, self.versions, self.failures = [], [], 0

    def fail(self):
        self.failures += 1


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def seen():
    return Seen()


@pytest.fixture
def desk(store, seen):
    return PolicyDesk(
        store,
        serve=seen.models.append,
        model=PRIOR,
        on_version=seen.versions.append,
        on_failure=seen.fail,
    )


async def test_without_a_policy_labels_teach(desk, seen):
    await desk.look()
    desk.learned(model(2.0))
    assert (desk.version, desk.frozen, desk.document) == (0, False, None)
    assert seen.models == [model(2.0)]
    assert seen.failures == 0


async def test_a_frozen_policys_model_judges_and_labels_change_nothing_in_service(
    desk, store, seen
):
    store.promote(a_policy(1, model=model(3.0), frozen=True))
    await desk.look()
    desk.learned(model(2.0))
    assert (desk.version, desk.frozen) == (1, True)
    assert seen.models == [model(3.0)]
    assert seen.versions == [1]


async def test_after_a_frozen_policy_what_was_learned_meanwhile_comes_into_service(
    desk, store, seen
):
    store.promote(a_policy(1, model=model(3.0), frozen=True))
    await desk.look()
    desk.learned(model(2.0))
    store.promote(a_policy(2, model=model(9.0)))
    await desk.look()
    assert seen.models[-1] == model(2.0)
    desk.learned(model(2.5))
    assert seen.models[-1] == model(2.5)


async def test_a_revert_brings_the_older_policy_back(desk, store, seen):
    first = a_policy(1, model=model(3.0), frozen=True)
    store.promote(first)
    await desk.look()
    store.promote(a_policy(2, model=model(4.0), frozen=True))
    await desk.look()
    store.promote(first)
    await desk.look()
    assert seen.models == [model(3.0), model(4.0), model(3.0)]
    assert seen.versions == [1, 2, 1]


async def test_a_policy_that_stands_is_read_once(desk, store):
    store.promote(a_policy())
    for _ in range(5):
        await desk.look()
    assert store.reads == 1


@pytest.mark.parametrize(
    "changes",
    [{"text": "{"}, {"digest": "0" * 64}, {"text": a_policy(7).text, "digest": a_policy(7).digest}],
)
async def test_a_policy_that_cannot_be_read_leaves_the_one_before_in_service(
    desk, store, seen, changes
):
    store.promote(a_policy(1, model=model(3.0), frozen=True))
    await desk.look()
    store.promote(a_policy(2), **changes)
    await desk.look()
    assert (desk.version, seen.models, seen.versions) == (1, [model(3.0)], [1])
    assert seen.failures == 1


async def test_a_policy_whose_model_judges_nonsense_is_not_followed(desk, store, seen):
    store.promote(a_policy(1, model=model(1e308), frozen=True))
    await desk.look()
    assert (desk.version, seen.models, seen.failures) == (0, [], 1)


async def test_a_policy_found_wanting_is_tried_once_and_anew_when_it_reads_otherwise(
    desk, store, seen, monkeypatch
):
    tried = []

    def count(kept):
        tried.append(kept)
        return policies_tried(kept)

    policies_tried = policies._tried
    monkeypatch.setattr(policies, "_tried", count)
    store.promote(a_policy(1, model=model(1e308), frozen=True))
    for _ in range(5):
        await desk.look()
    assert (desk.version, seen.failures, len(tried)) == (0, 5, 1)
    store.promote(a_policy(1, model=model(3.0), frozen=True))
    await desk.look()
    assert (desk.version, seen.failures, len(tried)) == (1, 5, 2)


async def test_trying_a_policy_may_take_longer_than_reading_it(desk, store, seen, monkeypatch):
    monkeypatch.setattr(policies, "PATIENCE_S", 0.0)  # enough for reading from memory
    store.promote(a_policy(1))
    await desk.look()
    assert (desk.version, seen.failures) == (1, 0)


async def test_a_policy_in_force_that_is_not_there_is_a_failure(desk, store, seen):
    store.now = Standing(5, 1)
    await desk.look()
    assert (desk.version, seen.failures) == (0, 1)


async def test_while_the_database_is_away_the_policy_stays_and_is_found_again(desk, store, seen):
    store.promote(a_policy(1))
    await desk.look()
    store.away = True
    await desk.look()
    store.promote(a_policy(2))
    await desk.look()
    assert (desk.version, seen.failures) == (1, 2)
    store.away = False
    await desk.look()
    assert (desk.version, seen.failures) == (2, 2)


async def test_who_asked_is_told_of_each_policy_and_of_the_one_that_stands(desk, store, seen):
    early, late = [], []
    desk.subscribe(early.append)
    store.promote(a_policy(1))
    await desk.look()
    desk.subscribe(late.append)
    assert [document.version for document in early] == [1]
    assert early == late
    assert seen.failures == 0


async def test_a_reader_that_fails_keeps_nobody_from_the_policy(desk, store, seen):
    told = []

    def refuse(_):
        raise RuntimeError("no")

    desk.subscribe(refuse)
    desk.subscribe(told.append)
    store.promote(a_policy(1))
    await desk.look()
    assert (desk.version, len(told), seen.failures) == (1, 1, 1)


async def test_it_follows_by_itself_until_it_is_closed(desk, store, monkeypatch):
    monkeypatch.setattr("gateway.policies.POLL_INTERVAL_S", 0.0)
    store.promote(a_policy(1))
    followed = asyncio.Event()
    desk.subscribe(lambda _: followed.set())
    await desk.start()
    async with asyncio.timeout(10):
        await followed.wait()
    await desk.aclose()
    store.promote(a_policy(2))
    await asyncio.sleep(0)
    assert desk.version == 1
