"""Shadows: after the caller's answer, unseen, bounded, with records of their own."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace

import pytest

from gateway.advice_terms import SteeringTerms
from gateway.rollout.plan import ArmPolicy, RolloutPlan, Stage
from gateway.rollout.state import RolloutState
from gateway.shadow import runner
from gateway.shadow.runner import HEAD_START_S
from gateway.shadow.terms import ShadowLimits
from gateway.steering import Steering
from providers.errors import ServerError
from tests.support.pipelines import OPEN, QUESTION, World, three
from tests.support.providers import Hangs, Says, ScriptedProvider, raises, says
from tests.support.virtual_time import in_virtual_time

ALL = ShadowLimits(100.0, in_flight=2)


def now():
    return asyncio.get_running_loop().time()


@in_virtual_time
async def test_the_caller_gets_the_legacy_answer_and_never_the_shadow_s():
    world = World(*three("42", "43", "43"), shadow=ALL)
    answer = await world.ask(task_type="critical")
    assert (answer.content, answer.path, answer.consensus) == ("42", "legacy", None)
    (shadow,) = await world.shadows_over()
    assert shadow.answer_source in {"gpt", "claude"}
    assert shadow.metadata == {"shadow_of": "r-1", "agrees": "false"}


@in_virtual_time
async def test_the_caller_does_not_wait_for_the_shadow():
    world = World(*three(after_s=3.0), shadow=ALL)
    began = now()
    await world.ask()
    assert now() - began == pytest.approx(3.0)
    assert world.shadow.in_flight == 1
    await world.shadows_over()
    assert now() - began >= 6.0 + HEAD_START_S


@in_virtual_time
async def test_a_shadow_asks_nobody_before_the_caller_s_answer_is_on_its_way():
    world = World(*three(), shadow=ALL)
    await world.ask()
    answered_at = now()
    await world.shadows_over()
    first, *rest = sorted(call.at for p in world.providers.values() for call in p.asked)
    assert first == answered_at
    assert len(rest) == 2
    assert all(at >= answered_at + HEAD_START_S for at in rest)


@in_virtual_time
async def test_a_shadow_has_a_record_of_its_own_with_its_votes_and_its_cost():
    world = World(*three(), shadow=ALL)
    answer = await world.ask(task_type="critical", user_id="u", metadata={"team": "a"})
    (shadow,) = await world.shadows_over()
    legacy = world.records[0]
    assert (legacy.request_id, legacy.arm, legacy.cost_usd) == ("r-1", "legacy", 0.01)
    assert answer.cost_usd == 0.01
    assert (shadow.request_id, shadow.arm, shadow.status) == ("r-1-shadow", "shadow", 200)
    assert shadow.cost_usd == pytest.approx(0.03)
    assert {v.provider for v in shadow.votes} == {"gemini", "gpt", "claude"}
    assert (shadow.consensus_status, shadow.rounds) == ("agreed", 1)
    assert shadow.confidence > 0.5
    assert shadow.agreement == 1
    assert shadow.agrees is True
    same = ("prompt_sha256", "caller", "task_type", "share", "bucket", "instance")
    assert [getattr(shadow, f) for f in same] == [getattr(legacy, f) for f in same]
    assert "team" not in shadow.metadata


@in_virtual_time
async def test_no_group_of_a_shadow_s_ballot_was_returned_so_nothing_is_learned_from_it():
    world = World(*three(), shadow=ALL)
    await world.ask()
    (shadow,) = await world.shadows_over()
    assert shadow.ballot is not None
    assert shadow.returned_group is None


@in_virtual_time
async def test_a_streamed_request_has_a_shadow_like_any_other():
    world = World(*three(), shadow=ALL)
    await world.ask(stream=True)
    (shadow,) = await world.shadows_over()
    assert (shadow.status, shadow.streamed) == (200, False)
    assert (world.records[0].arm, world.records[0].streamed) == ("legacy", True)


@in_virtual_time
async def test_a_shadow_takes_the_plan_s_policy_and_what_the_caller_said_stands():
    policy = ArmPolicy("bold", providers=("gpt", "claude"), mode="sequential")
    plan = RolloutPlan("own", (Stage(10.0),), arms=(policy,), shadow=100.0)
    standing = replace(OPEN, state=RolloutState(1, plan))
    world = World(*three(), shadow=ShadowLimits(), standing=standing)
    await world.ask()
    await world.ask("r-2", mode="parallel", providers=["gemini"])
    first, second = await world.shadows_over()
    assert ({v.provider for v in first.votes}, first.mode) == ({"gpt", "claude"}, "sequential")
    assert ({v.provider for v in second.votes}, second.mode) == ({"gemini"}, "parallel")


@in_virtual_time
async def test_nobody_is_shadowed_on_the_new_path_or_without_a_share():
    for world in (World(*three(), arm="wall_bounce", shadow=ALL), World(*three())):
        await world.ask()
        assert await world.shadows_over() == []
        assert len(world.records) == 1


@in_virtual_time
async def test_a_request_the_legacy_path_could_not_answer_has_no_shadow():
    world = World(raises("gemini", ServerError("gemini", "500")), shadow=ALL)
    with pytest.raises(Exception, match="500"):
        await world.ask()
    assert world.shadow.in_flight == 0


@in_virtual_time
async def test_what_breaks_in_a_shadow_is_recorded_and_reaches_nobody():
    first_well = ScriptedProvider("gemini", (Says("42"), Says("")))
    world = World(
        first_well,
        raises("gpt", ServerError("gpt", "500")),
        raises("claude", ServerError("claude", "500")),
        shadow=ALL,
    )
    first_well.steps = (Says("42"), raises("gemini", ServerError("gemini", "500")).steps[0])
    answer = await world.ask(task_type="critical")
    (shadow,) = await world.shadows_over()
    assert answer.content == "42"
    assert (shadow.status, shadow.code) == (503, "all_providers_failed")
    assert len(shadow.votes) == 3


@in_virtual_time
async def test_a_crash_of_ours_in_a_shadow_is_recorded_and_reaches_nobody(monkeypatch):
    def crash(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(runner, "agreement", crash)
    world = World(*three(), shadow=ALL)
    assert (await world.ask()).content == "42"
    (shadow,) = await world.shadows_over()
    assert (shadow.status, shadow.code) == (500, "internal")


@in_virtual_time
async def test_a_choice_that_crashes_costs_the_shadow_and_not_the_answer():
    world = World(*three(), shadow=ALL)
    world.standing = None
    assert (await world.ask()).content == "42"
    assert (world.records[0].status, world.shadow.in_flight) == (200, 0)


@in_virtual_time
async def test_beyond_the_ceiling_shadows_are_skipped_and_counted():
    world = World(*three(after_s=1.0), shadow=ALL)
    await asyncio.gather(*(world.ask(f"r-{n}") for n in range(4)))
    assert (world.shadow.in_flight, world.skipped) == (2, 2)
    assert len(await world.shadows_over()) == 2
    await world.ask("r-5")
    assert (world.shadow.in_flight, world.skipped) == (1, 2)
    await world.shadows_over()


@in_virtual_time
async def test_while_vendors_have_no_room_to_spare_no_shadow_begins():
    world = World(*three(), shadow=ALL)
    world.crowded = True
    await world.ask()
    assert (await world.shadows_over(), world.skipped) == ([], 1)
    world.crowded = False
    await world.ask("r-2")
    assert len(await world.shadows_over()) == 1


@in_virtual_time
async def test_a_shadow_holds_no_place_at_the_door():
    world = World(*three(after_s=1.0), shadow=ALL)
    await world.ask()
    assert (world.shadow.in_flight, world.admission.in_flight) == (1, 0)
    await world.shadows_over()


@in_virtual_time
async def test_a_shadow_has_the_request_s_time_from_its_own_start():
    slow = ScriptedProvider("gemini", (Says("42", after_s=4.0), Hangs()))
    world = World(slow, shadow=ALL)
    await world.ask(timeout_ms=5_000)
    (shadow,) = await world.shadows_over()
    assert (shadow.status, shadow.code) == (504, "deadline_exceeded")
    assert shadow.latency_ms == pytest.approx(5_000, rel=0.05)


@in_virtual_time
async def test_a_budget_bounds_the_shadow_by_itself():
    """The legacy call may cost all of it; the shadow's two have as much again, and no more."""
    world = World(*three(), shadow=ALL)
    await world.ask(budget_usd=0.075, task_type="premium")
    (shadow,) = await world.shadows_over()
    assert shadow.cost_usd == pytest.approx(0.02)
    bounds = {p: world.providers[p].asked[-1].prompt.max_tokens for p in ("gpt", "gemini")}
    assert bounds == {"gpt": 307, "gemini": 307}  # 0.075 * 8,192 / 2
    await world.ask("r-2", budget_usd=0.05, task_type="premium")
    refused = (await world.shadows_over())[-1]
    assert (refused.status, refused.code) == (422, "budget_too_small")


