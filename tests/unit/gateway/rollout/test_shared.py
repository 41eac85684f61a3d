"""What one process knows of the state all share, and what it adds to it."""

from datetime import timedelta

import pytest

from gateway.rollout.commands import Acknowledge, Adopt, Advance, Close, RollBack
from gateway.rollout.moves import RefusedMoveError
from gateway.rollout.plan import ArmPolicy, RolloutPlan, Stage
from gateway.rollout.shared import UNSTORABLE, SharedState
from gateway.rollout.state import RolloutState
from gateway.rollout.store import InMemoryRolloutStore
from gateway.storage_errors import DatabaseAwayError
from tests.support.records import NOON

PLAN = RolloutPlan("two-steps", (Stage(10.0), Stage(50.0)), advance="automatic")
ARMS = RolloutPlan("two-arms", (Stage(10.0),), arms=(ArmPolicy("a"), ArmPolicy("b")))
HARM = RollBack(by="watcher@a", reason="every vendor is down")
LATER = NOON + timedelta(minutes=1)


class Store(InMemoryRolloutStore):
    """``away``: nothing is reached. ``lost_replies``: that many changes are made and not confirmed."""

    def __init__(self):
        super().__init__()
        self.away = False
        self.lost_replies = 0

    @property
    def kinds(self):
        return [event.kind for event in self._events]

    async def load(self):
        self._reach()
        return await super().load()

    async def version(self):
        self._reach()
        return await super().version()

    async def change(self, before, after, event):
        self._reach()
        made = await super().change(before, after, event)
        if self.lost_replies:
            self.lost_replies -= 1
            raise DatabaseAwayError("the connection was lost")
        return made

    def _reach(self):
        if self.away:
            raise DatabaseAwayError("the database is away")


@pytest.fixture
def store():
    return Store()


async def one(store, **options):
    shared = SharedState(store, **options)
    await shared.sync()
    return shared


async def test_before_the_first_look_nothing_is_known(store):
    shared = SharedState(store)
    assert (shared.state, shared.delivered) == (None, True)


async def test_harm_is_in_effect_before_it_is_stored(store):
    shared = await one(store)
    shared.decide(HARM, NOON)
    assert shared.state.tripped
    assert not shared.delivered
    assert store.kinds == []
    await shared.sync()
    assert shared.delivered
    assert store.kinds == ["trip"]


async def test_harm_seen_while_nothing_is_known_yet_is_a_rollback_that_stands(store):
    store.away = True
    shared = SharedState(store)
    shared.decide(HARM, NOON)
    assert shared.trip.reason == "every vendor is down"
    store.away = False
    await shared.sync()
    assert (await store.load()).tripped


async def test_two_processes_that_see_the_same_harm_make_one_transition(store):
    first, second = await one(store), await one(store)
    first.decide(HARM, NOON)
    second.decide(RollBack(by="watcher@b", reason="the same"), NOON)
    await first.sync()
    await second.sync()
    assert store.kinds == ["trip"]
    assert second.state.trip.by == "watcher@a"


async def test_a_change_whose_confirmation_was_lost_is_not_made_twice(store):
    shared = await one(store)
    shared.decide(HARM, NOON)
    store.lost_replies = 1
    with pytest.raises(DatabaseAwayError):
        await shared.sync()
    await (await one(store)).change(Acknowledge(by="operator"), LATER)
    await shared.sync()
    assert store.kinds == ["trip", "acknowledge"]
    assert not shared.state.tripped


async def test_a_rollback_with_words_the_store_refuses_is_stored_in_others(store):
    class Picky(Store):
        async def change(self, before, after, event):
            if "\0" in (event.reason or ""):
                from gateway.storage_errors import DataRefusedError

                raise DataRefusedError("a text holds a NUL")
            return await super().change(before, after, event)

    picky = Picky()
    shared = await one(picky)
    shared.decide(RollBack(by="operator", reason="\0"), NOON)
    await shared.sync()
    assert (await picky.load()).trip.reason == UNSTORABLE


