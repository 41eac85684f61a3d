"""One request's way under the arm it fell into."""

from dataclasses import dataclass, replace

import pytest

from gateway.advice_terms import SteeringTerms
from gateway.api.answers import to_wire
from gateway.errors import AllProvidersFailedError, BudgetTooSmallError
from gateway.events import Accepted
from gateway.requests import GenerateRequest
from gateway.rollout.plan import ArmPolicy
from gateway.selection import UnknownProviderError
from gateway.shadow.terms import ShadowLimits
from gateway.steering import Steering
from learning.advice.words import Advice
from providers.errors import ServerError
from tests.support.pipelines import QUESTION, World, three
from tests.support.providers import Raises
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


@dataclass
class Engine:
    """Always advises the same."""

    advice: Advice
    asked: int = 0

    async def advise(self, request):
        self.asked += 1
        return self.advice


TERMS = SteeringTerms("full", escalation=True)
PANEL = Advice(providers=("gpt", "gemini", "claude"), opening=2, enough=0.1, policy=4)


def advised(advice, *answers, **wishes):
    """A world whose engine advises so."""
    engine = Engine(advice)
    steering = Steering(engine, TERMS)
    world = World(*three(*answers), steering=steering, **{"arm": "wall_bounce", **wishes})
    return world, engine


def asked_of(world):
    return {name for name, provider in world.providers.items() if provider.asked}


@in_virtual_time
async def test_an_opening_that_agrees_is_all_that_is_asked_and_paid():
    world, _ = advised(PANEL)
    told = []
    answer = await world.pipeline.answer(GenerateRequest(prompt=QUESTION), "r-1", told.append)
    assert asked_of(world) == {"gpt", "gemini"}
    assert answer.cost_usd == pytest.approx(0.02)
    assert to_wire(answer).consensus.status == "agreed"
    assert answer.note.endswith("gpt and gemini asked first, claude only if that is not enough")
    assert told[0] == Accepted("r-1", "wall_bounce", ("gpt", "gemini", "claude"))
    (record,) = world.records
    assert record.advice["taken"] == ["providers", "opening"]
    assert (record.advice["policy"], record.advice["panel"]) == (4, ["gpt", "gemini", "claude"])
    assert record.escalated is False


@in_virtual_time
async def test_an_opening_that_differs_brings_in_the_rest():
    world, _ = advised(PANEL, "41", "42", "42")
    answer = await world.ask()
    assert asked_of(world) == {"gpt", "gemini", "claude"}
    assert to_wire(answer).consensus.round_details[0].escalated == ["claude"]
    (record,) = world.records
    assert record.round_details[0].escalated == ("claude",)
    assert record.escalated is True


@in_virtual_time
@pytest.mark.parametrize("told", ["weights", "full"])
async def test_advised_offsets_choose_among_the_answers_and_are_in_the_confidence(told):
    answers, wishes = three("40", "41", "42"), {"arm": "wall_bounce"}
    for name in ("gemini", "gpt", "claude"):
        engine = Engine(Advice(offsets={name: 2.0}))
        world = World(*answers, steering=Steering(engine, SteeringTerms(told)), **wishes)
        answer = await world.ask(task_type="critical")
        assert answer.answer_source == name
        assert world.records[0].advice["taken"] == ["offsets"]
    harder = Steering(Engine(Advice(harder=1.0)), SteeringTerms(told))
    sure = await World(*answers, **wishes).ask()
    unsure = await World(*answers, steering=harder, **wishes).ask()
    assert unsure.consensus.confidence < sure.consensus.confidence - 0.05


@in_virtual_time
async def test_an_arm_s_weights_leave_no_room_for_advised_offsets():
    policy = ArmPolicy("bold", weights={"claude": 9.0})
    world, _ = advised(Advice(offsets={"gpt": 3.0}), "40", "41", "42", arm="bold", policy=policy)
    answer = await world.ask(task_type="critical")
    assert answer.answer_source == "claude"
    assert world.records[0].advice["taken"] == []