@in_virtual_time
async def test_the_end_of_the_process_cuts_shadows_short_and_their_records_say_so():
    gemini = ScriptedProvider("gemini", (Says("42"), Hangs()))
    world = World(gemini, says("gpt", "42"), says("claude", "42", after_s=9.0), shadow=ALL)
    await world.ask(task_type="critical")
    await asyncio.sleep(1.0)
    began = now()
    await world.shadow.aclose()
    assert now() - began < 1.0
    (shadow,) = await world.shadows_over()
    assert (shadow.code, shadow.cut_short, shadow.is_error) == ("shutting_down", True, False)
    assert [(v.provider, v.cost_usd) for v in shadow.votes] == [("gpt", 0.01)]
    assert gemini.cancelled


@in_virtual_time
async def test_a_shadow_that_will_not_end_holds_the_end_up_for_a_moment_only(monkeypatch):
    async def stubborn(asked):
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.sleep(60.0)

    world = World(*three(), shadow=ALL)
    monkeypatch.setattr(world.shadow, "_path", SimpleNamespace(answer=stubborn))
    await world.ask()
    await asyncio.sleep(1.0)
    began = now()
    await world.shadow.aclose()
    assert now() - began == pytest.approx(runner.CLOSING_PATIENCE_S)
    await world.shadows_over()


