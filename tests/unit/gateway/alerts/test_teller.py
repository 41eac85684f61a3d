"""Of several processes that see the same, one tells it; of none that can ask, each does."""

import asyncio
from dataclasses import replace

import pytest

from gateway.alerts.claims import OwnClaims
from gateway.alerts.engine import Kind, Notification, Reading
from gateway.alerts.levels import Level
from gateway.alerts.rules import RULES
from gateway.alerts.teller import CLAIM_PART, MOVE_CLAIM_S, Teller
from gateway.rollout.state import RolloutEvent
from tests.support.records import NOON

REPEAT_S = 3600.0
RULE = {rule.name: rule for rule in RULES}
FIRING = Notification(Kind.FIRING, RULE["ErrorRateEmergency"], "wall_bounce", Reading(0.2, 90), 0.0)
REPEATED = replace(FIRING, kind=Kind.REPEATED)
RESOLVED = replace(FIRING, kind=Kind.RESOLVED)
ROLLED_BACK = Notification(Kind.FIRING, RULE["RolledBack"], "", Reading(1.0), 0.0)
TRIP = RolloutEvent(7, NOON, "trip", "watcher@a", "harm")
ADVANCE = RolloutEvent(8, NOON, "advance", "op", None)


class Box:
    """Stands for an outbox: keeps what is put into it."""

    def __init__(self):
        self.messages = []

    def put(self, message):
        self.messages.append(message)

    @property
    def titles(self):
        return [message.title for message in self.messages]


class SharedClaims(OwnClaims):
    """Claims as Redis has them, with a fault on request."""

    def __init__(self):
        self.now = 0.0
        self.fault = None
        super().__init__(lambda: self.now)

    async def claim(self, key, ttl_s):
        if self.fault is not None:
            await self.fault()
        return await super().claim(key, ttl_s)


@pytest.fixture
def claims():
    return SharedClaims()


@pytest.fixture
def processes(claims):
    """Two processes that share their claims, each with its box."""

    def one(name):
        box = Box()
        teller = Teller(
            [box], claims, repeat_s=REPEAT_S, instance=name, hushed=lambda _message: box.quiet
        )
        box.quiet = False
        return teller, box

    return one("a"), one("b")


async def test_both_see_it_and_one_tells_its_beginning_and_its_end(processes):
    (a, at_a), (b, at_b) = processes
    assert await a.tell(FIRING)
    assert not await b.tell(FIRING)
    assert not await b.tell(RESOLVED)
    assert await a.tell(RESOLVED)
    assert [title[:11] for title in at_a.titles] == ["[EMERGENCY]", "[RESOLVED] "]
    assert at_b.titles == []


async def test_what_the_owner_sees_no_more_another_takes_over(processes):
    (a, _), (b, at_b) = processes
    await a.tell(FIRING)
    await b.tell(FIRING)
    assert not await b.tell(REPEATED)
    await a.tell(RESOLVED)
    assert await b.tell(REPEATED)
    assert at_b.titles[0].startswith("[EMERGENCY] still: ")
    assert await b.tell(RESOLVED)


async def test_it_is_repeated_by_one(processes, claims):
    (a, at_a), (b, at_b) = processes
    await a.tell(FIRING)
    claims.now = CLAIM_PART * REPEAT_S + 1
    assert await b.tell(REPEATED)
    assert not await a.tell(REPEATED)
    assert not await a.tell(RESOLVED)  # b owns it now
    assert len(at_a.titles) == len(at_b.titles) == 1


async def test_an_owner_that_died_leaves_it_to_another_when_its_claim_ends(processes, claims):
    (a, _), (b, _) = processes
    await a.tell(FIRING)
    assert not await b.tell(REPEATED)
    claims.now = REPEAT_S
    assert await b.tell(REPEATED)


async def test_it_is_told_anew_after_it_was_over(processes):
    (a, at_a), _ = processes
    for _ in range(2):
        await a.tell(FIRING)
        await a.tell(RESOLVED)
    assert len(at_a.titles) == 4


async def _refuses():
    raise ConnectionError


async def _hangs():
    await asyncio.Event().wait()


@pytest.mark.parametrize("fault", [_refuses, _hangs])
async def test_who_cannot_ask_tells(processes, claims, fault, monkeypatch):
    monkeypatch.setattr("gateway.alerts.teller.CLAIM_PATIENCE_S", 0.01)
    claims.fault = fault
    (a, at_a), (b, at_b) = processes
    for teller in (a, b):
        assert await teller.tell(FIRING)
        assert not teller.claims_reachable
        assert await teller.tell(RESOLVED)
    assert len(at_a.titles) == len(at_b.titles) == 2
    claims.fault = None
    assert await a.tell(FIRING)
    assert a.claims_reachable


async def test_a_move_of_the_rollout_is_told_by_one_of_those_who_hear_of_it(processes, claims):
    (a, at_a), (b, at_b) = processes
    assert await a.announce(ADVANCE)
    assert not await b.announce(ADVANCE)
    claims.now = MOVE_CLAIM_S - 1
    assert not await b.announce(ADVANCE)
    assert await b.announce(replace(ADVANCE, version=9))
    assert len(at_a.titles) == len(at_b.titles) == 1


async def test_a_rollback_is_told_once_whoever_is_quicker(processes):
    (a, at_a), (b, at_b) = processes
    await a.announce(TRIP)
    for teller in (a, b):
        assert not await teller.tell(ROLLED_BACK)
    assert not await b.announce(TRIP)
    assert len(at_a.titles + at_b.titles) == 1


async def test_a_rollback_that_another_process_saw_first_is_not_announced_again(processes):
    (a, at_a), (b, at_b) = processes
    await b.tell(ROLLED_BACK)
    assert not await a.announce(TRIP)
    assert (at_a.titles, len(at_b.titles)) == ([], 1)


async def test_a_second_rollback_is_told_as_the_first_was(processes):
    (a, at_a), _ = processes
    await a.announce(TRIP)
    await a.release(ROLLED_BACK.key)
    await a.announce(replace(TRIP, version=9))
    assert len(at_a.titles) == 2


async def test_quiet_news_of_the_rollout_waits_and_loud_news_does_not(processes):
    (a, at_a), _ = processes
    quiet = True
    a._hushed = lambda message: quiet and message.level is Level.WARNING
    await a.announce(ADVANCE)
    await a.announce(TRIP)
    a.flush()
    assert [message.level for message in at_a.messages] == [Level.CRITICAL]
    quiet = False
    a.flush()
    a.flush()
    assert [message.level for message in at_a.messages] == [Level.CRITICAL, Level.WARNING]