async def test_a_plan_advances_one_stage_however_many_processes_decide_it_at_once(store):
    first, second = await one(store), await one(store)
    state = await first.change(Adopt(by="environment", plan=PLAN), NOON)
    await second.sync()
    command = Advance(by="plan@a", automatic=True, on_version=state.version)
    await first.change(command, LATER)
    with pytest.raises(RefusedMoveError, match="decided on version"):
        await second.change(command, LATER)
    assert (await store.load()).stage == 1
    assert store.kinds == ["adopt", "advance"]


async def test_the_others_are_told_of_each_state_that_is_news_here_once(store):
    told = []
    shared = await one(store, on_stored=told.append)
    other = await one(store)
    await shared.change(Adopt(by="environment", plan=PLAN), NOON)
    await other.change(Advance(by="operator"), NOON)
    await shared.sync()
    assert [state.version for state in told] == [0, 1, 2]


async def test_what_another_process_says_is_stored_is_in_effect_before_the_store_is_read(store):
    shared, other = await one(store), await one(store)
    state = await other.change(Adopt(by="environment", plan=PLAN), NOON)
    assert shared.hear(state)
    assert shared.state.plan == PLAN
    assert not shared.hear(state)


async def test_an_older_word_changes_nothing(store):
    shared = await one(store)
    older = await shared.change(Adopt(by="environment", plan=PLAN), NOON)
    await shared.change(Advance(by="operator"), NOON)
    assert not shared.hear(older)
    assert shared.state.stage == 1


async def test_what_is_heard_while_the_store_is_read_is_not_undone_by_what_was_read(store):
    shared, other = await one(store), await one(store)
    await other.change(Adopt(by="environment", plan=PLAN), NOON)
    read = store.load

    async def load_and_hear():
        store.load = read
        old = await read()
        shared.hear(await other.change(HARM, NOON))
        return old

    store.load = load_and_hear
    await shared.sync()
    assert shared.state.tripped
    assert shared.state.version == 2


async def test_a_store_that_was_set_back_is_the_truth_and_the_others_are_told(store):
    told = []
    shared = await one(store, on_set_back=told.append)
    await shared.change(Adopt(by="environment", plan=PLAN), NOON)
    store.__init__()
    await shared.sync()
    await shared.sync()
    assert shared.state == RolloutState()
    assert told == [RolloutState()]


async def test_harm_another_process_saw_is_stored_even_if_that_one_dies_first(store):
    shared, dying = await one(store), await one(store)
    pending = dying.decide(HARM, NOON)
    assert shared.hear_harm(pending)
    assert shared.state.tripped
    await shared.sync()
    assert store.kinds == ["trip"]


async def test_harm_two_processes_store_is_one_event_with_one_name(store):
    shared, other = await one(store), await one(store)
    shared.hear_harm(other.decide(HARM, NOON))
    await other.sync()
    await shared.sync()
    assert store.kinds == ["trip"]


async def test_harm_heard_of_after_it_was_acknowledged_is_old(store):
    shared, other = await one(store), await one(store)
    pending = other.decide(HARM, NOON)
    await other.sync()
    await other.change(Acknowledge(by="operator"), LATER)
    await shared.sync()
    assert not shared.hear_harm(pending)
    assert not shared.state.tripped


async def test_a_stage_that_advanced_meanwhile_answers_no_harm(store):
    shared, dying = await one(store), await one(store)
    await shared.change(Adopt(by="environment", plan=PLAN), NOON)
    await dying.sync()
    harm = dying.decide(HARM, NOON)
    await shared.change(Advance(by="plan@a", automatic=True), LATER)
    assert shared.hear_harm(harm)
    await shared.sync()
    assert (await store.load()).tripped