@in_virtual_time
async def test_nothing_is_begun_while_the_process_drains_or_after_it_was_closed():
    world = World(*three(), shadow=ALL)
    async with world.admission.enter():
        pass
    asking = asyncio.create_task(world.ask())
    await asyncio.sleep(0)
    world.admission.start_draining()
    assert (await asking).content == "42"
    assert world.shadow.in_flight == 0
    closed = World(*three(), shadow=ALL)
    await closed.shadow.aclose()
    await closed.ask()
    assert closed.shadow.in_flight == 0


class Ponders:
    """An engine that is asked, and says nothing."""

    asked = 0

    async def advise(self, request):
        self.asked += 1
        await asyncio.Event().wait()


@in_virtual_time
async def test_a_shadow_cut_short_while_it_is_advised_leaves_no_record_of_a_caller_who_left():
    engine = Ponders()
    steering = Steering(engine, SteeringTerms("full"), bound_s=60.0)
    world = World(*three(), shadow=ALL, steering=steering)
    await world.ask()
    await asyncio.sleep(1.0)
    assert engine.asked == 1
    await world.shadow.aclose()
    assert await world.shadows_over() == []


@in_virtual_time
async def test_a_shadow_begun_a_moment_before_the_end_asks_nobody_and_leaves_no_record():
    world = World(*three(), shadow=ALL)
    await world.ask(prompt=QUESTION)
    await world.shadow.aclose()
    assert await world.shadows_over() == []
    assert len(world.providers["claude"].asked) == 0


@in_virtual_time
async def test_the_environment_s_share_may_change_while_requests_run():
    world = World(*three())
    await world.ask()
    world.shadow.limits = ALL
    await world.ask("r-2", user_id="u")
    assert world.sampling.asked == [(None, 0.0), ("u", 1.0)]
    assert [r.request_id for r in await world.shadows_over()] == ["r-2-shadow"]
