"""One request's way under the arm it fell into."""

import pytest

from gateway.api.answers import to_wire
from gateway.events import Accepted
from gateway.requests import GenerateRequest
from gateway.rollout.plan import ArmPolicy
from gateway.selection import UnknownProviderError
from tests.support.pipelines import QUESTION, World, three
from tests.support.virtual_time import in_virtual_time

BOLD = ArmPolicy("bold", providers=("gpt", "claude"), weights={"claude": 9.0}, mode="sequential")


@in_virtual_time
async def test_an_arm_by_any_name_takes_the_wall_bounce_path_under_its_policy():
    world = World(*three(), arm="bold", policy=BOLD)
    body = to_wire(await world.ask())
    assert (body.path, body.srp_processed, body.rollout.variant) == ("wall_bounce", True, "bold")
    assert body.providers_used == ["gpt", "claude"]
    (record,) = world.records
    assert (record.arm, record.mode, record.on_new_path) == ("bold", "sequential", True)
    assert (record.share, record.bucket) == (0.25, 0.125)


@in_virtual_time
async def test_the_legacy_arm_takes_the_legacy_path():
    world = World(*three())
    body = to_wire(await world.ask())
    assert (body.path, body.srp_processed, body.rollout.variant) == ("legacy", False, "legacy")
    assert body.consensus is None
    (record,) = world.records
    assert (record.arm, record.mode, record.on_new_path) == ("legacy", "parallel", False)


@in_virtual_time
async def test_an_arm_s_weights_decide_in_place_of_the_configured_ones():
    answers = three("40", "41", "42")
    settled = {"gemini": 9.0}
    plain = await World(*answers, arm="wall_bounce", weights=settled).ask(task_type="critical")
    tried = await World(*answers, arm="bold", policy=BOLD, weights=settled).ask(
        task_type="critical", mode="parallel"
    )
    assert (plain.answer_source, tried.answer_source) == ("gemini", "claude")


@in_virtual_time
async def test_a_stream_is_told_the_path_and_not_the_arm():
    world = World(*three(), arm="bold", policy=BOLD)
    told = []
    await world.pipeline.answer(GenerateRequest(prompt=QUESTION), "r-1", told.append)
    assert told[0] == Accepted("r-1", "wall_bounce", ("gpt", "claude"))


@in_virtual_time
async def test_who_asks_what_cannot_be_met_is_refused_before_it_gets_an_arm():
    world = World(*three(), arm="bold", policy=BOLD)
    with pytest.raises(UnknownProviderError):
        await world.ask(providers=["mistral"])
    assert world.rollout.assigned == 0
    assert world.records[0].arm is None


@in_virtual_time
async def test_what_an_arm_names_in_vain_is_said_in_the_answer():
    policy = ArmPolicy("odd", providers=("gpt", "mistral", "gemini"))
    answer = await World(*three(), arm="odd", policy=policy).ask()
    assert answer.note == "the arm's mistral left out: not configured"
    assert answer.providers_used == ("gpt", "gemini")