async def test_harm_of_a_process_that_was_cut_off_and_saw_it_after_the_acknowledgement_stands(
    store,
):
    cut_off, other = await one(store), await one(store)
    await other.change(RollBack(by="watcher@b"), NOON)
    await other.change(Acknowledge(by="operator"), NOON)
    cut_off.decide(HARM, LATER)
    await cut_off.sync()
    assert (await store.load()).tripped


async def test_the_harm_of_one_arm_is_not_answered_by_that_of_another(store):
    slow, other = await one(store), await one(store)
    await other.change(Adopt(by="environment", plan=ARMS), NOON)
    await slow.sync()
    slow.decide(Close(by="watcher@a", arm="b"), NOON)
    await other.change(Close(by="watcher@b", arm="a"), NOON)
    await other.change(Acknowledge(by="operator", reopen=True), LATER)
    await slow.sync()
    assert (await store.load()).closed == ("b",)


async def test_what_is_in_effect_is_told_at_once_and_not_when_an_exchange_ends(store):
    seen = []
    shared = SharedState(store, on_effect=lambda: seen.append(shared.state.tripped))
    await shared.sync()
    other = await one(store)
    shared.hear(await other.change(HARM, NOON))
    assert seen == [False, True]


async def test_an_arm_that_does_harm_goes_alone_and_the_last_one_takes_all_with_it(store):
    shared = await one(store)
    await shared.change(Adopt(by="environment", plan=ARMS), NOON)
    shared.decide(Close(by="watcher@a", arm="a", reason="slow"), NOON)
    assert (shared.state.closed, shared.state.tripped) == (("a",), False)
    shared.decide(Close(by="watcher@a", arm="b", reason="slow as well"), NOON)
    assert shared.state.tripped
    await shared.sync()
    assert store.kinds == ["adopt", "close", "trip"]


async def test_harm_of_an_arm_that_is_no_longer_in_the_plan_is_dropped(store):
    shared, other = await one(store), await one(store)
    await shared.change(Adopt(by="environment", plan=ARMS), NOON)
    await other.sync()
    other.decide(Close(by="watcher@b", arm="a"), NOON)
    await shared.change(Adopt(by="environment", plan=PLAN), LATER)
    await other.sync()
    assert other.delivered
    assert store.kinds == ["adopt", "adopt"]


async def test_a_change_is_announced_by_the_one_process_that_made_it(store):
    heard = {"a": [], "b": []}
    first = await one(store, on_event=heard["a"].append)
    second = await one(store, on_event=heard["b"].append)
    first.decide(HARM, NOON)
    second.decide(HARM, NOON)
    await first.sync()
    await second.sync()
    await second.change(Acknowledge(by="operator"), LATER)
    assert [event.kind for event in heard["a"]] == ["trip"]
    assert [event.kind for event in heard["b"]] == ["acknowledge"]


async def test_harm_that_waited_while_another_stored_the_same_and_it_was_acknowledged_is_over(
    store,
):
    quick, slow = await one(store), await one(store)
    slow.decide(HARM, NOON)
    quick.decide(RollBack(by="watcher@b", reason="the same"), NOON)
    await quick.sync()
    await quick.change(Acknowledge(by="operator"), LATER)
    await slow.sync()
    assert store.kinds == ["trip", "acknowledge"]
    assert (slow.state.tripped, slow.delivered) == (False, True)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(
            "operator", "watcher@a", id="an operator's rollback was acknowledged, not this"
        ),
        pytest.param("watcher@b", "operator", id="what an operator decides is never dropped"),
    ],
)
async def test_another_rollback_s_acknowledgement_does_not_end_one_that_waits(store, first, second):
    quick, slow = await one(store), await one(store)
    slow.decide(RollBack(by=second), NOON)
    quick.decide(RollBack(by=first), NOON)
    await quick.sync()
    await quick.change(Acknowledge(by="operator"), LATER)
    await slow.sync()
    assert store.kinds == ["trip", "acknowledge", "trip"]
