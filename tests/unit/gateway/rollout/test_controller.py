"""The rollout of one process, and of several that share a store."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from gateway.errors import ConflictError, OverloadedError
from gateway.rollout.controller import RolloutController
from gateway.rollout.observation import observation_of
from gateway.rollout.plan import ArmPolicy, RolloutPlan, Stage, TrafficPlan
from gateway.rollout.precedence import Rule
from gateway.rollout.rules import Limits, Rules
from gateway.rollout.verdict import Health
from tests.support.records import NOON, all_down, answered, failed, impatient
from tests.support.rollout_store import SharedStore

LIMITS = Limits(
    error_rate=0.03,
    latency_ms=10_000,
    warning_error_rate=0.015,
    window=timedelta(minutes=5),
    minimum_sample=20,
)
HALF = TrafficPlan(True, 50)
ALL = TrafficPlan(True, 100)
STEPS = RolloutPlan(
    "steps",
    (Stage(10.0, timedelta(minutes=1), 50), Stage(20.0, timedelta(minutes=1), 50)),
    advance="automatic",
)
ARMS = RolloutPlan("arms", (Stage(50.0),), arms=(ArmPolicy("deep"), ArmPolicy("plain")))


def rules_for(state):
    arms = ("wall_bounce",) if state is None or state.plan is None else state.plan.arms
    return Rules(LIMITS, arms=tuple(getattr(arm, "name", arm) for arm in arms))


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

    def build_one(instance="a", *, environment=HALF, **options):
        return RolloutController(
            store,
            environment=environment,
            rules=rules_for,
            clock=clock.utc,
            monotonic=clock.monotonic,
            rng=Random(1),
            instance=instance,
            experiment="srp-wall-bounce",
            **options,
        )

    return build_one


@pytest.fixture
async def instance(build):
    controller = build()
    await controller.refresh()
    return controller


async def planned(build, plan=STEPS, instance="a"):
    controller = build(instance, environment=ALL)
    controller.reconfigure(ALL, rules_for, plan)
    await controller.refresh()
    return controller


def arms(controller, count=100):
    return [controller.assign(None).arm for _ in range(count)]


def break_down(controller, at=NOON):
    for _ in range(3):
        controller.observe(all_down(at=at))


def healthy_traffic(controller, clock, requests=3_000, share=0.1):
    """Both arms answer, a request a tenth of a second."""
    every = round(1 / share)
    for number in range(requests):
        clock.seconds += 0.1
        arm = "wall_bounce" if number % every == 0 else "legacy"
        controller.observe(
            answered(arm=arm, at=clock.utc(), share=share, latency_ms=800.0 + number % 97)
        )


async def test_100_requests_without_id_at_50_percent_split_50_to_50_within_2(instance):
    assert abs(arms(instance).count("wall_bounce") - 50) <= 2


async def test_a_caller_keeps_its_arm_and_its_bucket(instance):
    given = {caller: instance.assign(caller) for caller in map(str, range(200))}
    assert {a.arm for a in given.values()} == {"wall_bounce", "legacy"}
    for caller, assignment in given.items():
        assert instance.assign(caller) == assignment
        assert (assignment.bucket < assignment.share) == (assignment.arm == "wall_bounce")
        assert (assignment.stage, assignment.policy) == ("50", None)


async def test_a_new_environment_applies_to_the_next_request(instance):
    instance.reconfigure(ALL, rules_for)
    assert set(arms(instance)) == {"wall_bounce"}
    instance.reconfigure(TrafficPlan(False, 100), rules_for)
    assert set(arms(instance)) == {"legacy"}
    assert instance.assign("x").stage == "disabled"


async def test_harm_takes_the_traffic_away_within_the_call_that_saw_it(instance):
    for _ in range(20):
        instance.observe(answered())
    for _ in range(20):
        instance.observe(failed())
    assert set(arms(instance)) == {"legacy"}
    assert instance.assign("x").stage == "0"
    assert "error rate" in instance.standing.trip.reason
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
    assert "every vendor is down" in store.state.trip.reason
    assert store.state.trip.at == NOON


async def test_a_stored_state_that_cannot_be_read_at_the_start_keeps_the_path_closed(build, store):
    store.away = True
    controller = build()
    await controller.start()
    assert set(arms(controller)) == {"legacy"}
    assert (controller.standing.known, controller.standing.tripped) == (False, False)
    assert controller.standing.rule is Rule.UNKNOWN
    store.away = False
    await controller.refresh()
    assert "wall_bounce" in arms(controller)
    await controller.aclose()


async def test_a_store_that_goes_away_later_changes_nothing_and_it_says_so(instance, store):
    store.away = True
    await instance.refresh()
    assert abs(arms(instance).count("wall_bounce") - 50) <= 2
    assert not instance.shared_health.database
    assert "last known state holds" in instance.shared_health.words


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
    instance, build, clock
):
    other = build("b")
    await other.refresh()
    for _ in range(2):
        other.observe(all_down())
    clock.seconds = 1
    await instance.rollback("operator-1", "a hunch")
    await instance.acknowledge("operator-1")
    await other.refresh()
    other.observe(all_down(at=clock.utc()))
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
    assert "every vendor is down" in store.state.trip.reason


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
    controller.reconfigure(TrafficPlan(True, 10), rules_for)
    await controller.rollback("operator-1", "a hunch")
    await controller.acknowledge("operator-1")
    assert list(dict.fromkeys(heard)) == [(0.5, False), (0.1, False), (0, True)]
    assert heard[-1] == (0.1, False)


async def test_the_status_shows_all_arms_the_verdict_and_the_history(instance):
    for _ in range(20):
        instance.observe(answered(confidence=0.8, cost_usd=0.01))
    instance.observe(failed(arm="legacy"))
    await instance.rollback("operator-1", "a hunch")
    status = await instance.status()
    assert status.figures["wall_bounce"].requests == 20
    assert status.figures["wall_bounce"].mean_confidence == pytest.approx(0.8)
    assert status.figures["legacy"].errors == 1
    assert status.verdicts["wall_bounce"].health is not Health.CRITICAL
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


async def test_a_plan_begins_at_its_first_stage_and_the_environment_stays_the_ceiling(build):
    controller = await planned(build)
    assert (controller.standing.share, controller.standing.rule) == (0.1, Rule.PLAN)
    controller.reconfigure(TrafficPlan(True, 5), rules_for, STEPS)
    assert (controller.standing.share, controller.standing.rule) == (0.05, Rule.CEILING)


async def test_a_plan_survives_a_restart_at_the_stage_it_had_reached(build):
    controller = await planned(build)
    await controller.advance("operator-1", "it looks well", force=True)
    again = await planned(build, instance="b")
    assert (again.standing.state.stage, again.standing.share) == (1, 0.2)


async def test_an_environment_that_says_nothing_leaves_the_plan_and_none_ends_it(build, store):
    controller = await planned(build)
    silent = build("b", environment=ALL)
    await silent.refresh()
    assert silent.standing.rule is Rule.PLAN
    controller.reconfigure(ALL, rules_for, "none")
    await controller.refresh()
    assert (controller.standing.share, controller.standing.rule) == (1.0, Rule.ENVIRONMENT)
    assert [event.kind for event in store.events] == ["adopt", "drop"]


async def test_a_plan_wished_for_while_the_store_is_away_is_adopted_when_it_is_back(build, store):
    controller = build(environment=ALL)
    store.away = True
    controller.reconfigure(ALL, rules_for, STEPS)
    await controller.refresh()
    store.away = False
    await controller.refresh()
    assert controller.standing.share == 0.1


async def test_a_stage_without_traffic_never_ends_by_itself(build, clock):
    controller = await planned(build)
    clock.seconds = 1e6
    assert not await controller.climb()
    assert controller.standing.share == 0.1


async def test_an_automatic_plan_advances_once_time_sample_and_proof_are_there(build, clock):
    controller = await planned(build)
    healthy_traffic(controller, clock)
    assert await controller.climb()
    assert (controller.standing.state.stage, controller.standing.share) == (1, 0.2)
    assert not await controller.climb()


async def test_a_held_or_manual_plan_does_not_advance_by_itself(build, clock):
    controller = await planned(build)
    healthy_traffic(controller, clock)
    await controller.hold("operator-1", "a release is on its way")
    assert not await controller.climb()
    await controller.resume("operator-1")
    controller.reconfigure(ALL, rules_for, replace(STEPS, advance="manual"))
    await controller.refresh()
    assert not await controller.climb()


async def test_of_several_instances_that_see_the_same_health_one_advances_one_stage(
    build, clock, store
):
    first, second = await planned(build), await planned(build, instance="b")
    for controller in (first, second):
        clock.seconds = 0.0
        healthy_traffic(controller, clock)
    assert await first.climb()
    assert not await second.climb()
    await second.refresh()
    assert [event.kind for event in store.events] == ["adopt", "advance"]
    assert second.standing.share == 0.2


async def test_an_operator_cannot_advance_against_the_verdict_without_force(build, store):
    controller = await planned(build)
    with pytest.raises(ConflictError, match="INCONCLUSIVE"):
        await controller.advance("operator-1")
    with pytest.raises(ConflictError, match="say why"):
        await controller.advance("operator-1", force=True)
    await controller.advance("operator-1", "known to be well", force=True)
    assert store.state.stage == 1


async def test_after_a_rollback_the_plan_starts_over(build):
    controller = await planned(build)
    await controller.advance("operator-1", "known to be well", force=True)
    break_down(controller)
    assert controller.standing.share == 0
    await controller.refresh()
    await controller.acknowledge("operator-1")
    assert controller.standing.share == 0.1


async def test_an_arm_that_does_harm_is_closed_alone_and_its_callers_go_to_the_control(build):
    controller = await planned(build, ARMS)
    before = {str(n): controller.assign(str(n)).arm for n in range(400)}
    assert set(before.values()) == {"legacy", "deep", "plain"}
    for _ in range(30):
        controller.observe(answered(arm="plain"))
        controller.observe(failed(arm="deep"))
    await controller.refresh()
    assert (controller.standing.tripped, controller.standing.state.closed) == (False, ("deep",))
    after = {caller: controller.assign(caller).arm for caller in before}
    for caller, arm in before.items():
        assert after[caller] == ("legacy" if arm == "deep" else arm)
    for _ in range(30):
        controller.observe(failed(arm="plain"))
    assert controller.standing.tripped


async def test_a_closed_arm_has_no_say_in_whether_the_others_go_on(build, store):
    two = RolloutPlan("two", (Stage(10.0), Stage(50.0)), arms=ARMS.arms)
    controller = await planned(build, two)
    for _ in range(30):
        controller.observe(failed(arm="deep"))
    await controller.refresh()
    await controller.advance("operator-1", "the other arm is well", force=True)
    assert (store.state.closed, store.state.stage) == (("deep",), 1)


async def test_what_the_control_got_of_a_closed_arm_is_no_part_of_the_new_path_s_share(build):
    controller = await planned(build, ARMS)
    for _ in range(30):
        controller.observe(failed(arm="deep"))
    given = [controller.assign(None) for _ in range(400)]
    shares = {a.share for a in given if a.arm == "plain"}
    assert shares == {0.25}


async def test_a_ceiling_that_moves_begins_the_evidence_anew(build, clock):
    controller = await planned(build)
    healthy_traffic(controller, clock)
    controller.reconfigure(TrafficPlan(True, 5), rules_for)
    assert (await controller.status()).verdicts["wall_bounce"].requests == 0
    assert not controller.standing.tripped


async def test_what_is_read_back_after_a_restart_raises_no_alarm_of_the_past(build, clock):
    class Past:
        async def seen_since(self, since, limit):
            return [observation_of(all_down(request_id=str(n))) for n in range(5)], []

    controller = build(past=Past())
    await controller.start()
    assert not controller.standing.tripped
    await controller.aclose()


async def test_one_caller_s_labels_are_one_caller_s(build, clock):
    controller = await planned(build)
    for n in range(3_000):
        arm = "wall_bounce" if n % 10 == 0 else "legacy"
        record = answered(request_id=str(n), arm=arm, at=clock.utc(), caller="the-same")
        controller.label(record, correct=arm == "legacy")
    assert not controller.standing.tripped


async def test_every_arm_asks_by_its_own_policy(build):
    controller = await planned(build, ARMS)
    policies = {a.arm: a.policy for a in (controller.assign(None) for _ in range(200))}
    assert policies["deep"] == ARMS.arms[0]
    assert policies["legacy"] is None


async def test_several_arms_are_read_for_the_best_one(build):
    controller = await planned(build, ARMS)
    assert (await controller.status()).best_arm.best is None
    assert (await (await planned(build, instance="b")).status()).best_arm is None


async def test_feedback_on_an_answer_counts_once(build, clock):
    controller = await planned(build)
    record = answered(request_id="the-one", at=clock.utc())
    for _ in range(5):
        controller.label(record, correct=False)
    quality = {
        c.measure: c for c in (await controller.status()).verdicts["wall_bounce"].comparisons
    }
    assert quality["quality"].arm_count <= 1
