"""The rollout of one process, and of several that share a store."""

import asyncio
from datetime import timedelta
from random import Random

import pytest

from gateway.errors import ConflictError, OverloadedError
from gateway.rollout.controller import RolloutController
from gateway.rollout.plan import TrafficPlan
from gateway.rollout.watcher import Health, Limits
from tests.support.records import NOON, all_down, answered, failed, impatient
from tests.support.rollout_store import SharedStore

LIMITS = Limits(
    error_rate=0.03, latency_ms=10_000, warning_error_rate=0.015, window=timedelta(minutes=5)
)


class Clock:
    """Time that passes when a test says so."""

    def __init__(self):
        self.seconds = 0.0

    def monotonic(self):
        return self.seconds

    def utc(self):
        return NOON + timedelta(seconds=self.seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store():
    return SharedStore()


@pytest.fixture
def build(store, clock):
    """Build the controller of an instance, not started: tests refresh it when they mean to."""

    def build_one(instance="a", on_change=None):
        return RolloutController(
            store,
            limits=LIMITS,
            plan=TrafficPlan(True, 50),
            clock=clock.utc,
            monotonic=clock.monotonic,
            rng=Random(1),
            instance=instance,
            experiment="srp-wall-bounce",
            on_change=on_change,
        )

    return build_one


@pytest.fixture
async def instance(build):
    controller = build()
    await controller.refresh()
    return controller


def arms(controller, count=100):
    return [controller.assign(None).arm for _ in range(count)]


def break_down(controller, at=NOON):
    for _ in range(3):
        controller.observe(all_down(at=at))


async def test_100_requests_without_id_at_50_percent_split_50_to_50_within_2(instance):
    assert abs(arms(instance).count("wall_bounce") - 50) <= 2


async def test_a_caller_keeps_its_arm_and_its_bucket(instance):
    given = {caller: instance.assign(caller) for caller in map(str, range(200))}
    assert {a.arm for a in given.values()} == {"wall_bounce", "legacy"}
    for caller, assignment in given.items():
        assert instance.assign(caller) == assignment
        assert (assignment.bucket < assignment.share) == (assignment.arm == "wall_bounce")
        assert assignment.stage == "50"


async def test_a_new_plan_applies_to_the_next_request(instance):
    instance.reconfigure(TrafficPlan(True, 100), LIMITS)
    assert set(arms(instance)) == {"wall_bounce"}
    instance.reconfigure(TrafficPlan(False, 100), LIMITS)
    assert set(arms(instance)) == {"legacy"}
    assert instance.assign("x").stage == "disabled"


async def test_harm_takes_the_traffic_away_within_the_call_that_saw_it(instance):
    for _ in range(20):
        instance.observe(answered())
    for _ in range(3):
        instance.observe(failed())
    assert set(arms(instance)) == {"legacy"}
    assert instance.assign("x").stage == "0"
    assert "error rate 13.04% (3 of 23 requests)" in instance.standing.trip.reason
    assert instance.standing.trip.by == "watcher@a"


async def test_the_legacy_arms_errors_and_impatient_callers_take_nothing_away(instance):
    for _ in range(100):
        instance.observe(failed(arm="legacy"))
        instance.observe(impatient())
        instance.observe(failed(arm=None))
    assert not instance.standing.tripped


async def test_looking_at_the_store_forgets_nothing_that_was_seen(instance):
    for _ in range(3):
        await instance.refresh()
        instance.observe(all_down())
    assert instance.standing.tripped


async def test_another_instance_follows_with_its_next_look(instance, build):
    other = build("b")
    await other.refresh()
    break_down(instance)
    await instance.refresh()
    assert "wall_bounce" in arms(other)
    await other.refresh()
    assert set(arms(other)) == {"legacy"}
    assert other.standing.trip.by == "watcher@a"


async def test_a_trip_survives_a_restart_until_it_is_acknowledged(instance, build):
    break_down(instance)
    await instance.aclose()
    restarted = build()
    await restarted.refresh()
    assert set(arms(restarted)) == {"legacy"}
    await restarted.acknowledge("operator-1")
    again = build()
    await again.refresh()
    assert "wall_bounce" in arms(again)


async def test_a_trip_stands_without_its_store_and_is_delivered_when_the_store_is_back(
    instance, store
):
    store.away = True
    break_down(instance)
    await instance.refresh()
    assert set(arms(instance)) == {"legacy"}
    assert (instance.standing.tripped, instance.standing.delivered) == (True, False)
    store.away = False
    await instance.refresh()
    assert instance.standing.delivered
    assert store.state.tripped
    assert "every vendor is down" in store.state.reason
    assert store.state.at == NOON


async def test_a_stored_state_that_cannot_be_read_at_the_start_keeps_the_path_closed(build, store):
    store.away = True
    controller = build()
    await controller.start()
    assert set(arms(controller)) == {"legacy"}
    assert (controller.standing.known, controller.standing.tripped) == (False, False)
    store.away = False
    await controller.refresh()
    assert "wall_bounce" in arms(controller)
    await controller.aclose()


async def test_a_store_that_goes_away_later_changes_nothing(instance, store):
    store.away = True
    await instance.refresh()
    assert abs(arms(instance).count("wall_bounce") - 50) <= 2


async def test_an_operator_takes_the_traffic_away_at_once_and_gives_it_back(instance, store):
    standing = await instance.rollback("operator-1", "a hunch")
    assert (standing.trip.reason, standing.trip.by) == ("a hunch", "operator-1")
    assert store.state.tripped
    assert set(arms(instance)) == {"legacy"}
    standing = await instance.acknowledge("operator-1")
    assert (standing.tripped, standing.share) == (False, 0.5)
    assert [event.kind for event in store.events] == ["trip", "acknowledge"]


async def test_an_operators_rollback_stands_without_the_store(instance, store):
    store.away = True
    standing = await instance.rollback("operator-1", "the database is burning")
    assert (standing.tripped, standing.delivered, standing.share) == (True, False, 0)


async def test_a_reason_the_store_refuses_does_not_keep_the_rollback_from_the_others(
    instance, store
):
    standing = await instance.rollback("operator-1", "\0")
    assert (standing.share, standing.delivered) == (0, True)
    assert store.state.tripped


async def test_acknowledging_without_a_trip_is_a_conflict(instance):
    with pytest.raises(ConflictError):
        await instance.acknowledge("operator-1")


async def test_acknowledging_without_the_store_leaves_the_trip_standing(instance, store):
    await instance.rollback("operator-1", "a hunch")
    store.away = True
    with pytest.raises(OverloadedError):
        await instance.acknowledge("operator-1")
    assert instance.standing.tripped


async def test_any_worker_can_acknowledge_a_trip_it_has_not_heard_of_yet(instance, build, store):
    other = build("b")
    await other.refresh()
    await instance.rollback("operator-1", "a hunch")
    await other.acknowledge("operator-1")
    assert not store.state.tripped
    await instance.refresh()
    assert not instance.standing.tripped


async def test_errors_from_before_the_acknowledgement_do_not_trip_again(instance, build, clock):
    other = build("b")
    await other.refresh()
    for controller in (instance, other):
        for _ in range(30):
            controller.observe(failed())
        await controller.refresh()
    clock.seconds = 60
    await instance.acknowledge("operator-1")
    await other.refresh()
    for controller in (instance, other):
        # Requests that came in before the acknowledgement and end after it.
        for _ in range(30):
            controller.observe(failed(at=NOON))
        assert not controller.standing.tripped
        break_down(controller, at=clock.utc())
        assert controller.standing.tripped


async def test_a_trip_that_came_and_went_between_two_looks_still_empties_the_window(
    instance, build
):
    other = build("b")
    await other.refresh()
    for _ in range(2):
        other.observe(all_down())
    await instance.rollback("operator-1", "a hunch")
    await instance.acknowledge("operator-1")
    await other.refresh()
    other.observe(all_down())
    assert not other.standing.tripped


async def test_a_trip_found_acknowledged_already_empties_the_window_as_well(instance, build):
    other = build("b")
    await other.refresh()
    for _ in range(2):
        other.observe(all_down())
    await instance.rollback("operator-1", "a hunch")
    await instance.acknowledge("operator-1")
    with pytest.raises(ConflictError):
        await other.acknowledge("operator-2")
    other.observe(all_down())
    assert not other.standing.tripped


async def test_a_trip_not_yet_stored_survives_an_acknowledgement_that_could_not_know_of_it(
    instance, build, store
):
    other = build("b")
    await other.refresh()
    await other.rollback("operator-1", "another matter")
    store.away = True
    break_down(instance)
    store.away = False
    await other.acknowledge("operator-1")
    await instance.refresh()
    assert instance.standing.tripped
    assert "every vendor is down" in store.state.reason


async def test_requests_that_end_after_the_trip_do_not_trip_again(instance, store):
    break_down(instance)
    await instance.refresh()
    for _ in range(30):
        instance.observe(all_down())
    await instance.refresh()
    assert len(store.events) == 1


async def test_whoever_listens_hears_each_change_once(build):
    heard = []
    controller = build(on_change=lambda s: heard.append((s.share, s.tripped)))
    await controller.refresh()
    await controller.refresh()
    controller.reconfigure(TrafficPlan(True, 10), LIMITS)
    await controller.rollback("operator-1", "a hunch")
    await controller.acknowledge("operator-1")
    assert list(dict.fromkeys(heard)) == [(0.5, False), (0.1, False), (0, True)]
    assert heard[-1] == (0.1, False)


async def test_the_status_shows_both_arms_the_verdict_and_the_history(instance):
    for _ in range(20):
        instance.observe(answered(confidence=0.8, cost_usd=0.01))
    instance.observe(failed(arm="legacy"))
    await instance.rollback("operator-1", "a hunch")
    status = await instance.status()
    assert status.arms["wall_bounce"].requests == 20
    assert status.arms["wall_bounce"].mean_confidence == pytest.approx(0.8)
    assert status.arms["legacy"].errors == 1
    assert status.verdict.health is Health.HEALTHY
    assert status.standing.ceiling == 0.5
    (event,) = status.history
    assert (event.kind, event.reason, event.by) == ("trip", "a hunch", "operator-1")


async def test_the_status_comes_without_history_while_the_store_is_away(instance, store):
    store.away = True
    status = await instance.status()
    assert status.history is None
    assert status.standing.share == 0.5


async def test_a_started_instance_follows_and_delivers_by_itself(build, store):
    first, second = build("a"), build("b")
    followed = asyncio.Event()
    third = build("c", on_change=lambda s: followed.set() if s.tripped else None)
    for controller in (first, second, third):
        await controller.start()
    break_down(first)
    async with asyncio.timeout(10):
        await followed.wait()
    for controller in (first, second, third):
        await controller.aclose()
    assert store.state.tripped


async def test_closing_delivers_what_was_just_decided(build, store):
    controller = build()
    await controller.start()
    break_down(controller)
    await controller.aclose()
    assert store.state.tripped