@in_virtual_time
async def test_an_opening_of_one_says_that_one_answered():
    world, _ = advised(replace(PANEL, opening=1))
    consensus = to_wire(await world.ask(min_providers=1)).consensus
    assert asked_of(world) == {"gpt"}
    assert (consensus.status, consensus.below_minimum) == ("single", False)


@in_virtual_time
async def test_a_critical_request_asks_all_whatever_is_advised():
    world, _ = advised(replace(PANEL, providers=("gpt",), opening=1))
    await world.ask(task_type="critical", min_providers=1)
    assert asked_of(world) == {"gpt", "gemini", "claude"}
    (record,) = world.records
    assert (record.advice["taken"], record.advice["opening_in_force"]) == ([], 0)
    assert record.escalated is None


@in_virtual_time
async def test_advised_weights_decide_together_with_the_configured_ones():
    weights = Advice(weights={"gemini": 0.01, "gpt": 0.01})
    answers = ("40", "41", "42")
    plain = World(*three(*answers), arm="wall_bounce", weights={"gemini": 9.0})
    steered, _ = advised(weights, *answers, weights={"gemini": 9.0})
    assert (await plain.ask(task_type="critical")).answer_source == "gemini"
    assert (await steered.ask(task_type="critical")).answer_source == "claude"


@in_virtual_time
async def test_what_is_configured_still_counts_beside_a_slight_advice():
    slight, answers = Advice(weights={"gemini": 0.9}), ("40", "41", "42")
    heavy, _ = advised(slight, *answers, weights={"gemini": 9.0})
    even, _ = advised(slight, *answers)
    assert (await heavy.ask(task_type="critical")).answer_source == "gemini"
    assert (await even.ask(task_type="critical")).answer_source != "gemini"


@in_virtual_time
async def test_the_legacy_arm_is_not_advised():
    world, engine = advised(PANEL, arm="legacy")
    await world.ask()
    assert engine.asked == 0
    assert world.records[0].advice is None


@in_virtual_time
async def test_a_shadow_is_advised_as_the_path_it_tries():
    world, engine = advised(PANEL, arm="legacy", shadow=ShadowLimits(100.0))
    await world.ask()
    (record,) = await world.shadows_over()
    assert engine.asked == 1
    assert record.advice["taken"] == ["providers", "opening"]
    assert [vote.provider for vote in record.votes] == ["gpt", "gemini"]


@in_virtual_time
async def test_advice_that_the_budget_does_not_buy_gives_way_to_what_it_buys():
    # At worst a token costs the 8,192nd part of a dollar, and 256 are bought at least: 0.031 a call.
    dear = Advice(providers=("gpt", "gemini", "claude"), policy=4)
    world, _ = advised(dear)
    answer = await world.ask(budget_usd=0.07)
    assert answer.providers_used == ("gemini", "claude")
    assert answer.note is None
    (record,) = world.records
    assert record.status == 200
    assert (record.advice["policy"], record.advice["taken"]) == (4, [])
    with pytest.raises(BudgetTooSmallError):
        await world.ask(budget_usd=0.02)


@in_virtual_time
async def test_a_request_that_nobody_answers_keeps_its_advice():
    world, _ = advised(PANEL)
    for provider in world.providers.values():
        provider.steps = (Raises(ServerError(provider.name, "500")),)
    with pytest.raises(AllProvidersFailedError):
        await world.ask()
    assert asked_of(world) == {"gpt", "gemini", "claude"}
    assert world.records[0].advice["taken"] == ["providers", "opening"]


@in_virtual_time
async def test_what_is_shown_makes_another_request_of_the_same_words():
    world = World(*three(), arm="wall_bounce")
    text = {"type": "text", "text": QUESTION}
    shown = [
        {"type": "image_url", "image_url": {"url": f"https://a.example/{name}.png"}}
        for name in ("a", "b")
    ]
    await world.ask()
    for parts in ([text], [text, shown[0]], [text, shown[1]]):
        turns = {"messages": [{"role": "user", "content": parts}]}
        await world.pipeline.answer(GenerateRequest.model_validate(turns), "r-1")
    hashes = [record.prompt_sha256 for record in world.records]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3
    assert {record.prompt_chars for record in world.records} == {len(QUESTION)}
